"""Whatever names a number or a date names the resources it comes from, and what is open says what would settle it."""

import pytest
from case_tables import cases
from judged_stories import Case, judged

from fhirgate.oncology.assessment import TimepointAssessment
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.progression.criteria import CRITERIA
from fhirgate.oncology.source import Sources

CASES = cases("judgement")
OF_NOTHING = {
    "NO_IMAGING",
    "DIAGNOSIS_MISSING",
    "NO_COMPARATOR",
    "NO_TARGET_LESION",
    "PRIMARY_DATE_UNKNOWN",
    "THERAPY_STATUS_UNKNOWN",
    "HISTORY_UNKNOWN",
    "STALE",
    *(each.code for each in CRITERIA),
}
"""Reasons that rest on what is missing from the record, or on the preset."""
SETTLED = {"COUNT_EXCEEDED", "DIFFUSE_DISEASE", "TARGET_TREATED_LOCALLY", *(each.code for each in CRITERIA)}
"""Reasons that are no question."""


@pytest.mark.parametrize("case", CASES)
def test_the_verdict_on_a_lesion_names_the_resources_of_its_size_and_of_what_it_is_compared_with(
    case: Case,
) -> None:
    for at in judged(case).timepoints:
        for verdict in at.lesions:
            now = at.timepoint.measurements.get(verdict.lesion.id)
            named = [now.sources] if now is not None else []
            named += [
                each.sources for each in verdict.lesion.measurements if str(each.taken_on) in verdict.because
            ]
            named += [
                each.sources
                for each in verdict.lesion.local_treatments
                if str(each.started_on) in verdict.because
            ]
            assert _all(named) <= set(verdict.sources)


@pytest.mark.parametrize("case", CASES)
def test_a_state_names_the_resources_of_its_lesions_and_of_its_line(case: Case) -> None:
    for at in judged(case).timepoints:
        merged = {each.lesion.id for each in at.lesions if each.rule == "lesion-merged"}
        lesions = [each.sources for each in at.lesions if each.lesion.id not in merged]
        assert _all(lesions) <= set(at.state.sources)


@pytest.mark.parametrize("case", CASES)
def test_a_response_names_the_resources_of_now_of_the_baseline_and_of_the_nadir(case: Case) -> None:
    assessment = judged(case)
    for at in assessment.timepoints:
        target = at.response.target
        if target is None or at.nadir is None:
            continue
        nadirs = [each for each in assessment.timepoints if str(each.timepoint.date) in target.because]
        for earlier in nadirs:
            assert _of_targets(earlier) & set(target.sources)
        assert _of_targets(at) & set(target.sources) or at.sum_of_diameters is None


@pytest.mark.parametrize("case", CASES)
def test_a_reason_names_its_resources_and_what_would_settle_it(case: Case) -> None:
    for at in judged(case).timepoints:
        for each in at.reasons:
            assert each.text
            assert each.sources or each.code in OF_NOTHING, each.code
            assert each.resolved_by or each.code in SETTLED, each.code


@pytest.mark.parametrize("case", CASES)
def test_a_finding_is_a_sentence_without_the_name_of_a_class(case: Case) -> None:
    for each in judged(case).findings:
        assert each.severity in Severity
        assert "None" not in each.text
        assert "(" not in each.text.split(" ")[0]


def _all(groups: list[Sources]) -> set[object]:
    return {source for group in groups for source in group}


def _of_targets(at: TimepointAssessment) -> set[object]:
    return {source for each in at.timepoint.measurements.values() for source in each.sources}
