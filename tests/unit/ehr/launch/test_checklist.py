"""The checklist of Inferno's SMART client suite (STU 2.2), a test for each of its rows.

Three kinds of client each do a whole conversation, EHR launch and standalone: launched, read, renewed, read again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bearer_world import KEYS
from joserfc import jwt
from joserfc.jwk import KeySet
from launch_world import (
    BASE,
    BROWSER,
    CLIENT,
    CONTEXT,
    ISSUER,
    REDIRECT,
    SECRET,
    LaunchEhr,
    LaunchWorld,
    entry,
    launching,
    query_of,
)

from fhirgate.ehr.keys import Algorithm, jwks, load_keys, save_key
from fhirgate.ehr.launch.issuers import check_redirect
from fhirgate.ehr.launch.proof_key import challenge_of
from fhirgate.errors import ConfigurationError
from fhirgate.services.ehr_server import LaunchKind
from fhirgate.services.launches import Begun, Flow

KINDS = ("public", "confidential symmetric", "confidential asymmetric")


@dataclass
class Told:
    """One conversation, as the EHR heard it."""

    kind: str
    flow: Flow
    asked: dict[str, str]
    world: LaunchWorld

    @property
    def ehr(self) -> LaunchEhr:
        return self.world.ehr

    @property
    def code_form(self) -> dict[str, Any]:
        return self.ehr.forms[0]

    @property
    def refresh_form(self) -> dict[str, Any]:
        return self.ehr.forms[1]


@pytest.fixture(scope="module", params=[(kind, flow) for kind in KINDS for flow in Flow], ids=str)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    kind, flow = request.param
    folder = tmp_path_factory.mktemp("checklist")
    key = KEYS[Algorithm.ES384]
    ehr, own, environment = {
        "public": lambda: (LaunchEhr(), entry(), {}),
        "confidential symmetric": lambda: (
            LaunchEhr(secret=SECRET),
            entry(kind=LaunchKind.CLIENT_SECRET, secret_variable="IT"),  # noqa: S106
            {"IT": SECRET},
        ),
        "confidential asymmetric": lambda: (
            LaunchEhr(client_jwks=jwks([key])),
            entry(kind=LaunchKind.PRIVATE_KEY, key_file=str(save_key(key, folder / "keys"))),
            {},
        ),
    }[kind]()
    with launching(folder, ehr, own, environment=environment) as world:
        begun = _begun(world, flow)
        launch = world.launches.finish("main", ehr.authorize(begun.url), BROWSER)
        records = world.launches.records(launch.id, BROWSER)
        assert records is not None
        records.fetch("p1")
        ehr.time.seconds += 300
        records.fetch("p1")
        yield Told(kind, flow, query_of(begun.url), world)


def _begun(world: LaunchWorld, flow: Flow) -> Begun:
    return world.begin() if flow is Flow.EHR else world.launches.begin_standalone("main", BROWSER)


def test_registration_redirect_url_parses_and_is_https() -> None:
    assert check_redirect(REDIRECT) == REDIRECT
    with pytest.raises(ConfigurationError):
        check_redirect(REDIRECT.replace("https", "http"))


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_registration_jwks_holds_a_usable_key(algorithm: Algorithm, tmp_path: Path) -> None:
    save_key(KEYS[algorithm], tmp_path)
    (public,) = jwks(load_keys(tmp_path))["keys"]
    signed = jwt.encode({"alg": algorithm}, {"a": 1}, KEYS[algorithm].private, algorithms=[algorithm])

    assert jwt.decode(signed, KeySet.import_key_set({"keys": [public]}), algorithms=[algorithm]).claims == {  # type: ignore[typeddict-item,list-item]
        "a": 1
    }
    assert not {"d", "p", "q", "k"} & set(public)


def test_authorization_request_response_type_is_code(told: Told) -> None:
    assert told.asked["response_type"] == "code"


def test_authorization_request_has_the_right_client_id(told: Told) -> None:
    assert told.asked["client_id"] == CLIENT


def test_authorization_request_has_the_registered_redirect_uri(told: Told) -> None:
    assert told.asked["redirect_uri"] == REDIRECT


def test_authorization_request_echoes_launch_unchanged_in_an_ehr_launch(told: Told) -> None:
    assert told.asked.get("launch") == (CONTEXT if told.flow is Flow.EHR else None)


def test_authorization_request_has_a_state(told: Told) -> None:
    assert len(told.asked["state"]) == 43


def test_authorization_request_aud_is_the_fhir_base(told: Told) -> None:
    assert told.asked["aud"] == BASE


def test_authorization_request_has_a_code_challenge_with_s256(told: Told) -> None:
    assert len(told.asked["code_challenge"]) == 43
    assert told.asked["code_challenge_method"] == "S256"


def test_authorization_request_has_a_scope(told: Told) -> None:
    expected = "launch" if told.flow is Flow.EHR else "launch/patient"
    assert {expected, "openid", "fhirUser", "patient/Observation.rs"} <= set(told.asked["scope"].split())


def test_token_request_grant_type_fits_the_flow(told: Told) -> None:
    assert [each["grant_type"] for each in told.ehr.forms] == ["authorization_code", "refresh_token"]


def test_token_request_redirect_uri_is_the_authorized_one(told: Told) -> None:
    assert told.code_form["redirect_uri"] == told.asked["redirect_uri"]


def test_token_request_code_verifier_matches_the_challenge(told: Told) -> None:
    assert challenge_of(told.code_form["code_verifier"]) == told.asked["code_challenge"]


def test_token_request_public_client_sends_client_id(told: Told) -> None:
    sent = [each.get("client_id") for each in told.ehr.forms]

    assert sent == ([CLIENT] * 2 if told.kind == "public" else [None] * 2)


def test_token_request_symmetric_client_sends_basic(told: Told) -> None:
    basic = [each for each in told.ehr.headers if each.get("Authorization", "").startswith("Basic ")]

    assert len(basic) == (2 if told.kind == "confidential symmetric" else 0)


def test_token_request_asymmetric_client_sends_client_assertion_type_jwt_bearer(told: Told) -> None:
    kinds = {each.get("client_assertion_type") for each in told.ehr.forms}
    asymmetric = told.kind == "confidential asymmetric"

    assert kinds == {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer" if asymmetric else None}


def test_token_request_refresh_uses_a_token_issued_in_that_session(told: Told) -> None:
    # The server ends the session for any other.
    assert told.refresh_form["refresh_token"].startswith("refresh-")
    assert "scope" not in told.refresh_form
    assert len(told.ehr.good) == 2


@pytest.fixture
def assertions(told: Told) -> list[Any]:
    if told.kind != "confidential asymmetric":
        assert told.ehr.assertions == []
    return told.ehr.assertions


def test_assertion_header_typ_is_jwt(assertions: list[Any]) -> None:
    assert {each.header["typ"] for each in assertions} <= {"JWT"}


def test_assertion_iss_and_sub_are_the_client_id(assertions: list[Any]) -> None:
    assert {each.claims[name] for each in assertions for name in ("iss", "sub")} <= {CLIENT}


def test_assertion_aud_is_the_token_endpoint_as_one_string(assertions: list[Any]) -> None:
    assert {each.claims["aud"] for each in assertions} <= {f"{ISSUER}/token"}


def test_assertion_exp_is_at_most_five_minutes_ahead(told: Told, assertions: list[Any]) -> None:
    latest = int(told.ehr.time.now().timestamp()) + 300

    assert [each for each in assertions if not each.claims["exp"] <= latest] == []


def test_assertion_jti_is_never_used_twice(assertions: list[Any]) -> None:
    ids = [each.claims["jti"] for each in assertions]

    assert len(ids) == len(set(ids))


def test_assertion_signature_is_by_the_registered_jwks(told: Told, assertions: list[Any]) -> None:
    # The server verified each before it gave a token; that there were two is what is to be seen.
    assert len(assertions) == (2 if told.kind == "confidential asymmetric" else 0)


def test_a_later_fhir_request_uses_a_token_of_that_session(told: Told) -> None:
    sent = [
        headers.get("Authorization")
        for call, headers in zip(told.ehr.calls, told.ehr.headers, strict=True)
        if call.startswith(f"GET {BASE}/Patient/p1")
    ]

    assert sent == [f"Bearer {token}" for token in sorted(told.ehr.good, key=lambda each: int(each[7:]))]
