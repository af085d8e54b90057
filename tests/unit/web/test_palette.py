"""Our colours: those of the stylesheet, all readable."""

import re
from importlib.resources import files

from fhirgate.web.colour import Colour, contrast
from fhirgate.web.palette import DARK, HUES, INKS, LIGHT, TINT, Palette

CSS = (files("fhirgate.web") / "static" / "fhirgate.css").read_text(encoding="utf-8")
LOOKED_AT = ("paper", "ink", "accent")
WHITE = Colour(255, 255, 255)


def said(of: Palette) -> dict[str, str]:
    return {name: getattr(of, name).css for name in LOOKED_AT}


def test_both_schemes_are_those_of_the_stylesheet():
    found = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block)) for block in CSS.split(":root {")[1:3]]

    assert found == [said(LIGHT), said(DARK)]
    assert "@media screen and (prefers-color-scheme: dark) {\n  :root {" in CSS


def test_the_stylesheet_mixes_the_same_colours_by_the_same_shares():
    with_hue = re.findall(r"--(\w+): color-mix\(in srgb, (#\w+) (\d+)%, var\(--ink\)\);", CSS)
    inked = re.findall(r"--(\w+): color-mix\(in srgb, var\(--ink\) (\d+)%, var\(--paper\)\);", CSS)

    assert {name: (hue, int(share)) for name, hue, share in with_hue} == {
        name: (hue.css, round(100 * share)) for name, (hue, share) in HUES.items()
    }
    assert {name: int(share) for name, share in inked} == {
        name: round(100 * each) for name, each in INKS.items()
    }


def test_no_ground_of_text_is_tinted_more_than_is_judged():
    grounds = re.findall(r"background: color-mix\(in srgb, var\(--\w+\) (\d+)%, var\(--paper\)\)", CSS)

    assert grounds
    assert max(int(each) for each in grounds) <= round(100 * TINT)


def test_the_stylesheet_names_no_other_colour():
    plain = set(re.findall(r"#[0-9a-f]{3,8}\b", CSS))

    assert plain == {
        *said(LIGHT).values(),
        *said(DARK).values(),
        *(hue.css for hue, _ in HUES.values()),
        "#000000",  # on paper
    }


def test_everything_of_ours_can_be_read_in_both_schemes():
    for each in (LIGHT, DARK):
        assert each.inks_read()
        assert each.accent_reads()
    assert (LIGHT.dark, DARK.dark) == (False, True)


def test_a_meaning_that_drowns_in_the_paper_is_found():
    drowned = Palette(paper=Colour(0x4A, 0x26, 0x26), ink=WHITE, accent=WHITE)

    assert contrast(drowned.ink, drowned.paper) > 7
    assert not drowned.inks_read()
