"""Calls that fail: tried again or not, and the error that comes out."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fake_time import NOON
from outbound_world import BASE, World, main, world
from requests.exceptions import ConnectionError as Broken
from requests.exceptions import ConnectTimeout, ReadTimeout

from fhirgate.errors import EhrDenied, EhrError, EhrGarbled, EhrRefused, EhrThrottled, EhrUnavailable
from fhirgate.outbound.call import Call
from fhirgate.outbound.destination import Timeouts

OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "processing", "diagnostics": "John Smith"}],
}


@pytest.fixture
def at() -> Iterator[World]:
    with world() as found:
        yield found


def failed(at: World, call: Call | None = None, **terms: Any) -> EhrError:
    with pytest.raises(EhrError) as error:
        at.outbound.send(main(**terms), call or Call(url="Patient/77"))
    assert (error.value.__context__, error.value.__cause__) == (None, None)
    return error.value


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_a_passing_failure_is_tried_again(at: World, status: int) -> None:
    at.answers(status, status, status, 200)

    answer = at.outbound.get(main(), "Patient/77")

    assert (answer.tries, at.time.slept) == (4, [0.25, 0.5, 1.0])


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_failure_that_does_not_pass_is_an_error_after_the_last_try(at: World, status: int) -> None:
    at.answers(status, status, status, status, json=OUTCOME)

    error = failed(at)

    assert type(error) is EhrUnavailable
    assert (error.status, error.reached, error.retry, error.retry_after) == (status, True, True, None)
    assert str(error).startswith(f"server 'main': GET Patient/{{id}}: it answered {status} (")
    assert str(error).endswith("): error processing (tried 4 times in 1.8 s)")


def test_a_500_is_tried_again_where_a_second_try_cannot_harm(at: World) -> None:
    at.answers(500, 200)
    at.answers(500, method="PUT")

    assert at.outbound.get(main(), "Patient/77").tries == 2
    error = failed(at, Call(method="PUT", url="Patient/77", body=b"{}"))
    assert str(error) == "server 'main': PUT Patient/{id}: it answered 500 (Internal Server Error)"
    assert type(error) is EhrUnavailable


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_may_not_be_sent_twice_is_not(at: World, method: str) -> None:
    at.answers(503, method=method)

    error = failed(at, Call(method=method, url="Patient/77", body=b"{}"))

    assert (type(error), error.reached, at.time.slept) == (EhrUnavailable, True, [])


def test_a_caller_may_say_that_a_post_can_be_sent_twice_and_a_put_cannot(at: World) -> None:
    at.answers(503, 200, method="POST", path="/Observation/_search")
    at.answers(503, method="PUT")

    search = Call(method="POST", url="Observation/_search", body=b"patient=77", repeatable=True)
    assert at.outbound.send(main(), search).tries == 2
    failed(at, Call(method="PUT", url="Patient/77", body=b"{}", repeatable=False))


@pytest.mark.parametrize(
    ("header", "slept"),
    [("7", 7.25), ("Sun, 01 Mar 2026 06:30:20 GMT", 20.25), ("0", 0.25), ("soon", 0.25)],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_is_left_alone_as_long_as_it_asks(at: World, status: int, header: str, slept: float) -> None:
    at.answers(status, headers={"Retry-After": header})
    at.answers(200)

    at.outbound.get(main(), "Patient/77")

    assert at.time.slept == [slept]


def test_other_calls_wait_too_when_one_is_told_to(at: World) -> None:
    at.answers(429, method="POST", path="/Observation", headers={"Retry-After": "7"})
    at.answers(200)

    error = failed(at, Call(method="POST", url="Observation", body=b"{}"))
    at.outbound.get(main(), "Patient/77")

    assert isinstance(error, EhrThrottled)
    assert (error.status, error.retry_after, error.reached) == (429, 7.0, False)
    assert at.time.slept == [7.0]


def test_one_kind_of_resource_that_is_not_served_now_does_not_hold_up_the_others(at: World) -> None:
    """A 503 may be of what stands behind one path; when all of it is down, the breaker holds back soon."""
    at.answers(503, path="/Observation", headers={"Retry-After": "3600"})
    at.answers(200)

    error = failed(at, Call(url="Observation"))
    at.outbound.get(main(), "Patient/77")

    assert isinstance(error, EhrUnavailable)
    assert error.retry_after == 3600.0
    assert at.time.slept == []


def test_a_wait_beyond_the_deadline_is_told_and_not_waited_for(at: World) -> None:
    at.answers(429, headers={"Retry-After": "3600"})

    error = failed(at)

    assert isinstance(error, EhrThrottled)
    assert error.retry_after == 3600.0
    assert str(error) == (
        "server 'main': GET Patient/{id}: it answered that there are too many requests (429); it asks to wait 3600 s"
    )
    assert at.time.slept == []


def test_a_call_whose_turn_comes_after_its_deadline_is_not_made(at: World) -> None:
    at.answers(429, headers={"Retry-After": "3600"})
    failed(at)

    error = failed(at)

    assert isinstance(error, EhrThrottled)
    assert error.retry_after == 300.0
    assert str(error) == (
        "server 'main': GET Patient/{id}: not called, as its turn comes in 300.0 s, after the deadline of this call"
    )


def test_the_tries_end_at_the_deadline(at: World) -> None:
    at.answers(503, 503, 503)

    failed(at, Call(url="Patient/77", total_seconds=1.5))

    assert at.time.slept == [0.25, 0.5]


def test_the_deadline_of_a_server_holds_where_a_call_has_none(at: World) -> None:
    at.answers(503, 503)

    failed(at, timeouts=Timeouts(total=0.5))

    assert at.time.slept == [0.25]


def test_requests_go_no_faster_than_the_rate_of_their_server(at: World) -> None:
    at.answers(200, 200, 200, 200)
    gentle = main(rate_per_second=2.0, burst=2)

    for _ in range(4):
        at.outbound.get(gentle, "Patient/77")

    assert at.time.slept == [0.5, 0.5]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Broken("GET /Patient/77"), "it broke the connection off without an answer"),
        (ReadTimeout("GET /Patient/77"), "it did not answer in time"),
    ],
)
def test_a_connection_that_breaks_may_have_carried_the_request(
    at: World, error: Exception, words: str
) -> None:
    at.fails(error)
    at.answers(200)
    at.fails(error, method="POST", path="/Observation")

    assert at.outbound.get(main(), "Patient/77").tries == 2
    found = failed(at, Call(method="POST", url="Observation", body=b"{}"))

    assert str(found) == f"server 'main': POST Observation: {words}"
    assert (type(found), found.reached, found.status) == (EhrUnavailable, True, None)


def test_a_connection_that_is_never_made_has_carried_nothing(at: World) -> None:
    at.fails(ConnectTimeout("x"), method="POST", path="/Observation")

    error = failed(at, Call(method="POST", url="Observation", body=b"{}"))

    assert str(error) == "server 'main': POST Observation: no connection could be made in time"
    assert (type(error), error.reached) == (EhrUnavailable, False)


def test_a_bug_of_ours_is_not_taken_for_a_failure_of_the_server(at: World) -> None:
    at.fails(ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        at.outbound.get(main(), "Patient/77")


REDIRECT = "which is not followed; correct base_url"


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "words"),
    [
        (
            301,
            {"Location": "https://user@evil.example/?patient=77"},
            None,
            EhrRefused,
            f"it answered with a redirect (301) to another place, {REDIRECT}",
        ),
        (
            302,
            {"Location": "https://evil.example/?patient=77"},
            None,
            EhrRefused,
            f"it answered with a redirect (302) to https://evil.example:443, {REDIRECT}",
        ),
        (
            307,
            {"Location": "/login"},
            None,
            EhrRefused,
            f"it answered with a redirect (307) to another place, {REDIRECT}",
        ),
        (308, {}, None, EhrRefused, f"it answered with a redirect (308) to another place, {REDIRECT}"),
        (304, {}, None, EhrRefused, "it answered 304 (Not Modified)"),
        (400, {}, {"error": "invalid_client"}, EhrRefused, "it answered 400 (Bad Request): invalid_client"),
        (
            401,
            {"WWW-Authenticate": 'Bearer error="invalid_token"'},
            None,
            EhrDenied,
            "it did not accept our credentials (401) (invalid_token)",
        ),
        (401, {}, None, EhrDenied, "it did not accept our credentials (401)"),
        (
            403,
            {},
            OUTCOME,
            EhrDenied,
            "it does not permit this call (403) (error processing); compare the scopes it granted with those it needs",
        ),
        (404, {}, OUTCOME, EhrRefused, "it answered 404 (Not Found): error processing"),
        (422, {}, OUTCOME, EhrRefused, "it answered 422 (Unprocessable Entity): error processing"),
        (501, {}, None, EhrRefused, "it answered 501 (Not Implemented)"),
        (499, {}, None, EhrRefused, "it answered 499"),
    ],
)
def test_a_status_is_an_error_by_who_must_act(
    at: World, status: int, headers: dict[str, str], body: Any, kind: type[EhrError], words: str
) -> None:
    at.answers(status, headers=headers, json=body)

    error = failed(at)

    assert (type(error), error.status, error.reached) == (kind, status, True)
    assert str(error) == f"server 'main': GET Patient/{{id}}: {words}"


def test_the_parts_of_a_refusal_can_be_read_by_the_program(at: World) -> None:
    at.answers(422, json=OUTCOME)
    at.answers(401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})

    refused, denied = failed(at), failed(at)

    assert isinstance(refused, EhrRefused)
    assert isinstance(denied, EhrDenied)
    assert (refused.reasons, denied.challenge) == (("error processing",), "invalid_token")


def test_the_page_of_an_error_is_not_shown(at: World) -> None:
    at.answers(404, json=None, body="<html>John Smith</html>", content_type="text/html")

    assert str(failed(at)) == "server 'main': GET Patient/{id}: it answered 404 (Not Found)"


def test_an_endless_page_of_an_error_is_cut(at: World) -> None:
    at.answers(404, json=None, body=b" " * ((1 << 20) + 1))

    assert str(failed(at)) == "server 'main': GET Patient/{id}: it answered 404 (Not Found)"
    assert at.told[-1].received_bytes == 0


def test_a_cut_off_body_is_tried_again(at: World) -> None:
    at.answers(200, headers={"Content-Length": "500"}, auto_calculate_content_length=False)
    at.answers(200)
    at.answers(200, method="POST", headers={"Content-Length": "500"}, auto_calculate_content_length=False)

    assert at.outbound.get(main(), "Patient/77").tries == 2
    error = failed(at, Call(method="POST", url="Patient/77", body=b"{}"))
    assert str(error) == "server 'main': POST Patient/{id}: its answer was cut off"
    assert (type(error), error.status, error.reached) == (EhrUnavailable, 200, True)


def test_a_damaged_compression_is_told(at: World) -> None:
    at.answers(200, json=None, body=b"not gzip", headers={"Content-Encoding": "gzip"})

    error = failed(at)

    assert str(error) == "server 'main': GET Patient/{id}: its compressed answer is damaged"
    assert type(error) is EhrGarbled


def test_after_many_failures_calls_are_held_back_until_a_time_that_is_told(at: World) -> None:
    frail = {"tries": 1, "failures_to_hold": 3, "hold_seconds": 30.0}
    at.answers(503, 503, 503)
    for _ in range(3):
        failed(at, **frail)
    at.time.seconds += 10

    error = failed(at, **frail)

    assert isinstance(error, EhrUnavailable)
    assert str(error) == (
        "server 'main': GET Patient/{id}: not called, after too many failures in a row; "
        "tried again from 2026-03-01T12:00:30+05:30"
    )
    assert (error.reopens_at, error.retry_after, error.reached) == (NOON + timedelta(seconds=30), 20.0, False)
    assert at.lines()[-1] == (
        "main: GET Patient/{id} -> --- 0 B 0 ms id4: not called, after too many failures in a row; "
        "tried again from 2026-03-01T12:00:30+05:30"
    )


def test_one_call_that_works_after_the_hold_lets_all_go_again(at: World) -> None:
    frail = {"tries": 1, "failures_to_hold": 3, "hold_seconds": 30.0}
    at.answers(503, 503, 503, 200, 503, 200)
    for _ in range(3):
        failed(at, **frail)
    at.time.seconds += 30

    at.outbound.get(main(**frail), "Patient/77")
    failed(at, **frail)
    at.outbound.get(main(**frail), "Patient/77")


def test_a_refusal_is_no_sign_of_ill_health(at: World) -> None:
    at.answers(404, 429, 422, 404)

    for _ in range(4):
        failed(at, tries=1, failures_to_hold=1)


def test_one_server_held_back_does_not_hold_another(at: World) -> None:
    at.answers(503)
    at.stub.get("https://other.example.org/fhir/Patient/77", json={})
    failed(at, tries=1, failures_to_hold=1)

    other = main().__class__(name="other", base_url=BASE.replace("ehr", "other"))

    assert at.outbound.get(other, "Patient/77").status == 200
