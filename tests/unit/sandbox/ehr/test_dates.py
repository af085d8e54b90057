"""Dates as spans of time, and the prefixes of search."""

from datetime import UTC, datetime

import pytest

from fhirgate.sandbox.ehr.dates import COMPARISONS, Span, span, span_of


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", (2024, 1, 1), (2025, 1, 1)),
        ("2024-02", (2024, 2, 1), (2024, 3, 1)),
        ("2023-12", (2023, 12, 1), (2024, 1, 1)),
        ("2024-02-29", (2024, 2, 29), (2024, 3, 1)),
        ("2024-02-29T10:30Z", (2024, 2, 29, 10, 30), (2024, 2, 29, 10, 31)),
        ("2024-02-29T10:30:05", (2024, 2, 29, 10, 30, 5), (2024, 2, 29, 10, 30, 6)),
        ("2024-02-29T10:30:05+05:30", (2024, 2, 29, 5, 0, 5), (2024, 2, 29, 5, 0, 6)),
        ("2024-02-29T10:30:05-01:00", (2024, 2, 29, 11, 30, 5), (2024, 2, 29, 11, 30, 6)),
        ("2024-02-29T10:30:05.25Z", (2024, 2, 29, 10, 30, 5, 250000), (2024, 2, 29, 10, 30, 5, 250001)),
    ],
)
def test_a_date_is_the_time_that_it_leaves_open(
    text: str, start: tuple[int, ...], end: tuple[int, ...]
) -> None:
    assert span(text) == Span(datetime(*start, tzinfo=UTC), datetime(*end, tzinfo=UTC))


@pytest.mark.parametrize(
    "text", ["", "24", "2024-13", "2024-02-30", "2024-02-29T25:00Z", "yesterday", "2024-1-1"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        span(text)


@pytest.mark.parametrize(
    ("held", "asked", "met"),
    [
        ("2024-05", "2024-05-10", {"ne", "gt", "lt"}),
        ("2024-05-10", "2024-05", {"eq", "ge", "le"}),
        ("2024-05-10", "2024-05-10", {"eq", "ge", "le"}),
        ("2024-06-01", "2024-05", {"ne", "gt", "ge", "sa"}),
        ("2024-04-30", "2024-05", {"ne", "lt", "le", "eb"}),
    ],
)
def test_each_prefix_compares_as_fhir_says(held: str, asked: str, met: set[str]) -> None:
    known, wanted = span(held), span(asked)

    found = {name for name, compare in COMPARISONS.items() if compare(known, wanted)}

    # What only overlaps is also greater or less: gt and lt hold, and ge and le with them.
    assert found == met | {f"{each[0]}e" for each in met & {"gt", "lt"}}


def test_a_period_that_is_open_goes_on() -> None:
    going = span_of({"start": "2024-05"})
    ended = span_of({"end": "2024-05"})

    assert going is not None
    assert ended is not None
    assert COMPARISONS["gt"](going, span("2990"))
    assert COMPARISONS["lt"](ended, span("1066"))
    assert not COMPARISONS["gt"](ended, span("2024-05"))


@pytest.mark.parametrize("value", [5, None, {}, {"start": "soon"}, {"start": 5}, "soon", ["2024"]])
def test_an_element_that_is_no_date_is_none(value: object) -> None:
    assert span_of(value) is None
