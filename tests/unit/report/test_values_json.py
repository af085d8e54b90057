"""Single values as JSON."""

from decimal import Decimal

import pytest
from builders import mm, on, source
from hypothesis import given
from hypothesis import strategies as st

from fhirgate.oncology.assessment import Interval, Probabilities
from fhirgate.oncology.source import Source
from fhirgate.oncology.verdict import Reason
from fhirgate.report.values_json import (
    dated,
    length,
    percentage,
    probabilities_json,
    reason_json,
    reference,
    references,
    rounded_percent,
)

PERCENTS = st.decimals(-1000, 1000, places=9)


@pytest.mark.parametrize(
    ("size", "written"),
    [("24.00", "24"), ("20.50", "20.5"), ("0", "0"), ("1E+2", "100"), ("12.3456789", "12.3456789")],
)
def test_a_length_is_written_exactly_without_exponent_and_trailing_zeros(size: str, written: str) -> None:
    assert length(mm(size)) == written


def test_no_length_is_null() -> None:
    assert length(None) is None


@pytest.mark.parametrize(
    ("exact", "written"),
    [
        ("20", 20.0),
        ("19.99999", 19.9999),
        ("-29.999999", -29.9999),
        ("20.00001", 20.0),
        ("-30.00001", -30.0),
        ("33.33335", 33.3334),
        ("33.33345", 33.3334),
        ("-0.00001", 0.0),
        ("5E+34", 5e34),
    ],
)
def test_a_percentage_has_four_decimals_and_is_never_rounded_up_to_a_whole_percent(
    exact: str, written: float
) -> None:
    assert rounded_percent(Decimal(exact)) == written


@given(PERCENTS)
def test_a_rounded_percentage_reaches_a_whole_percent_only_when_the_exact_one_does(exact: Decimal) -> None:
    written = rounded_percent(exact)

    assert written is not None
    assert abs(int(Decimal(str(written)))) <= abs(exact)
    assert abs(Decimal(str(written)) - exact) <= Decimal("0.0001")


def test_a_change_from_zero_or_from_nothing_has_no_percentage() -> None:
    assert percentage(mm(5), mm(0)) is None
    assert percentage(mm(5), None) is None
    assert percentage(None, mm(5)) is None
    assert percentage(mm(5), mm(20)) == 25.0


def test_a_date_keeps_its_precision() -> None:
    assert [dated(on(text)) for text in ("2024", "2024-05", "2024-05-06")] == [
        "2024",
        "2024-05",
        "2024-05-06",
    ]
    assert dated(None) is None


def test_a_source_is_a_reference_with_its_version_where_known() -> None:
    assert reference(source("a", version="3")) == "Observation/a/_history/3"
    assert references((source("b"), source("a"), source("b"))) == ["Observation/b", "Observation/a"]
    assert reference(None) is None


def test_a_resource_without_id_is_named_by_its_type_and_one_without_type_not_at_all() -> None:
    assert [reference(Source("Observation", "")), reference(Source("", "a"))] == ["Observation", None]
    assert references((Source("", ""), source("a"))) == ["Observation/a"]


def test_a_reason_names_what_would_settle_it() -> None:
    reason = Reason(
        code="COVERAGE", text="L2 not evaluated", resolved_by="a size of L2", sources=(source("a"),)
    )

    assert reason_json(reason) == {
        "code": "COVERAGE",
        "text": "L2 not evaluated",
        "resolvedBy": "a size of L2",
        "sources": ["Observation/a"],
    }


def test_a_probability_is_a_number_or_its_bounds() -> None:
    sure, open_ = Interval(low=0.123456, high=0.123456), Interval(low=0.0, high=0.999961)

    assert probabilities_json(Probabilities(none=sure, oligo=open_, limited=sure, systemic=sure)) == {
        "none": 0.1235,
        "oligo": {"low": 0.0, "high": 1.0},
        "limited": 0.1235,
        "systemic": 0.1235,
    }
    assert probabilities_json(None) is None
