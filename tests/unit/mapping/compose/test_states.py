"""Every state has a code of its own, and a standard one for those who do not know ours."""

import pytest

from fhirgate.mapping.canonical import STATES
from fhirgate.mapping.compose.states import NO_PROGRESSION, STATE_CODES, StateCode, state_code
from fhirgate.oncology.verdict import State

ALL = (*STATE_CODES.values(), NO_PROGRESSION)


def test_every_state_has_a_code() -> None:
    assert set(STATE_CODES) == set(State)


def test_codes_are_unique() -> None:
    assert len({each.code for each in ALL}) == len(ALL)


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.code)
def test_a_code_has_definition_and_companion(each: StateCode) -> None:
    assert each.definition.endswith(".")
    assert each.companions


def test_our_code_stands_first_with_its_version() -> None:
    first, *others = state_code(State.OLIGOPROGRESSION).concept()["coding"]

    assert first == {
        "system": STATES,
        "version": "1.0.0",
        "code": "oligoprogression",
        "display": "Oligoprogression",
    }
    assert [each["code"] for each in others] == ["271299001", "419835002"]


def test_a_text_can_be_given() -> None:
    assert state_code(State.NED).concept("nothing seen")["text"] == "nothing seen"
