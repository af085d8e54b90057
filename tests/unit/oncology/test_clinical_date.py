"""Dates that know how much they know."""

from datetime import date

import pytest
from builders import on

from fhirgate.oncology.clinical_date import ClinicalDate, add_days, add_months, by_date, whole_months


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "is_day"),
    [
        ("2024-05-17", date(2024, 5, 17), date(2024, 5, 17), True),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), False),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28), False),
        ("2024", date(2024, 1, 1), date(2024, 12, 31), False),
    ],
)
def test_a_partial_date_is_an_interval(text: str, earliest: date, latest: date, is_day: bool) -> None:
    parsed = on(text)

    assert (parsed.earliest, parsed.latest, parsed.is_day, str(parsed)) == (earliest, latest, is_day, text)


@pytest.mark.parametrize(
    "text",
    ["2024-05-17T23:30:00+02:00", "2024-05-17T00:10:00-11:00", "2024-05-17T10:11", "2024-05-17T10:11:12Z"],
)
def test_the_day_of_a_date_time_is_the_one_written_on_the_patients_chart(text: str) -> None:
    assert on(text) == on("2024-05-17")


@pytest.mark.parametrize(
    "text", ["", "24-05-17", "2024-5-17", "2024-13", "2024-02-30", "2024-05-17 10:00", "17.05.2024", "0000"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        ClinicalDate.parse(text)


def test_a_calendar_day_becomes_the_date_that_is_exactly_it() -> None:
    assert ClinicalDate.of(date(2024, 5, 17)) == on("2024-05-17")


@pytest.mark.parametrize(
    ("first", "second", "before", "after", "overlaps"),
    [
        ("2024-05", "2024-06-01", True, False, False),
        ("2024-06-01", "2024-05", False, True, False),
        ("2024-05", "2024-05-31", False, False, True),
        ("2024-05-17", "2024-05-17", False, False, True),
        ("2024", "2024-03", False, False, True),
    ],
)
def test_an_order_that_would_be_a_guess_is_no_order(
    first: str, second: str, before: bool, after: bool, overlaps: bool
) -> None:
    one, other = on(first), on(second)

    assert (one.surely_before(other), one.surely_after(other), one.overlaps(other)) == (
        before,
        after,
        overlaps,
    )


def test_days_between_partial_dates_are_a_range() -> None:
    assert on("2024-06-10").least_days_since(on("2024-05")) == 10
    assert on("2024-06-10").most_days_since(on("2024-05")) == 40


def test_dates_sort_by_first_possible_day_and_the_precise_one_first() -> None:
    dates = [on("2024"), on("2024-01-01"), on("2024-01"), on("2023-12-31")]

    assert [str(each) for each in sorted(dates, key=by_date)] == [
        "2023-12-31",
        "2024-01-01",
        "2024-01",
        "2024",
    ]


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2023, 1, 31), 6, date(2023, 7, 31)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2023, 12, 15), 1, date(2024, 1, 15)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(
    day: date, months: int, later: date
) -> None:
    assert add_months(day, months) == later


def test_days_later_stay_inside_the_calendar() -> None:
    assert add_days(date(2024, 2, 28), 2) == date(2024, 3, 1)
    assert add_days(date(9999, 12, 30), 5) == date.max
    assert add_days(date(1, 1, 2), -5) == date.min


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2024, 1, 31), date(2024, 2, 28), 0),
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(2023, 1, 10), date(2024, 1, 9), 11),
        (date(2023, 1, 10), date(2024, 1, 10), 12),
        (date(2024, 1, 10), date(2023, 1, 10), 0),
    ],
)
def test_whole_months_count_only_what_has_passed(start: date, end: date, months: int) -> None:
    assert whole_months(start, end) == months
