"""Surgery as local treatment, and the procedures that are none."""

from typing import Any

import pytest
from therapy_json import SNOMED, codes, concept, intent, procedure, record_of

from fhirgate.mapping.parse.local_treatments import parse_local_treatments
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.therapy import Intent, LocalTreatment, Modality

LUNG = concept("39607008", SNOMED, "Lung structure")
LIVER = concept("10200004", SNOMED, "Liver structure")


def only(*raws: dict[str, Any]) -> LocalTreatment:
    (treatment,) = parse_local_treatments(record_of(*raws))
    return treatment


def test_surgery_has_its_place_intent_and_words() -> None:
    treatment = only(
        procedure(
            "x", concept("65801008", SNOMED, "Excision"), bodySite=[LIVER], extension=[intent("373808002")]
        )
    )
    assert (treatment.modality, treatment.site.organ, treatment.intent, treatment.text) == (
        Modality.SURGERY,
        "liver",
        Intent.CURATIVE,
        "Excision",
    )
    assert (str(treatment.started_on), treatment.ended_on) == ("2024-03-01", None)


def test_surgery_of_two_sites_is_two_treatments() -> None:
    found = parse_local_treatments(
        record_of(procedure("x", concept("65801008", SNOMED), bodySite=[LIVER, LUNG]))
    )
    assert [(each.id, each.site.organ) for each in found] == [("x", "liver"), ("x#2", "lung")]


def test_an_end_before_the_start_is_dropped() -> None:
    raw = procedure(
        "x", concept("65801008", SNOMED), performedPeriod={"start": "2024-03-01", "end": "2023-03-01"}
    )
    assert only(raw).ended_on is None


@pytest.mark.parametrize("elements", [{"status": "not-done"}, {"status": "preparation"}, {"notDone": True}])
def test_what_was_not_done_is_information(elements: dict[str, Any]) -> None:
    record = record_of(procedure("x", concept("65801008", SNOMED), **elements))
    assert parse_local_treatments(record) == ()
    (finding,) = record.findings
    assert (finding.code, finding.severity) == ("LOCAL_TREATMENT_NOT_DONE", Severity.INFORMATION)


def test_what_has_no_date_cannot_be_used() -> None:
    record = record_of(procedure("x", concept("65801008", SNOMED), performedString="last spring"))
    assert parse_local_treatments(record) == ()
    assert codes(record) == ["DATE_INVALID", "LOCAL_TREATMENT_UNDATED"]


def test_other_procedures_are_named_together_and_biopsies_are_left_to_others() -> None:
    plain = [procedure(f"p{n:02}", concept(text=f"Procedure {n:02}")) for n in range(12)]
    biopsy = procedure("b", concept(text="Biopsy of liver"))
    record = record_of(*plain, biopsy, procedure("n"))
    assert parse_local_treatments(record) == ()
    (finding,) = record.findings
    assert (finding.code, finding.severity) == ("OTHER_PROCEDURE", Severity.INFORMATION)
    assert finding.text == (
        "procedures that are no treatment of a tumour as far as known, and are not used as one: a procedure without"
        f" name, {', '.join(f'Procedure {n:02}' for n in range(9))} and 3 more"
    )
