"""Assessments to draw, and what a picture holds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.judgement.assess import assess_chart
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.sandbox.facts import chart_of
from fhirgate.sandbox.random_story import random_story
from fhirgate.sandbox.stories import load_stories
from fhirgate.sandbox.story import Scan, SeenLesion, Story

TREATED = "oligoprogression-osimertinib"
SYSTEMIC = "systemic-progression-cdk46"
RECURRENCE = "oligorecurrence-off-therapy"
MISSING = "not-evaluable-decides"
ORDERED = "orders-only-ehr"
INFUSIONS = "node-only-dicom-sr"
TWO_READERS = "two-readers-disagree"


@cache
def stories() -> dict[str, Story]:
    """The shipped stories by name."""
    return {each.slug: each for each in load_stories()}


def assessed(story: Story, as_of: str = "") -> Assessment:
    """A story, judged."""
    day = date.fromisoformat(as_of or story.as_of)
    return assess_chart(chart_of(story), PRESETS[story.preset], DEFAULT_POLICY, day)


def shipped(slug: str, as_of: str = "", **changes: Any) -> Assessment:
    """A shipped story with changes, judged."""
    return assessed(replace(stories()[slug], **changes), as_of)


def drawn_by_lot(seed: int, lesions: int, scans: int) -> Assessment:
    """A random story, judged."""
    return assessed(random_story(seed, lesions=lesions, scans=scans))


def watched(*readings: str, scans: tuple[str, ...], place: str = "liver", **changes: Any) -> Assessment:
    """Lesions with these readings on these scans, on osimertinib."""
    lesions = tuple(
        SeenLesion(label=f"L{number:02d}", place=place, detail=f"S{number}", role="target", readings=each)
        for number, each in enumerate(readings, start=1)
    )
    changes.setdefault("local", ())
    return shipped(TREATED, lesions=lesions, scans=tuple(Scan(on=each) for each in scans), **changes)


def rows(view: Any, *fields: str) -> list[dict[str, Any]]:
    """All data rows of a specification or a part of it that have these fields."""
    return [each for each in _rows(view) if all(field in each for field in fields)]


def _rows(view: Any) -> Iterator[dict[str, Any]]:
    if isinstance(view, dict):
        if isinstance(view.get("data"), dict):
            yield from view["data"]["values"]
        for each in view.values():
            yield from _rows(each)
    elif isinstance(view, list | tuple):
        for each in view:
            yield from _rows(each)
