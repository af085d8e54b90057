"""Sums of diameters and their limits."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from assessments import assessment, judged
from builders import mm
from drawn import MISSING, RECURRENCE, SYSTEMIC, TREATED, drawn_by_lot, rows, shipped

from fhirgate.charts import style
from fhirgate.charts.frame import frame_of
from fhirgate.charts.labels import width
from fhirgate.charts.panel import Panel
from fhirgate.charts.sum_panel import Limits, limits_at, sum_panel
from fhirgate.oncology.assessment import Assessment


def panel(given: Assessment) -> Panel:
    found = sum_panel(given, frame_of(given))
    assert found is not None
    return found


def test_the_limits_are_those_of_recist_with_five_millimetres_at_least():
    now = judged(nadir=mm(61), baseline_sum=mm(109))

    assert limits_at(now) == Limits(progression=Decimal("73.20"), response=Decimal("76.30"))
    assert limits_at(replace(now, nadir=mm(10))).progression == Decimal(15)
    assert limits_at(replace(now, nadir=None, baseline_sum=None)) == Limits(progression=None, response=None)


def test_a_record_without_any_sum_has_no_such_panel():
    given = shipped(RECURRENCE)

    assert sum_panel(given, frame_of(given)) is None


def test_sums_are_joined_only_where_both_are_complete():
    links = rows(panel(shipped(TREATED)).layers, "date2", "mm2")
    sums = [(each["date"], each["date2"]) for each in links if each["stroke"] == style.INK]

    assert sums == [
        ("2023-01-20", "2023-03-28"),
        ("2023-03-28", "2023-06-20"),
        ("2023-06-20", "2023-10-10"),
        ("2023-10-10", "2024-03-10"),
    ]


def test_an_incomplete_sum_is_said_and_crossed_out():
    found = panel(shipped(MISSING))
    last = rows(found.layers, "says")[-1]

    assert last["says"] == "sum of diameters 2024-02-01, not complete, overall response NE"
    assert last["shape"] == style.CROSS_OUT
    assert "now not complete" in {each["text"] for each in rows(found.layers, "text")}


def test_the_right_edge_names_limits_nadir_and_the_sum_exactly_in_rows_of_their_own():
    for given in (shipped(SYSTEMIC), shipped(TREATED), drawn_by_lot(6, 8, 40)):
        texts = [each for each in rows(panel(given).layers, "text") if each["x"] > style.PLOT]
        ordered = sorted(texts, key=lambda each: each["y"])
        assert all(after["y"] - before["y"] >= style.LINE - 0.02 for before, after in pairwise(ordered))

    ordered = [
        each["text"] for each in rows(panel(shipped(SYSTEMIC)).layers, "text") if each["x"] > style.PLOT
    ]
    assert sorted(ordered) == [
        "nadir 100 mm",
        "now 128 mm",
        "partial response up to 76.3 mm",
        "progression from 120 mm",
    ]


def test_numbers_beside_the_sums_do_not_touch():
    for given in (shipped(TREATED), drawn_by_lot(6, 8, 40)):
        texts = [each for each in rows(panel(given).layers, "text") if each["text"][0].isdigit()]
        ends = sorted(
            (each["x"] - width(each["text"]) / 2, each["x"] + width(each["text"]) / 2) for each in texts
        )
        assert ends
        assert all(before[1] <= after[0] for before, after in pairwise(ends))


def test_the_nadir_has_a_ring():
    rings = [each for each in rows(panel(shipped(SYSTEMIC)).layers, "shape") if each["size"] == 190]

    assert [(each["date"], each["mm"]) for each in rings] == [("2023-09-20", 100)]


def test_a_first_timepoint_alone_has_no_ring_and_no_limit():
    found = panel(assessment(judged(nadir=None, baseline_sum=None)))

    assert [each["text"] for each in rows(found.layers, "text") if each["x"] > style.PLOT] == ["now 51.5 mm"]
    assert not rows(found.layers, "mm2")
