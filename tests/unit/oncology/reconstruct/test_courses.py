"""Which timepoint is judged on which line, and from which baseline."""

from builders import line, on, timepoint

from fhirgate.oncology.policy import ImagingPolicy
from fhirgate.oncology.reconstruct.courses import Course, lay_courses, line_baselines
from fhirgate.oncology.therapy import LineOfTherapy
from fhirgate.oncology.timepoint import Timepoint

POLICY = ImagingPolicy()


def _scans(*dates: str) -> list[Timepoint]:
    return [timepoint(date) for date in dates]


def _laid(dates: list[str], *lines: LineOfTherapy) -> list[tuple[int | None, int, tuple[int, ...], bool]]:
    """Number of the line, baseline, followed timepoints, whether the line has a baseline of its own."""
    return [
        (each.line.number if each.line else None, each.baseline, each.followed, each.has_line_baseline)
        for each in lay_courses(_scans(*dates), lines, POLICY)
    ]


def test_without_imaging_there_is_no_course() -> None:
    assert lay_courses([], [line()], POLICY) == ()
    assert line_baselines([], [line()], POLICY) == frozenset()


def test_a_single_timepoint_has_nothing_before_it() -> None:
    assert _laid(["2024-01-05"], line("2024-01-10")) == []


def test_without_a_line_everything_is_followed_from_the_first_timepoint() -> None:
    assert _laid(["2024-01-05", "2024-03-05", "2024-05-05"]) == [(None, 0, (1, 2), False)]


def test_the_image_before_the_start_is_the_baseline_of_a_line() -> None:
    assert _laid(["2024-01-05", "2024-03-05", "2024-05-05"], line("2024-01-10")) == [(1, 0, (1, 2), True)]


def test_the_baseline_of_a_second_line_is_followed_on_the_first() -> None:
    laid = _laid(
        ["2024-01-05", "2024-03-05", "2024-05-05", "2024-07-05"],
        line("2024-01-10", number=1),
        line("2024-05-12", number=2),
    )

    assert laid == [(1, 0, (1, 2), True), (2, 2, (3,), True)]


def test_the_baseline_lies_at_most_42_days_before_and_7_days_after_the_start() -> None:
    start = line("2024-03-01")

    assert _laid(["2024-01-19", "2024-05-01"], start) == [(1, 0, (1,), True)]
    assert _laid(["2024-01-18", "2024-05-01"], start) == [(1, 0, (1,), False)]
    assert _laid(["2023-12-01", "2024-03-08", "2024-05-01"], start) == [
        (None, 0, (1,), False),
        (1, 1, (2,), True),
    ]
    assert _laid(["2023-12-01", "2024-03-09", "2024-05-01"], start) == [(1, 0, (1, 2), False)]


def test_the_nearest_image_is_the_baseline_and_the_earlier_of_two_as_near() -> None:
    assert _laid(["2024-02-01", "2024-02-27", "2024-03-06", "2024-05-01"], line("2024-03-01"))[-1] == (
        1,
        1,
        (2, 3),
        True,
    )
    assert _laid(["2024-02-26", "2024-03-04", "2024-05-01"], line("2024-02-29")) == [(1, 0, (1, 2), True)]
    assert _laid(["2024-02-25", "2024-03-05", "2024-05-01"], line("2024-03-01")) == [
        (None, 0, (1,), False),
        (1, 1, (2,), True),
    ]


def test_a_partial_date_is_a_baseline_only_when_it_surely_lies_in_the_window() -> None:
    assert _laid(["2024-02", "2024-05-01"], line("2024-03-01")) == [(1, 0, (1,), True)]
    assert _laid(["2024-03", "2024-05-01"], line("2024-03-01")) == [(1, 0, (1,), False)]


def test_without_a_line_baseline_the_oldest_of_the_last_year_must_do() -> None:
    laid = _laid(["2022-01-01", "2023-06-01", "2023-10-01", "2024-05-01"], line("2024-01-01"))

    assert laid == [(None, 0, (1, 2), False), (1, 1, (3,), False)]


def test_without_any_image_of_the_last_year_the_one_before_must_do() -> None:
    assert _laid(["2020-01-01", "2021-01-01", "2024-05-01"], line("2024-01-01"))[-1] == (1, 1, (2,), False)


def test_a_curative_line_without_number_is_a_course_too() -> None:
    laid = _laid(
        ["2023-01-05", "2023-06-05", "2024-06-05"],
        line("2023-01-10", number=None),
        line("2023-06-10", number=1),
    )

    assert laid == [(None, 0, (1,), True), (1, 1, (2,), True)]


def test_treatment_starts_with_the_line_else_with_the_baseline() -> None:
    scans = _scans("2024-01-05", "2024-03-05")
    on_line = Course(line=line("2024-01-10"), baseline=0, followed=(1,), has_line_baseline=True)
    off_line = Course(line=None, baseline=0, followed=(1,), has_line_baseline=False)

    assert (on_line.start(scans), off_line.start(scans)) == (on("2024-01-10"), on("2024-01-05"))


def test_the_baselines_are_those_of_the_lines_and_the_first_timepoint() -> None:
    scans = _scans("2024-01-05", "2024-03-05", "2024-05-05")

    assert line_baselines(scans, [line("2024-05-10"), line("2024-08-01")], POLICY) == {0, 2}
