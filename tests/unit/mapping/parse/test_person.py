"""Names, birth dates and identifiers, from resources of every quality."""

from datetime import date
from typing import Any

import pytest

from fhirgate.mapping.parse.person import (
    MOST_IDENTIFIERS,
    NOBODY,
    PersonFacts,
    display_name,
    patient_facts,
)

DAY = date(2024, 6, 1)


def facts(**patient: Any) -> PersonFacts:
    return patient_facts({"resourceType": "Patient", **patient}, DAY)


def name(*names: Any) -> str:
    return display_name({"name": list(names)}, DAY)


def test_a_name_is_read_out_of_its_parts_in_the_order_of_speech() -> None:
    parts = {"family": "Sample", "given": ["Ada", "M."], "prefix": ["Dr", "med."], "suffix": ["Jr"]}

    assert name(parts) == "Dr med. Ada M. Sample Jr"


def test_the_text_of_a_name_goes_before_its_parts() -> None:
    assert name({"text": "SAMPLE, Ada", "family": "Sample"}) == "SAMPLE, Ada"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"use": "official"}, {"use": "usual"}),
        ({"use": "usual"}, {}),
        ({}, {"use": "nickname"}),
        ({"use": "nickname"}, {"use": "maiden"}),
        ({"use": "maiden"}, {"use": "invented"}),
        ({"use": "maiden"}, {"use": "old"}),
        ({"use": "usual"}, {"use": "official", "period": {"end": "2024-05-31"}}),
        ({"use": "usual"}, {"use": "official", "period": {"start": "2024-06-02"}}),
        ({"use": "official", "period": {"end": "2024-06"}}, {"use": "usual"}),
        ({"use": "official", "period": {"end": "no date"}}, {"use": "usual"}),
    ],
)
def test_of_several_names_the_one_that_holds_and_is_most_official_is_taken(first: Any, second: Any) -> None:
    better, worse = {"text": "better", **first}, {"text": "worse", **second}

    assert name(better, worse) == name(worse, better) == "better"


def test_a_name_that_is_over_is_better_than_none() -> None:
    assert name({"use": "official"}, {"use": "old", "family": "Former"}) == "Former"


def test_a_role_is_called_as_its_practitioner_is() -> None:
    role = {"resourceType": "PractitionerRole", "practitioner": {"display": "Dr Example"}}

    assert display_name(role, DAY) == "Dr Example"


@pytest.mark.parametrize("given", ["1959", "1959-04", "1959-04-02"])
def test_a_birth_date_keeps_the_precision_it_has(given: str) -> None:
    assert str(facts(birthDate=given).born_on) == given


def test_identifiers_are_called_by_type_assigner_or_system_in_this_order() -> None:
    typed = {"type": {"text": "MRN", "coding": [{"code": "MR"}]}, "system": "urn:a", "value": "1"}
    coded = {"type": {"coding": [{"code": "MR"}]}, "value": "2"}
    assigned = {"assigner": {"display": "Hospital"}, "system": "urn:a", "value": "3"}
    bare = {"system": "urn:a", "value": "4"}

    assert facts(identifier=[typed, coded, assigned, bare, {"value": "5"}]).identifiers == (
        ("MRN", "1"),
        ("MR", "2"),
        ("Hospital", "3"),
        ("urn:a", "4"),
        ("", "5"),
    )


def test_an_identifier_that_no_longer_holds_is_not_shown() -> None:
    given = [
        {"use": "old", "value": "1"},
        {"value": "2", "period": {"end": "2023"}},
        {"system": "urn:no-value"},
        {"use": "secondary", "value": "4"},
        {"use": "official", "value": "5"},
    ]

    assert facts(identifier=given).identifiers == (("", "5"), ("", "4"))


def test_equal_identifiers_are_shown_once_and_not_more_than_fit() -> None:
    many = [{"value": str(number)} for number in range(MOST_IDENTIFIERS + 3)]

    assert facts(identifier=[many[0], *many]).identifiers == tuple(
        ("", str(number)) for number in range(MOST_IDENTIFIERS)
    )


@pytest.mark.parametrize(
    ("said", "deceased", "died_on"),
    [
        ({}, False, "None"),
        ({"deceasedBoolean": False}, False, "None"),
        ({"deceasedBoolean": True}, True, "None"),
        ({"deceasedBoolean": "true"}, False, "None"),
        ({"deceasedDateTime": "2024-05-03T10:00:00Z"}, True, "2024-05-03"),
        ({"deceasedDateTime": "last spring"}, True, "None"),
    ],
)
def test_death_is_told_with_its_date_where_that_can_be_read(said: Any, deceased: bool, died_on: str) -> None:
    found = facts(**said)

    assert (found.deceased, str(found.died_on)) == (deceased, died_on)


@pytest.mark.parametrize("raw", [None, 7, "Patient", [], [{}], {}])
def test_what_is_no_resource_tells_of_nobody(raw: Any) -> None:
    assert patient_facts(raw, DAY) == NOBODY
    assert display_name(raw, DAY) == ""


ODD = (
    None,
    7,
    1.5,
    True,
    "x",
    [],
    [None],
    [7],
    {},
    {"coding": 7},
    [[{}]],
    {"text": []},
    [{"given": 7}],
    ["x"],
)


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize(
    "element", ["name", "birthDate", "gender", "identifier", "deceasedDateTime", "practitioner"]
)
def test_odd_shapes_raise_nothing(element: str, odd: Any) -> None:
    raw = {element: odd}

    assert isinstance(patient_facts(raw, DAY), PersonFacts)
    assert isinstance(display_name(raw, DAY), str)


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize(
    "element", ["use", "period", "type", "system", "assigner", "given", "family", "prefix"]
)
def test_odd_shapes_within_names_and_identifiers_lose_only_themselves(element: str, odd: Any) -> None:
    raw = {"name": [{"text": "Ada", element: odd}], "identifier": [{"value": "1", element: odd}]}
    found = patient_facts(raw, DAY)

    assert found.name == "Ada"
    assert [value for _, value in found.identifiers] == ["1"]


def test_characters_that_steer_are_spelt_out() -> None:
    assert name({"text": "Ada\u202eelpmaS\x00"}) == r"Ada\u202eelpmaS\x00"


def test_printing_the_facts_does_not_name_the_person() -> None:
    found = facts(name=[{"text": "Ada"}], birthDate="1959", identifier=[{"value": "77"}])

    assert repr(found) == "PersonFacts(sex='', deceased=False)"
