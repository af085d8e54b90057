"""A record salted with names and numbers: none of them stands in any output, message, trace or file name.

What a record calls a lesion is free text and is shown to the user; it is not salted here.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fhir_records import LOINC, bundle, concept, patient, resources
from security.hostile import AS_OF

from fhirgate.errors import FhirgateError
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.services.assess_record import assess_record

Json = dict[str, Any]
V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"
MRN = {"system": "http://hospital.example/mrn", "value": "MRN77315588"}
SALT = (
    "Zyzxname", "Quillon", "MRN77315588", "078051120", "1947-03-09", "Salamander", "Xanthoville", "5550123987",
    "quill@", "UEhPVE8", "Wifeynam", "Penblood", "ACC99887766", "MRN5550001", "MRN5550002", "Containedname",
    "1933-03-03",
)  # fmt: skip


def salted() -> Json:
    """One patient with all that identifies a person, and what EHRs repeat of it beside every fact."""
    person = patient(
        name=[{"family": "Zyzxname", "given": ["Quillon"], "text": "Quillon Zyzxname"}],
        identifier=[MRN, {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "078051120"}],
        birthDate="1947-03-09",
        address=[{"line": ["Salamander Street 9"], "city": "Xanthoville"}],
        telecom=[{"value": "+15550123987"}, {"value": "quill@xantho.example"}],
        photo=[{"data": "UEhPVE8="}],
        contact=[{"name": {"family": "Wifeyname"}}],
        text={"status": "generated", "div": "<div>Quillon Zyzxname MRN77315588</div>"},
        generalPractitioner=[{"display": "Dr Penblood"}],
    )
    facts = [_repeating(each) for each in resources()[1:]]
    return bundle(person, *facts, *_more())


def _repeating(raw: Json) -> Json:
    owner = "patient" if "patient" in raw else "subject"
    return {
        **raw,
        owner: {**raw[owner], "display": "Zyzxname, Quillon", "identifier": MRN},
        "text": {"status": "generated", "div": "<div>Zyzxname born 1947-03-09</div>"},
        "note": [{"text": "seen Quillon Zyzxname MRN77315588", "authorString": "Dr Penblood"}],
        "performer": [{"reference": "Practitioner/d", "display": "Dr Penblood"}],
        "basedOn": [{"identifier": {"type": concept(V2_0203, "ACSN"), "value": "ACC99887766"}}],
    }


def _more() -> list[Json]:
    """What goes wrong around names: searches, contained people, values that are names, dates that are none."""
    of = {"reference": "Patient/p1", "display": "Quillon Zyzxname"}
    size = {"resourceType": "Observation", "status": "final", "code": concept(LOINC, "21889-1", "Size Tumor")}
    inner = {
        "resourceType": "Patient",
        "id": "q",
        "identifier": [{"value": "MRN5550002"}],
        "birthDate": "1933-03-03",
    }
    inner |= {"name": [{"family": "Containedname"}]}
    wrong = {"code": concept(LOINC, "33728-7"), "valueQuantity": {"value": "Zyzxname", "unit": "mm"}}
    searched = {"reference": "Patient?identifier=http://hospital.example/mrn|MRN77315588"}
    return [
        {"resourceType": "Practitioner", "id": "d", "name": [{"family": "Penblood"}]},
        {"resourceType": "RelatedPerson", "id": "w", "patient": of, "name": [{"family": "Wifeyname"}]},
        {"resourceType": "Coverage", "id": "c", "beneficiary": of, "subscriberId": "MRN77315588"},
        {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": {"text": "CT"}, "subject": of,
         "effectiveDateTime": "2025-07-10", "conclusion": "Zyzxname is stable"},
        size | {"id": "bad", "subject": searched, "effectiveDateTime": "Zyzxname", "component": [wrong]},
        size | {"id": "bad2", "subject": searched, "effectiveDateTime": "2025-07-10", "component": [wrong]},
        size | {"id": "orphan", "subject": {"identifier": {"system": "x", "value": "MRN5550001"}}},
        size | {"id": "inner", "subject": {"reference": "#q"}, "contained": [inner]},
        size | {"id": "named", "subject": {"reference": "Patient?name=Zyzxname&birthdate=1947-03-09"}},
        size | {"id": "raw", "subject": {"reference": "Quillon Zyzxname"}},
    ]  # fmt: skip


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "fhirgate", *arguments],
        cwd=folder,
        capture_output=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("kind", ["text", "json", "fhir"])
def test_no_output_holds_what_identifies_a_person(kind: str, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(json.dumps(salted()))
    options = ("--as-of", "2025-07-20", "-o", kind)

    shown = run(tmp_path, "assess", "in.json", *options)
    filed = run(tmp_path, "assess", "in.json", *options, "--out", "out", "--chart", "chart.svg")

    files = [each for each in tmp_path.rglob("*") if each.is_file() and each.name != "in.json"]
    assert (shown.returncode, filed.returncode, len(files)) == (1, 1, 10)
    said = [shown.stdout, shown.stderr, filed.stdout, filed.stderr, *(each.read_bytes() for each in files)]
    names = [str(each).encode() for each in files]
    assert [(salt, text[:60]) for text in (*said, *names) for salt in SALT if salt.encode() in text] == []
    assert b"p1" in shown.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--patient", "nobody"),
        ("--reader", "nobody"),
        ("--out", "in.json/out"),
        ("--chart", "nowhere/chart.svg"),
    ],
    ids=lambda each: each[0],
)
def test_no_message_of_failure_holds_what_identifies_a_person(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "in.json").write_text(json.dumps(salted()))

    done = run(tmp_path, "assess", "in.json", "--as-of", "2025-07-20", *arguments)

    assert done.returncode in (2, 74)
    assert [salt for salt in SALT if salt.encode() in done.stderr + done.stdout] == []


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
def test_a_file_cut_off_in_the_middle_is_told_without_its_content(cut: float, tmp_path: Path) -> None:
    content = json.dumps(salted())
    (tmp_path / "in.json").write_text(content[: int(len(content) * cut)])

    done = run(tmp_path, "assess", "in.json")

    assert done.returncode == 2
    assert [salt for salt in SALT if salt.encode() in done.stderr + done.stdout] == []


def test_an_exception_holds_nothing_of_the_record() -> None:
    with pytest.raises(FhirgateError) as caught:
        assess_record([salted()], DEFAULT_POLICY, AS_OF)

    assert caught.value.safe_message == "expected the record of one patient, got 5"
