"""Tokens from a strict server: fetched once, renewed early, never replayed, never shown, refused in words."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bearer_world import ASKED, KEYS, WANTED, bearer, by_key, clock, codes, failed, fhir_status
from fake_time import FakeTime
from token_server import CLIENT, SECRET, TokenServer
from wire import Heard, answering, reply, wire
from wire_calls import here

from fhirgate.ehr.backend_auth import Access, Authorizer, Basic, Bearer, Open
from fhirgate.ehr.clients import ClientSecret
from fhirgate.ehr.keys import Algorithm
from fhirgate.ehr.rest import FhirServer
from fhirgate.ehr.scopes import Scopes, Version
from fhirgate.errors import (
    EhrError,
    EhrUnavailable,
)
from fhirgate.outbound.client import Outbound
from fhirgate.services.ehr_server import EhrServer


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_an_assertion_is_as_smart_wants_it(algorithm: Algorithm, server: TokenServer, out: Outbound) -> None:
    authorizer = bearer(server, out, by_key(KEYS[algorithm]))

    assert authorizer.headers() == {"Authorization": "Bearer t0ken-1"}

    (claims,), (header,), (form,) = server.claims, server.headers, server.forms
    assert header == {"alg": algorithm, "kid": KEYS[algorithm].kid, "typ": "JWT"}
    assert set(claims) == {"iss", "sub", "aud", "exp", "jti"}
    assert claims["iss"] == claims["sub"] == CLIENT
    assert claims["aud"] == server.endpoint
    assert 0 < claims["exp"] - time.time() <= 300
    assert form["grant_type"] == "client_credentials"
    assert form["scope"] == ASKED
    assert set(form) == {"grant_type", "scope", "client_assertion_type", "client_assertion"}
    assert (authorizer.granted, codes(authorizer)) == (WANTED, [])
    assert fhir_status(out, server, authorizer) == 200


@pytest.mark.parametrize("in_body", [False, True])
def test_a_secret_is_sent_in_the_header_or_in_the_form(
    in_body: bool, server: TokenServer, out: Outbound
) -> None:
    authorizer = bearer(server, out, ClientSecret(client_id=CLIENT, secret=SECRET, in_body=in_body))

    assert fhir_status(out, server, authorizer) == 200

    assert ("client_secret" in server.forms[0]) is in_body


def test_open_and_basic_need_no_token_server() -> None:
    doors: list[Authorizer] = [Open(), Basic(user="reader", password=SECRET)]

    for each in doors:
        each.renew()
        assert (each.granted, each.findings) == (None, ())
    assert doors[0].headers() == {}
    assert doors[1].headers() == {"Authorization": "Basic cmVhZGVyOnMzY3JldDovK8O8"}
    assert repr(doors[1]) == "Basic(user='reader', granted=None, findings=())"


def test_one_request_serves_fifty_threads(server: TokenServer, out: Outbound) -> None:
    server.slow = 0.1
    authorizer = bearer(server, out)
    together = threading.Barrier(50)

    def one(_number: int) -> str:
        together.wait()
        return authorizer.headers()["Authorization"]

    with ThreadPoolExecutor(50) as pool:
        given = set(pool.map(one, range(50)))

    assert given == {"Bearer t0ken-1"}
    assert len(server.forms) == 1


def test_fifty_threads_that_meet_a_401_cause_one_new_token(server: TokenServer, out: Outbound) -> None:
    server.slow = 0.05
    authorizer = bearer(server, out)
    together = threading.Barrier(50)

    def one(number: int) -> str:
        authorizer.headers()
        together.wait()
        time.sleep(number % 5 * 0.05)  # some hear of the 401 after others have a new token
        authorizer.renew()
        return authorizer.headers()["Authorization"]

    with ThreadPoolExecutor(50) as pool:
        given = set(pool.map(one, range(50)))

    assert given == {"Bearer t0ken-2"}
    assert len(server.forms) == 2


def test_fifty_threads_share_one_failure(server: TokenServer, out: Outbound) -> None:
    server.slow = 0.2
    server.first = [answering(reply(b"", status="503 Service Unavailable"))] * 50
    access = Access(outbound=out, server=here(server.port, tries=1), surroundings=clock())
    authorizer = Bearer(access, client=by_key(), wanted=WANTED)
    together = threading.Barrier(50)

    def one(_number: int) -> type[EhrError]:
        together.wait()
        return type(failed(authorizer))

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(one, range(50))) == {EhrUnavailable}

    assert len(server.forms) == 1


def test_a_401_in_mid_run_is_cured_by_renewing(server: TokenServer, out: Outbound) -> None:
    authorizer = bearer(server, out)
    assert fhir_status(out, server, authorizer) == 200
    server.good.clear()

    assert fhir_status(out, server, authorizer) == 401
    authorizer.renew()

    assert fhir_status(out, server, authorizer) == 200
    assert len(server.forms) == 2
    assert not {each["grant_type"] for each in server.forms} - {"client_credentials"}


@pytest.mark.parametrize(
    ("expires_in", "lasts"),
    [
        (300, 270),
        (3600, 3570),
        (60, 45),
        ("300", 270),
        (None, 45),
        (0, 45),
        (-5, 45),
        (True, 45),
        ("soon", 45),
        (2.5, 1.875),
    ],
)
def test_a_token_is_renewed_before_its_end(
    expires_in: Any, lasts: float, server: TokenServer, out: Outbound
) -> None:
    server.life = expires_in
    now = FakeTime()
    authorizer = bearer(server, out, surroundings=clock(now.monotonic))

    first = authorizer.headers()
    now.seconds += lasts - 0.01
    assert authorizer.headers() == first
    now.seconds += 0.02
    assert authorizer.headers() == {"Authorization": "Bearer t0ken-2"}


def test_a_token_is_never_used_longer_than_a_day(server: TokenServer, out: Outbound) -> None:
    server.life = 10**9
    now = FakeTime()
    authorizer = bearer(server, out, surroundings=clock(now.monotonic))
    authorizer.headers()

    now.seconds += 86_400
    assert authorizer.headers() == {"Authorization": "Bearer t0ken-2"}
    assert codes(authorizer) == ["TOKEN_LIVES_LONG"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"token_type": "bEARER"}, []),
        ({"token_type": None}, ["TOKEN_TYPE_MISSING"]),
        ({"expires_in": None}, ["TOKEN_LIFE_UNKNOWN"]),
        ({"expires_in": -1}, ["TOKEN_LIFE_UNKNOWN"]),
        ({"expires_in": "300"}, ["TOKEN_LIFE_AS_TEXT"]),
        ({"refresh_token": "r3fresh"}, ["REFRESH_TOKEN_UNASKED"]),
        ({"scope": None}, ["SCOPES_NOT_TOLD"]),
        ({"scope": "system/*.read"}, []),
        ({"scope": "system/Observation.rs"}, ["SCOPES_NOT_GRANTED"]),
    ],
)
def test_what_is_odd_about_a_token_is_a_finding(
    more: dict[str, Any], expected: list[str], server: TokenServer, out: Outbound
) -> None:
    server.more = more
    authorizer = bearer(server, out)

    assert fhir_status(out, server, authorizer) == 200
    assert codes(authorizer) == expected


def test_a_token_that_may_be_cached_is_a_finding(server: TokenServer, out: Outbound) -> None:
    body = b'{"access_token":"t","token_type":"bearer","expires_in":300,"scope":"system/*.rs"}'
    server.first = [answering(reply(body))]
    authorizer = bearer(server, out)

    authorizer.headers()

    assert codes(authorizer) == ["TOKEN_MAY_BE_CACHED", "TOKEN_PRAGMA_MISSING"]


def test_less_than_was_asked_for_is_told_by_name(server: TokenServer, out: Outbound) -> None:
    server.scopes = "system/Observation.r"
    authorizer = bearer(server, out)

    authorizer.headers()

    (finding,) = (each for each in authorizer.findings if each.code == "SCOPES_NOT_GRANTED")
    assert finding.text.startswith(
        "The server did not grant all that was asked for. Missing: Observation: search; Condition: read, search."
    )
    assert authorizer.granted == Scopes.of("system/Observation.r")


@pytest.mark.parametrize("granted", ["", "openid", "patient/*.rs"])
def test_a_token_that_grants_nothing_asked_for_is_refused(
    granted: str, server: TokenServer, out: Outbound
) -> None:
    server.scopes = granted

    error = failed(bearer(server, out))

    assert error.safe_message == (
        "server 'main': token request: it gave a token that grants nothing of what was asked for: Observation: read,"
        " search; Condition: read, search. Have these scopes registered for the client"
    )


@pytest.mark.parametrize(
    ("smart", "known", "written"),
    [
        ({}, None, ASKED),
        ({"capabilities": ["permission-v1"]}, None, "system/Observation.read system/Condition.read"),
        ({"capabilities": ["permission-v1"]}, Version.V2, ASKED),
        ({}, Version.V1, "system/Observation.read system/Condition.read"),
    ],
)
def test_scopes_are_written_as_the_server_reads_them(
    smart: dict[str, Any], known: Version | None, written: str, server: TokenServer, out: Outbound
) -> None:
    server.smart = smart
    authorizer = bearer(server, out, version=known)

    authorizer.headers()

    assert server.forms[0]["scope"] == written
    assert codes(authorizer) == []


def test_nothing_is_asked_for_where_the_registration_decides(server: TokenServer, out: Outbound) -> None:
    server.scopes = "system/*.rs"
    authorizer = bearer(server, out, wanted=Scopes())

    authorizer.headers()

    assert "scope" not in server.forms[0]
    assert authorizer.granted == Scopes.of("system/*.rs")


def test_a_token_is_fetched_within_the_time_of_the_patient(server: TokenServer, out: Outbound) -> None:
    server.slow = 1.5
    access = Access(outbound=out, server=here(server.port), surroundings=clock())
    entry = EhrServer(name="main", base_url=access.server.base_url, private_hosts=("127.0.0.1",))
    ehr = FhirServer(entry=entry, outbound=out, authorizer=Bearer(access, client=by_key(), wanted=WANTED))
    began = time.monotonic()

    with pytest.raises(EhrUnavailable):
        ehr.visit(0.2).get("Patient/1")

    assert time.monotonic() - began < 1
    assert len(server.forms) == 1
    with pytest.raises(EhrUnavailable, match="there was no token before the time for this patient was over"):
        ehr.visit(0).get("Patient/1")
    assert len(server.forms) == 1


def test_discovery_is_part_of_that_time() -> None:
    def script(connection: socket.socket, heard: Heard) -> None:
        time.sleep(0.6)
        status = "404 Not Found" if "smart-configuration" in heard.line else "200 OK"
        connection.sendall(reply(b'{"resourceType":"CapabilityStatement"}', status=status))

    with wire(script) as there, Outbound() as out:
        authorizer = bearer(TokenServer(port=there.port), out)
        began = time.monotonic()
        with pytest.raises(EhrUnavailable):
            authorizer.headers(0.8)

        assert time.monotonic() - began < 1.1
        assert ["smart" in each.line for each in there.heard] == [True, False]


def test_a_thread_waits_for_the_token_of_another_no_longer_than_it_has(
    server: TokenServer, out: Outbound
) -> None:
    server.slow = 0.6
    authorizer = bearer(server, out)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(authorizer.headers)
        time.sleep(0.2)
        with pytest.raises(EhrUnavailable, match="no token before"):
            authorizer.headers(0.1)

        assert not first.done()
        assert first.result() == {"Authorization": "Bearer t0ken-1"}
    assert authorizer.headers(0.1) == {"Authorization": "Bearer t0ken-1"}


def test_one_whose_time_is_over_takes_no_token_from_those_who_have_time(
    server: TokenServer, out: Outbound
) -> None:
    server.slow = 0.4
    authorizer = bearer(server, out)
    with ThreadPoolExecutor(1) as pool:
        hurried = pool.submit(authorizer.headers, 0.2)
        time.sleep(0.1)
        patient = authorizer.headers(5.0)

    assert isinstance(hurried.exception(), EhrUnavailable)
    assert patient["Authorization"] in {"Bearer t0ken-1", "Bearer t0ken-2"}
    assert len(server.forms) == 2


def test_forgetting_a_token_does_not_wait_for_one_that_is_fetched(server: TokenServer, out: Outbound) -> None:
    authorizer = bearer(server, out)
    authorizer.headers()
    authorizer.renew()
    server.slow = 0.8
    with ThreadPoolExecutor(1) as pool:
        fetching = pool.submit(authorizer.headers)
        time.sleep(0.2)
        authorizer.renew()

        assert not fetching.done()
        assert fetching.result() == {"Authorization": "Bearer t0ken-2"}
    assert authorizer.headers() == {"Authorization": "Bearer t0ken-2"}
