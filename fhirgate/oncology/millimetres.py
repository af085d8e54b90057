"""Lengths as exact decimal millimetres."""

from decimal import Decimal
from typing import NewType

Millimetres = NewType("Millimetres", Decimal)
"""A length [mm]; never a float, because thresholds are exact."""

ZERO = Millimetres(Decimal(0))

LARGEST = Millimetres(Decimal(500))
"""Largest length believed to be a lesion [mm] (our choice): a published DICOM SR example carries
a "diameter" of 6705.5 mm that is a volume."""

TOO_SMALL = Millimetres(Decimal(5))
"""What a lesion counts that is seen but too small to measure [mm]. Source: RECIST 1.1, Eisenhauer 2009."""

PATHOLOGICAL_NODE_FROM = Millimetres(Decimal(10))
"""Least short axis of a node that is disease [mm]. Source: RECIST 1.1 §4.3.2, Eisenhauer 2009."""

_PER_UNIT = {
    "mm": Decimal(1),
    "cm": Decimal(10),
    "dm": Decimal(100),
    "m": Decimal(1000),
    "um": Decimal("0.001"),
}
"""UCUM length codes. A closed table: a unit that is not here is refused, not guessed."""


def millimetres(value: Decimal, unit: str) -> Millimetres:
    """Convert a length in a UCUM unit to millimetres, exactly.

    Raises ValueError when the unit is not a length we accept, or the length is negative or over 500 mm.
    """
    factor = _PER_UNIT.get(unit)
    if factor is None:
        raise ValueError(f"unit {unit!r} is not a length (expected mm or cm)")
    size = value * factor
    if not size.is_finite() or size < 0:
        raise ValueError(f"a length of {value} {unit} is not possible")
    if size > LARGEST:
        raise ValueError(f"a length of {value} {unit} is over {LARGEST} mm and not believed to be a lesion")
    return Millimetres(size)


def exact(value: Decimal) -> str:
    """The number without exponent and without trailing zeros, so that 2.40 cm and 24 mm read the same.

    >>> exact(Decimal("24.00"))
    '24'
    """
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
