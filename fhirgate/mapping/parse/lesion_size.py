"""A length as an Observation or component gives it -> exact millimetres, or why not (fhir-contracts §A3).

UCUM codes are believed; a unit written as text is accepted for mm and cm and said; a number without a unit is
never guessed at.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from fhirgate.mapping.datatypes import UCUM, Quantity, Raw, is_object, number, quantity, text
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.tally import Tally
from fhirgate.mapping.vocabulary import folded
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.millimetres import LARGEST, TOO_SMALL, Millimetres, exact, millimetres
from fhirgate.oncology.wording import count

_UNIT_WORDS: Mapping[str, str] = {
    "mm": "mm", "millimeter": "mm", "millimeters": "mm", "millimetre": "mm", "millimetres": "mm", "millimeter(s)": "mm",
    "[mm]": "mm", "cm": "cm", "centimeter": "cm", "centimeters": "cm", "centimetre": "cm", "centimetres": "cm",
    "zentimeter": "cm", "centimeter(s)": "cm", "[cm]": "cm",
}  # fmt: skip
"""Units as text. Only mm and cm: nobody writes a lesion in metres, and "m" is as often a slip."""
_LENGTHS = ("mm", "cm", "dm", "m", "um")
_PLAIN_UNITS = ("mm", "cm")
_ONE = r"(\d+(?:[.,]\d+)?)\s*(mm|cm)?"
_AS_TEXT = re.compile(rf"([<>]=?)?\s*{_ONE}(?:\s*[x×*]\s*{_ONE})?(?:\s*[x×*]\s*{_ONE})?", re.IGNORECASE)
_SMALLEST = "size.short_axis"


class Length(NamedTuple):
    """One length: a size [mm], or "too small to measure", or why the one given cannot be used."""

    size: Millimetres | None = None
    too_small: bool = False
    refused: str = ""
    bound: str = ""
    """A limit in place of a value ("<10 mm")."""
    others: tuple[Millimetres, ...] = ()
    """Further diameters of the same lesion, their axes not said ("30 x 20 mm")."""


def plain_length(raw: Raw) -> Millimetres | None:
    """The length of what most Observations give: a number of mm or cm by UCUM code, and the same in words.

    None for whatever needs a closer look; `given_length` has the same answer and more.
    """
    given = raw.get("valueQuantity")
    if type(given) is not dict or "comparator" in given or given.get("system") != UCUM:
        return None
    unit, value = given.get("code"), number(given.get("value"))
    if value is None or unit not in _PLAIN_UNITS or given.get("unit", unit) != unit:
        return None
    try:
        return millimetres(value, unit)
    except ValueError:
        return None


def given_length(holder: Raw, raw: Raw, record: Record, tally: Tally, axis: str = "") -> Length | None:
    """The length an Observation or component carries; None when it carries no number at all.

    `axis` is the one asked for: of several diameters in one text it is the longest, a short axis the shortest.
    """
    if "valueQuantity" in holder:
        found = quantity(holder["valueQuantity"])
        return None if found is None else _of_quantity(found, holder, raw, record, tally)
    if "valueString" in holder:
        return _of_text(holder, raw, record, tally, axis)
    for element in ("valueInteger", "valueDecimal"):
        if (plain := number(holder.get(element))) is not None:
            return _of_quantity(Quantity(plain, "", False), holder, raw, record, tally)
    for element in ("valueRange", "valueRatio", "valueSampledData"):
        if element in holder:
            return _refuse(
                record, raw, "SIZE_NOT_A_NUMBER", f"the size is given as {element[5:]}, not as one length"
            )
    return None


def _of_text(holder: Raw, raw: Raw, record: Record, tally: Tally, axis: str) -> Length | None:
    """ "24 mm", "30 x 20 mm" or "<5 mm" as a string: read only when it is nothing but lengths."""
    said = text(holder, "valueString")
    match = _AS_TEXT.fullmatch(said)
    if match is None:
        why = "the size is given as text that is more than a length; one number with mm or cm is needed"
        return _refuse(record, raw, "SIZE_NOT_A_NUMBER", why) if any(map(str.isdigit, said)) else None
    limit, *parts = match.groups(default="")
    units = {unit.lower() for unit in parts[1::2] if unit}
    if len(units) > 1:
        return _refuse(record, raw, "SIZE_NOT_A_NUMBER", "the size is given in several units at once")
    numbers = sorted((Decimal(each.replace(",", ".")) for each in parts[::2] if each), reverse=True)
    written = [Quantity(each, next(iter(units), ""), False, limit) for each in numbers]
    if axis == _SMALLEST:
        written.reverse()
    found = [_of_quantity(each, holder, raw, record, tally) for each in written]
    return found[0]._replace(others=tuple(each.size for each in found[1:] if each.size is not None))


def _of_quantity(found: Quantity, holder: Raw, raw: Raw, record: Record, tally: Tally) -> Length:
    unit = _unit(found, holder, raw, record, tally)
    if not unit and not found.unit:
        why = f"the size {_given(found)} has no unit; mm or cm (UCUM) is needed"
        return _refuse(record, raw, "UNITS_MISSING", why)
    if not unit:
        why = f"the size {_given(found)} is in no unit of length; mm or cm is needed"
        return _refuse(record, raw, "UNITS_INVALID", why)
    try:
        size = millimetres(found.value, unit)
    except ValueError:
        why = f"a size of {_given(found)} cannot be a lesion (0 to {LARGEST} mm); the value or its unit is wrong"
        return _refuse(record, raw, "SIZE_IMPLAUSIBLE", why)
    return _bounded(found, size, raw, record) if found.comparator else Length(size=size)


def _given(found: Quantity) -> str:
    return f"{exact(found.value)} {found.unit}".strip()


def _unit(found: Quantity, holder: Raw, raw: Raw, record: Record, tally: Tally) -> str:
    """The UCUM unit of length; empty when there is none or it is something else."""
    written = folded(text(_quantity_of(holder), "unit"))
    if found.ucum and found.unit in _LENGTHS:
        if _UNIT_WORDS.get(written, found.unit) != found.unit:
            record.note(
                "UNITS_CONTRADICT",
                Severity.WARNING,
                f"the unit's code is {found.unit} and its text {written}; the code is used",
                raw,
                "value.unit",
            )
        return found.unit
    unit = _UNIT_WORDS.get(folded(found.unit)) or _UNIT_WORDS.get(written, "")
    if unit and not (found.ucum and _is_other_unit(found.unit)):
        tally.add(
            "UNIT_BY_TEXT",
            Severity.WARNING,
            unit,
            lambda number: (
                f"{count(number, 'size')} with the unit {unit} as text only, without its UCUM code;"
                f" read as {unit}"
            ),
            raw,
        )
        return unit
    return ""


def _is_other_unit(code: str) -> bool:
    """Whether a UCUM code stands for something that is no length, whatever the text beside it says."""
    return code in ("mm2", "cm2", "mm3", "cm3", "mL", "ml", "L", "1", "g/ml", "kg", "g")


def _quantity_of(holder: Raw) -> Raw:
    found = holder.get("valueQuantity")
    return found if is_object(found) else {}


def _bounded(found: Quantity, size: Millimetres, raw: Raw, record: Record) -> Length:
    """A comparator makes a limit of the number: "<5 mm" is too small to measure, "<10 mm" no measurement."""
    said = f"{found.comparator}{exact(found.value)} {found.unit}"
    if found.comparator in ("<", "<=") and size <= TOO_SMALL:
        record.note(
            "SIZE_BELOW_LIMIT",
            Severity.INFORMATION,
            f"the size is given as {said}: taken as too small to measure",
            raw,
            "value.comparator",
        )
        return Length(too_small=True)
    record.note(
        "SIZE_IS_A_LIMIT",
        Severity.WARNING,
        f"the size is given as {said}, a limit and no measurement; the lesion is taken as present without a size",
        raw,
        "value.comparator",
    )
    return Length(bound=said)


def _refuse(record: Record, raw: Raw, code: str, why: str) -> Length:
    record.note(code, Severity.ERROR, f"{why}; the size was not used", raw, "value")
    return Length(refused=why)
