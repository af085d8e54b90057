"""The whole picture as a specification."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import vl_convert
from assessments import without_imaging
from drawn import RECURRENCE, TREATED, assessed, drawn_by_lot, rows, shipped, stories, watched
from told import rich

from fhirgate.charts.fitting import MOST_LESIONS
from fhirgate.charts.spec import chart_spec
from fhirgate.charts.style import PLOT
from fhirgate.oncology.assessment import Assessment

SNAPSHOT = Path(__file__).parents[2] / "data" / "charts" / "rich.json"
SCANS = ("2023-01-20", "2023-03-20")


def texts(assessment: Assessment) -> list[str]:
    return [each["text"] for each in rows(chart_spec(assessment), "text")]


@pytest.mark.parametrize("slug", sorted(stories()))
def test_vega_lite_accepts_the_picture_of_every_story(slug: str):
    spec = chart_spec(shipped(slug))

    compiled = vl_convert.vegalite_to_vega(json.dumps(spec), vl_version="6.1", show_warnings=True)

    assert compiled["$schema"].startswith("https://vega.github.io/schema/vega/v")


def test_the_specification_of_a_known_assessment_is_the_reviewed_one():
    """To renew it after looking at the picture: `python tests/data/charts/renew.py`."""
    assert chart_spec(rich()) == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_the_same_facts_give_the_same_bytes_in_whatever_order():
    given = shipped(TREATED)
    shuffled = replace(given, lesions=given.lesions[::-1])

    assert json.dumps(chart_spec(shipped(TREATED))) == json.dumps(chart_spec(given))
    assert json.dumps(chart_spec(shuffled)) == json.dumps(chart_spec(given))


def test_all_parts_share_one_time_axis():
    found = set()
    for view in chart_spec(shipped(TREATED))["vconcat"]:
        assert view["width"] == PLOT
        for layer in view["layer"]:
            x = layer["encoding"]["x"]
            if x["type"] == "temporal":
                found.add(json.dumps(x["scale"]))

    assert len(found) == 1


def test_parts_without_anything_to_show_are_left_out():
    assert "Lesions without a size" not in texts(shipped(RECURRENCE))
    assert "Sum of target diameters [mm]" not in texts(shipped(RECURRENCE))
    assert len(chart_spec(without_imaging())["vconcat"]) == 2


def test_lesions_never_measured_have_a_row_of_signs_each():
    found = texts(watched("20 20", "20 20", scans=SCANS)) + texts(shipped(TREATED))

    assert "N02 bone sacrum: stable" in found


def test_a_lesion_never_measured_that_goes_has_a_row_of_signs_and_no_line_along_zero():
    found = chart_spec(watched("20 20", "P A", scans=SCANS))

    assert "L02 liver S2: gone" in [each["text"] for each in rows(found, "text")]
    assert {each["mm"] for each in rows(found, "lesion", "mm")} == {20}


def test_more_lesions_than_fit_are_counted_and_the_loud_ones_kept():
    readings = ["20 20"] * 70 + ["20 30"]
    found = texts(watched(*readings, scans=SCANS))

    assert "11 more lesions not shown." in found
    assert any(each.startswith("L71 ") for each in found)
    assert len([each for each in found if re.match(r"L\d", each)]) == MOST_LESIONS


def test_partial_dates_and_an_axis_that_ends_early_are_said():
    found = texts(watched("20 20", scans=("2023-01-20", "2023-03"), as_of="2030-01-01"))

    assert (
        "A date known only to the month or year is drawn at its middle, with a bar over the days it may be."
        in found
    )
    assert "The time axis ends before 2030-01-01, the date of judgement." in found


def test_every_picture_says_that_it_is_not_validated():
    assert texts(without_imaging())[-1] == (
        "Decision support, not validated for clinical use; rules 1.0.0, policy default 1."
    )


def test_random_courses_can_be_drawn():
    for seed in range(20, 40):
        spec = chart_spec(drawn_by_lot(seed, 0, 3 + seed % 5))
        assert json.loads(json.dumps(spec, allow_nan=False)) == spec


def test_one_lesion_on_one_scan_can_be_drawn():
    assert "L01 liver S1: 20 mm" in texts(watched("20", scans=SCANS[:1]))


def test_scans_without_lesions_can_be_drawn():
    given = assessed(replace(stories()[TREATED], lesions=(), local=()))

    assert "Line 1: osimertinib" in texts(given)
