"""Numbers and states in sentences."""

from decimal import Decimal

import pytest

from fhirgate.oncology.verdict import State
from fhirgate.oncology.wording import (
    count,
    listed,
    mm,
    percent_of,
    signed_mm,
    signed_percent,
    state_words,
)


def test_a_length_has_its_unit_and_is_exact() -> None:
    assert [mm(Decimal("20.50")), mm(Decimal(0)), mm(None)] == ["20.5 mm", "0 mm", "not measured"]
    assert [signed_mm(Decimal("4.0")), signed_mm(Decimal("-4.5")), signed_mm(Decimal(0))] == [
        "+4 mm",
        "−4.5 mm",
        "+0 mm",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("20", "+20 %"),
        ("-30", "−30 %"),
        ("22.55", "+22.6 %"),
        ("-29.94", "−29.9 %"),
        ("19.96", "+19.96 %"),
        ("19.996", "+19.99 %"),
        ("19.99999", "+19.99 %"),
        ("-29.999", "−29.99 %"),
        ("20.04", "+20.04 %"),
        ("20.001", "+20 %"),
        ("0", "+0 %"),
    ],
)
def test_a_percentage_is_never_rounded_up_to_a_limit_it_does_not_reach(value: str, text: str) -> None:
    assert signed_percent(Decimal(value)) == text


def test_a_percentage_of_nothing_is_none() -> None:
    assert percent_of(Decimal(5), Decimal(0)) is None
    assert signed_percent(None) == "from nothing"
    assert percent_of(Decimal(5), Decimal(20)) == 25


def test_a_number_agrees_with_its_noun() -> None:
    assert [count(1, "lesion"), count(2, "lesion"), count(2, "metastasis", "metastases")] == [
        "1 lesion",
        "2 lesions",
        "2 metastases",
    ]


@pytest.mark.parametrize(
    ("words", "text"),
    [([], ""), (["lung"], "lung"), (["lung", "liver"], "lung and liver"), (["a", "b", "c"], "a, b and c")],
)
def test_words_become_a_list_in_a_sentence(words: list[str], text: str) -> None:
    assert listed(iter(words)) == text


def test_a_list_may_offer_a_choice() -> None:
    assert listed(["a", "b", "c"], last="or") == "a, b or c"


def test_every_state_has_words_of_its_own_and_no_code() -> None:
    words = [state_words(state) for state in State]

    assert len(set(words)) == len(State)
    assert all(each == each.lower() and "_" not in each for each in words)
    assert [state_words(State.STABLE_DISEASE), state_words(State.NED)] == [
        "stable disease",
        "no evidence of disease",
    ]
