"""Colours read, mixed and compared."""

import pytest

from fhirgate.web.colour import Colour, colour_of, contrast, mixed

WHITE, BLACK = Colour(255, 255, 255), Colour(0, 0, 0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#fff", WHITE),
        ("#1a2", Colour(0x11, 0xAA, 0x22)),
        ("#00558C", Colour(0, 0x55, 0x8C)),
        ("rgb(0,85,140)", Colour(0, 85, 140)),
        ("rgb( 0 , 85 , 140 )", Colour(0, 85, 140)),
    ],
)
def test_the_three_plain_ways_to_write_a_colour_are_read(text: str, found: Colour):
    assert colour_of(text) == found


NONE = (
    *("", "#", "#ff", "#ffff", "#ffffff80", "#gggggg", "red", "transparent"),
    *("rgb(256,0,0)", "rgb(1,2)", "rgba(1,2,3,0)", "rgb(1 2 3 / 0)", "rgb(-1,0,0)", "rgb(1e2,0,0)"),
    *("rgb(10%,0%,0%)", "hsl(0,0%,0%)", "#fff\n", " #fff", "rgb(\u0661,2,3)", "#\uff46\uff46\uff46"),
    *("rgb(  1,2,3)", "rgb(9999999999999999,0,0)"),
)


@pytest.mark.parametrize("text", NONE)
def test_nothing_else_is_a_colour(text: str):
    assert colour_of(text) is None


def test_what_is_no_text_is_no_colour():
    for given in (None, 7, float("nan"), ["#fff"], {"#fff": 1}, b"#fff"):
        assert colour_of(given) is None


def test_a_colour_is_written_from_its_numbers():
    assert Colour(0, 85, 140).css == "#00558c"
    assert mixed(WHITE, 0.25, BLACK).css == "#404040"


def test_contrast_is_that_of_wcag():
    assert contrast(WHITE, BLACK) == contrast(BLACK, WHITE) == 21
    assert round(contrast(Colour(0x76, 0x76, 0x76), WHITE), 2) == 4.54
    assert contrast(BLACK, BLACK) == 1
