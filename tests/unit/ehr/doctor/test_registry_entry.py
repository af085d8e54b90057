"""What is told of a registry entry before anything is sent."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from doctor_world import BY_PASSWORD, BY_SECRET, Clinic, examined, guarded, of, results, shown
from fake_time import NOON

from fhirgate.ehr.keys import Algorithm, new_key, save_key
from fhirgate.services.ehr_server import AuthEntry, AuthKind


def by_key(folder: Path, **more: Any) -> AuthEntry:
    return AuthEntry(kind=AuthKind.BACKEND, client_id="us", key_file=str(folder), **more)


def test_the_address_is_told_with_how_gently_it_is_asked() -> None:
    line = of(examined(Clinic(), rate_per_second=2.5, concurrency=1), "entry")

    assert line.result.value == "ok"
    assert line.told.says.endswith("/fhir; at most 1 request at a time, 2.5 a second")


def test_an_address_that_is_a_request_is_told() -> None:
    line = of(examined(Clinic(), base_url="http://127.0.0.1:9/fhir/metadata"), "entry")

    assert (line.result.value, line.told.remedy) == (
        "warning",
        "base_url looks like a request; give the FHIR base that stands before it",
    )


@pytest.mark.parametrize(
    ("auth", "says"),
    [
        (AuthEntry(), "none are sent (authentication open)"),
        (BY_SECRET, "a token for a client secret"),
        (BY_PASSWORD, "user name and password with every request"),
    ],
)
def test_how_we_are_let_in_is_told(auth: AuthEntry, says: str) -> None:
    line = of(examined(Clinic(), auth), "credentials")

    assert (line.result.value, line.told.says) == ("ok", says)


@pytest.mark.parametrize(("days", "result"), [(10, "ok"), (366, "warning")])
def test_a_key_is_told_by_its_beginning_algorithm_and_age(tmp_path: Path, days: int, result: str) -> None:
    key = new_key(Algorithm.ES384, NOON - timedelta(days=days))
    save_key(key, tmp_path)

    found = examined(guarded(), by_key(tmp_path))

    line = of(found, "credentials")
    assert line.result.value == result
    assert f"key {key.kid[:12]}… signs ES384; it is {days} days old" in line.told.says
    assert key.kid not in shown(found)


def test_a_key_whose_age_is_not_known_is_told_without_it(tmp_path: Path) -> None:
    saved = save_key(new_key(Algorithm.ES384, NOON), tmp_path)
    saved.rename(tmp_path / "key.pem")

    line = of(examined(guarded(), by_key(tmp_path / "key.pem")), "credentials")

    assert line.told.says.endswith("signs ES384")


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        (BY_SECRET, "the environment variable EHR_SECRET is to hold its secret, and is empty"),
        (
            AuthEntry(kind=AuthKind.BACKEND, client_id="us", key_file="/nowhere.pem"),
            "/nowhere.pem: cannot be read",
        ),
    ],
)
def test_what_lets_us_in_and_is_not_at_hand_is_told_and_no_token_is_tried(
    auth: AuthEntry, words: str
) -> None:
    clinic = guarded()

    found = examined(clinic, auth, patient="p1", environment={})

    line = of(found, "credentials")
    assert line.result.value == "failed"
    assert words in line.told.says
    assert line.told.remedy == "mend it in the registry entry, or at the file or variable that it names"
    assert of(found, "token").told.says == "because registry entry: credentials failed"
    assert results(found, "patient", "reads", "paging", "references") == ["not tried"] * 4
    assert results(found, "statement", "searches")[0] == "ok"
    assert not any("/token" in each for each in clinic.asked)


@pytest.mark.parametrize(
    ("scopes", "result", "says"),
    [
        ((), "ok", "the entry names none, so read and search of 14 types are asked for"),
        (("system/*.rs",), "ok", "the entry names 1 scope; they cover every type that is read"),
        (
            ("system/*.s", "openid"),
            "warning",
            "the entry's own scopes leave out Patient: read; Condition: read",
        ),
    ],
)
def test_the_scopes_of_the_entry_are_held_against_what_is_read(
    scopes: tuple[str, ...], result: str, says: str
) -> None:
    auth = replace(BY_SECRET, scopes=scopes)

    line = of(examined(guarded(), auth), "scopes-asked")

    assert line.result.value == result
    assert line.told.says.startswith(says)
