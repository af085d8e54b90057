"""What a real server gives back of our results, read by HL7's own validator against the profiles it names.

HAPI takes anything, so that it took a result says nothing of it. Nothing is excused here beyond what the validator
lacks for the resources that we compose ourselves: what HAPI changes, ids, versions and the versions of
references, our profiles allow.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from peers.hapi.server import Hapi
from peers.hl7_validator.validator import errors, require_tools, validate
from profile_files import RESOURCES
from real_store import write
from served_examples import patient_of
from written_results import of, record_of, results, revoked, taken_back

from fhirgate.cli.examples import examples
from fhirgate.cli.program import run
from fhirgate.mapping.canonical import BASE

pytestmark = pytest.mark.peer

Json = dict[str, Any]
KINDS = ("RiskAssessment", "CarePlan", "Observation")
R4 = [each for each in examples(None) if each.slug != "treated-lesion-change"]
"""That one is written in R5's shape, which an R4 server drops without a word."""
WHOM = "copies"


def test_every_copy_that_hapi_gives_back_is_valid(
    hapi: Hapi, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    require_tools()
    _write_examples(hapi, tmp_path)
    _write_and_take_back(hapi)
    capsysbinary.readouterr()
    folder = tmp_path / "copies"
    folder.mkdir()
    copies = list(_copies(hapi))
    for copy in copies:
        (folder / f"{copy['resourceType']}-{copy['id']}.json").write_text(json.dumps(copy), "utf-8")
    # What the validator must refuse is in the same run, so that silence means something.
    fault = next(each for each in copies if each["resourceType"] == "RiskAssessment")
    (folder / "fault.json").write_text(json.dumps({**fault, "method": {}}), "utf-8")

    checked, issues = validate([folder], guides=[RESOURCES])

    assert sorted(checked) == sorted(each.name for each in folder.glob("*.json"))
    assert {(each["resourceType"], each.get("status")) for each in copies} >= {
        ("RiskAssessment", "preliminary"),
        ("RiskAssessment", "entered-in-error"),
        ("CarePlan", "draft"),
        ("CarePlan", "revoked"),
        ("Observation", "preliminary"),
        ("Provenance", None),
    }
    assert errors(each for each in issues if each.file != "fault.json") == []
    assert any("method" in each for each in errors(each for each in issues if each.file == "fault.json"))


def _write_examples(hapi: Hapi, folder: Path) -> None:
    registry = folder / "servers.toml"
    registry.write_text(
        f'[servers.main]\nbase_url = "{hapi.base}"\nnetwork = "private"\nprivate_hosts = ["127.0.0.1"]\n'
    )
    for each in R4:
        if any(map(_is_ours, _found(hapi, f"RiskAssessment?patient={patient_of(each)}"))):
            continue  # by the story of another test
        hapi.put([entry["resource"] for entry in json.loads(each.record)["entry"]])
        presets = [part for name in each.presets for part in ("--preset", name)]
        asked = ["assess", "--server", "main", "--servers", str(registry), "--patient", patient_of(each)]
        asked += ["--as-of", each.as_of.isoformat(), "--database", f"sqlite:///{folder / 'copies.db'}"]
        assert run([*asked, "--write", "-o", "json", *presets]) in (0, 1)


def _write_and_take_back(hapi: Hapi) -> None:
    """What no example comes to: states of timepoints, a plan that was revoked, a result that was taken back."""
    hapi.put([{"resourceType": "Patient", "id": WHOM}, {"resourceType": "Patient", "id": f"{WHOM}-back"}])
    hapi.put(record_of(results("somebody", states=True)))
    first = results(WHOM, states=True)
    write(hapi.base, first)
    write(hapi.base, (revoked(of("CarePlan", first)),))
    back = results(f"{WHOM}-back", states=True)
    write(hapi.base, back)
    write(hapi.base, taken_back(*back[:2]))


def _copies(hapi: Hapi) -> Iterator[Json]:
    """Every current copy of ours about these patients, as HAPI gives it."""
    whom = ",".join([*map(patient_of, R4), WHOM, f"{WHOM}-back"])
    for kind in KINDS:
        found = [each for each in _found(hapi, f"{kind}?patient={whom}") if _is_ours(each)]
        yield from found
        targets = ",".join(f"{kind}/{each['id']}" for each in found)
        yield from _found(hapi, f"Provenance?target={targets}")


def _found(hapi: Hapi, query: str) -> Iterator[Json]:
    url: str | None = f"{hapi.base}/{query}&_count=200&_cache=no-cache"
    while url:
        with urlopen(url, timeout=60) as answer:  # noqa: S310 - our own
            page: Json = json.load(answer)
        yield from (each["resource"] for each in page.get("entry", ()))
        url = next((each["url"] for each in page["link"] if each["relation"] == "next"), None)


def _is_ours(resource: Json) -> bool:
    return any(each.startswith(BASE) for each in resource["meta"].get("profile", ()))
