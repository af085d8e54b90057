"""A law of what is written: judged again on another day, the same facts and the same judgement say nothing new.

A nightly re-run over an unchanged record would otherwise write a new version of every result.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from case_tables import cases
from hypothesis import given
from hypothesis import strategies as st
from judged_stories import Case, chart_from, policy_of, story_of
from property.strategies import day_of, stories

from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.follow_up import propose
from fhirgate.oncology.judgement.assess import assess_chart, find_reader
from fhirgate.oncology.policy import DEFAULT_POLICY, Policy
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.sandbox.facts import chart_of
from fhirgate.sandbox.stories import load_stories
from fhirgate.sandbox.story import Story
from fhirgate.store.content import content_sha256

CASES = cases("judgement")
SHIPPED = load_stories()
OFF = st.integers(min_value=-600, max_value=900)
"""Days from a story's own day of judgement: before its last scans, until long after them."""
LATER = st.integers(min_value=1, max_value=60)
LONG_AFTER = 2000
"""Days after which every policy of the cases calls the imaging too old, and every open line is over."""
PRESET = st.sampled_from(sorted(PRESETS))


def digests(assessment: Assessment, chart: Chart, policy: Policy) -> dict[tuple[str, str], str]:
    """What the store compares, of every result but the Provenance, which belongs to one writing."""
    bundle = compose_bundle(assessment, chart, policy, states=True)
    written: list[Mapping[str, Any]] = [each["resource"] for each in bundle["entry"]]
    return {
        (each["resourceType"], each["id"]): content_sha256(each)
        for each in written
        if each["resourceType"] != "Provenance"
    }


def judgement(assessment: Assessment, policy: Policy) -> tuple[object, ...]:
    """What was judged, without any sentence: when this is equal, nothing new may be said."""
    current, plan = assessment.current, propose(assessment, policy.state)
    return (
        current.state,
        current.qualifiers,
        [each.code for each in current.reasons],
        [(at.state.answer, at.qualifiers, at.therapy_status, at.counts) for at in assessment.timepoints],
        [(line.number, line.start, line.end, line.all_agents, line.sources) for line in assessment.lines],
        [(each.kind, each.agents) for each in plan.proposals] if plan else None,
        sorted((each.code, str(each.source)) for each in assessment.findings),
    )


@pytest.mark.parametrize("days", [0, LONG_AFTER])
@pytest.mark.parametrize("story", SHIPPED, ids=lambda each: each.slug)
def test_the_next_day_says_nothing_new_of_a_shipped_story(story: Story, days: int) -> None:
    chart, day = chart_of(story), day_of(story) + timedelta(days=days)
    today, tomorrow = (
        assess_chart(chart, PRESETS[story.preset], DEFAULT_POLICY, each)
        for each in (day, day + timedelta(days=1))
    )

    assert digests(tomorrow, chart, DEFAULT_POLICY) == digests(today, chart, DEFAULT_POLICY)


@pytest.mark.parametrize("days", [0, LONG_AFTER])
@pytest.mark.parametrize("case", CASES)
def test_the_next_day_says_nothing_new_of_a_case(case: Case, days: int) -> None:
    chart, story, policy = chart_from(case), story_of(case), policy_of(case)
    reader = find_reader(chart, case["reader"]) if "reader" in case else None
    day = date.fromisoformat(story.as_of) + timedelta(days=days)
    today, tomorrow = (
        assess_chart(chart, PRESETS[story.preset], policy, each, reader)
        for each in (day, day + timedelta(days=1))
    )
    same = judgement(today, policy) == judgement(tomorrow, policy)

    # Only a case that names its day of judgement may have a fact on the next one.
    assert same or "as_of" in case
    assert (digests(tomorrow, chart, policy) == digests(today, chart, policy)) is same


@given(story=stories(), preset=PRESET, off=OFF, days=LATER)
def test_another_day_with_the_same_judgement_says_nothing_new(
    story: Story, preset: str, off: int, days: int
) -> None:
    chart, day = chart_of(story), day_of(story) + timedelta(days=off)
    first, later = (
        assess_chart(chart, PRESETS[preset], DEFAULT_POLICY, each)
        for each in (day, day + timedelta(days=days))
    )
    if judgement(first, DEFAULT_POLICY) == judgement(later, DEFAULT_POLICY):
        assert digests(first, chart, DEFAULT_POLICY) == digests(later, chart, DEFAULT_POLICY)


def test_the_day_on_which_imaging_becomes_too_old_says_so_once() -> None:
    """The law is no law of silence: of nine days around that day one says something new."""
    (story,) = (each for each in SHIPPED if each.slug == "oligoprogression-osimertinib")
    chart = chart_of(story)
    last = assess_chart(chart, PRESETS["DEFAULT"], DEFAULT_POLICY, day_of(story)).timepoints[-1]
    limit = last.timepoint.last_date.latest + timedelta(days=DEFAULT_POLICY.imaging.stale_after_days)
    days = [limit + timedelta(days=each) for each in range(-4, 5)]
    said = [
        digests(assess_chart(chart, PRESETS["DEFAULT"], DEFAULT_POLICY, day), chart, DEFAULT_POLICY)
        for day in days
    ]

    assert [one != other for one, other in pairwise(said)].count(True) == 1
    assert said[4] != said[5]
