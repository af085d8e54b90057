"""Lines and end labels of lesions."""

from itertools import pairwise
from typing import Any

import pytest
from drawn import INFUSIONS, SYSTEMIC, TREATED, drawn_by_lot, rows, shipped, watched

from fhirgate.charts import style
from fhirgate.charts.frame import frame_of
from fhirgate.charts.labels import width
from fhirgate.charts.lesion_panel import lesion_panel
from fhirgate.charts.panel import Panel
from fhirgate.charts.trajectory import trajectories
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.lesion import Kind
from fhirgate.sandbox.story import Local

SCANS = ("2023-01-20", "2023-03-20", "2023-05-20", "2023-07-20")


def panel(assessment: Assessment) -> Panel:
    drawn = [each for each in trajectories(assessment) if each.visible]
    return lesion_panel(assessment, drawn, frame_of(assessment))


def labels(found: Panel) -> list[dict[str, Any]]:
    return sorted(rows(found.layers, "text", "lesion"), key=lambda each: each["y"])


def crowded() -> Assessment:
    """Twelve lesions whose last sizes lie within two millimetres."""
    readings = [f"{20 + each} {18 + each} {20 + each % 4} {21 + each % 5 / 2:g}" for each in range(12)]
    return watched(*readings, scans=SCANS)


@pytest.mark.parametrize(
    "assessment",
    [
        pytest.param(crowded(), id="twelve within two millimetres"),
        pytest.param(shipped(SYSTEMIC), id="systemic"),
        pytest.param(drawn_by_lot(1, 12, 10), id="twelve by lot"),
        pytest.param(drawn_by_lot(5, 30, 10), id="thirty by lot"),
        pytest.param(drawn_by_lot(6, 8, 40), id="forty scans"),
        pytest.param(watched("20", scans=SCANS[:1]), id="one scan"),
    ],
)
def test_every_lesion_has_one_label_in_a_row_of_its_own_within_the_picture(assessment: Assessment):
    found = panel(assessment)
    placed = labels(found)

    sized = [each.lesion.id for each in trajectories(assessment) if each.visible]
    assert sorted(each["lesion"] for each in placed) == sorted(sized)
    assert all(after["y"] - before["y"] >= style.LINE - 0.02 for before, after in pairwise(placed))
    assert placed[0]["y"] >= style.LINE
    assert placed[-1]["y"] <= found.height
    edge = style.PLOT + style.RIGHT
    assert all(each["x"] + width(each["text"], bold=each["bold"]) <= edge + 1 for each in placed)


def test_labels_stand_in_the_order_of_the_sizes_they_name():
    placed = labels(panel(shipped(INFUSIONS)))

    assert [each["text"].split()[0] for each in placed] == ["K1", "K2", "K3", "K4", "K5", "K6", "K7"]


def test_a_label_holds_the_exact_size_and_of_a_growing_lesion_the_change():
    placed = labels(panel(watched("30 15 18 24.5", "20 20 20.25 20.25", scans=SCANS)))

    assert [(each["text"], each["bold"], each["fill"]) for each in placed] == [
        ("L01 liver S1: 24.5 mm, +63.3 % from 15", True, style.GROWING),
        ("L02 liver S2: 20.25 mm", False, style.SOFT),
    ]


def test_only_an_absent_lesion_lies_at_zero():
    for assessment in (drawn_by_lot(5, 30, 10), shipped(SYSTEMIC), crowded()):
        absent = {
            (each.lesion.id, str(point.on))
            for each in trajectories(assessment)
            for point in each.points
            if point.kind is Kind.ABSENT
        }
        marks = rows(panel(assessment).layers, "lesion", "date", "mm", "says", "shape")
        at_zero = {
            (each["lesion"], each["date"])
            for each in marks
            if each["mm"] == 0 and each["shape"] != style.CROSS_OUT
        }
        assert at_zero <= absent


def test_a_lesion_seen_without_a_size_is_never_at_zero():
    assessment = watched("20 P A P", "20 A P NE", scans=SCANS)

    marks = rows(panel(assessment).layers, "lesion", "mm", "says")

    first, second = (each.lesion.id for each in trajectories(assessment))
    assert [each["mm"] for each in marks if each["lesion"] == first] == [20, 20, 0, 20]
    assert [each["mm"] for each in marks if each["lesion"] == second] == [20, 0, 20, 0]


def test_the_first_mark_of_a_new_lesion_is_its_first_sighting():
    assessment = shipped(SYSTEMIC)
    new = next(each for each in assessment.lesions if each.label == "NEW1")

    marks = [each for each in rows(panel(assessment).layers, "lesion", "mm") if each["lesion"] == new.id]

    assert [(each["date"], each["mm"], each["shape"]) for each in marks] == [("2024-01-22", 14, "diamond")]


def test_what_grows_differs_in_shape_and_width_too():
    layers = panel(watched("30 15 18 24", "20 20 20 20", scans=SCANS)).layers

    growing = [each for each in rows(layers, "lesion", "mm2") if each["stroke"] == style.GROWING]
    quiet = [each for each in rows(layers, "lesion", "mm2") if each["stroke"] == style.QUIET]
    shapes = {(each["date"], each["shape"]) for each in rows(layers, "lesion", "mm", "shape")}

    assert {each["line"] for each in growing} == {3.2}
    assert {each["line"] for each in quiet} == {1.2}
    assert ("2023-07-20", "triangle-up") in shapes


def test_nodes_are_squares():
    layers = panel(watched("20 20 20 20", scans=SCANS, place="lymph node")).layers

    assert {each["shape"] for each in rows(layers, "lesion", "mm", "shape")} == {"square"}


def test_a_treatment_is_marked_on_its_lesion_and_named_above():
    layers = panel(shipped(TREATED)).layers

    assert [each["says"] for each in rows(layers, "says") if each["shape"] == "cross"] == [
        "SBRT of T02 left adrenal, 2024-03-28"
    ]
    assert "SBRT T02, 2024-03-28" in {each["text"] for each in rows(layers, "text")}


def test_names_of_treatments_never_meet_each_other_nor_a_stem():
    days = ("2023-04-01", "2023-04-05", "2023-04-11", "2023-05-15", "2023-06-30")
    local = tuple(Local(kind="SBRT", on=day, lesion=f"L{at:02d}") for at, day in enumerate(days, start=1))
    layers = panel(watched(*["20 20 20 20"] * 5, scans=SCANS, local=local)).layers

    texts = [each for each in rows(layers, "text", "fill") if each["text"].startswith("SBRT")]
    stems = [each for each in rows(layers, "x2", "y2", "line") if each["line"] == 1.2]
    boxes = [(each["x"], each["x"] + width(each["text"], bold=True), each["y"]) for each in texts]
    assert len(boxes) == len(stems) == 5
    for low, high, y in boxes:
        assert [other for other in boxes if other[2] == y and other[0] < high and low < other[1]] == [
            (low, high, y)
        ]
        assert not [each for each in stems if low < each["x"] < high and each["y"] < y < each["y2"]]


def test_many_lesions_treated_together_are_counted():
    local = tuple(Local(kind="SBRT", on="2023-04-01", lesion=f"L{at:02d}") for at in range(1, 7))
    layers = panel(watched(*["20 20 20 20"] * 6, scans=SCANS, local=local)).layers

    assert "SBRT 6 lesions, 2023-04-01" in {each["text"] for each in rows(layers, "text")}


def test_a_date_known_to_the_month_has_a_bar_over_its_days():
    layers = panel(watched("20 21 22", scans=("2023-01-20", "2023-03", "2023-05-20"))).layers

    bars = [
        (each["date"], each["date2"], each["mm"])
        for each in rows(layers, "date2", "mm2")
        if each["line"] == 1
    ]

    assert bars == [("2023-03-01", "2023-03-31", 21)]


def test_a_gap_is_dashed_and_marked():
    layers = panel(watched("20 NE 30 30", scans=SCANS)).layers

    dashed = [
        each for each in layers if each["mark"].get("strokeDash") == style.DASH and rows(each, "lesion")
    ]

    assert [(each["date"], each["date2"]) for each in rows(dashed)] == [
        ("2023-01-20", "2023-03-20"),
        ("2023-03-20", "2023-05-20"),
    ]
    assert style.CROSS_OUT in {each["shape"] for each in rows(layers, "lesion", "shape")}
