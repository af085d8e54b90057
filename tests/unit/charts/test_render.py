"""Pictures as they leave: SVG and PNG."""

import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from xml.etree import ElementTree as ET

from drawn import SYSTEMIC, TREATED, assessed, shipped, stories
from told import minimal

from fhirgate.charts.render import render_png, render_svg

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert(1)</script>&"\x1b[31m\u202e'


def hostile_svg() -> str:
    story = stories()[TREATED]
    lesions = tuple(replace(each, label=f"{HOSTILE}{at}") for at, each in enumerate(story.lesions))
    local = (replace(story.local[0], lesion=lesions[1].label),)
    return render_svg(assessed(replace(story, slug=HOSTILE, lesions=lesions, local=local)))


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own


def test_the_svg_is_one_image_with_a_title_and_a_description():
    root = parsed(render_svg(shipped(SYSTEMIC)))
    title, description = root[0], root[1]

    assert root.get("role") == "img"
    assert (title.tag, title.text) == (
        f"{SVG}title",
        "Patient systemic-progression-cdk46: Systemic progression",
    )
    assert description.tag == f"{SVG}desc"
    assert root.get("aria-labelledby") == title.get("id")
    assert root.get("aria-describedby") == description.get("id")


def test_marks_show_their_exact_words_on_hover():
    root = parsed(render_svg(shipped(SYSTEMIC)))
    hover = {each.text for each in root.iter(f"{SVG}title")}

    assert (
        "T01 liver segment II, 2024-01-22, 38 mm, progressing:"
        " 38 mm is +35.7 % and +10 mm against 28 mm of 2023-09-20"
    ) in hover
    assert "sum of diameters 2024-01-22, 128 mm, overall response PD" in hover


def test_the_svg_holds_no_script_no_handler_no_style_and_no_link():
    for svg in (render_svg(shipped(TREATED)), hostile_svg()):
        for element in parsed(svg).iter():
            names = {name.rsplit("}")[-1] for name in element.attrib}
            assert element.tag.removeprefix(SVG) in (
                "svg",
                "g",
                "path",
                "rect",
                "line",
                "text",
                "tspan",
                "title",
                "desc",
            )
            assert not names & {"style", "href"}
            assert not any(name.startswith("on") for name in names)


def test_words_from_a_record_arrive_escaped_and_without_control_characters():
    svg = hostile_svg()
    texts = {each.text for each in parsed(svg).iter(f"{SVG}text")}

    assert "<script" not in svg
    assert "\x1b" not in svg
    assert "\u202e" not in svg
    assert any(each and each.startswith("<script>alert(1)</script>") for each in texts)


def test_the_svg_is_900_wide_whatever_is_in_it():
    for given in (shipped(TREATED), shipped(SYSTEMIC), minimal()):
        assert parsed(render_svg(given)).get("width") == "900"
    assert parsed(hostile_svg()).get("width") == "900"


def test_the_same_assessment_gives_the_same_svg():
    assert render_svg(shipped(TREATED)) == render_svg(shipped(TREATED))


def test_pictures_wanted_at_the_same_time_are_the_same_as_one_after_another():
    wanted = [shipped(TREATED), shipped(SYSTEMIC), minimal()] * 2
    alone = [render_svg(each) for each in wanted]

    with ThreadPoolExecutor(len(wanted)) as pool:
        assert list(pool.map(render_svg, wanted)) == alone


def test_the_renderer_is_started_before_anyone_waits():
    code = (
        "import sys, time; from fhirgate.charts.render import warm; warm();"
        "began = time.monotonic(); warm(); sys.exit('vl_convert' not in sys.modules or time.monotonic() - began > 0.3)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_png_has_twice_the_dots():
    png = render_png(shipped(TREATED))
    root = parsed(render_svg(shipped(TREATED)))

    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (
        2 * int(root.get("width", "0")),
        2 * int(root.get("height", "0")),
    )


def test_the_renderer_is_not_imported_before_a_picture_is_asked_for():
    code = "import sys, fhirgate.charts.render; sys.exit('vl_convert' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
