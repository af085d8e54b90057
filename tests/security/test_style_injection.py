"""An EHR's style can change what a page looks like within bounds, and do nothing else whatever it holds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhirgate.ehr.launch.style import NAMES
from fhirgate.web.theme import theme_css

EVIL = (
    "#fff}body{display:none",
    "#fff;background:url(https://evil.example/x)",
    "</style><script>alert(1)</script>",
    "url(javascript:alert(1))",
    "url(//evil.example/pixel)",
    "expression(alert(1))",
    "@import 'https://evil.example/a.css'",
    "/**/#fff/**/",
    "#fff/*",
    "*/#fff",
    "\\23 fff",
    "#\\66 ff",
    "rgb(0,0,0)\\;",
    "var(--paper)",
    "attr(data-token)",
    "image-set('https://evil.example/a' 1x)",
    "rgba(0,0,0,0)",
    "#00000000",
    "rgb(1e309,0,0)",
    "rgb(NaN,0,0)",
    "inherit",
    "16px!important",
    "16px}:root{--ink:#fff",
    "calc(16px + 100vw)",
    "99999999999999999999999999999px",
    "1e400px",
    "-16px",
    "16px\n}",
    "Arial;}*{content:'x'}",
    "Arial\x00",
    "Ar\\69 al",
    "'Arial',url(evil)",
    '"Arial',
    "Arial" * 40,
    "9" * 200,
    "\u202eArial",
    "\ud800",
)
SAFE = re.compile(
    r"(?:"
    r"(?:@media screen and \(prefers-color-scheme: (?:light|dark)\) \{ )?"
    r":root \{ (?:(?:color-scheme: (?:light|dark)|--(?:paper|ink|accent): #[0-9a-f]{6}"
    r"|--radius: \d{1,2}(?:\.\d{1,4})?(?:px|rem)|--size: \d{1,2}(?:\.\d{1,4})?(?:px|rem)"
    r"|--font: [A-Za-z,\" -]+)(?:; )?)+ \}(?: \})?\n)*"
)
"""All that a theme may ever be."""
FONTS = {
    'system-ui, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif',
    'Arial, Helvetica, "Liberation Sans", sans-serif',
    'Verdana, "DejaVu Sans", Geneva, sans-serif',
    'Georgia, "Liberation Serif", "Times New Roman", serif',
}


def harmless(css: str) -> bool:
    fonts = re.findall(r"--font: ([^;}]+?)(?:;| \})", css)
    return SAFE.fullmatch(css) is not None and set(fonts) <= FONTS


@pytest.mark.parametrize("evil", EVIL)
def test_an_evil_value_changes_nothing_or_what_a_good_one_may(evil: str):
    for name in NAMES:
        assert harmless(theme_css({name: evil}))
    assert harmless(theme_css(dict.fromkeys(NAMES, evil)))


@pytest.mark.parametrize("evil", EVIL)
def test_beside_an_evil_value_the_good_ones_still_count(evil: str):
    good = {"color_background": "#ffffff", "color_text": "#1b1b1b", "dim_border_radius": "4px"}
    css = theme_css(good | {"color_highlight": evil, "dim_font_size": evil, "font_family_heading": evil})

    assert css.startswith(
        ":root { color-scheme: light; --paper: #ffffff; --ink: #1b1b1b; --accent: #00558c }"
    )
    assert css.endswith(":root { --radius: 4px }\n")


@given(
    st.dictionaries(
        st.sampled_from(NAMES), st.text(max_size=60) | st.text("#rgb()0123456789px,;}{ ", max_size=20)
    )
)
def test_no_text_leads_out_of_the_bounds(values: dict[str, str]):
    assert harmless(theme_css(values))


def test_text_cannot_be_hidden_by_its_colour():
    for colour in ("#fff", "#000", "#123456", "rgb(90,90,90)", "#ffee00"):
        hidden = {"color_background": colour, "color_text": colour, "color_highlight": colour}

        assert "--paper" not in theme_css(hidden)
        assert "--ink" not in theme_css(hidden)
