"""Calls that are answered, and what of them can be seen."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from outbound_world import BASE, World, main, world

from fhirgate import __version__
from fhirgate.errors import EhrForbiddenAddress, EhrGarbled, InvalidRequest
from fhirgate.outbound.call import ANY_STATUS, Call


@pytest.fixture
def at() -> Iterator[World]:
    with world() as found:
        yield found


def test_an_answer_has_exact_json_and_headers_in_any_case(at: World) -> None:
    at.answers(
        200,
        json=None,
        body=b'{"value": 1.10}',
        headers={"ETag": 'W/"3"'},
        content_type="application/fhir+json",
    )

    answer = at.outbound.get(main(), "Patient/77")

    assert (answer.status, answer.tries, answer.request_id) == (200, 1, "id1")
    assert answer.json == {"value": Decimal("1.10")}
    assert str(answer.json["value"]) == "1.10"
    assert answer.body == b'{"value": 1.10}'
    assert (answer.header("etag"), answer.header("ETag"), answer.header("Location")) == (
        'W/"3"',
        'W/"3"',
        None,
    )
    assert answer.url == f"{BASE}/Patient/77"


def test_printing_a_call_or_its_answer_shows_nothing_of_a_patient(at: World) -> None:
    at.answers(200, path="/Patient/77", json={"family": "Smith"}, headers={"Location": "Patient/77"})

    call = Call(url="Patient/77", headers={"Authorization": "Bearer t0ken"}, body=b"Smith")
    answer = at.outbound.send(main(), call)

    assert repr(answer) == "Answer(status=200, request_id='id1', tries=1, elapsed_seconds=0.0)"
    assert "77" not in repr(call) + repr(answer)
    assert "t0ken" not in repr(call)
    assert "Smith" not in repr(call)


def test_a_request_says_who_asks_and_for_what(at: World) -> None:
    at.answers(200)

    at.outbound.get(main(), "Patient/77", headers={"Authorization": "Bearer t0ken"})

    sent = at.stub.calls[0].request
    assert dict(sent.headers) == {
        "User-Agent": f"fhirgate/{__version__}",
        "Accept-Encoding": "gzip",
        "Accept": "application/fhir+json, application/json;q=0.9",
        "Authorization": "Bearer t0ken",
        "X-Request-Id": "id1",
    }


def test_a_caller_may_ask_for_another_format_but_not_name_the_request(at: World) -> None:
    at.answers(200)

    at.outbound.get(main(), "Patient/77", headers={"accept": "application/json", "x-request-id": "mine"})

    sent = at.stub.calls[0].request
    assert (sent.headers["Accept"], sent.headers["X-Request-Id"]) == ("application/json", "id1")


def test_a_body_is_sent_as_it_is(at: World) -> None:
    at.answers(201, method="POST", path="/Observation")

    at.outbound.post(main(), "Observation", b'{"a":1.10}', headers={"Content-Type": "application/fhir+json"})

    sent = at.stub.calls[0].request
    assert (sent.body, sent.headers["Content-Length"]) == (b'{"a":1.10}', "10")


def test_a_status_that_is_expected_is_an_answer(at: World) -> None:
    at.answers(404, 410)

    found = [at.outbound.get(main(), "Patient/77", expected=frozenset({404, 410})).status for _ in range(2)]

    assert found == [404, 410]


def test_with_every_status_expected_nothing_is_tried_again_or_followed(at: World) -> None:
    at.answers(503)
    at.answers(302, headers={"Location": f"{BASE}/Patient/78"})

    found = [at.outbound.get(main(), "Patient/77", expected=ANY_STATUS).status for _ in range(2)]

    assert found == [503, 302]


def test_an_expected_error_may_have_a_page_for_a_body(at: World) -> None:
    at.answers(404, json=None, body="<html>no</html>", content_type="text/html")

    answer = at.outbound.get(main(), "Patient/77", expected=frozenset({404}))

    assert (answer.json, answer.body) == (None, b"<html>no</html>")


@pytest.mark.parametrize("status", [201, 202, 204])
def test_a_success_without_a_body_is_an_answer(at: World, status: int) -> None:
    at.answers(status, method="POST", path="/Observation", json=None, body=b"")

    assert at.outbound.post(main(), "Observation", b"{}").json is None


def test_a_replaced_resource_need_not_come_back(at: World) -> None:
    at.answers(200, method="PUT", json=None, body=b"")

    assert at.outbound.put(main(), "Patient/77", b"{}").json is None


def test_a_head_has_no_body(at: World) -> None:
    at.answers(200, method="HEAD", json=None, body=b"")

    assert at.outbound.send(main(), Call(method="HEAD", url="Patient/77")).json is None


def test_a_call_that_does_not_want_json_gets_the_bytes(at: World) -> None:
    at.answers(200, json=None, body=b"<x>", content_type="text/html")

    answer = at.outbound.get(main(), "Patient/77", json=False)

    assert (answer.body, answer.json) == (b"<x>", None)
    assert "Accept" not in at.stub.calls[0].request.headers


@pytest.mark.parametrize(
    "kind", ["application/json", "application/fhir+json;charset=utf-8", "text/plain", ""]
)
def test_json_is_taken_under_any_name_that_is_not_another_format(at: World, kind: str) -> None:
    at.answers(200, json=None, body=b'\xef\xbb\xbf{"a": 1}', content_type=kind)

    assert at.outbound.get(main(), "Patient/77").json == {"a": 1}


PAGE = "it answered HTML instead of JSON; is a login page or a proxy in between?"


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("<!doctype html><p>John Smith", "text/html", PAGE),
        ("{}", "text/html; charset=utf-8", PAGE),
        (
            "<p>John",
            "application/json",
            "it answered HTML or XML instead of JSON; is a login page or a proxy in between?",
        ),
        ("<Patient/>", "application/fhir+xml", "it answered XML instead of JSON"),
        ("", "application/fhir+json", "its answer is empty"),
        (" \n", "application/fhir+json", "its answer is empty"),
        (
            '{"name": "Smi',
            "application/fhir+json",
            "its answer is not JSON that can be read: "
            "the JSON ends before it is complete, at column 14; the file was cut off",
        ),
    ],
)
def test_what_is_not_json_is_told_in_words_without_its_text(
    at: World, body: str, kind: str, words: str
) -> None:
    at.answers(200, json=None, body=body, content_type=kind, auto_calculate_content_length=True)

    with pytest.raises(EhrGarbled) as error:
        at.outbound.get(main(), "Patient/77")

    assert str(error.value) == f"server 'main': GET Patient/{{id}}: {words}"
    assert (error.value.status, error.value.reached, error.value.retry) == (200, True, False)
    assert error.value.__context__ is None


def test_a_body_beyond_the_limit_of_the_call_is_refused(at: World) -> None:
    at.answers(200, 200, json=None, body=b"[" + b"1," * 600 + b"1]")
    at.answers(200, json=None, body=b"[1]")

    assert at.outbound.get(main(), "Patient/77", most_bytes=1203).json[0] == 1
    with pytest.raises(EhrGarbled, match=r"Patient/\{id\}: its answer is larger than 1202 bytes$"):
        at.outbound.get(main(), "Patient/77", most_bytes=1202)
    assert at.outbound.get(main(), "Patient/77", most_bytes=1 << 20).json == [1]


def test_a_body_that_only_claims_to_be_too_large_is_not_read(at: World) -> None:
    at.answers(200, headers={"Content-Length": "9" * 30}, auto_calculate_content_length=False)

    with pytest.raises(EhrGarbled, match=r"its answer is larger than 64 MiB$"):
        at.outbound.get(main(), "Patient/77")


def test_a_url_that_leaves_the_server_is_not_called(at: World) -> None:
    with pytest.raises(EhrForbiddenAddress):
        at.outbound.get(main(), "https://evil.example/fhir/Patient/77")

    assert at.told == []


@pytest.mark.parametrize("value", ["Bearer t0ken\r\nX-Evil: 1", "Bearer t0ken\n"])
def test_a_header_with_a_line_break_is_refused_and_not_shown(at: World, value: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        at.outbound.get(main(), "Patient/77", headers={"Authorization": value})

    assert str(error.value) == "server 'main': a header or the URL of a call is malformed"
    assert (error.value.__context__, error.value.__cause__) == (None, None)


def test_each_try_is_told_without_ids_and_values(at: World) -> None:
    at.answers(503, path="/Observation?patient=77&code=x", json=None, body=b"")
    at.answers(200, path="/Observation?patient=77&code=x")

    at.outbound.get(main(), "Observation?patient=77&code=x")

    assert at.lines() == [
        "main: GET Observation?patient&code -> 503 0 B 0 ms id1: it answered 503 (Service Unavailable)",
        "main: GET Observation?patient&code -> 200 12 B 0 ms id1-2 (try 2)",
    ]


def test_closing_twice_is_harmless(at: World) -> None:
    at.answers(200)
    at.outbound.get(main(), "Patient/77")

    at.outbound.close()
    at.outbound.close()
