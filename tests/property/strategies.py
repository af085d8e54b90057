"""What the laws are tried on: random courses, and charts said in another order, on other days, by other names."""

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from fhirgate.oncology.chart import Chart
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.sandbox.facts import chart_of
from fhirgate.sandbox.random_story import random_story
from fhirgate.sandbox.story import SeenLesion, Story

SEEDS = st.integers(min_value=0, max_value=50_000)
FEW_DAYS = st.integers(min_value=-3_000, max_value=3_000)
CALENDAR_CYCLE = 146_097
"""Days after which the calendar repeats: 400 years."""

T = TypeVar("T")


def stories() -> st.SearchStrategy[Story]:
    """Random courses."""
    return SEEDS.map(random_story)


def stories_without_local_treatment() -> st.SearchStrategy[Story]:
    """Random courses in which no rule counts in calendar months."""
    return stories().map(lambda story: replace(story, local=()))


def shuffled(chart: Chart, seed: int) -> Chart:
    """The same facts in another order, half of them told twice."""
    draw = Random(seed)  # noqa: S311 - nothing secret is drawn here

    def mixed(facts: tuple[T, ...]) -> tuple[T, ...]:
        more = [*facts, *draw.sample(facts, len(facts) // 2)]
        draw.shuffle(more)
        return tuple(more)

    tuples = {each.name: getattr(chart, each.name) for each in fields(chart)}
    return replace(
        chart, **{name: mixed(facts) for name, facts in tuples.items() if isinstance(facts, tuple)}
    )


def shifted(facts: T, days: int) -> T:
    """The same facts so many days later: every date in them, partial ones excepted (there are none)."""
    return _mapped(facts, ClinicalDate, lambda each: ClinicalDate.of(each.earliest + timedelta(days=days)))


def renamed(chart: Chart) -> Chart:
    """The same facts with every lesion called otherwise, in another order of names."""
    return _mapped(chart, LesionIdentity, _renamed)


def _renamed(identity: LesionIdentity) -> LesionIdentity:
    return replace(
        identity,
        identifiers=frozenset(f"BodyStructure/{_reversed(each)}" for each in identity.identifiers),
        label=_reversed(identity.label),
    )


def _reversed(name: str) -> str:
    """Another name whose order among its like is turned round."""
    digits = "".join(each for each in name if each.isdigit())
    return f"Z{999 - int(digits or 0)}"


def _mapped(value: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    """A frozen structure with every part of a kind changed."""
    if isinstance(value, kind):
        return change(value)
    if type(value) is tuple:  # a named one, a source, is a value of its own
        return tuple(_mapped(each, kind, change) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value,
            **{each.name: _mapped(getattr(value, each.name), kind, change) for each in fields(value)},
        )
    return value


def with_lesion(story: Story, readings: Iterable[str], role: str = "nonTarget") -> Story:
    """The story with one lesion more."""
    more = SeenLesion(
        label="L99", place="kidney left", role=role, detail="added", readings=" ".join(readings)
    )
    return replace(story, lesions=(*story.lesions, more))


def day_of(story: Story) -> date:
    """The day a story is judged on."""
    return date.fromisoformat(story.as_of)


def charts() -> st.SearchStrategy[tuple[Chart, date]]:
    """Random charts with the day they are judged on."""
    return stories().map(lambda story: (chart_of(story), day_of(story)))
