"""The words in which pages tell failures."""

import pytest

from fhirgate.errors import Category, EhrUnavailable
from fhirgate.services.launches import LaunchRefused, Why
from fhirgate.web.words import CATEGORY, WHY, Words, used_up, words_of, words_of_problem


def test_every_failure_has_words_and_no_two_reasons_have_the_same() -> None:
    assert (set(WHY), set(CATEGORY)) == (set(Why), set(Category))
    assert len({each.heading for each in WHY.values()}) == len(Why)


@pytest.mark.parametrize("words", [*WHY.values(), *CATEGORY.values()], ids=lambda each: each.heading)
def test_what_is_said_are_whole_sentences_with_a_next_step(words: Words) -> None:
    assert words.heading[-1] != "."
    assert (words.says[-1], words.advice[-1]) == (".", ".")


def test_a_launch_is_told_by_its_reason_and_anything_else_by_who_must_act() -> None:
    assert words_of(LaunchRefused(Why.DENIED, "x")) is WHY[Why.DENIED]
    assert words_of(EhrUnavailable("x")) is CATEGORY[Category.TRANSIENT]


def test_nobody_is_sent_back_to_what_can_be_used_once_only() -> None:
    again = used_up(CATEGORY[Category.TRANSIENT])

    assert "load this page again" in CATEGORY[Category.TRANSIENT].advice
    assert "from the patient's chart" in again.advice
    assert again.heading == CATEGORY[Category.TRANSIENT].heading


def test_a_problem_without_words_of_its_own_is_told_all_the_same() -> None:
    assert words_of_problem(404, "no-launches").heading == "No EHR can open fhirgate here"
    assert words_of_problem(404, "not-found").heading == "There is nothing here"
    assert words_of_problem(418, "teapot").heading == "That did not work"
