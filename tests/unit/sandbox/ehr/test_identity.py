"""id_tokens, discovery and keys."""

import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sandbox_world import BASE, FHIR, READ, Ehr, ehr

from fhirgate.sandbox.ehr.discovery import CAPABILITIES


@pytest.fixture(scope="module")
def here() -> Ehr:
    return ehr()


def claims_of(here: Ehr, token: str) -> Any:
    keys = KeySet.import_key_set(here.browser.get("/auth/jwks.json").get_json())
    return jwt.decode(token, keys, algorithms=["RS256"])


def test_an_id_token_says_who_the_user_is_and_is_signed(here: Ehr) -> None:
    code = here.code(nonce="n-1")

    token = claims_of(here, here.redeem(code).get_json()["id_token"])

    now = int(here.clock().timestamp())
    assert token.claims == {
        "iss": f"{BASE}/auth",
        "sub": "sandbox-clinician",
        "aud": "app",
        "iat": now,
        "exp": now + 300,
        "nonce": "n-1",
        "fhirUser": f"{FHIR}/Practitioner/sandbox-clinician",
    }
    assert (token.header["alg"], token.header["typ"]) == ("RS256", "JWT")


def test_without_their_scopes_there_is_no_user_and_no_id_token(here: Ehr) -> None:
    bare = claims_of(here, here.launched(scope="launch openid")["id_token"])

    assert "fhirUser" not in bare.claims
    assert "nonce" not in bare.claims
    assert "id_token" not in here.launched(scope="launch patient/Patient.rs")


def test_the_private_part_of_a_key_is_not_told(here: Ehr) -> None:
    (key,) = here.browser.get("/auth/jwks.json").get_json()["keys"]

    assert set(key) == {"kty", "n", "e", "kid", "alg", "use"}


def test_discovery_names_what_is_there_as_json_whatever_is_accepted(here: Ehr) -> None:
    answer = here.get("/.well-known/smart-configuration", Accept="text/html")

    found = json.loads(answer.data)
    assert answer.content_type == "application/json"
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["token_endpoint_auth_methods_supported"] == [
        "none",
        "client_secret_basic",
        "private_key_jwt",
    ]
    assert found["capabilities"] == list(CAPABILITIES)
    for name in ("authorization_endpoint", "token_endpoint", "revocation_endpoint", "jwks_uri"):
        path = found[name].removeprefix(BASE)
        assert here.browser.open(path, method="GET" if name == "jwks_uri" else "POST").status_code in (
            200,
            400,
        )


def test_openids_own_document_is_below_the_issuer(here: Ehr) -> None:
    smart = json.loads(here.get("/.well-known/smart-configuration").data)

    openid = here.browser.get(
        f"{smart['issuer'].removeprefix(BASE)}/.well-known/openid-configuration"
    ).get_json()

    assert openid["issuer"] == smart["issuer"]
    assert openid["jwks_uri"] == smart["jwks_uri"]
    assert openid["id_token_signing_alg_values_supported"] == ["RS256"]
    assert "openid" in READ.split()
