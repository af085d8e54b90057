"""A DICOM SR measurement report as the guide's R5 rendering has it, followed over three studies."""

import json
from pathlib import Path
from typing import Any

from integration.vendors.served import (
    AS_OF,
    OSIMERTINIB,
    SCANS,
    Json,
    assessed,
    lung_cancer,
    patient,
    statement,
)

REPORT = Path(__file__).parents[2] / "data" / "dicom-sr-r5" / "measurement-report.json"
SUBJECT = "measurement-report-patient"
TOO_LONG = "6705"
"""The guide's own fault: a volume under the code of a diameter."""


def study(on: str, number: int, diameter: float | None) -> list[Json]:
    """The guide's report made one of several: its own ids and study, the same lesion by UID."""
    text = REPORT.read_text()
    made = []
    for each in (entry["resource"] for entry in json.loads(text)["entry"]):
        if each["resourceType"] in ("Patient", "Device", "Organization", "Practitioner"):
            continue
        body = json.loads(json.dumps(each).replace("2024-07-24", on))
        if each["resourceType"] != "BodyStructure":
            body["id"] = f"{each['id']}-{number}"
        value = body.get("valueQuantity", {})
        if str(value.get("value", "")).startswith(TOO_LONG) and value.get("code") == "mm" and diameter:
            value["value"] = diameter
        made.append(_renumbered(body, number))
    return made


def _renumbered(node: Any, number: int) -> Any:
    """The same with every local reference but those to the lesion and the patient moved along."""
    if isinstance(node, dict):
        return {
            name: f"{each}-{number}" if name == "reference" and _moves(each) else _renumbered(each, number)
            for name, each in node.items()
        }
    return [_renumbered(each, number) for each in node] if isinstance(node, list) else node


def _moves(reference: Any) -> bool:
    kept = ("Patient/", "BodyStructure/", "Device/", "Organization/", "Practitioner/")
    return isinstance(reference, str) and not reference.startswith(kept)


def history(*diameters: float | None) -> list[Json]:
    person = [patient(), lung_cancer(), statement(OSIMERTINIB, "2024-01-15")]
    record = json.loads(json.dumps(person).replace('"Patient/p"', f'"Patient/{SUBJECT}"'))
    record[0]["id"] = SUBJECT
    days = zip(SCANS, diameters, strict=True)
    return [*record, *(each for number, (on, size) in enumerate(days) for each in study(on, number, size))]


def test_the_guides_own_diameter_is_refused_with_its_value(tmp_path: Path) -> None:
    answer = assessed(tmp_path, history(None, None, None), AS_OF)

    assert answer.state == "INDETERMINATE"
    assert "6705.54990898997 mm cannot be a lesion" in str(answer.assessment["findings"])


def test_a_lesion_is_followed_by_its_tracking_uid_over_studies(tmp_path: Path) -> None:
    answer = assessed(tmp_path, history(20, 20, 30.5), AS_OF)

    assert answer.sizes == {
        "Nodule 1": [(on, "long", size) for on, size in zip(SCANS, ("20", "20", "30.5"), strict=True)]
    }
    assert (answer.states[-1], answer.assessment["timepoints"][-1]["counts"]["progressing"]) == (
        "LIMITED_PROGRESSION",
        1,
    )
    assert "VOLUME_NOT_USED" in answer.codes
