"""The same picture for a light and for a dark page."""

import re
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from colour_vision import VISIONS, difference
from drawn import SYSTEMIC, assessed, drawn_by_lot, shipped, stories
from told import minimal, rich

from fhirgate.charts import style
from fhirgate.charts.render import render_svg
from fhirgate.charts.scheme import Scheme
from fhirgate.charts.spec import chart_spec
from fhirgate.web.colour import Colour, colour_of, contrast

TEXTS = (style.INK, style.SOFT, style.GROWING, style.NEW, style.TREATED, style.UNSURE)
MARKS = (*TEXTS, style.QUIET, style.THERAPY)
LESIONS = (style.GROWING, style.NEW, style.TREATED, style.UNSURE, style.QUIET)
STATES = (style.OLIGO, style.WIDE, style.HELD, style.FAINT)
TOLD_APART = 10
"""Least difference of two colours (CIE 1976; 2.3 is just seen)."""


def of(scheme: Scheme, constant: str) -> Colour:
    found = colour_of(scheme.colours.get(constant, constant))
    assert found is not None
    return found


def against(scheme: Scheme, one: str, other: str) -> float:
    return contrast(of(scheme, one), of(scheme, other))


@pytest.mark.parametrize("scheme", Scheme)
def test_text_and_marks_can_be_read_on_the_paper(scheme: Scheme):
    assert all(against(scheme, each, style.PAPER) >= 4.5 for each in TEXTS)
    assert all(against(scheme, each, style.PAPER) >= 3 for each in MARKS)
    assert against(scheme, style.THERAPY, style.PAPER) >= 4.5  # the letter of a segment stands in it


@pytest.mark.parametrize("scheme", Scheme)
def test_the_sign_of_a_timepoint_is_seen_on_its_state(scheme: Scheme):
    for state in (style.OLIGO, style.HELD, style.FAINT):
        assert against(scheme, style.INK, state) >= 3
    # There it has an outline of paper.
    assert against(scheme, style.PAPER, style.WIDE) >= 3


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize("vision", VISIONS)
def test_lesions_and_states_are_told_apart_by_every_eye(scheme: Scheme, vision: str):
    for group in (LESIONS, STATES):
        for one, other in combinations(group, 2):
            assert difference(of(scheme, one), of(scheme, other), vision) >= TOLD_APART, (one, other)


def test_every_colour_of_every_picture_has_its_dark_one():
    pictures = [*(shipped(each) for each in stories()), rich(), minimal(), drawn_by_lot(2, 12, 28)]
    named = {each for picture in pictures for each in re.findall(r"#[0-9a-f]{6}", str(chart_spec(picture)))}

    assert named <= set(style.DARK)
    assert set(style.DARK) == {each for each in vars(style).values() if str(each).startswith("#")}
    assert len(set(style.DARK.values())) == len(style.DARK)


def test_only_the_colours_differ():
    light, dark = (ET.fromstring(render_svg(shipped(SYSTEMIC), each)) for each in Scheme)  # noqa: S314 - our own

    for one, other in zip(light.iter(), dark.iter(), strict=True):
        assert (one.tag, one.text) == (other.tag, other.text)
        painted = {
            name: style.DARK.get(value, value)
            for name, value in one.attrib.items()
            if name in ("fill", "stroke")
        }
        assert other.attrib == one.attrib | painted


def test_no_colour_of_the_light_page_is_left_on_the_dark_one():
    root = ET.fromstring(render_svg(rich(), Scheme.DARK))  # noqa: S314 - our own
    painted = {each.get(name, "none") for each in root.iter() for name in ("fill", "stroke")}

    assert painted <= {*style.DARK.values(), "none", "transparent"}


def test_words_of_a_record_that_look_like_a_colour_stay():
    story = replace(stories()[SYSTEMIC], slug=f"patient {style.INK}")

    assert f"patient {style.INK}" in render_svg(assessed(story), Scheme.DARK)
