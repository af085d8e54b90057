"""The token, what it grants, and who gets in without one."""

from dataclasses import replace
from typing import Any

import pytest
from doctor_world import (
    BY_PASSWORD,
    BY_SECRET,
    SECRET,
    TOKEN,
    Clinic,
    examined,
    guarded,
    of,
    results,
    shape,
    shown,
)
from ehr_world import Ehr, everything, fhir

from fhirgate.services.ehr_server import AuthEntry


def test_a_token_that_grants_all_is_fine() -> None:
    found = examined(guarded(), BY_SECRET, patient="p1")

    assert results(found, "token", "scopes-granted", "unguarded", "patient") == ["ok"] * 4
    assert shape(of(found, "token")) == "POST /token -> 200 in 0 ms"
    assert of(found, "scopes-granted").told.says.startswith(
        "all that were asked for: Patient: read, search; "
    )
    assert set(results(found, "reads")) == {"ok"}
    assert SECRET not in shown(found)
    assert TOKEN not in shown(found)


@pytest.mark.parametrize(
    ("answer", "says", "remedy"),
    [
        (
            ("401 Unauthorized", {"error": "invalid_client"}),
            "it gave no token (401 invalid_client): it does not accept us as this client",
            "compare with what is registered at the server",
        ),
        (
            ("400 Bad Request", {"error": "unauthorized_client"}),
            "it gave no token (400 unauthorized_client)",
            "have the client registered for Backend Services",
        ),
        (
            ("400 Bad Request", {"error": "unsupported_grant_type"}),
            "it gave no token (400 unsupported_grant_type)",
            "the server knows no clients without a user",
        ),
        (
            ("400 Bad Request", {"error": "invalid_scope"}),
            "it gave no token (400 invalid_scope)",
            "set scopes in the registry entry",
        ),
        (("200 OK", {"access_token": 7}), "has no access_token that can be sent", "check token_url"),
        (("500 Broken", {}), "it answered 500 (Internal Server Error)", "give the request's id"),
    ],
)
def test_a_token_that_is_not_given_is_told_and_stops_the_reads(answer: Any, says: str, remedy: str) -> None:
    found = examined(guarded(token=answer), BY_SECRET, patient="p1")

    line = of(found, "token")
    assert line.result.value == "failed"
    assert says in line.told.says
    assert line.told.remedy.startswith(remedy)
    assert shape(line).startswith("POST /token -> ")
    assert of(found, "patient").told.says == "because access: token failed"
    assert of(found, "scopes-granted").told.says == "because access: token failed"
    assert set(results(found, "searches")) == {"ok"}


def test_a_token_that_grants_nothing_of_what_was_asked_for_is_told() -> None:
    line = of(examined(guarded(scope="launch"), BY_SECRET), "token")

    assert line.result.value == "failed"
    assert "grants nothing of what was asked for" in line.told.says
    assert line.told.remedy == "have the scopes that are read registered for this client at the server"


def test_what_was_not_granted_is_told_type_by_type_with_what_is_lost() -> None:
    auth = replace(
        BY_SECRET,
        scopes=("system/Observation.rs", "system/Procedure.rs", "system/Group.rs", "launch"),
    )

    found = examined(guarded(scope="system/Observation.s system/Procedure.r"), auth)

    told = [
        (each.told.about, each.result.value, each.told.says)
        for each in found.lines
        if each.check == "scopes-granted"
    ]
    assert told == [
        ("Observation", "failed", "not granted: read; lost: every measured lesion, so nothing can be judged"),
        (
            "Procedure",
            "warning",
            "not granted: search; lost: surgery and radiotherapy, so that a treated lesion counts as untreated",
        ),
        ("Group", "warning", "not granted: read, search; lost: what is referred to by it"),
        ("", "warning", "not granted: launch"),
    ]
    assert of(found, "scopes-granted", "Procedure").told.remedy == (
        "have these registered for this client at the server: system/Observation.r system/Procedure.s system/Group.rs"
    )


def test_an_answer_that_does_not_say_what_it_grants_is_told() -> None:
    line = of(examined(guarded(scope=None), BY_SECRET), "scopes-granted")

    assert line.result.value == "warning"
    assert line.told.says.startswith("the token answer does not say which scopes it grants")


def test_what_is_odd_about_a_token_is_told() -> None:
    clinic = guarded()
    clinic.headers = ""

    found = examined(clinic, BY_SECRET)

    told = [each.told.says for each in found.lines if each.check == "token"]
    assert told[0] == "given"
    assert told[1].startswith("The token answer lacks Cache-Control: no-store")


@pytest.mark.parametrize(("auth", "kind"), [(AuthEntry(), "open"), (BY_PASSWORD, "user name and password")])
def test_without_tokens_none_is_asked_for(auth: AuthEntry, kind: str) -> None:
    clinic = Clinic()

    found = examined(clinic, auth)

    assert kind in of(found, "token").told.says
    assert results(found, "token", "scopes-granted", "scopes-asked") == ["not tried", "ok", "not tried"]
    assert not any("/token" in each for each in clinic.asked)


def test_a_password_goes_with_the_reads() -> None:
    found = examined(guarded(), BY_PASSWORD, patient="p1")

    assert (of(found, "patient").result.value, of(found, "unguarded").result.value) == ("ok", "ok")


def test_a_wrong_password_is_told_at_the_first_read() -> None:
    line = of(examined(guarded(), BY_PASSWORD, patient="p1", environment={"EHR_SECRET": "no"}), "patient")

    assert line.result.value == "failed"
    assert line.told.remedy == (
        "check client_id (the user name) and the password in the variable of secret_variable"
    )


def test_a_server_that_wants_credentials_from_an_open_entry_is_told() -> None:
    found = examined(guarded(), patient="p1")

    assert of(found, "unguarded").told.says == (
        "the server speaks of authorization, and the registry entry sends no credentials"
    )
    assert of(found, "patient").told.remedy == "the server wants credentials: set auth in the registry entry"


def test_authorization_in_the_statement_alone_is_seen() -> None:
    made = everything()
    made["rest"][0]["security"] = {"service": [{"text": "OAuth"}]}

    assert of(examined(Clinic(ehr=Ehr(statement=made))), "unguarded").result.value == "warning"


@pytest.mark.parametrize(
    ("guards", "patient", "result", "says"),
    [
        (True, "p1", "ok", "a read without credentials is refused"),
        (True, "", "ok", "a read without credentials is refused"),
        (False, "p1", "warning", "a patient is read without any credentials: the server is open to anybody"),
        (
            False,
            "",
            "warning",
            "a read without credentials is answered with 404 instead of 401, as if it were looked up",
        ),
    ],
)
def test_a_server_that_reads_without_a_token_is_told(
    guards: bool, patient: str, result: str, says: str
) -> None:
    clinic = guarded(guarded=guards)

    line = of(examined(clinic, BY_SECRET, patient=patient), "unguarded")

    assert f"GET /fhir/Patient/{patient or 'fhirgate-doctor'}" in clinic.asked
    assert (line.result.value, line.told.says) == (result, says)
    assert shape(line).startswith(
        "GET Patient/{id} -> 4" if guards or not patient else "GET Patient/{id} -> 200"
    )
    assert ("operator of 127.0.0.1" in line.told.remedy) != guards


def test_a_read_without_token_that_fails_says_nothing_of_guards() -> None:
    clinic = guarded(guarded=False)
    clinic.ehr.always("Patient/fhirgate-doctor", fhir({}, 500))

    line = of(examined(clinic, BY_SECRET), "unguarded")

    assert (line.result.value, line.told.says) == (
        "warning",
        "it answered 500 (Internal Server Error) (tried 2 times in 0.0 s)",
    )
