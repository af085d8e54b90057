"""Scopes of both versions."""

import pytest

from fhirgate.sandbox.ehr.scopes import clinical, in_words, within


@pytest.mark.parametrize(
    ("word", "letters"),
    [
        ("patient/Observation.read", "rs"),
        ("user/Observation.write", "cud"),
        ("system/*.*", "cruds"),
        ("patient/Observation.rs", "rs"),
        ("patient/Observation.c", "c"),
        ("patient/Observation.rs?category=imaging&status=final", "rs"),
    ],
)
def test_both_versions_are_read(word: str, letters: str) -> None:
    scope = clinical(word)

    assert scope is not None
    assert (scope.word, scope.letters) == (word, letters)


@pytest.mark.parametrize(
    "word",
    [
        "patient/Observation.sr",
        "patient/Observation.",
        "patient/Observation",
        "patient/Unheard.rs",
        "everyone/Observation.rs",
        "patient/Observation.rs?colour=red",
        "patient/*.rs?category=imaging",
        "launch",
        "PATIENT/Observation.rs",
    ],
)
def test_what_is_no_scope_on_a_type_here_is_none(word: str) -> None:
    assert clinical(word) is None


def test_what_is_given_stays_within_what_is_allowed() -> None:
    allowed = ("launch", "openid", "patient/*.rs", "user/Observation.r", "system/Observation.rs?status=final")
    asked = (
        "launch",
        "offline_access",
        "patient/Observation.read",
        "patient/Observation.read",
        "patient/Observation.crs",
        "user/Observation.r",
        "user/*.r",
        "system/Observation.rs",
        "system/Observation.s?status=final",
        "nonsense",
    )

    assert within(asked, allowed) == (
        "launch",
        "patient/Observation.read",
        "user/Observation.r",
        "system/Observation.s?status=final",
    )


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("patient/Observation.rs", "read, search Observation of this patient"),
        ("user/*.c", "create every type of resource that you may see"),
        ("patient/Observation.r?status=final", "read Observation of this patient within a filter"),
        ("launch", "know which patient is open"),
    ],
)
def test_a_scope_is_told_to_a_person(word: str, told: str) -> None:
    assert in_words(word) == told
