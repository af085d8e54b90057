"""What a lesion's verdict tells of its numbers."""

from decimal import Decimal

import pytest
from builders import lesion, mm_or_none

from fhirgate.oncology.assessment import Interval, LesionVerdict
from fhirgate.oncology.verdict import LesionStatus


def _verdict(value: int | None, reference: int | None) -> LesionVerdict:
    return LesionVerdict(
        lesion=lesion(),
        status=LesionStatus.STABLE,
        value=mm_or_none(value),
        reference=mm_or_none(reference),
        rule="lesion-stable",
        because="",
    )


@pytest.mark.parametrize(
    ("value", "reference", "change", "percent"),
    [
        (27, 20, 7, 35),
        (15, 20, -5, -25),
        (5, 0, 5, None),
        (None, 20, None, None),
        (20, None, None, None),
    ],
)
def test_a_change_is_exact_and_has_no_percentage_of_nothing(
    value: int | None, reference: int | None, change: int | None, percent: int | None
) -> None:
    verdict = _verdict(value, reference)

    assert (verdict.change, verdict.change_percent) == (change, percent)


def test_a_change_is_never_rounded() -> None:
    assert _verdict(25, 24).change_percent == Decimal(100) / 24


def test_an_interval_is_a_point_when_its_bounds_meet() -> None:
    assert Interval(low=0.5, high=0.5).is_point
    assert not Interval(low=0.4, high=0.5).is_point
