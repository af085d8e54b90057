"""FHIR data types of unknown quality: what is not of the expected shape is as good as not there."""

from decimal import Decimal
from typing import Any

import pytest

from fhirgate.mapping.datatypes import (
    _LINE_END,
    _STEERING,
    Coding,
    Concept,
    Quantity,
    codings,
    concept,
    date,
    extension,
    has_code,
    is_icd,
    item,
    items,
    local_name,
    number,
    objects,
    quantity,
    reference,
    references,
    text,
    texts,
    words,
    written,
)
from fhirgate.oncology.clinical_date import ClinicalDate

JUNK = [None, 3, "text", True, [], [1, "a", None]]


@pytest.mark.parametrize("junk", JUNK)
def test_junk_is_as_good_as_not_there(junk: Any) -> None:
    assert list(objects(junk)) == []
    assert items({"x": junk}, "x") == ()
    assert item({"x": junk}, "x") == {}
    assert codings(junk) == ()
    assert words(junk) == ()
    assert quantity(junk) is None
    assert reference(junk) == ""
    assert extension({"extension": junk}, "u") == {}


def test_one_object_stands_for_a_list() -> None:
    assert items({"x": {"a": 1}}, "x") == ({"a": 1},)
    assert items({"x": [{"a": 1}, 2, {"b": 1}]}, "x") == ({"a": 1}, {"b": 1})
    assert item({"x": [{"a": 1}, {"b": 1}]}, "x") == {"a": 1}


def test_strings_are_trimmed() -> None:
    assert text({"x": " a "}, "x") == "a"
    assert text({"x": 3}, "x") == ""
    assert texts({"x": [" a ", 3, "", "b"]}, "x") == ("a", "b")
    assert texts({"x": "a"}, "x") == ("a",)
    assert texts({}, "x") == ()


def test_codings_of_concepts_codings_and_codeable_references() -> None:
    given = {"coding": [{"system": "s", "code": "1", "display": "one"}, "junk"], "text": "One"}
    assert codings(given) == (Coding("s", "1", "one"),)
    assert codings({"system": "s", "code": "1"}) == (Coding("s", "1"),)
    assert codings({"concept": given}) == (Coding("s", "1", "one"),)
    assert codings([given, {"code": "2"}, {"text": "free"}]) == (Coding("s", "1", "one"), Coding("", "2"))


def test_words_are_text_then_displays_each_once() -> None:
    given = {"coding": [{"display": "One"}, {"display": "Two"}], "text": "Two"}
    assert words(given) == ("Two", "One")
    assert words({"display": "Ref"}) == ("Ref",)
    assert words({"concept": given}) == ("Two", "One")


@pytest.mark.parametrize("junk", [["x"], {"a": 1}, 3, None])
def test_what_is_no_string_in_a_coding_is_as_good_as_not_there(junk: Any) -> None:
    found = concept({"coding": [{"system": junk, "code": "1", "display": junk}], "text": junk})
    assert found == Concept((Coding("", "1"),), ())


def test_a_concept_is_named_by_its_text_else_its_display_else_its_code() -> None:
    coding = {"system": "s", "code": "1"}
    assert str(concept({"coding": [coding | {"display": "One"}], "text": "Eins"})) == "Eins"
    assert str(concept({"coding": [coding | {"display": "One"}]})) == "One"
    assert str(concept([{"coding": [coding, coding]}])) == "1"
    assert not concept({})


def test_has_code_wants_system_and_code() -> None:
    given = {"coding": [{"system": "s", "code": "1"}]}
    assert has_code(given, "s", "0", "1")
    assert not has_code(given, "t", "1")
    assert not has_code(given, "s")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("12.30"), Decimal("12.30")),
        (12.3, Decimal("12.3")),
        (0.1, Decimal("0.1")),
        (7, Decimal(7)),
        (" 5.0 ", Decimal("5.0")),
        (True, None),
        (float("nan"), None),
        ("Infinity", None),
        ("five", None),
        (None, None),
        ({}, None),
    ],
)
def test_numbers_are_exact(value: Any, expected: Decimal | None) -> None:
    found = number(value)
    assert found == expected
    assert str(found) == str(expected)


def test_a_quantity_has_its_ucum_code_or_the_unit_in_words() -> None:
    ucum = {"value": 1, "unit": "millimetre", "system": "http://unitsofmeasure.org", "code": "mm"}
    assert quantity(ucum) == Quantity(Decimal(1), "mm", True)
    assert quantity({"value": 1, "unit": "cm", "comparator": "<"}) == Quantity(Decimal(1), "cm", False, "<")
    assert quantity({"value": 1, "system": "http://unitsofmeasure.org"}) == Quantity(Decimal(1), "", False)
    assert quantity({"unit": "mm"}) is None


def test_references_of_every_release() -> None:
    assert reference({"reference": " Patient/1 "}) == "Patient/1"
    assert reference({"reference": {"reference": "Patient/1"}}) == "Patient/1"
    assert reference({"display": "someone"}) == ""
    assert references({"x": [{"reference": "A/1"}, {"display": "?"}]}, "x") == ("A/1",)


def test_the_first_extension_of_a_url() -> None:
    raw = {"extension": [{"url": "a", "n": 1}, {"url": "b"}, {"url": "a", "n": 2}]}
    assert extension(raw, "a") == {"url": "a", "n": 1}
    assert extension(raw, "c") == {}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("Patient/1", ("Patient", "1")),
        ("https://ehr.example/fhir/Patient/1", ("Patient", "1")),
        ("https://ehr.example/fhir/Patient/1/_history/3", ("Patient", "1")),
        ("Patient/1?x=y", ("Patient", "1")),
        ("Patient/1/", ("Patient", "1")),
        ("urn:uuid:1234", ("", "")),
        ("#p", ("", "")),
        ("1", ("", "")),
        ("https://ehr.example/fhir", ("", "")),
        ("", ("", "")),
    ],
)
def test_type_and_id_at_the_end_of_a_reference(url: str, name: tuple[str, str]) -> None:
    assert local_name(url) == name


def test_dates_keep_their_precision_and_impossible_ones_are_none() -> None:
    assert date(" 2024-05 ") == ClinicalDate.parse("2024-05")
    assert str(date("2024-05-17T23:30:00-05:00")) == "2024-05-17"
    assert date("2024-02-30") is None
    assert date("17.05.2024") is None
    assert date(20240517) is None


@pytest.mark.parametrize(
    ("system", "icd"),
    [
        ("http://hl7.org/fhir/sid/icd-10-cm", True),
        ("http://fhir.de/CodeSystem/bfarm/icd-10-gm", True),
        ("http://terminology.hl7.org/CodeSystem/icd-o-3", True),
        ("urn:oid:2.16.840.1.113883.6.90", True),
        ("http://hl7.org/fhir/sid/icd-9-cm", False),
        ("http://snomed.info/sct", False),
        ("", False),
    ],
)
def test_icd_in_every_edition(system: str, icd: bool) -> None:
    assert is_icd(system) is icd


def test_nothing_that_python_calls_printable_ends_a_line_or_steers() -> None:
    printable = "".join(chr(code) for code in range(0x110000) if chr(code).isprintable())

    assert not _LINE_END.search(printable)
    assert not _STEERING.search(printable)


def test_what_can_be_printed_is_written_as_it_is() -> None:
    assert written("Größe “5”, naïve 肝") == "Größe “5”, naïve 肝"
    assert text({"x": " Größe “5” mm "}, "x") == "Größe “5” mm"
