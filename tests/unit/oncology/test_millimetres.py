"""Lengths as exact millimetres."""

from decimal import Decimal

import pytest

from fhirgate.oncology.millimetres import exact, millimetres


@pytest.mark.parametrize(
    ("value", "unit", "size"),
    [
        ("24", "mm", "24"),
        ("2.4", "cm", "24"),
        ("0.1", "dm", "10"),
        ("0.02", "m", "20"),
        ("5000", "um", "5"),
        ("0", "mm", "0"),
        ("50", "cm", "500"),
    ],
)
def test_a_length_converts_exactly(value: str, unit: str, size: str) -> None:
    assert millimetres(Decimal(value), unit) == Decimal(size)


@pytest.mark.parametrize(
    ("value", "unit", "message"),
    [
        ("24", "kg", "unit 'kg' is not a length (expected mm or cm)"),
        ("24", "", "unit '' is not a length (expected mm or cm)"),
        ("24", "MM", "unit 'MM' is not a length (expected mm or cm)"),
        ("-1", "mm", "a length of -1 mm is not possible"),
        ("NaN", "mm", "a length of NaN mm is not possible"),
        ("Infinity", "cm", "a length of Infinity cm is not possible"),
        ("6705.5", "mm", "a length of 6705.5 mm is over 500 mm and not believed to be a lesion"),
        ("500.1", "mm", "a length of 500.1 mm is over 500 mm and not believed to be a lesion"),
    ],
)
def test_what_cannot_be_a_lesion_is_refused_with_a_reason(value: str, unit: str, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        millimetres(Decimal(value), unit)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("value", "text"),
    [("24.00", "24"), ("2.40", "2.4"), ("0", "0"), ("0.0", "0"), ("1E+2", "100"), ("100", "100")],
)
def test_a_number_is_written_without_exponent_and_trailing_zeros(value: str, text: str) -> None:
    assert exact(Decimal(value)) == text
