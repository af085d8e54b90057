"""Requests for a token: every try anew, one deadline, and every refusal told in words."""

import time
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bearer_world import ASKED, KEYS, WANTED, WRONG, bearer, by_key, clock, failed, fhir_status
from fake_time import FakeTime
from token_server import CLIENT, SECRET, TokenServer, serving
from wire import answering, reply
from wire_calls import here, reset

from fhirgate.ehr.backend_auth import REFUSED_FOR, Access, Bearer
from fhirgate.ehr.clients import ClientSecret, PrivateKeyJwt
from fhirgate.ehr.keys import Algorithm, jwks, new_key, save_key
from fhirgate.errors import (
    ConfigurationError,
    EhrDenied,
    EhrError,
    EhrForbiddenAddress,
    EhrGarbled,
    EhrRefused,
    EhrUnavailable,
)
from fhirgate.outbound.client import Outbound


@pytest.mark.parametrize(
    "fault",
    [
        reset,
        answering(reply(b"", status="503 Service Unavailable")),
        answering(reply(b"", status="500 Internal Server Error")),
        answering(reply(b"", status="429 Too Many Requests")),
    ],
    ids=["lost", "503", "500", "429"],
)
def test_every_try_has_its_own_assertion(fault: Any, server: TokenServer, out: Outbound) -> None:
    server.first = [fault, fault]

    assert bearer(server, out).headers() == {"Authorization": "Bearer t0ken-1"}

    assert len({each["jti"] for each in server.claims}) == 3


def test_tries_end(server: TokenServer, out: Outbound) -> None:
    server.first = [answering(reply(b"", status="503 Service Unavailable"))] * 9

    assert isinstance(failed(bearer(server, out)), EhrUnavailable)

    assert len(server.forms) == 4


def test_a_wait_beyond_the_deadline_is_not_begun(server: TokenServer, out: Outbound) -> None:
    server.first = [answering(reply(b"", status="503 Service Unavailable", more="Retry-After: 60\r\n"))]

    error = failed(bearer(server, out))

    assert isinstance(error, EhrUnavailable)
    assert error.retry_after == 60
    assert len(server.forms) == 1


def test_all_tries_share_one_deadline(server: TokenServer, out: Outbound) -> None:
    server.slow = 0.6
    server.first = [answering(reply(b"", status="503 Service Unavailable"))]
    access = Access(outbound=out, server=here(server.port, total=1.0), surroundings=clock())

    error = failed(Bearer(access, client=by_key(), wanted=WANTED))

    assert isinstance(error, EhrUnavailable)
    assert len(server.forms) == 2


def test_calls_that_are_held_back_are_not_tried_again(server: TokenServer, out: Outbound) -> None:
    server.first = [answering(reply(b"", status="503 Service Unavailable"))] * 9
    access = Access(
        outbound=out, server=here(server.port, failures_to_hold=2, hold_seconds=0.3), surroundings=clock()
    )

    error = failed(Bearer(access, client=by_key(), wanted=WANTED))

    assert "not called, after too many failures" in error.safe_message
    assert len(server.forms) == 2


def test_a_replayed_assertion_is_refused_by_this_server_at_all(server: TokenServer, out: Outbound) -> None:
    authorizer = bearer(server, out, surroundings=clock(new_id=lambda: "always the same"))
    authorizer.headers()
    authorizer.renew()

    assert "the assertion was used before" in failed(authorizer).safe_message


def test_an_unknown_key_is_told_with_what_to_look_at(server: TokenServer, out: Outbound) -> None:
    stranger = new_key(Algorithm.ES384, datetime(2026, 1, 1, tzinfo=UTC))

    error = failed(bearer(server, out, by_key(stranger)))

    assert isinstance(error, EhrDenied)
    assert error.status == 401
    assert error.safe_message == (
        "server 'main': token request: it gave no token (401 invalid_client): it does not accept us as this client;"
        " it does not find our key; publish it (fhirgate keys publish) and have its address registered; check"
        f" client_id, that the server has our public key {stranger.kid} (fhirgate keys publish) for it, that the"
        " server takes its own token endpoint as audience, and the clocks of both sides"
    )


def test_a_wrong_audience_is_told_and_another_can_be_set(server: TokenServer, out: Outbound) -> None:
    server.audience = "https://login.example.org/realm"

    assert "the audience is not the one it expects" in failed(bearer(server, out)).safe_message
    assert bearer(server, out, by_key(audience=server.audience)).headers()


def test_an_assertion_that_is_over_is_told_with_the_clocks(server: TokenServer, out: Outbound) -> None:
    server.date = time.time()
    late = clock(now=lambda: datetime.now(UTC) - timedelta(hours=1))

    words = failed(bearer(server, out, surroundings=late)).safe_message

    assert "the assertion came when it was over; compare the clocks of both sides" in words
    assert "s ahead of ours; set the wrong one" in words


@pytest.mark.parametrize("ahead", [-3600, 3600])
def test_clocks_that_differ_are_told(ahead: int, server: TokenServer, out: Outbound) -> None:
    server.date = time.time() + ahead

    words = failed(bearer(server, out, ClientSecret(client_id=CLIENT, secret=WRONG))).safe_message

    assert ("ahead of ours" in words, "behind ours" in words) == (ahead > 0, ahead < 0)


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (
            "400 Bad Request",
            b'{"error":"invalid_scope"}',
            EhrRefused,
            "written as in v2: Observation: read, search",
        ),
        ("400 Bad Request", b'{"error":"invalid_client"}', EhrDenied, "check client_id"),
        (
            "400 Bad Request",
            b'{"error":"unauthorized_client"}',
            EhrRefused,
            "registered for Backend Services",
        ),
        ("400 Bad Request", b'{"error":"unsupported_grant_type"}', EhrRefused, "no tokens without a user"),
        ("400 Bad Request", b'{"error":"Jane Doe 1961"}', EhrRefused, "(400): it does not say why"),
        ("400 Bad Request", b"<html>", EhrRefused, "(400): it does not say why in the form of OAuth"),
        ("401 Unauthorized", b"[]", EhrDenied, "check client_id"),
        ("403 Forbidden", b'{"error":"access_denied"}', EhrDenied, "ask its operator"),
        ("404 Not Found", b"", EhrRefused, "404"),
        ("302 Found", b"", EhrRefused, "is not followed"),
        ("200 OK", b"<html>", EhrGarbled, "HTML"),
        ("200 OK", b"[]", EhrGarbled, "its token answer is not a JSON object"),
        ("200 OK", b"{}", EhrGarbled, "has no access_token that can be sent"),
        ("200 OK", b'{"access_token":"a\\r\\nX: 1","token_type":"bearer"}', EhrGarbled, "no access_token"),
        ("200 OK", b'{"access_token":"a","token_type":"mac"}', EhrGarbled, "is not of type bearer"),
        ("200 OK", b'{"access_token":"a","token_type":[]}', EhrGarbled, "is not of type bearer"),
    ],
)
def test_every_refusal_is_told_in_words(
    status: str, body: bytes, kind: type[EhrError], words: str, server: TokenServer, out: Outbound
) -> None:
    server.first = [answering(reply(body, status=status, kind="application/json"))]

    error = failed(bearer(server, out))

    assert isinstance(error, kind)
    assert words in error.safe_message
    assert "Jane" not in error.safe_message


def test_a_refusal_is_told_again_without_asking_for_a_while(server: TokenServer, out: Outbound) -> None:
    now = FakeTime()
    authorizer = bearer(
        server, out, ClientSecret(client_id=CLIENT, secret=WRONG), surroundings=clock(now.monotonic)
    )
    first = failed(authorizer)

    now.seconds += REFUSED_FOR - 1
    assert failed(authorizer) is first
    assert len(server.forms) == 1
    now.seconds += 2
    failed(authorizer)
    assert len(server.forms) == 2


def test_a_failure_that_passes_is_not_remembered(server: TokenServer, out: Outbound) -> None:
    server.first = [answering(reply(b"", status="503 Service Unavailable"))] * 4
    authorizer = bearer(server, out)

    failed(authorizer)

    assert authorizer.headers() == {"Authorization": "Bearer t0ken-1"}


def test_neither_secret_nor_assertion_nor_token_is_ever_shown(server: TokenServer, out: Outbound) -> None:
    secret = ClientSecret(client_id=CLIENT, secret=WRONG)
    refused = bearer(server, out, secret)
    error = failed(refused)  # the server puts the secret into error_description
    authorizer = bearer(server, out)
    headers = authorizer.headers()

    proof = secret.proof(server.endpoint, datetime.now(UTC), lambda: "id")
    signed = by_key().proof(server.endpoint, datetime.now(UTC), lambda: "id")
    shown = "".join(traceback.format_exception(error)) + repr([refused, authorizer, secret, proof, signed])
    shown += repr(vars(authorizer))
    assert headers["Authorization"] == "Bearer t0ken-1"
    for each in (
        WRONG,
        proof.headers["Authorization"],
        "t0ken-1",
        signed.fields["client_assertion"][:40],
        "PRIVATE",
    ):
        assert each not in shown


def test_a_token_endpoint_elsewhere_is_called_only_when_it_is_listed(
    server: TokenServer, out: Outbound
) -> None:
    other = TokenServer(jwks=server.jwks)
    with serving(other):
        server.smart = {"token_endpoint": other.endpoint}

        assert isinstance(failed(bearer(server, out)), EhrForbiddenAddress)
        assert other.forms == []

        bearer(server, out, token_hosts=frozenset({f"127.0.0.1:{other.port}"})).headers()
        assert len(other.forms) == 1


def test_an_endpoint_known_beforehand_needs_no_discovery(server: TokenServer, out: Outbound) -> None:
    authorizer = bearer(server, out, token_endpoint=server.endpoint)
    server.smart = {"token_endpoint": "https://elsewhere.example.org/token"}

    authorizer.headers()

    assert authorizer.findings == ()
    assert server.forms[0]["scope"] == ASKED


def test_a_server_without_a_token_endpoint_is_told(server: TokenServer, out: Outbound) -> None:
    server.smart = {"token_endpoint": None}

    assert (
        "names no token_endpoint; name it in the registry entry" in failed(bearer(server, out)).safe_message
    )


def test_a_configuration_is_asked_for_once_a_day_and_again_after_a_failure(out: Outbound) -> None:
    server = TokenServer(jwks=jwks([KEYS[Algorithm.ES384]]))
    now = FakeTime()
    with serving(server) as wire:
        authorizer = bearer(server, out, surroundings=clock(now.monotonic))

        def asked() -> int:
            authorizer.headers()
            return sum("smart-configuration" in each for each in wire.lines())

        assert asked() == 1
        now.seconds += 80_000
        assert asked() == 1
        now.seconds += 10_000
        assert asked() == 2
        now.seconds += 1_000
        server.first = [answering(reply(b"", status="404 Not Found"))]
        failed(authorizer)
        now.seconds += REFUSED_FOR
        assert asked() == 3


def test_keys_change_without_a_restart(server: TokenServer, out: Outbound, tmp_path: Path) -> None:
    save_key(KEYS[Algorithm.ES384], tmp_path)
    authorizer = bearer(server, out, PrivateKeyJwt.with_keys_in(tmp_path, client_id=CLIENT))
    authorizer.headers()
    newer = new_key(Algorithm.RS384, datetime(2026, 2, 1, tzinfo=UTC))
    save_key(newer, tmp_path)
    server.jwks = jwks([KEYS[Algorithm.ES384], newer])
    authorizer.renew()

    authorizer.headers()

    assert [each["kid"] for each in server.headers] == [KEYS[Algorithm.ES384].kid, newer.kid]


def test_a_folder_without_keys_is_told_before_anything_is_sent(
    server: TokenServer, out: Outbound, tmp_path: Path
) -> None:
    authorizer = bearer(server, out, PrivateKeyJwt.with_keys_in(tmp_path, client_id=CLIENT))

    with pytest.raises(ConfigurationError, match="holds no key"):
        authorizer.headers()

    assert server.forms == []


def test_a_trace_shows_that_a_token_was_asked_for_and_nothing_of_it(server: TokenServer) -> None:
    told: list[str] = []
    with Outbound(trace=lambda each: told.append(f"{each} {each!r}"), surroundings=clock()) as out:
        authorizer = bearer(server, out, ClientSecret(client_id=CLIENT, secret=SECRET, in_body=True))
        assert fhir_status(out, server, authorizer) == 200

    assert "main: POST /token -> 200" in told[1]
    assert not [each for each in told if "t0ken" in each or "s3cret" in each or CLIENT in each]
