"""The RiskAssessment: the largest and the smallest, status, and what its notes say."""

from dataclasses import replace
from typing import Any

import pytest
from assessments import assessment, facts, interval, judged, nsclc, without_imaging
from builders import chart, exposure, local_treatment, reader, reason, sighting, source, study
from golden import as_text, golden

from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.invariants import problems
from fhirgate.mapping.compose.risk_assessment import compose_risk_assessment
from fhirgate.mapping.r4b import check_r4
from fhirgate.oncology.assessment import Assessment, Probabilities
from fhirgate.oncology.chart import Chart, Patient
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.policy import DEFAULT_POLICY, Policy
from fhirgate.oncology.verdict import Qualifier, State


def composed(given: Assessment, record: Chart | None = None, policy: Policy = DEFAULT_POLICY) -> Json:
    return compose_risk_assessment(given, record or facts(), policy)


def noted(given: Assessment, record: Chart | None = None) -> list[str]:
    return [note["text"] for note in composed(given, record)["note"]]


def finding(code: str = "SIZE_REFUSED", severity: Severity = Severity.WARNING, **more: Any) -> Finding:
    more.setdefault("text", "a size was refused")
    return Finding(code=code, severity=severity, **more)


def test_the_largest() -> None:
    wide = Probabilities(
        none=interval(0.011),
        oligo=interval(0.80, 0.944),
        limited=interval(0.045),
        systemic=interval(0.0, 0.144),
    )
    why = replace(
        reason("HISTORY_UNKNOWN", "the history is not known", (source("o9", version="2"),)),
        resolved_by="earlier imaging",
    )
    now = judged(probabilities=wide, reasons=(why,), qualifiers=(Qualifier.MIXED_RESPONSE, Qualifier.INDUCED))
    found = finding(text="value <5 mm [estimated]\n is not a size", source=source("o7"))
    record = facts(
        sighting(short_axis_inferred=True),
        studies=(),
        local_treatments=(local_treatment("2024-05-01", inferred=True),),
    )
    policy = replace(DEFAULT_POLICY, name="site", version="7")

    resource = composed(assessment(now, findings=(found,), reader=reader()), record, policy)

    assert problems(resource) == ()
    assert check_r4(resource) == ()
    assert as_text(resource) == golden("risk_assessment_largest")


def test_the_smallest() -> None:
    nobody = Patient(id="p9")

    resource = composed(without_imaging(patient=nobody, diagnoses=()), chart(patient=nobody))

    assert problems(resource) == ()
    assert check_r4(resource) == ()
    assert as_text(resource) == golden("risk_assessment_smallest")


@pytest.mark.parametrize("state", list(State))
def test_a_record_that_did_not_allow_a_classification_is_cancelled(state: State) -> None:
    cancelled = state in (State.INDETERMINATE, State.BASELINE)

    assert composed(assessment(state=state))["status"] == ("cancelled" if cancelled else "preliminary")


def test_the_state_is_a_tag_so_that_any_server_can_search_it() -> None:
    tags = composed(assessment(state=State.SYSTEMIC_PROGRESSION))["meta"]["tag"]

    assert tags[0]["code"] == "systemic-progression"


def test_the_condition_is_named_only_when_there_is_one_primary() -> None:
    two = (nsclc(), replace(nsclc(), id="c9", site=replace(nsclc().site, organ="breast")))

    assert composed(assessment())["condition"] == {"reference": "Condition/c1"}
    assert "condition" not in composed(assessment(diagnoses=two))


def test_a_primary_that_is_no_condition_is_not_referred_to() -> None:
    other = replace(nsclc(), source=source("o1"))

    assert "condition" not in composed(assessment(diagnoses=(other,)))


class TestNotes:
    def test_rules_preset_and_policy_are_always_named(self) -> None:
        assert noted(assessment()) == [
            "Decision support made by software from the recorded data. Not clinically validated: a clinician"
            " decides.",
            "Rules version 1.0.0, preset DEFAULT, policy default version 1.",
        ]

    def test_a_record_without_imaging_studies_or_therapy_says_so(self) -> None:
        report = study("DiagnosticReport/r1", is_report=True)

        assert noted(assessment(), chart(studies=(report,)))[2:] == [
            "No ImagingStudy available: scans are dated by reports or by the measurements themselves.",
            "No record of systemic therapy available.",
        ]

    def test_what_is_dated_after_the_judgement_does_not_count(self) -> None:
        later = chart(studies=(study(taken_on="2025-03-01"),), exposures=(exposure("2025-03-01"),))

        assert len(noted(assessment(), later)) == 4

    def test_findings_that_lose_nothing_are_left_out(self) -> None:
        found = (
            finding(severity=Severity.INFORMATION),
            finding("UNIT_UNKNOWN", Severity.ERROR, text="no unit"),
        )

        assert noted(assessment(findings=found))[2:] == ["UNIT_UNKNOWN: no unit"]

    def test_many_findings_are_counted(self) -> None:
        found = tuple(finding(f"F{number:02}") for number in range(22))

        notes = noted(assessment(findings=found))

        assert len(notes) == 23
        assert notes[-1] == "2 further findings not listed here."

    def test_words_of_the_record_cannot_become_links_or_html(self) -> None:
        found = finding(text="<img src=x> and [here](javascript:x)")

        assert noted(assessment(findings=(found,)))[2] == (
            r"SIZE_REFUSED: \<img src=x> and \[here](javascript:x)"
        )
