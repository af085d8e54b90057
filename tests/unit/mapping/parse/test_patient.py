from typing import Any

from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.patient import parse_patient
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.vocabulary import STANDARD
from fhirgate.oncology.chart import Patient
from fhirgate.oncology.clinical_date import ClinicalDate


def record_of(*resources: dict[str, Any]) -> Record:
    return Record("p", [Entry(each) for each in resources], [], STANDARD)


def patient(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p", **more}


def test_a_patient_known_by_references_only_has_an_id() -> None:
    assert parse_patient(record_of()) == Patient(id="p")


def test_birth_and_death_are_read_and_names_are_not() -> None:
    found = parse_patient(
        record_of(
            patient(birthDate="1960-02", deceasedDateTime="2024-05-01T08:00:00Z", name=[{"family": "X"}])
        )
    )
    assert found.born_on == ClinicalDate.parse("1960-02")
    assert found.died_on == ClinicalDate.parse("2024-05-01")
    assert found.dead
    assert str(found.source) == "Patient/p"


def test_death_without_a_date() -> None:
    assert parse_patient(record_of(patient(deceasedBoolean=True))).dead
    assert not parse_patient(record_of(patient(deceasedBoolean=False))).dead
    assert not parse_patient(record_of(patient())).dead


def test_an_unreadable_date_of_death_is_a_death_and_a_finding() -> None:
    record = record_of(patient(deceasedDateTime="2024-13-40"))
    found = parse_patient(record)
    assert (found.dead, found.died_on) == (True, None)
    assert [each.code for each in record.findings] == ["DATE_INVALID"]


def test_two_patient_resources_of_one_patient_are_reported() -> None:
    record = record_of(patient(birthDate="1960"), patient(birthDate="1961") | {"id": "q"})
    assert parse_patient(record).born_on == ClinicalDate.parse("1960")
    assert [each.code for each in record.findings] == ["SEVERAL_PATIENT_RESOURCES"]
