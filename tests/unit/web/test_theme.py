"""What an EHR's style makes of our pages."""

import re
from typing import Any

import pytest

from fhirgate.web.colour import colour_of, contrast
from fhirgate.web.palette import DARK, LIGHT
from fhirgate.web.theme import theme_css

LIGHT_SCREEN = "@media screen and (prefers-color-scheme: light)"
DARK_SCREEN = "@media screen and (prefers-color-scheme: dark)"


def own(**values: str) -> str:
    return theme_css({"color_background": "#fffdf8", "color_text": "#222", **values})


def test_a_style_that_can_be_read_is_taken_over():
    values = {
        "color_background": "#FFF",
        "color_text": "rgb(27, 27, 27)",
        "color_highlight": "#1d5fa8",
        "dim_border_radius": "4px",
        "dim_font_size": "1.0rem",
        "font_family_body": "'Frutiger', \"Helvetica Neue\", serif",
    }

    assert theme_css(values) == (
        ":root { color-scheme: light; --paper: #ffffff; --ink: #1b1b1b; --accent: #1d5fa8 }\n"
        ':root { --radius: 4px; --font: Arial, Helvetica, "Liberation Sans", sans-serif; --size: 1rem }\n'
    )


def test_nothing_usable_gives_nothing():
    assert theme_css({}) == ""
    assert theme_css({"color_error": "#b3261e", "dim_spacing_size": "16px", "other": "4px"}) == ""


def test_a_dark_paper_of_the_ehr_makes_a_dark_page_with_our_light_accent():
    assert theme_css({"color_background": "#101010", "color_text": "#f5f5f5"}) == (
        f":root {{ color-scheme: dark; --paper: #101010; --ink: #f5f5f5; --accent: {DARK.accent.css} }}\n"
    )


def test_paper_and_ink_count_together_or_not_at_all():
    assert theme_css({"color_background": "#ffffff"}) == ""
    assert theme_css({"color_text": "#000000"}) == ""
    assert theme_css({"color_background": "#ffffff", "color_text": "transparent"}) == ""


@pytest.mark.parametrize(
    ("paper", "ink"),
    [
        ("#fff", "#fff"),
        ("#ffffff", "#fefefe"),
        ("#000", "#000"),
        ("#ffffff", "#5b5b5b"),  # 6.8:1
        ("#808080", "#000000"),
        ("#4a2626", "#ffffff"),  # what progresses could not be seen
        ("#f5a3a3", "#000000"),
    ],
)
def test_what_cannot_be_read_on_it_is_not_taken(paper: str, ink: str):
    assert theme_css({"color_background": paper, "color_text": ink}) == ""


def test_an_accent_that_cannot_be_read_on_the_paper_of_the_ehr_is_ours_instead():
    assert f"--accent: {LIGHT.accent.css}" in own(color_highlight="#ffe0b2")
    assert f"--accent: {LIGHT.accent.css}" in own(color_highlight="#fffdf8")
    assert "--accent: #00796b" not in own(color_highlight="#fff")
    assert "--accent: #006b5e" in own(color_highlight="#006b5e")


def test_an_accent_alone_is_taken_in_the_scheme_in_which_it_can_be_read():
    assert (
        theme_css({"color_highlight": "#1d5fa8"}) == f"{LIGHT_SCREEN} {{ :root {{ --accent: #1d5fa8 }} }}\n"
    )
    assert theme_css({"color_highlight": "#69b5ce"}) == f"{DARK_SCREEN} {{ :root {{ --accent: #69b5ce }} }}\n"
    assert theme_css({"color_highlight": "#808080"}) == ""


@pytest.mark.parametrize(
    ("length", "size"),
    [("13px", "13px"), ("24.000px", "24px"), ("1.125rem", "1.125rem"), ("0.8125rem", "0.8125rem")],
)
def test_the_size_of_letters_is_taken_in_its_unit(length: str, size: str):
    assert theme_css({"dim_font_size": length}) == f":root {{ --size: {size} }}\n"


NO_SIZES = (
    *("12.9px", "25px", "0.5rem", "2rem", "16", "16em", "120%", "1e1px", "-16px", "16 px", "16px "),
    *("16px;", "calc(16px)", "\u0661\u0666px", "9999999999px", "NaNpx", "1.00000px"),
)


@pytest.mark.parametrize("length", NO_SIZES)
def test_letters_are_neither_small_nor_huge(length: str):
    assert theme_css({"dim_font_size": length}) == ""


def test_corners_may_be_sharp_and_not_too_round():
    assert theme_css({"dim_border_radius": "0px"}) == ":root { --radius: 0px }\n"
    assert theme_css({"dim_border_radius": "25px"}) == ""


def test_fonts_are_named_from_a_list_of_ours():
    assert "Georgia" in theme_css({"font_family_body": "Unknown Face, TIMES"})
    assert theme_css({"font_family_body": "Unknown Face, cursive, Wingdings"}) == ""


def test_a_paper_that_is_taken_keeps_text_at_seven_to_one():
    for paper in range(0, 256, 15):
        for ink in range(0, 256, 15):
            css = theme_css(
                {"color_background": f"rgb({paper},{paper},{paper})", "color_text": f"rgb({ink},{ink},{ink})"}
            )
            if css:
                ground, text, accent = (colour_of(each) for each in re.findall(r"#[0-9a-f]{6}", css))
                assert ground is not None
                assert text is not None
                assert accent is not None
                assert contrast(ground, text) >= 7
                assert contrast(ground, accent) >= 4.5


def test_values_that_are_no_text_are_left_out():
    odd: list[Any] = [None, 7, 4.5, float("nan"), True, ["#fff"], {"a": "b"}, b"16px"]
    for each in odd:
        names = ("color_background", "color_text", "color_highlight", "dim_font_size", "font_family_body")
        assert theme_css(dict.fromkeys(names, each)) == ""
