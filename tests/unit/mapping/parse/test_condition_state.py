from typing import Any

import pytest

from fhirgate.mapping.parse.condition_state import dated_on, is_active, is_provisional, is_refuted
from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.vocabulary import STANDARD
from fhirgate.oncology.finding import Severity

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ASSERTED = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"


def read(**more: Any) -> tuple[dict[str, Any], Record]:
    raw = {"resourceType": "Condition", "id": "c", **more}
    return raw, Record("p", [Entry(raw)], [], STANDARD)


def coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


@pytest.mark.parametrize(
    ("more", "date"),
    [
        ({"onsetDateTime": "2023-05", "recordedDate": "2024-01-01"}, "2023-05"),
        ({"onsetPeriod": {"start": "2022"}, "recordedDate": "2024-01-01"}, "2022"),
        ({"onsetString": "2021-03-04"}, "2021-03-04"),
        ({"assertedDate": "2020-02-02"}, "2020-02-02"),
        (
            {"extension": [{"url": ASSERTED, "valueDateTime": "2019-04-01"}], "recordedDate": "2024"},
            "2019-04-01",
        ),
    ],
)
def test_the_onset_goes_before_the_day_of_the_statement(more: dict[str, Any], date: str) -> None:
    raw, record = read(**more)
    assert str(dated_on(raw, record)) == date
    assert record.findings == []


def test_the_day_it_was_recorded_is_used_and_said() -> None:
    raw, record = read(onsetAge={"value": 61, "unit": "a"}, recordedDate="2024-01-01T10:00:00Z")
    assert str(dated_on(raw, record)) == "2024-01-01"
    (found,) = record.findings
    assert (found.code, found.severity, found.path) == (
        "DATE_IS_RECORD_DATE",
        Severity.INFORMATION,
        "recordedDate",
    )


def test_an_age_is_no_date() -> None:
    raw, record = read(onsetAge={"value": 61, "unit": "a"})
    assert dated_on(raw, record) is None
    (found,) = record.findings
    assert (found.code, found.severity) == ("CONDITION_UNDATED", Severity.WARNING)


@pytest.mark.parametrize("code", ["active", "recurrence", "relapse", "unknown"])
def test_a_disease_that_is_there_is_active(code: str) -> None:
    assert is_active(read(clinicalStatus=coded(CLINICAL, code))[0])
    assert is_active(read(clinicalStatus=code)[0])


@pytest.mark.parametrize("code", ["remission", "resolved", "inactive"])
def test_a_disease_that_is_gone_is_not_active(code: str) -> None:
    assert not is_active(read(clinicalStatus=coded(CLINICAL, code))[0])
    assert not is_active(read(clinicalStatus=code)[0])


def test_without_a_status_an_abatement_decides() -> None:
    assert is_active(read()[0])
    assert not is_active(read(abatementDateTime="2024")[0])
    assert is_active(read(abatementDateTime="2024", clinicalStatus="recurrence")[0])


def test_a_working_diagnosis_is_provisional() -> None:
    assert is_provisional(read(verificationStatus=coded(VERIFICATION, "provisional"))[0])
    assert is_provisional(read(verificationStatus="differential")[0])
    assert not is_provisional(read(verificationStatus=coded(VERIFICATION, "confirmed"))[0])


def test_a_refuted_diagnosis_is_reported() -> None:
    raw, record = read(verificationStatus=coded(VERIFICATION, "refuted"))
    assert is_refuted(raw, record)
    assert [each.code for each in record.findings] == ["CONDITION_REFUTED"]
    raw, record = read(verificationStatus=coded(VERIFICATION, "confirmed"))
    assert not is_refuted(raw, record)
    assert record.findings == []
