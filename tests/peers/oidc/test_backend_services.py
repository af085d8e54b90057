"""Our side of SMART Backend Services against an authorization server that nobody here wrote, and that is strict."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from peers.oidc.peer import oidc
from wire_calls import here, outbound

from fhirgate.ehr.backend_auth import Access, Bearer
from fhirgate.ehr.clients import Client, ClientSecret, PrivateKeyJwt
from fhirgate.ehr.keys import Algorithm, SigningKey, jwks, new_key
from fhirgate.ehr.scopes import Scopes, Version
from fhirgate.ehr.smart_discovery import discover
from fhirgate.errors import EhrDenied, EhrRefused
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.surroundings import Surroundings

pytestmark = pytest.mark.peer

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = {each: new_key(each, LONG_AGO) for each in Algorithm}
SECRET = "a b:c+d/%41-" + "x" * 40
WANTED = Scopes.for_types(["Observation", "Condition"])


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with oidc(jwks=jwks(list(KEYS.values())), secret=SECRET) as found:
        yield found


@pytest.fixture
def out() -> Iterator[Outbound]:
    with outbound() as found:
        yield found


def by_key(key: SigningKey = KEYS[Algorithm.ES384], **more: Any) -> PrivateKeyJwt:
    return PrivateKeyJwt(**({"client_id": "by-key", "key_at": lambda _now: key} | more))


def bearer(
    port: int, out: Outbound, client: Client | None = None, wanted: Scopes = WANTED, **more: Any
) -> Bearer:
    return Bearer(Access(outbound=out, server=here(port), **more), client=client or by_key(), wanted=wanted)


def fhir_status(out: Outbound, port: int, authorizer: Bearer) -> int:
    return out.get(here(port), "Patient/1", headers=authorizer.headers(), expected=frozenset({401})).status


@pytest.mark.parametrize(
    "client",
    [
        by_key(KEYS[Algorithm.ES384]),
        by_key(KEYS[Algorithm.RS384]),
        ClientSecret(client_id="by:secret", secret=SECRET),
        ClientSecret(client_id="by-form", secret=SECRET, in_body=True),
    ],
    ids=["ES384", "RS384", "secret in the header", "secret in the form"],
)
def test_every_way_to_prove_who_we_are_gives_a_token_that_reads(
    client: Client, port: int, out: Outbound
) -> None:
    authorizer = bearer(port, out, client)

    assert fhir_status(out, port, authorizer) == 200
    assert authorizer.granted == WANTED
    # It says Cache-Control: no-store, and leaves out the Pragma that only SMART asks for.
    assert {each.code for each in authorizer.findings} <= {"TOKEN_PRAGMA_MISSING"}


def test_without_a_token_nothing_is_read(port: int, out: Outbound) -> None:
    assert out.get(here(port), "Patient/1", expected=frozenset({401})).status == 401


def test_scopes_of_version_1_are_granted_too(port: int, out: Outbound) -> None:
    authorizer = bearer(port, out, version=Version.V1)

    authorizer.headers()

    assert authorizer.granted == WANTED


def test_a_scope_that_is_left_out_of_the_grant_is_told(port: int, out: Outbound) -> None:
    wanted = Scopes.for_types(["Observation", "CarePlan"])
    authorizer = bearer(port, out, wanted=wanted)

    authorizer.headers()

    (text,) = (each.text for each in authorizer.findings if each.code == "SCOPES_NOT_GRANTED")
    assert "Missing: CarePlan: read, search." in text


def test_a_token_without_any_scope_is_told(port: int, out: Outbound) -> None:
    authorizer = bearer(port, out, wanted=Scopes.for_types(["CarePlan"]))

    authorizer.headers()

    (text,) = (each.text for each in authorizer.findings if each.code == "SCOPES_NOT_TOLD")
    assert text.endswith("Asked for: CarePlan: read, search.")
    assert authorizer.granted is None


def test_a_scope_that_is_not_allowed_is_told(port: int, out: Outbound) -> None:
    with pytest.raises(EhrRefused) as error:
        bearer(port, out, wanted=Scopes.for_types(["Patient"])).headers()

    assert "400 invalid_scope" in error.value.safe_message
    assert "Patient: read, search; have them registered" in error.value.safe_message


@pytest.mark.parametrize(
    ("client", "surroundings"),
    [
        (by_key(audience="https://elsewhere.example.org/token"), Surroundings()),
        (by_key(), Surroundings(now=lambda: datetime.now(UTC) - timedelta(hours=1))),
        (by_key(new_key(Algorithm.ES384, LONG_AGO)), Surroundings()),
        (by_key(client_id="stranger"), Surroundings()),
        (ClientSecret(client_id="by:secret", secret="not-it"), Surroundings()),  # noqa: S106
    ],
    ids=["wrong audience", "expired", "unknown key", "unknown client", "wrong secret"],
)
def test_what_is_wrong_is_refused_and_told(
    client: Client, surroundings: Surroundings, port: int, out: Outbound
) -> None:
    with pytest.raises(EhrDenied) as error:
        bearer(port, out, client, surroundings=surroundings).headers()

    assert (error.value.status, error.value.challenge) == (401, "invalid_client")
    assert "check client_id" in error.value.safe_message


def test_an_hour_between_the_clocks_is_told(port: int, out: Outbound) -> None:
    late = Surroundings(now=lambda: datetime.now(UTC) - timedelta(hours=1))

    with pytest.raises(EhrDenied, match="s ahead of ours; set the wrong one"):
        bearer(port, out, surroundings=late).headers()


def test_a_replayed_assertion_is_refused_and_ours_are_none(port: int, out: Outbound) -> None:
    replaying = bearer(port, out, surroundings=Surroundings(new_id=lambda: "always the same"))
    ours = bearer(port, out)

    for authorizer in (replaying, ours, ours):
        authorizer.headers()
        authorizer.renew()

    assert ours.headers()
    with pytest.raises(EhrDenied):
        replaying.headers()


def test_what_it_publishes_is_understood(port: int, out: Outbound) -> None:
    found = discover(out, here(port))

    assert found.token_endpoint == f"http://127.0.0.1:{port}/token"
    assert found.scopes_version is Version.V2


def test_a_token_that_ended_is_renewed_by_time_and_by_a_401(out: Outbound) -> None:
    with oidc(jwks=jwks(list(KEYS.values())), secret=SECRET, life=1) as port:
        by_time = bearer(port, out)
        stopped = bearer(port, out, surroundings=Surroundings(monotonic=lambda: 0.0))
        first = by_time.headers()
        assert fhir_status(out, port, stopped) == 200

        time.sleep(2.1)

        assert by_time.headers() != first
        assert fhir_status(out, port, by_time) == 200
        assert fhir_status(out, port, stopped) == 401
        stopped.renew()
        assert fhir_status(out, port, stopped) == 200
