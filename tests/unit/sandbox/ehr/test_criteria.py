"""Search parameters, strictly."""

from typing import Any

import pytest

from fhirgate.sandbox.ehr.criteria import are_met, criteria, local_reference
from fhirgate.sandbox.ehr.refused import Refused
from fhirgate.sandbox.ehr.table import KINDS

BASE = "https://sandbox.example/fhir"
LOINC = "http://loinc.org"
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o1",
    "meta": {"tag": [{"system": "urn:t", "code": "mark"}], "lastUpdated": "2026-03-01T12:00:00Z"},
    "status": "final",
    "category": [
        {"coding": [{"system": "urn:c", "code": "imaging"}, {"code": "bare"}]},
        {"text": "in words"},
    ],
    "code": {"coding": [{"system": LOINC, "code": "33728-7"}]},
    "identifier": [{"system": "urn:i", "value": "a,b|c$d\\e"}],
    "subject": {"reference": "Patient/p1"},
    "effectiveDateTime": "2024-05-10T08:00:00+02:00",
    "hasMember": [{"reference": f"{BASE}/Observation/o2/_history/3"}, {"display": "unknown"}],
    "partOf": [{"reference": "https://elsewhere.example/Procedure/1"}],
}


def finds(*asked: tuple[str, str], resource: dict[str, Any] = OBSERVATION, kind: str = "Observation") -> bool:
    return are_met(criteria(KINDS[kind], asked, BASE), resource)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_id", "o1"),
        ("_id", "zz,o1"),
        ("_tag", "urn:t|mark"),
        ("_lastUpdated", "ge2026"),
        ("status", "final"),
        ("status", "http://hl7.org/fhir/observation-status|final"),
        ("category", "imaging"),
        ("category", "urn:c|"),
        ("category", "|bare"),
        ("code", f"{LOINC}|33728-7"),
        ("identifier", r"urn:i|a\,b\|c\$d\\e"),
        ("patient", "p1"),
        ("patient", "Patient/p1"),
        ("patient", f"{BASE}/Patient/p1"),
        ("subject", "Patient/p1"),
        ("has-member", "Observation/o2"),
        ("has-member", "Observation/o2/_history/1"),
        ("part-of", "https://elsewhere.example/Procedure/1"),
        ("date", "2024-05-10"),
        ("date", "lt2024-05-10T06:00:01Z"),
    ],
)
def test_a_resource_is_found_by(name: str, value: str) -> None:
    assert finds((name, value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_id", "O1"),
        ("_tag", "urn:other|mark"),
        ("status", "fina"),
        ("category", "|imaging"),
        ("category", "urn:other|"),
        ("code", "http://snomed.info/sct|33728-7"),
        ("identifier", "a"),
        ("patient", "p"),
        ("subject", "Group/p1"),
        ("subject", "https://elsewhere.example/Patient/p1"),
        ("encounter", "e1"),
        ("date", "2024-05-11"),
        ("has-member", "Observation/o3"),
    ],
)
def test_a_resource_is_not_found_by(name: str, value: str) -> None:
    assert not finds((name, value))


def test_all_parameters_are_to_be_met() -> None:
    assert finds(("status", "final"), ("date", "ge2024"), ("date", "lt2025"))
    assert not finds(("status", "final"), ("date", "ge2024"), ("date", "lt2024"))


def test_a_boolean_is_a_code_of_its_own() -> None:
    from fhirgate.sandbox.ehr.table import By, Kind, Parameter  # noqa: PLC0415

    kind = Kind(name="X", parameters={"active": Parameter(name="active", by=By.TOKEN, paths=("active",))})

    assert are_met(criteria(kind, [("active", "true")], BASE), {"active": True})
    assert not are_met(criteria(kind, [("active", "true")], BASE), {"active": False})
    assert not are_met(criteria(kind, [("active", "true")], BASE), {"active": 5})


@pytest.mark.parametrize(
    ("name", "value", "status", "says"),
    [
        ("colour", "red", "not-supported", "Observation is not searched by 'colour' here; known are _id, "),
        ("patient.name", "x", "not-supported", "Observation is not searched by 'patient.name' here"),
        ("_include", "x", "not-supported", "Observation is not searched by '_include' here"),
        ("<script>", "x", "not-supported", "Observation is not searched by '?script?' here"),
        ("code:in", "x", "not-supported", "no modifier of 'code' is known here ('in')"),
        ("code", "", "invalid", "a value of 'code' is empty"),
        ("code", "a,", "invalid", "a value of 'code' is empty"),
        ("code", "|", "invalid", "a value of 'code' is empty"),
        ("code", "a|b|c", "invalid", "a value of 'code' has more than one '|'"),
        ("date", "soon", "invalid", "the prefix of 'date' is none of eq, ne, "),
        ("date", "ap2024", "invalid", "the prefix of 'date' is none of eq, ne, "),
        ("date", "ge2024-13", "invalid", "a value of 'date' is no date"),
        ("patient", "Group/1", "invalid", "'patient' is a reference to Patient"),
        ("patient", "a b", "invalid", "a value of 'patient' is no reference"),
    ],
)
def test_what_is_not_understood_is_refused(name: str, value: str, status: str, says: str) -> None:
    with pytest.raises(Refused) as caught:
        finds((name, value))

    assert (caught.value.status, caught.value.code) == (400, status)
    assert caught.value.says.startswith(says)


@pytest.mark.parametrize(
    "text", [None, 5, "#inner", "urn:uuid:1", "https://elsewhere.example/Patient/1", "patient/1"]
)
def test_what_is_no_reference_to_this_server_is_none(text: object) -> None:
    assert local_reference(text, BASE) is None


def test_a_patient_parameter_of_provenance_finds_no_other_target() -> None:
    provenance = {"target": [{"reference": "RiskAssessment/p1"}, {"reference": "Patient/p2"}]}

    assert finds(("patient", "p2"), resource=provenance, kind="Provenance")
    assert not finds(("patient", "p1"), resource=provenance, kind="Provenance")
