"""What stands around every route: who may call, how failures are told, headers, and the log."""

from collections import Counter
from typing import Any

import pytest
from fhir_records import patient, resources
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from prometheus_client.parser import text_string_to_metric_families
from web_world import ASKED, Site, bearer

from fhirgate.errors import ConfigurationError
from fhirgate.services.events import Fault, JobEnded, KeysNotRead, RequestAnswered, line_of
from fhirgate.services.readiness import Check
from fhirgate.web.app import HEADERS, ROUTES
from fhirgate.web.openapi import document, template_of
from fhirgate.web.route import Access, Reader

CLOSED = [each for each in ROUTES if each.access is Access.CALLER]
OPEN = {"/health/live", "/health/ready", "/.well-known/jwks.json", "/openapi.json"}
DOORS = {"/", "/launch", "/launch/<server>", "/static/<name>"}
"""Open to people, who come without anything."""
CALLED = [each for each in ROUTES if each.reader is Reader.PROGRAM]


def test_only_what_tells_nothing_of_patients_callers_or_servers_is_open() -> None:
    assert {each.rule for each in ROUTES if each.access is Access.OPEN} == OPEN | DOORS


def test_every_route_of_the_application_is_in_the_table(at: Site) -> None:
    app = at.client.application

    routed = {(each.rule, *sorted(each.methods - {"HEAD"})) for each in app.url_map.iter_rules()}

    assert routed == {(each.rule, each.method) for each in ROUTES}


@pytest.mark.parametrize("route", CLOSED, ids=lambda each: each.name)
@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        (None, 'Bearer realm="fhirgate"'),
        ("", 'Bearer realm="fhirgate"'),
        ("Bearer", 'Bearer realm="fhirgate"'),
        ("Bearer  ", 'Bearer realm="fhirgate"'),
        ("Basic YWxpY2U6YWxpY2UtdG9rZW4=", 'Bearer realm="fhirgate"'),
        ("alice-token", 'Bearer realm="fhirgate"'),
        ("Bearer wrong", 'Bearer realm="fhirgate", error="invalid_token"'),
        ("Bearer alice-toke", 'Bearer realm="fhirgate", error="invalid_token"'),
        ("Bearer alice-token bob-token", 'Bearer realm="fhirgate", error="invalid_token"'),
        ("Bearer \xff", 'Bearer realm="fhirgate", error="invalid_token"'),
    ],
)
def test_without_a_known_token_nothing_is_answered(
    at: Site, route: Any, authorization: str | None, challenge: str
) -> None:
    path = template_of(route.rule).format(job_id="job-1")
    headers = {} if authorization is None else {"Authorization": authorization}

    refused = at.client.open(path, method=route.method, headers=headers, json=ASKED)

    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, challenge)
    assert refused.content_type == "application/problem+json"
    assert at.jobs.claim("worker") is None


def test_either_of_two_tokens_of_a_caller_is_taken(at: Site) -> None:
    for token in ("old", "alice-token"):
        headers = {"Authorization": f"bearer {token}"}
        assert at.client.get("/metrics", headers=headers).status_code == 200


def test_a_caller_who_asks_too_often_is_told_when_to_come_back(at: Site) -> None:
    answers = Counter(at.read("/v1/assessments/x", "bob").status_code for _ in range(70))
    refused = at.read("/v1/assessments/x", "bob")

    assert answers == {404: 60, 429: 10}
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert at.read("/v1/assessments/x", "alice").status_code == 404
    at.monotonic.now += 0.1
    assert at.read("/v1/assessments/x", "bob").status_code == 404


@pytest.mark.parametrize("path", [*OPEN, "/v1/assessments/x", "/nothing/of/p1?patient=p1", "/metrics"])
def test_every_answer_has_its_headers_and_an_id_of_ours(at: Site, path: str) -> None:
    sent = {"X-Request-Id": "patient-p1"}

    first, second = (at.client.get(path, headers=sent) for _ in range(2))

    for name, value in HEADERS.items():
        if (name, path) != ("Cache-Control", "/.well-known/jwks.json"):
            assert first.headers[name] == value
    assert len({first.headers["X-Request-Id"], second.headers["X-Request-Id"], "patient-p1"}) == 3
    assert "Set-Cookie" not in first.headers


def test_the_log_tells_of_a_request_by_its_route(at: Site) -> None:
    at.read("/v1/assessments/p1?patient=p1")
    at.client.open("/Patient/p1", method="BREW")

    first, second = (each for each in at.events if isinstance(each, RequestAnswered))

    assert (first.method, first.route, first.status, first.caller) == (
        *("GET", "/v1/assessments/{job_id}", 404),
        "alice",
    )
    assert (second.method, second.route, second.status, second.caller) == ("other", "none", 404, "")


def test_a_method_that_is_not_offered_is_told_with_those_that_are(at: Site) -> None:
    for method in ("PUT", "OPTIONS", "DELETE"):
        refused = at.client.open("/v1/assessments", method=method)
        assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
        assert refused.content_type == "application/problem+json"


def test_a_path_that_is_not_there_is_told_without_being_repeated(at: Site) -> None:
    refused = at.client.get("/v2/patients/p1")

    assert refused.status_code == 404
    assert b"p1" not in refused.data
    assert refused.json["type"] == "https://fhirgate.example/problems/not-found"


@pytest.mark.parametrize("path", ["/v1//assessments/j1", "//v1/assessments/j1", "/health//live"])
def test_a_path_written_in_another_way_leads_nowhere(at: Site, path: str) -> None:
    refused = at.client.get(path, headers={"Host": "elsewhere.example.org"})

    assert (refused.status_code, refused.content_type) == (404, "application/problem+json")
    assert "Location" not in refused.headers


def test_a_bug_is_answered_with_an_id_and_logged_without_its_words(
    at: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("Jane Doe")

    monkeypatch.setattr(type(at.jobs), "find", fail)

    answer = at.read("/v1/assessments/job-1")
    (fault,) = (each for each in at.events if isinstance(each, Fault))

    assert (answer.status_code, b"Jane" in answer.data) == (500, False)
    assert answer.json["instance"] == f"urn:uuid:{fault.request_id}"
    assert fault.request_id == answer.headers["X-Request-Id"]
    assert fault.error == "KeyError"
    assert fault.frames[-1].startswith(__file__)
    assert b"Jane" not in line_of(fault, at.clock())


def test_alive_is_alive_whatever_else_is_not(at: Site) -> None:
    at.checks.append(Check(name="database", why_not="gone"))

    assert at.client.get("/health/live").json == {"status": "live", "checks": []}


def test_ready_tells_each_reason(at: Site) -> None:
    at.checks[:] = [Check(name="database"), Check(name="workers")]
    fine = at.client.get("/health/ready")
    at.checks[:] = [Check(name="database", why_not="run: fhirgate db upgrade"), Check(name="workers")]
    poor = at.client.get("/health/ready")

    assert (fine.status_code, fine.json["status"]) == (200, "ready")
    assert (poor.status_code, poor.json) == (
        503,
        {
            "status": "not ready",
            "checks": [
                {"name": "database", "holds": False, "why": "run: fhirgate db upgrade"},
                {"name": "workers", "holds": True, "why": ""},
            ],
        },
    )


def test_our_public_keys_may_be_kept_for_a_while(at: Site) -> None:
    at.public_keys["keys"] = [{"kid": "k1"}]

    told = at.client.get("/.well-known/jwks.json")

    assert (told.json, told.headers["Cache-Control"]) == ({"keys": [{"kid": "k1"}]}, "public, max-age=300")


def test_keys_that_cannot_be_read_are_told_to_the_operator_and_not_to_whoever_asks(at: Site) -> None:
    def fail() -> Any:
        raise ConfigurationError("the signing key", ["/etc/keys/k.pem: gone"])

    object.__setattr__(at.gate, "public_keys", fail)

    told = at.client.get("/.well-known/jwks.json")

    assert (told.status_code, told.json["detail"]) == (500, "our keys cannot be read; our log says why")
    assert b"/etc" not in told.data
    assert KeysNotRead(problems=("/etc/keys/k.pem: gone",)) in at.events


def _families(client: FlaskClient) -> dict[str, Any]:
    told = client.get("/metrics", headers=bearer("alice"))
    assert told.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return {each.name: each for each in text_string_to_metric_families(told.text)}


def _sample(family: Any, name: str, **labels: str) -> float:
    (found,) = (each.value for each in family.samples if each.name == name and each.labels == labels)
    return float(found)


def test_what_happened_is_counted_and_no_label_holds_an_id(at: Site) -> None:
    at.source.records = {"jane-doe-1970": resources("jane-doe-1970")}
    location = at.ask({**ASKED, "patient": "jane-doe-1970"}).headers["Location"]
    at.work()
    at.read(location)
    at.client.get("/Patient/jane-doe-1970")
    at.gate.metrics.called("main", 200, 30)
    at.gate.metrics.called("main", None, 5000)
    at.clock.pass_by(seconds=40)

    found = _families(at.client)

    requests = found["fhirgate_requests"]
    assert (
        _sample(requests, "fhirgate_requests_total", method="POST", route="/v1/assessments", status="202")
        == 1
    )
    read = {"method": "GET", "route": "/v1/assessments/{job_id}", "status": "200"}
    assert _sample(requests, "fhirgate_requests_total", **read) == 1
    assert _sample(requests, "fhirgate_requests_total", method="GET", route="none", status="404") == 1
    done = {"kind": "assessment", "outcome": "done", "category": ""}
    assert _sample(found["fhirgate_job_seconds"], "fhirgate_job_seconds_count", **done) == 1
    calls = found["fhirgate_outbound_calls"]
    assert _sample(calls, "fhirgate_outbound_calls_total", server="main", status="200") == 1
    assert _sample(calls, "fhirgate_outbound_calls_total", server="main", status="none") == 1
    assert _sample(found["fhirgate_backlog"], "fhirgate_backlog", kind="assessment", state="queued") == 2
    assert _sample(found["fhirgate_database_up"], "fhirgate_database_up") == 1
    told = at.client.get("/metrics", headers=bearer("alice")).text
    assert "jane" not in told
    assert location.rsplit("/", 1)[1] not in told


def test_nothing_the_service_tells_of_itself_holds_the_patient(at: Site) -> None:
    at.source.records = {"jane-doe-1970": [patient("jane-doe-1970", name=[{"family": "Doe"}])]}
    location = at.ask({**ASKED, "patient": "jane-doe-1970", "reader": "Dr Jane"}).headers["Location"]
    assert at.work() == "failed"
    at.read(location)

    told = b"".join(line_of(each, at.clock()) for each in at.events).lower()

    assert any(isinstance(each, JobEnded) for each in at.events)
    assert b"jane" not in told
    assert b"doe" not in told


def test_the_document_is_valid_openapi_3_1_and_names_every_route_that_programs_call(at: Site) -> None:
    told = at.client.get("/openapi.json").json

    OpenAPIV31SpecValidator(told).validate()
    assert told["openapi"] == "3.1.0"
    found = {(path, method.upper()) for path, each in told["paths"].items() for method in each}
    assert found == {(template_of(each.rule), each.method) for each in CALLED}


def test_a_pattern_in_the_document_is_one_that_other_languages_read(at: Site) -> None:
    asked = at.client.get("/openapi.json").json["components"]["schemas"]["AssessmentRequest"]["properties"]

    assert asked["patient"]["pattern"] == r"^(?!\.{1,2}$)[A-Za-z0-9.-]{1,64}$"


def test_the_document_says_which_routes_want_a_token() -> None:
    told = document(ROUTES)

    for route in CALLED:
        operation = told["paths"][template_of(route.rule)][route.method.lower()]
        closed = route.access is Access.CALLER
        assert operation["security"] == ([{"token": []}] if closed else [])
        assert ("401" in operation["responses"]) is closed


def _checked(answer: Any, told: Any, rule: str, method: str) -> None:
    """Hold an answer to what the document says of it."""
    responses = told["paths"][rule][method]["responses"]
    content = responses[str(answer.status_code)]["content"]
    schema = {**content[answer.content_type]["schema"], "components": told["components"]}
    Draft202012Validator(schema).validate(answer.json)


def test_what_is_answered_is_what_the_document_says(at: Site) -> None:
    told = document(ROUTES)
    for component in told["components"]["schemas"].values():
        component["additionalProperties"] = False
    one = "/v1/assessments/{job_id}"
    queued = at.ask({**ASKED, "write": True})
    _checked(queued, told, "/v1/assessments", "post")
    _checked(at.ask({}), told, "/v1/assessments", "post")
    at.work()
    _checked(at.read(queued.headers["Location"]), told, one, "get")
    _checked(at.read("/v1/assessments/x"), told, one, "get")
    missing = at.ask({**ASKED, "patient": "p2"}).headers["Location"]
    at.work()
    _checked(at.read(missing), told, one, "get")
    at.checks.append(Check(name="database", why_not="gone"))
    for path in ("/health/live", "/health/ready", "/.well-known/jwks.json"):
        _checked(at.client.get(path), told, path, "get")
