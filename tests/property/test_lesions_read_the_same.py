"""Laws of reading lesions: order, duplicates, units and the dialect of the same facts change nothing."""

import json
from collections.abc import Iterable
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lesion_records import parsed

from fhirgate.oncology.finding import Finding
from fhirgate.oncology.lesion import Role, Sighting
from fhirgate.oncology.reconstruct.lesions import link_lesions
from fhirgate.sandbox.dialects.record import write_record
from fhirgate.sandbox.random_story import random_story

DIALECTS = ("plain", "mcode", "tracker", "dicom-sr", "dicom-sr-r5")
SEEDS = st.integers(min_value=0, max_value=5_000)
Facts = tuple[frozenset[Sighting], frozenset[Finding], tuple[Any, ...]]


def read(resources: Iterable[Any]) -> Facts:
    found = parsed(*resources)
    return frozenset(found.sightings), frozenset(found.findings), found.studies.studies


@given(seed=SEEDS, dialect=st.sampled_from(DIALECTS))
def test_order_and_duplicates_change_nothing(seed: int, dialect: str) -> None:
    resources = write_record(random_story(seed), dialect)
    draw = Random(seed)  # noqa: S311 - nothing secret is drawn here
    shuffled = [*resources, *draw.sample(resources, len(resources) // 2)]
    draw.shuffle(shuffled)

    assert read(shuffled) == read(resources)


@given(seed=SEEDS, dialect=st.sampled_from(DIALECTS))
def test_centimetres_and_millimetres_are_the_same(seed: int, dialect: str) -> None:
    resources = write_record(random_story(seed), dialect)

    assert read(in_other_unit(resources)) == read(resources)


@given(seed=SEEDS, dialect=st.sampled_from(DIALECTS))
def test_floats_are_read_as_the_decimals_they_were_written_as(seed: int, dialect: str) -> None:
    resources = write_record(random_story(seed), dialect)
    as_floats = json.loads(json.dumps(resources, default=float))

    assert read(as_floats) == read(resources)


@pytest.mark.parametrize("dialect", DIALECTS[1:])
@given(seed=SEEDS)
def test_the_dialect_of_the_same_facts_changes_nothing(dialect: str, seed: int) -> None:
    story = random_story(seed)

    assert told(write_record(story, dialect)) == told(write_record(story, "plain"))


@pytest.mark.parametrize("dialect", ["tracker", "dicom-sr", "dicom-sr-r5"])
@given(seed=SEEDS)
def test_roles_are_the_same_in_every_dialect_that_has_them(dialect: str, seed: int) -> None:
    story = random_story(seed)

    assert roles(write_record(story, dialect)) == roles(write_record(story, "plain"))


def told(resources: Iterable[Any]) -> set[tuple[object, ...]]:
    """What is said of each lesion by its label: date, study, reader, and the axis that counts."""
    return {
        (
            lesion.identity.label,
            str(lesion.identity.site),
            each.taken_on,
            each.study,
            each.reader,
            each.short_axis if lesion.identity.site.node else each.long_axis,
            each.kind,
            each.change,
            each.note,
        )
        for lesion in link_lesions(parsed(*resources).sightings).lesions
        for each in lesion.sightings
        if not each.says_nothing_of_size
    }


def roles(resources: Iterable[Any]) -> dict[str, set[Role]]:
    """The target and non-target roles stated; DICOM's baseline category has no "new"."""
    stated: dict[str, set[Role]] = {}
    for lesion in link_lesions(parsed(*resources).sightings).lesions:
        found = {each.role for each in lesion.sightings if each.role in (Role.TARGET, Role.NON_TARGET)}
        stated[lesion.identity.label] = {each for each in found if each is not None}
    return stated


def in_other_unit(value: Any) -> Any:
    """The same JSON with every length in the other unit, exactly."""
    if isinstance(value, list):
        return [in_other_unit(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("code") in ("mm", "cm") and "value" in value:
        to_cm = value["code"] == "mm"
        unit = "cm" if to_cm else "mm"
        size = Decimal(str(value["value"]))
        return {**value, "value": size / 10 if to_cm else size * 10, "unit": unit, "code": unit}
    return {name: in_other_unit(each) for name, each in value.items()}
