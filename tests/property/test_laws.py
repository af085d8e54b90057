"""Laws of the whole judgement: what may never change a state, and which way a state may change."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from case_tables import cases
from hypothesis import given
from hypothesis import strategies as st
from judged_stories import Case, chart_from, policy_of, story_of
from property.strategies import (
    CALENDAR_CYCLE,
    FEW_DAYS,
    SEEDS,
    day_of,
    renamed,
    shifted,
    shuffled,
    stories,
    stories_without_local_treatment,
    with_lesion,
)

from fhirgate.oncology.assessment import Assessment, TimepointAssessment
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.judgement.assess import assess_chart
from fhirgate.oncology.policy import DEFAULT_POLICY, Policy
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.oncology.verdict import State
from fhirgate.sandbox.dialects.record import LESIONS, as_bundle, write_record
from fhirgate.sandbox.facts import chart_of
from fhirgate.sandbox.story import Story
from fhirgate.services.assess_record import assess_record

CASES = cases("judgement")
PRESET = st.sampled_from(sorted(PRESETS))


def assessed(story: Story, preset: str = "DEFAULT") -> Assessment:
    return assess_chart(chart_of(story), PRESETS[preset], DEFAULT_POLICY, day_of(story))


def assessed_case(case: Case, chart: Chart, policy: Policy | None = None) -> Assessment:
    story = story_of(case)
    return assess_chart(chart, PRESETS[story.preset], policy or policy_of(case), day_of(story))


def everything(assessment: Assessment) -> Assessment:
    """All of an assessment but the order in which the record told the diagnoses and findings."""
    return replace(assessment, diagnoses=(), findings=())


def numbers(at: TimepointAssessment) -> tuple[Any, ...]:
    """What a timepoint comes to, whatever its lesions are called and whenever it was."""
    response = at.response.overall.answer if at.response.overall else None
    return (
        at.state.answer,
        at.state.rule,
        at.qualifiers,
        tuple(each.code for each in at.reasons),
        at.sum_of_diameters,
        at.nadir,
        response,
        at.irecist,
        at.counts,
        at.therapy_status,
        at.estro_eortc,
        sorted((each.status, each.rule, _sized(each.value), _sized(each.reference)) for each in at.lesions),
    )


def _sized(size: Decimal | None) -> Decimal:
    return Decimal(-1) if size is None else size


def course(assessment: Assessment) -> list[tuple[Any, ...]]:
    return [numbers(each) for each in assessment.timepoints]


@given(story=stories(), seed=SEEDS)
def test_order_and_duplicates_of_facts_change_nothing(story: Story, seed: int) -> None:
    chart = chart_of(story)
    again = assess_chart(shuffled(chart, seed), PRESETS["DEFAULT"], DEFAULT_POLICY, day_of(story))

    assert everything(again) == everything(assessed(story))


@pytest.mark.parametrize("case", CASES)
def test_order_and_duplicates_change_nothing_in_any_case(case: Case) -> None:
    chart = chart_from(case)

    assert everything(assessed_case(case, shuffled(chart, 7))) == everything(assessed_case(case, chart))


@given(story=stories_without_local_treatment(), days=FEW_DAYS)
def test_other_days_change_nothing_but_the_days(story: Story, days: int) -> None:
    later = assess_chart(
        shifted(chart_of(story), days),
        PRESETS["DEFAULT"],
        DEFAULT_POLICY,
        day_of(story) + timedelta(days=days),
    )

    assert course(later) == course(assessed(story))


@given(story=stories())
def test_four_hundred_years_change_nothing_where_calendar_months_count(story: Story) -> None:
    later = assess_chart(
        shifted(chart_of(story), CALENDAR_CYCLE),
        PRESETS["DEFAULT"],
        DEFAULT_POLICY,
        day_of(story) + timedelta(days=CALENDAR_CYCLE),
    )

    assert course(later) == course(assessed(story))


@given(story=stories())
def test_what_lesions_are_called_changes_nothing(story: Story) -> None:
    other = assess_chart(renamed(chart_of(story)), PRESETS["DEFAULT"], DEFAULT_POLICY, day_of(story))

    assert course(other) == course(assessed(story))


def scans_read(story: Story) -> int:
    """How many scans say something of a lesion; one that says nothing of any need not be a timepoint."""
    readings = [each.readings.split() for each in story.lesions]
    return sum(any(word != "-" for word in at) for at in zip(*readings, strict=True))


@given(story=stories(), preset=PRESET)
def test_every_timepoint_has_one_state_with_a_rule_and_words_and_the_last_is_the_current_one(
    story: Story, preset: str
) -> None:
    assessment = assessed(story, preset)

    assert scans_read(story) <= len(assessment.timepoints) <= len(story.scans)
    for each in assessment.timepoints:
        assert each.state.answer in State
        assert each.state.rule
        assert each.state.because
        assert (each.state.answer is State.INDETERMINATE) <= bool(each.reasons)
    assert assessment.current.state is assessment.timepoints[-1].state.answer


@given(story=stories(), preset=PRESET)
def test_probabilities_are_probabilities_and_points_sum_to_one(story: Story, preset: str) -> None:
    for each in assessed(story, preset).timepoints:
        if each.probabilities is None:
            continue
        sure = each.probabilities
        spans = (sure.none, sure.oligo, sure.limited, sure.systemic)
        assert all(-1e-9 <= span.low <= span.high <= 1 + 1e-9 for span in spans)
        if all(span.is_point for span in spans):
            assert sum(span.low for span in spans) == pytest.approx(1)


@given(story=stories(), preset=PRESET)
def test_a_stable_lesion_more_never_turns_oligoprogression_into_systemic_progression(
    story: Story, preset: str
) -> None:
    more = with_lesion(story, ["20"] * len(story.scans))

    for before, after in _both(story, more, preset):
        if before is State.OLIGOPROGRESSION:
            assert after is not State.SYSTEMIC_PROGRESSION


_RANK = {
    State.COMPLETE_RESPONSE: 0,
    State.PARTIAL_RESPONSE: 0,
    State.STABLE_DISEASE: 0,
    State.OLIGOPERSISTENCE: 0,
    State.OFF_THERAPY_STABLE: 0,
    State.NED: 0,
    State.PROGRESSION_UNCONFIRMED: 1,
    State.OLIGOPROGRESSION: 2,
    State.LIMITED_PROGRESSION: 2,
    State.OLIGORECURRENCE: 2,
    State.SYSTEMIC_PROGRESSION: 3,
    State.SYSTEMIC_RECURRENCE: 3,
}


@pytest.mark.parametrize("reading", ["U", "size"])
@given(story=stories(), preset=PRESET)
def test_a_progressing_lesion_more_never_lowers_the_state(reading: str, story: Story, preset: str) -> None:
    later = range(1, len(story.scans))
    grown = ["U" if reading == "U" else str(20 + 20 * each) for each in later]
    more = with_lesion(story, ["P" if reading == "U" else "20", *grown])

    for before, after in _both(story, more, preset):
        if before in _RANK and after in _RANK:
            assert _RANK[after] >= _RANK[before]


def _both(story: Story, more: Story, preset: str) -> Iterator[tuple[State, State]]:
    """The states before and after at every timepoint but the first, by date: a lesion more may show a scan more."""
    after = {each.timepoint.date.text: each.state.answer for each in assessed(more, preset).timepoints}
    for before in assessed(story, preset).timepoints[1:]:
        yield before.state.answer, after[before.timepoint.date.text]


WITHOUT_ROLES = ("mcode",)
"""Dialects that cannot say which lesions are targets: they are chosen, as for a story without roles."""


@pytest.mark.parametrize("dialect", LESIONS)
@given(story=stories())
def test_the_dialect_in_which_a_record_is_written_changes_nothing(dialect: str, story: Story) -> None:
    if dialect in WITHOUT_ROLES:
        story = replace(story, lesions=tuple(replace(each, role="") for each in story.lesions))
    read = _read([as_bundle(write_record(story, dialect))], story)

    assert course(read) == course(assessed(story))


@given(story=stories(), seed=SEEDS)
def test_resources_in_another_order_and_twice_change_nothing(story: Story, seed: int) -> None:
    resources = write_record(story)
    draw = Random(seed)  # noqa: S311 - nothing secret is drawn here
    mixed = [*resources, *draw.sample(resources, len(resources) // 2)]
    draw.shuffle(mixed)

    assert everything(_read(mixed, story)) == everything(_read(resources, story))


def _read(received: list[Any], story: Story) -> Assessment:
    return assess_record(received, DEFAULT_POLICY, day_of(story))
