"""SMART scopes of both versions, and what is missing from a grant."""

import pytest

from fhirgate.ehr.scopes import Scope, Scopes, Version, version_for


@pytest.mark.parametrize(
    ("word", "scope"),
    [
        ("system/Observation.read", Scope(type="Observation", letters="rs")),
        ("system/Observation.write", Scope(type="Observation", letters="cud")),
        ("system/*.*", Scope(type="*", letters="cruds")),
        ("system/Observation.rs", Scope(type="Observation", letters="rs")),
        ("patient/Condition.cruds", Scope(context="patient", type="Condition", letters="cruds")),
        (
            "user/Observation.s?category=a|b",
            Scope(context="user", type="Observation", letters="s", query="category=a|b"),
        ),
    ],
)
def test_both_versions_are_read_as_letters(word: str, scope: Scope) -> None:
    assert Scopes.of(word) == Scopes(clinical=(scope,))


@pytest.mark.parametrize(
    "word",
    ["openid", "launch/patient", "system/Observation.sr", "system/Observation.", "system/observation.rs"],
)
def test_what_is_no_access_to_a_type_is_kept_as_a_word(word: str) -> None:
    assert Scopes.of(word) == Scopes(others=(word,))


def test_a_request_is_written_in_either_version() -> None:
    wanted = Scopes.of("system/Observation.rs system/CarePlan.crus launch")

    assert wanted.text(Version.V2) == "system/Observation.rs system/CarePlan.crus launch"
    assert (
        wanted.text(Version.V1) == "system/Observation.read system/CarePlan.read system/CarePlan.write launch"
    )


def test_a_scope_to_write_only_is_written_so() -> None:
    assert Scopes.of("system/CarePlan.cu").text(Version.V1) == "system/CarePlan.write"


def test_a_filter_is_written_in_version_2_only() -> None:
    wanted = Scopes.of("system/Observation.rs?category=laboratory")

    assert str(wanted) == "system/Observation.rs?category=laboratory"
    assert wanted.text(Version.V1) == "system/Observation.read"


def test_letters_for_types_stand_in_the_only_order_allowed() -> None:
    assert (
        str(Scopes.for_types(["Condition", "Condition", "Patient"], "sr"))
        == "system/Condition.rs system/Patient.rs"
    )


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        ("system/Observation.rs system/Condition.rs", ""),
        ("system/Observation.read system/Condition.read", ""),
        ("system/*.rs", ""),
        ("system/*.read", ""),
        ("system/Observation.r system/Observation.s system/Condition.cruds", ""),
        ("system/Observation.r system/Condition.rs", "system/Observation.s"),
        ("system/Observation.rs", "system/Condition.rs"),
        ("patient/*.rs", "system/Observation.rs system/Condition.rs"),
        ("system/Observation.rs?category=laboratory system/Condition.rs", "system/Observation.rs"),
        ("system/*.cud", "system/Observation.rs system/Condition.rs"),
        ("", "system/Observation.rs system/Condition.rs"),
    ],
)
def test_what_a_grant_lacks_is_known_across_the_versions(granted: str, missing: str) -> None:
    wanted = Scopes.of("system/Observation.rs system/Condition.rs")

    assert str(wanted.missing_from(Scopes.of(granted))) == missing


def test_a_filter_is_covered_by_the_same_filter_or_by_none() -> None:
    wanted = Scopes.of("system/Observation.rs?category=imaging")

    assert not wanted.missing_from(Scopes.of("system/Observation.rs?category=imaging"))
    assert not wanted.missing_from(Scopes.of("system/Observation.rs"))
    assert wanted.missing_from(Scopes.of("system/Observation.rs?category=laboratory")) == wanted


def test_scopes_are_told_in_words() -> None:
    scopes = Scopes.of("system/Observation.rs user/*.c system/Condition.s?code=secret offline_access")

    assert (
        scopes.in_words()
        == "Observation: read, search; all types (user): create; Condition within a filter: search; offline_access"
    )


@pytest.mark.parametrize(
    ("capabilities", "supported", "version"),
    [
        (["permission-v1", "permission-v2"], [], Version.V2),
        (["permission-v1"], ["system/Patient.rs"], Version.V1),
        ([], [], Version.V1),
        ([], ["openid", "system/Patient.read"], Version.V1),
        ([], ["openid", "system/Patient.rs"], Version.V2),
    ],
)
def test_version_2_is_written_where_the_server_says_it_reads_it(
    capabilities: list[str], supported: list[str], version: Version
) -> None:
    assert version_for(capabilities, supported) is version


def test_two_sets_together_say_the_letters_of_a_type_once() -> None:
    both = Scopes.of("system/Observation.rs system/Patient.r openid").plus(
        Scopes.of("system/Observation.cs user/Patient.r system/CarePlan.crus openid launch")
    )

    assert str(both) == (
        "system/Observation.crs system/Patient.r user/Patient.r system/CarePlan.crus openid launch"
    )
