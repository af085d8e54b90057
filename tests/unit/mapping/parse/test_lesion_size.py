"""Lengths: units, limits, and values that cannot be a lesion (fhir-contracts §A3)."""

from decimal import Decimal
from typing import Any

import pytest
from lesion_records import LOINC, UCUM, Parsed, component, on_lesion, parsed, quantity, structure

from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.lesion import Kind
from fhirgate.oncology.source import Source


def sized(size: Any = None, **elements: Any) -> Parsed:
    return parsed(structure(), on_lesion(size=size, **elements))


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("24", "mm", "24"),
        ("2.4", "cm", "24"),
        ("0.024", "m", "24"),
        ("24000", "um", "24"),
        ("0.24", "dm", "24"),
    ],
)
def test_every_unit_of_length_becomes_exact_millimetres(value: str, unit: str, expected: str) -> None:
    found = sized(quantity(Decimal(value), unit))

    assert (found.only.long_axis, found.codes) == (Decimal(expected), [])


def test_a_float_is_read_as_it_is_printed() -> None:
    assert sized(quantity(2.3, "cm")).only.long_axis == Decimal("23")


def test_a_unit_as_text_is_accepted_and_said_once() -> None:
    observations = [on_lesion(f"o{n}", size={"value": n, "unit": "mm"}) for n in (10, 20, 30)]

    found = parsed(structure(), *observations)

    assert [each.long_axis for each in found.sightings] == [10, 20, 30]
    assert found.findings == [
        Finding(
            code="UNIT_BY_TEXT",
            severity=Severity.WARNING,
            text="3 sizes with the unit mm as text only, without its UCUM code; read as mm",
            source=Source("Observation", "o10"),
        )
    ]


@pytest.mark.parametrize("unit", ["centimeter", "Centimetres", "cm", "[cm]"])
def test_centimetres_are_known_by_their_words(unit: str) -> None:
    assert sized({"value": 2, "unit": unit}).only.long_axis == 20


def test_a_code_without_the_ucum_system_counts_as_text() -> None:
    found = sized({"value": 2, "code": "cm"})

    assert (found.only.long_axis, found.codes) == (20, ["UNIT_BY_TEXT"])


def test_a_word_in_the_place_of_the_ucum_code_counts_as_text() -> None:
    found = sized({"value": 12, "unit": "mm", "code": "millimeter", "system": UCUM})

    assert (found.only.long_axis, found.codes) == (12, ["UNIT_BY_TEXT"])


def test_where_unit_code_and_unit_text_contradict_the_code_counts_and_it_is_said() -> None:
    found = sized({"value": 12, "unit": "cm", "code": "mm", "system": UCUM})

    assert (found.only.long_axis, found.codes) == (12, ["UNITS_CONTRADICT"])


def test_a_size_without_a_unit_is_not_used_and_the_lesion_is_not_evaluable() -> None:
    found = sized({"value": 24})

    assert (found.only.long_axis, found.only.kind) == (None, Kind.NOT_EVALUABLE)
    assert found.only.refused == "the size 24 has no unit; mm or cm (UCUM) is needed"
    assert found.findings == [
        Finding(
            code="UNITS_MISSING",
            severity=Severity.ERROR,
            text="the size 24 has no unit; mm or cm (UCUM) is needed; the size was not used",
            path="value",
            source=Source("Observation", "o"),
        )
    ]


@pytest.mark.parametrize("element", ["valueInteger", "valueString"])
def test_a_bare_number_is_a_size_without_a_unit(element: str) -> None:
    value: Any = 24 if element == "valueInteger" else "24"

    assert sized(**{element: value}).codes == ["UNITS_MISSING"]


@pytest.mark.parametrize("unit", ["mm3", "cm2", "[in_i]", "kg"])
def test_a_unit_that_is_no_length_is_refused(unit: str) -> None:
    found = sized(quantity(12, unit))

    assert (found.only.refused, found.codes) == (
        f"the size 12 {unit} is in no unit of length; mm or cm is needed",
        ["UNITS_INVALID"],
    )


def test_a_volume_in_words_of_millimetres_is_no_length() -> None:
    found = sized({"value": 6705, "unit": "mm", "code": "mm3", "system": UCUM})

    assert found.codes == ["UNITS_INVALID"]


@pytest.mark.parametrize(("value", "unit"), [("-3", "mm"), ("6705.5", "mm"), ("500.1", "mm"), ("50.1", "cm")])
def test_an_impossible_size_is_refused_with_its_source(value: str, unit: str) -> None:
    found = sized(quantity(Decimal(value), unit))

    assert found.only.kind is Kind.NOT_EVALUABLE
    assert [(each.code, each.severity, each.source) for each in found.findings] == [
        ("SIZE_IMPLAUSIBLE", Severity.ERROR, Source("Observation", "o"))
    ]


def test_500_millimetres_are_still_believed() -> None:
    assert sized(quantity(500)).only.long_axis == 500


@pytest.mark.parametrize(("comparator", "value"), [("<", 5), ("<=", 5), ("<", 3)])
def test_below_five_millimetres_is_too_small_to_measure(comparator: str, value: int) -> None:
    found = sized(quantity(value, comparator=comparator))

    assert (found.only.long_axis, found.only.kind, found.codes) == (
        None,
        Kind.TOO_SMALL,
        ["SIZE_BELOW_LIMIT"],
    )


@pytest.mark.parametrize(("comparator", "value"), [("<", 10), (">", 40), (">=", 5)])
def test_another_limit_is_no_measurement_and_the_lesion_is_present(comparator: str, value: int) -> None:
    found = sized(quantity(value, comparator=comparator))

    assert (found.only.long_axis, found.only.kind) == (None, Kind.PRESENT)
    assert (found.only.note, found.codes) == (f"{comparator}{value} mm", ["SIZE_IS_A_LIMIT"])


@pytest.mark.parametrize("words", ["24 mm", "2,4 cm", " 2.4cm "])
def test_a_string_that_is_nothing_but_a_length_is_read(words: str) -> None:
    found = sized(valueString=words)

    assert (found.only.long_axis, found.codes) == (24, ["UNIT_BY_TEXT"])


def test_a_range_is_no_single_length() -> None:
    found = sized(valueRange={"low": quantity(10), "high": quantity(12)})

    assert (found.only.refused, found.codes) == (
        "the size is given as Range, not as one length",
        ["SIZE_NOT_A_NUMBER"],
    )


def test_a_measurement_without_a_value_or_a_reason_is_not_evaluable() -> None:
    found = sized({"unit": "mm", "system": UCUM, "code": "mm"})

    assert (found.only.kind, found.only.note, found.codes) == (
        Kind.NOT_EVALUABLE,
        "no value given",
        ["VALUE_MISSING"],
    )


def test_a_second_dimension_without_a_value_takes_nothing_from_the_first() -> None:
    parts = [component((LOINC, "33728-7"), 20), component((LOINC, "33729-5"))]

    found = parsed(structure(), on_lesion(code=(LOINC, "21889-1"), component=parts))

    assert (found.only.long_axis, found.only.kind, found.codes) == (20, None, [])


def test_a_registered_measurement_without_a_value_is_only_announced() -> None:
    found = sized(status="registered")

    assert (found.sightings, found.codes) == ((), ["PRELIMINARY_USED"])
