"""How sure the labels are, what other presets say, and what is proposed."""

from dataclasses import replace

import pytest
from reviewed import follow_up
from told import last
from told_parts import point

from fhirgate.oncology.assessment import Assessment, Interval, Probabilities
from fhirgate.oncology.verdict import Reason, State, TherapyStatus
from fhirgate.report.review.parts import Tone
from fhirgate.report.review.proposal import chances, preset_rows, proposal_part

SURE = Probabilities(none=point(0.004), oligo=point(0.7), limited=point(0.2), systemic=point(0.096))


def judged(assessment: Assessment, state: State, **more: object) -> Assessment:
    found = last(assessment, probabilities=SURE, **more)
    return replace(found, current=replace(found.current, state=state))


def told(assessment: Assessment) -> list[tuple[str, str, bool]]:
    return [(each.label, each.text, each.is_called) for each in chances(assessment)]


def test_labels_are_told_with_two_decimals_the_most_likely_first(rich: Assessment) -> None:
    assert told(judged(rich, State.OLIGOPROGRESSION)) == [
        ("Oligoprogression", "0.70", True),
        ("Limited progression", "0.20", False),
        ("Systemic progression", "0.10", False),
        ("No progression", "under 0.01", False),
    ]


def test_what_the_data_leave_open_is_a_range_and_nothing_is_certain(rich: Assessment) -> None:
    wide = replace(SURE, oligo=Interval(low=0.3, high=1.0), systemic=Interval(low=0.001, high=0.002))
    found = last(rich, probabilities=wide)

    assert ("Oligoprogression", "0.30 to over 0.99", True) in told(found)
    assert ("Systemic progression", "under 0.01", False) in told(found)
    assert next((each.low, each.high) for each in chances(found) if each.is_called) == (30, 100)


def test_a_label_that_may_be_sure_or_not_at_all_has_no_number(rich: Assessment) -> None:
    found = last(rich, probabilities=replace(SURE, oligo=Interval(low=0.0, high=1.0)))

    assert ("Oligoprogression", "left open by the data", True) in told(found)


def test_off_therapy_few_lesions_are_recurrence_whatever_the_criteria(rich: Assessment) -> None:
    assert told(judged(rich, State.OLIGORECURRENCE, therapy_status=TherapyStatus.OFF)) == [
        ("Oligorecurrence", "0.90", True),
        ("Systemic recurrence", "0.10", False),
        ("No progression", "under 0.01", False),
    ]


@pytest.mark.parametrize("state", [State.INDETERMINATE, State.BASELINE])
def test_no_number_stands_beside_a_state_that_classifies_nothing(rich: Assessment, state: State) -> None:
    assert chances(judged(rich, state)) == ()


def test_without_imaging_or_model_there_is_no_number(rich: Assessment, minimal: Assessment) -> None:
    assert chances(minimal) == ()
    assert chances(last(rich, probabilities=None)) == ()


def test_where_nothing_grows_that_is_what_was_judged(rich: Assessment) -> None:
    called = [label for label, _, is_called in told(judged(rich, State.PARTIAL_RESPONSE)) if is_called]

    assert called == ["No progression"]
    assert not any(each.is_called for each in chances(judged(rich, State.PROGRESSION_UNCONFIRMED)))


def test_presets_stand_side_by_side_and_tell_where_and_why_they_differ(rich: Assessment) -> None:
    capped = Reason(code="SIZE_CAP", text="T01 over 70 mm")
    other = replace(
        rich,
        preset="HALT",
        current=replace(rich.current, state=State.LIMITED_PROGRESSION, reasons=(capped,), qualifiers=()),
    )
    here, there = preset_rows((rich, other), "DEFAULT")

    assert (here.name, here.is_shown, here.differs, here.tone) == ("DEFAULT", True, False, Tone.FEW)
    assert (there.name, there.is_shown, there.differs) == ("HALT", False, True)
    assert there.says.startswith("Up to five extracranial lesions")
    assert there.why == (rich.timepoints[-1].state.because, "T01 over 70 mm")


def test_a_reason_that_the_state_names_is_not_told_twice(rich: Assessment) -> None:
    because = rich.timepoints[-1].state.because
    said = Reason(code="X", text=because[:20])
    (row,) = preset_rows(
        (replace(rich, current=replace(rich.current, reasons=(said,), qualifiers=())),), "DEFAULT"
    )

    assert row.why == (because,)


def test_a_proposal_tells_activities_evidence_both_ways_and_limits(rich: Assessment) -> None:
    found = proposal_part(follow_up(rich))

    assert found is not None
    assert found.title == "Oligoprogression, local therapy of 2 lesions to be discussed"
    assert found.activities[0] == ("Tumour board", "Present at the board.")
    assert (found.evidence_for, found.evidence_against) == (("CURB says so",), ("STOP does not",))
    assert found.limits == ("No individual benefit is predicted.",)
    assert proposal_part(None) is None
