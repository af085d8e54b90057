"""Assertions of clients with a key, and those that must not be believed."""

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sandbox_world import ASSERTION_TYPE, KEY, OTHER_KEY, RSA_KEY, TOKEN_URL, Ehr, clients, ehr

from fhirgate.ehr.keys import jwks


@pytest.fixture(scope="module")
def here() -> Ehr:
    return ehr()


def refused(here: Ehr, **changed: Any) -> str:
    """Why an assertion with this change is not believed."""
    answer = here.backend(**changed)
    body = json.loads(answer.data)
    assert (answer.status_code, body.get("error")) == (401, "invalid_client"), body
    return str(body["error_description"])


@pytest.mark.parametrize("key", [KEY, RSA_KEY], ids=["ES384", "RS384"])
def test_both_algorithms_of_smart_are_taken(key: Any, here: Ehr) -> None:
    assert here.backend(key=key).status_code == 200


def now(here: Ehr, **later: int) -> int:
    return int((here.clock() + timedelta(**later)).timestamp())


def test_an_assertion_is_good_once(here: Ehr) -> None:
    """Attack: jti replay."""
    first = here.backend(jti="one")

    assert first.status_code == 200
    assert refused(here, jti="one") == "the jti of the assertion was used before"


def test_an_id_is_remembered_as_long_as_the_assertion_is_good() -> None:
    here = ehr()
    assertion = here.assertion(jti="one", exp=now(here, minutes=5))
    form = {
        "grant_type": "client_credentials",
        "scope": "system/*.rs",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    assert here.token(form).status_code == 200

    here.clock.forward(minutes=5)
    again = here.token(form).get_json()["error_description"]
    here.clock.forward(seconds=6)
    later = here.token(form).get_json()["error_description"]

    assert again == "the jti of the assertion was used before"
    assert later == "the assertion has expired"
    assert here.backend(jti="one").status_code == 200


@pytest.mark.parametrize(
    ("later", "says"),
    [
        ({"seconds": -6}, "the assertion has expired"),
        ({"minutes": -60}, "the assertion has expired"),
        ({"seconds": 310}, "exp of the assertion is more than five minutes ahead"),
        ({"hours": 1}, "exp of the assertion is more than five minutes ahead"),
    ],
)
def test_an_assertion_lives_five_minutes_at_most(later: dict[str, int], says: str, here: Ehr) -> None:
    """Attack: expired assertion; and the one-hour assertion that is let pass elsewhere."""
    assert refused(here, exp=now(here, **later)) == says


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"exp": None}, "the assertion has expired"),
        ({"exp": "soon"}, "the assertion has expired"),
        ({"exp": True}, "the assertion has expired"),
        ({"exp": 10**30}, "the assertion has expired"),
        (
            {"aud": "https://sandbox.example/fhir"},
            "aud of the assertion is to be the token endpoint, as one string",
        ),
        ({"aud": [TOKEN_URL]}, "aud of the assertion is to be the token endpoint, as one string"),
        ({"aud": None}, "aud of the assertion is to be the token endpoint, as one string"),
        ({"iss": "app"}, "iss and sub of the assertion are to be the client_id"),
        ({"sub": "nobody"}, "there is no such client here"),
        ({"sub": "with-secret"}, "this client proves who it is by client_secret_basic"),
        ({"jti": None}, "the assertion has no jti"),
        ({"jti": 5}, "the assertion has no jti"),
        ({"iat": 99999999999}, "iat of the assertion is in the future"),
        ({"nbf": "later"}, "nbf of the assertion is in the future"),
        ({"header": {"typ": "at+jwt"}}, "the assertion's typ is not JWT"),
        (
            {"header": {"jku": "https://evil.example/jwks.json"}},
            "keys are those of the registration, and not named by the assertion",
        ),
        (
            {"header": {"kid": "wrong"}},
            "its kid names no single key of this client of the kind it is signed with",
        ),
        ({"key": OTHER_KEY}, "its kid names no single key of this client of the kind it is signed with"),
        (
            {"key": OTHER_KEY, "header": {"kid": KEY.kid}},
            "the signature of the assertion does not fit the client's key",
        ),
        (
            {"key": RSA_KEY, "header": {"kid": KEY.kid}},
            "its kid names no single key of this client of the kind it is signed with",
        ),
        ({"key": RSA_KEY, "header": {"alg": "RS256"}}, "the assertion is not signed by one of RS384, ES384"),
    ],
)
def test_an_assertion_with_a_fault_is_not_believed(changed: dict[str, Any], says: str, here: Ehr) -> None:
    assert refused(here, **changed) == says


def part(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "assertion",
    [
        "",
        "a.b",
        "a.b.c",
        f"{part([])}.{part({})}.x",
        f"{part({})}.{part('x')}.x",
        "é.b.c",
        f"{part({})}.{part({})}",
    ],
)
def test_what_is_no_jwt_is_refused(assertion: str, here: Ehr) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }

    answer = here.token(form)

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_an_unsigned_assertion_is_refused(here: Ehr) -> None:
    good = here.assertion().split(".")
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": f"{part({'alg': 'none', 'typ': 'JWT'})}.{good[1]}.",
    }

    answer = here.token(form)

    assert answer.get_json()["error_description"] == "the assertion is not signed by one of RS384, ES384"


def test_two_keys_of_one_name_are_no_single_key() -> None:
    twice = jwks([KEY, KEY])
    client = replace(clients()[3], keys=lambda: twice)
    here = ehr(registered=[client])

    assert refused(here) == "its kid names no single key of this client of the kind it is signed with"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"client_assertion_type": "other"}, f"client_assertion_type is not {ASSERTION_TYPE}"),
        ({"client_assertion_type": None}, f"client_assertion_type is not {ASSERTION_TYPE}"),
        ({"client_id": "app"}, "client_id is another one than in the assertion"),
        ({"client_secret": "x", "Authorization": "Basic eDp5"}, "one way to prove who you are, not two"),
    ],
)
def test_a_request_that_contradicts_itself_is_refused(changed: dict[str, Any], says: str, here: Ehr) -> None:
    header = changed.pop("Authorization", None)
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": here.assertion(),
    } | changed

    answer = here.token(form, **({"Authorization": header} if header else {}))

    assert (answer.status_code, answer.get_json()["error_description"]) == (400, says)
