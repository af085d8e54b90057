"""Lesions as they are drawn."""

from drawn import INFUSIONS, MISSING, RECURRENCE, SYSTEMIC, TREATED, shipped, watched

from fhirgate.charts.lesion_panel import levels
from fhirgate.charts.trajectory import Emphasis, Trajectory, trajectories
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.lesion import Kind

SCANS = ("2023-01-20", "2023-03-20", "2023-05-20", "2023-07-20")


def of(assessment: Assessment) -> dict[str, Trajectory]:
    return {each.lesion.label: each for each in trajectories(assessment)}


def test_a_new_lesion_starts_at_its_first_sighting():
    new = of(shipped(SYSTEMIC))["NEW1"]

    assert [(str(each.on), each.mm) for each in new.points] == [("2024-01-22", 14)]
    assert new.emphasis is Emphasis.NEW


def test_a_lesion_said_to_be_absent_before_it_was_there_starts_at_its_first_sighting():
    found = of(shipped(RECURRENCE))

    assert {label: [each.mm for each in one.points] for label, one in found.items()} == {
        "L01": [19],
        "L02": [14],
    }


def test_a_lesion_only_ever_absent_is_not_drawn():
    found = of(watched("20 20 20 20", "A A A A", scans=SCANS))

    assert list(found) == ["L01"]


def test_a_lesion_that_goes_is_at_zero_and_one_too_small_at_five():
    found = of(watched("20 TSM A 12", scans=SCANS))["L01"]

    assert [(each.mm, each.kind) for each in found.points] == [
        (20, Kind.MEASURED),
        (5, Kind.TOO_SMALL),
        (0, Kind.ABSENT),
        (12, Kind.MEASURED),
    ]


def test_a_gap_is_drawn_on_the_line_between_its_neighbours_and_level_beyond_them():
    found = of(watched("NE 20 NE 30", "20 20 20 NE", scans=SCANS))

    assert [round(at, 1) for _, at in levels(found["L01"])] == [20, 20, 25, 30]
    assert [at for _, at in levels(found["L02"])] == [20, 20, 20, 20]
    assert [each.mm for each in found["L02"].points] == [20, 20, 20, None]


def test_a_known_lesion_the_scan_does_not_mention_is_a_gap():
    found = of(watched("20 - 22 24", "20 20 20 20", scans=SCANS))["L01"]

    assert [each.kind for each in found.points][1] is Kind.NOT_EVALUABLE
    assert found.points[1].measured is None


def test_the_size_compared_with_is_the_nadir():
    found = of(watched("30 15 18 24", scans=SCANS))["L01"]

    reference = found.compared_with()

    assert found.emphasis is Emphasis.GROWING
    assert reference is not None
    assert str(reference.on) == "2023-03-20"


def test_a_first_sighting_is_compared_with_nothing():
    assert of(watched("30", scans=SCANS[:1]))["L01"].compared_with() is None


def test_a_treated_lesion_asks_to_be_looked_at_even_when_it_holds():
    found = of(shipped(TREATED))

    assert found["T02"].emphasis is Emphasis.TREATED
    assert found["T01"].emphasis is Emphasis.QUIET


def test_label_and_place_are_each_said_once():
    assert of(shipped(INFUSIONS))["K2"].name == "K2 lymph node iliac right"
    assert of(shipped(MISSING))["T02"].name == "T02 right lung"
