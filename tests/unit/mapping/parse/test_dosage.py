"""Starts and ends of dosages."""

from decimal import Decimal
from typing import Any

import pytest

from fhirgate.mapping.parse.dosage import days_in, later, span_of
from fhirgate.oncology.clinical_date import ClinicalDate

START = {"boundsPeriod": {"start": "2024-01-01"}}


@pytest.mark.parametrize(
    ("timing", "start", "end", "counted"),
    [
        ({}, None, None, False),
        ({"event": ["2024-02-01", "2024-01-01"]}, "2024-01-01", "2024-02-01", False),
        (
            {"event": ["2024-01-01"], "repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
            "2024-01-01",
            None,
            False,
        ),
        ({"repeat": {"boundsPeriod": {"start": "2024-01", "end": "2024-03"}}}, "2024-01", "2024-03", False),
        ({"repeat": {"boundsDuration": {"value": 14, "code": "d"}}}, None, None, False),
        (
            {"event": ["2024-01-01"], "repeat": {"boundsDuration": {"value": 14, "code": "d"}}},
            "2024-01-01",
            "2024-01-14",
            False,
        ),
        (
            {"event": ["2024-01-01"], "repeat": {"boundsRange": {"high": {"value": 2, "code": "wk"}}}},
            "2024-01-01",
            "2024-01-14",
            False,
        ),
        (
            {"repeat": {**START, "count": 4, "period": 3, "periodUnit": "wk"}},
            "2024-01-01",
            "2024-03-04",
            True,
        ),
        (
            {"repeat": {**START, "count": 4, "countMax": 6, "frequency": 2, "period": 2, "periodUnit": "wk"}},
            "2024-01-01",
            "2024-02-05",
            True,
        ),
        ({"repeat": {**START, "count": 1}}, "2024-01-01", "2024-01-01", False),
        ({"repeat": {**START, "count": 3}}, "2024-01-01", None, True),
        ({"repeat": {**START, "count": 3, "period": 8, "periodUnit": "h"}}, "2024-01-01", "2024-01-03", True),
        ({"repeat": {**START, "count": 3, "period": 8, "periodUnit": "moon"}}, "2024-01-01", None, True),
    ],
)
def test_one_dosage(timing: dict[str, Any], start: str | None, end: str | None, counted: bool) -> None:
    span = span_of(({"timing": timing},))
    assert (span.start and str(span.start), span.end and str(span.end), span.counted) == (start, end, counted)


def test_several_dosages_run_from_the_first_start_to_the_last_end() -> None:
    one = {"timing": {"repeat": {"boundsPeriod": {"start": "2024-02-01", "end": "2024-02-14"}}}}
    two = {"timing": {"repeat": {"boundsPeriod": {"start": "2024-01-01", "end": "2024-01-14"}}}}
    span = span_of((one, two))
    assert (str(span.start), str(span.end)) == ("2024-01-01", "2024-02-14")


def test_an_open_dosage_leaves_the_whole_open() -> None:
    one = {"timing": {"repeat": {"boundsPeriod": {"start": "2024-02-01", "end": "2024-02-14"}}}}
    two = {"timing": {"repeat": {"boundsPeriod": {"start": "2024-03-01"}}}}
    assert span_of((one, two)).end is None


def test_no_dosage_has_no_time() -> None:
    span = span_of(())
    assert (span.start, span.end) == (None, None)


@pytest.mark.parametrize(
    ("amount", "days"),
    [
        ({"value": 28, "unit": "days"}, 28),
        ({"value": Decimal("2"), "code": "wk", "system": "http://unitsofmeasure.org"}, 14),
        ({"value": 1, "unit": "Month"}, 30),
        ({"value": 12, "unit": "h"}, 1),
        ({"value": 3, "unit": "TAB"}, None),
        ({"unit": "days"}, None),
        (None, None),
    ],
)
def test_days_of_a_duration(amount: Any, days: int | None) -> None:
    assert days_in(amount) == days


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [("2024-02-28", 2, "2024-03-01"), ("2024-01", 40, "2024-02"), ("2023", 400, "2024")],
)
def test_a_later_date_is_as_precise_as_its_start(start: str, days: int, expected: str) -> None:
    assert str(later(ClinicalDate.parse(start), days)) == expected
