"""Sentences behind marks."""

import pytest
from assessments import verdict
from builders import lesion, local_treatment, measurement, on

from fhirgate.charts.looks import look_of
from fhirgate.charts.says import end_labels, reading, says_point
from fhirgate.charts.trajectory import Point, Trajectory
from fhirgate.charts.words import QUALIFIERS, STATUSES
from fhirgate.oncology.lesion import Kind
from fhirgate.oncology.verdict import LesionStatus, Qualifier


def point(size: str | Kind | None, status: str = "STABLE") -> Point:
    return Point(on=on("2024-01-10"), measured=measurement(size), verdict=verdict("L1", status, "24", "15"))


def trajectory(last: Point, **more: object) -> Trajectory:
    return Trajectory(lesion=lesion("L1"), points=(last,), **more)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ("24.50", "24.5 mm"),
        (Kind.ABSENT, "gone"),
        (Kind.TOO_SMALL, "too small, 5 mm"),
        (Kind.PRESENT, "seen"),
        (Kind.NOT_EVALUABLE, "not evaluable"),
        (Kind.MERGED, "merged"),
    ],
)
def test_a_reading_is_said_exactly(size: str | Kind, words: str):
    assert reading(point(size)) == words


def test_a_point_says_lesion_date_size_status_and_why():
    last = point("24", "PROGRESSING")

    assert says_point(trajectory(last), last) == "L1 lung, 2024-01-10, 24 mm, progressing: L1 progressing"


def test_a_point_says_nothing_twice():
    gone = point(Kind.ABSENT, "ABSENT")
    bare = Point(on=on("2024-01-10"), measured=measurement("24"), verdict=None)

    assert says_point(trajectory(gone), gone) == "L1 lung, 2024-01-10, gone: L1 absent"
    assert says_point(trajectory(bare), bare) == "L1 lung, 2024-01-10, 24 mm"


@pytest.mark.parametrize(
    ("status", "wordings"),
    [
        ("PROGRESSING", ["24 mm, +60 % from 15", "24 mm, +60 %"]),
        ("TREATED_INDETERMINATE", ["24 mm, +60 % from 15", "24 mm, +60 %"]),
        ("NEW", ["24 mm, new", "24 mm"]),
        ("TREATED_CONTROLLED", ["24 mm, treated", "24 mm"]),
        ("STABLE", ["24 mm", "24 mm"]),
    ],
)
def test_an_end_label_says_what_the_lesion_does(status: str, wordings: list[str]):
    assert end_labels(trajectory(point("24", status))) == wordings


def test_a_treated_lesion_says_so_and_one_not_on_the_latest_scan_when_it_was_seen():
    found = trajectory(point("24"), treatments=(local_treatment(),), current=False)

    assert end_labels(found)[0] == "24 mm, treated, on 2024-01-10"


def test_every_status_and_qualifier_has_words():
    assert set(STATUSES) == set(LesionStatus)
    assert set(QUALIFIERS) == set(Qualifier)


def test_signs_of_different_meaning_differ_in_shape_or_filling():
    signs = {}
    for size in ("24", *Kind):
        for status in LesionStatus:
            last = point(size, status)
            look = look_of(trajectory(last), last)
            signs[look.means] = (look.shape, look.fill == "#ffffff", look.size)

    assert len(set(signs.values())) == len(signs)
