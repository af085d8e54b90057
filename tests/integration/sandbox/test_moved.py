"""Records moved in time: every date of the record, nothing else, and judged on the moved day as before."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from served_examples import judged_from_file

from fhirgate.cli.examples import Example, examples
from fhirgate.exact_json import decode
from fhirgate.sandbox.ehr.moved import moved, moved_date, moved_record
from fhirgate.sandbox.ehr.patients import patient_record

SHIFTS = (-1461, -29, 1, 59, 366, 700, 10_000)
"""Over leap days in both directions, and across ends of months and years."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def later(example: Example, days: int) -> Example:
    record = msgspec.json.Encoder(decimal_format="number").encode(moved(decode(example.record), days))
    return replace(example, record=record, as_of=example.as_of + timedelta(days=days))


def dates_later(value: Any, days: int) -> Any:
    def there(found: re.Match[str]) -> str:
        return (date.fromisoformat(found.group()) + timedelta(days=days)).isoformat()

    return json.loads(_DAY.sub(there, json.dumps(value)))


@pytest.mark.parametrize("days", SHIFTS)
def test_a_moved_example_is_judged_on_the_moved_day_as_it_was_before(days: int) -> None:
    for example in examples():
        assert judged_from_file(later(example, days)) == dates_later(judged_from_file(example), days)


@pytest.mark.parametrize("example", examples(), ids=lambda each: each.slug)
def test_nothing_but_days_is_changed_and_all_of_them_are(example: Example) -> None:
    before = json.loads(example.record)

    assert json.loads(later(example, 800).record) == dates_later(before, 800)
    assert later(later(example, 800), -800).record == later(example, 0).record


@pytest.mark.parametrize(
    ("text", "days", "there"),
    [
        ("2024-02-28", 1, "2024-02-29"),
        ("2023-02-28", 1, "2023-03-01"),
        ("2024-02-29T23:59:59.123+14:00", 366, "2025-03-01T23:59:59.123+14:00"),
        ("2024-12-31T10:11:12Z", 1, "2025-01-01T10:11:12Z"),
        ("2024-12-31T10:11", -1, "2024-12-30T10:11"),
        ("2024-05", 17, "2024-06"),
        ("2024-05", 16, "2024-05"),
        ("2024", 182, "2024"),
        ("2024", 183, "2025"),
    ],
)
def test_a_date_keeps_its_precision_its_time_and_its_zone(text: str, days: int, there: str) -> None:
    assert moved_date(text, days) == there


@pytest.mark.parametrize("text", ["2024-02-30", "9999-12-31", "soon", "20240228", "2024-13", "1.2024", ""])
def test_what_is_no_day_of_the_calendar_or_leaves_it_stays(text: str) -> None:
    assert moved_date(text, 30) == text


def test_codes_ids_versions_and_numbers_are_not_dates() -> None:
    """The code of ICD-10-GM has a year as its version, and an id may look like a day."""
    still = {
        "id": "2024-01-01",
        "meta": {"versionId": "2024", "profile": ["https://example.org/2024-01-01"]},
        "identifier": [{"value": "2024-01-01"}],
        "code": {"coding": [{"version": "2024", "code": "2024-01-01", "display": "2024-01-01"}]},
        "valueQuantity": {"value": 2024},
        "timing": {"repeat": {"when": ["MORN"]}},
        "note": [{"text": "accession 12-2024-01-01, https://example.org/2024-01-01/a"}],
    }

    assert moved(still, 30) == still


def test_every_place_of_a_day_is_moved() -> None:
    resource = {
        "meta": {"lastUpdated": "2024-01-01T00:00:00Z"},
        "performedPeriod": {"start": "2024-01-01", "end": "2024-01-02"},
        "timing": {"event": ["2024-01-01", "2024-01-03"]},
        "extension": [{"url": "https://example.org/x", "valueDateTime": "2024-01-01"}],
        "_birthDate": {"extension": [{"valueDate": "2024-01-01"}]},
        "note": [{"time": "2024-01-01", "text": "CT of 2024-01-01, then 2024-01-02T10:00."}],
        "text": {"div": "<div>2024-01-01</div>"},
        "subject": {"display": "scan 2024-01-01"},
    }

    assert moved(resource, 30) == dates_later(resource, 30)


def test_a_patient_is_moved_with_everything_known_of_them() -> None:
    (example,) = examples("oligoprogression-osimertinib")
    record = patient_record(example.title, example.story, example.record)

    there = moved_record(record, 30)

    assert (there.title, there.patient) == (record.title, record.patient)
    assert there.resources == tuple(moved(each, 30) for each in record.resources)


def test_a_month_or_a_year_alone_cannot_keep_its_distance() -> None:
    """Said in the module: of two months, the later one is never moved before the other; they may become one."""
    months = [f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)]

    for days in range(0, 400, 7):
        there = [moved_date(each, days) for each in months]
        assert there == sorted(there)
    assert {moved_date("2024-02", 14), moved_date("2024-03", 14)} == {"2024-02", "2024-03"}
    assert {moved_date("2023-02", 15), moved_date("2023-03", 15)} == {"2023-03"}
