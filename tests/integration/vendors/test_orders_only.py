"""athenahealth and MEDITECH: MedicationRequest only, no imaging types; what a site can and cannot learn from that."""

from pathlib import Path
from typing import Any

from integration.vendors.served import (
    AS_OF,
    Json,
    assessed,
    concept,
    lung_cancer,
    measured,
    patient,
    resource,
)

OSIMERTINIB = {"text": "osimertinib 80 mg tablet"}


def order(id: str, on: str | None, drug: Json = OSIMERTINIB, **more: Any) -> Json:
    made = {
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": drug,
        "authoredOn": on,
        **more,
    }
    return resource(
        "MedicationRequest", id, **{name: each for name, each in made.items() if each is not None}
    )


def answer_to(tmp_path: Path, *orders: Json) -> Any:
    return assessed(tmp_path, [patient(), lung_cancer(), *measured(), *orders], AS_OF)


def test_a_dose_change_is_a_new_order_of_the_same_line(tmp_path: Path) -> None:
    lower = order("b", "2024-04-01", {"text": "osimertinib 40 mg tablet"})
    changed = {**lower, "priorPrescription": {"reference": "MedicationRequest/a"}}
    answer = answer_to(tmp_path, order("a", "2024-01-15", status="stopped"), changed)

    assert answer.lines == [("osimertinib",)]
    assert answer.assessment["linesOfTherapy"][0]["lastExposure"] == "2024-04-01"
    assert "EXPOSURE_END_UNKNOWN" not in answer.codes


def test_a_plan_that_reports_use_is_evidence_of_it(tmp_path: Path) -> None:
    answer = answer_to(tmp_path, order("a", "2024-05-15", intent="plan", reportedBoolean=True))

    assert (answer.state, answer.assessment["linesOfTherapy"][0]["evidence"]) == (
        "OLIGOPROGRESSION",
        "STATED",
    )


def test_a_proposal_or_an_order_without_a_date_opens_no_line_and_is_said(tmp_path: Path) -> None:
    answer = answer_to(tmp_path, order("a", "2024-01-15", intent="proposal"), order("b", None))

    assert answer.lines == []
    assert {"THERAPY_NOT_GIVEN", "EXPOSURE_UNDATED"} <= answer.codes


def test_an_order_stopped_for_progression_ends_its_line_for_that(tmp_path: Path) -> None:
    reason = concept("http://snomed.info/sct", "266721009", "No response to treatment")
    answer = answer_to(tmp_path, order("a", "2024-01-15", status="stopped", statusReason=reason))

    assert answer.assessment["linesOfTherapy"][0]["endReason"] == "PROGRESSION"
