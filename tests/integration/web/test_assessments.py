"""`/v1/assessments`: what is taken, what is refused, and what is answered."""

import io
import json
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from databases import fresh_url
from store_records import NOON
from web_world import AS_OF, ASKED, Site, bearer, site

from fhirgate.errors import Category, UnknownResource
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.report.assessment_json import assessment_json
from fhirgate.services.assess_patient import PatientRequest, assess_patient
from fhirgate.services.assessment_jobs import Assessments
from fhirgate.services.job_ports import NoAnswer
from fhirgate.services.ports import PatientKey
from fhirgate.store.engine import open_database
from fhirgate.store.jobs import SqlJobs
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults
from fhirgate.web.errors import OUTWARD


def test_an_assessment_is_queued_done_and_answered_with_everything_that_was_kept(at: Site) -> None:
    asked = at.ask({**ASKED, "presets": ["DEFAULT", "CURB"]})
    location = asked.headers["Location"]

    assert (asked.status_code, location, asked.headers["Retry-After"]) == (202, "/v1/assessments/job-1", "2")
    assert asked.json == {
        "id": "job-1",
        "status": "queued",
        "stage": "",
        "steps": {"done": 0, "of": 0},
        "attempts": 0,
        "createdAt": "2026-03-02T06:15:00Z",
        "startedAt": None,
        "finishedAt": None,
        "request": {
            "server": "main",
            "patient": "p1",
            "presets": ["DEFAULT", "CURB"],
            "asOf": AS_OF,
            "write": False,
            "reader": "",
        },
        "results": [],
        "writeBack": {"state": "not asked for", "attempts": 0, "why": "", "resources": []},
        "error": None,
    }
    assert at.awakened == [True]
    assert at.work() == "done"
    done = at.read(location)

    assert (done.status_code, "Retry-After" in done.headers) == (200, False)
    assert (done.json["status"], done.json["stage"], done.json["steps"]) == (
        "done",
        "done",
        {"done": 3, "of": 3},
    )
    assert [(each["preset"], each["state"], each["notKept"]) for each in done.json["results"]] == [
        ("DEFAULT", "OLIGOPROGRESSION", ""),
        ("CURB", "OLIGOPROGRESSION", ""),
    ]
    for result in done.json["results"]:
        for each in result["resources"]:
            kind, logical_id, _, version = each["name"].split("/")
            assert (each["resource"]["resourceType"], each["resource"]["id"]) == (kind, logical_id)
            assert version == "1"
        assert {each["name"].split("/")[0] for each in result["resources"]} >= {
            "RiskAssessment",
            "Provenance",
        }


def test_the_assessment_in_the_answer_is_the_one_the_command_line_gives(at: Site) -> None:
    at.ask()
    at.work()
    told = at.read("/v1/assessments/job-1").data

    request = PatientRequest(
        patient=PatientKey(server="main", id="p1"), as_of=NOON.date().replace(year=2025, month=7, day=20)
    )
    outcome = assess_patient(request, at.source, at.store, at.clock)
    (assessment,) = outcome.result.assessments
    exact = msgspec.json.Encoder(decimal_format="number").encode(assessment_json(assessment))

    assert exact in told


def test_resources_go_out_byte_for_byte(at: Site) -> None:
    at.ask()
    at.work()
    told = at.read("/v1/assessments/job-1").data
    job = at.jobs.find("job-1")
    assert job is not None

    bodies = [each.body for each in at.gate.assessments.results(job)]

    assert len(bodies) > 1
    assert [each for each in bodies if each not in told] == []


def test_without_presets_and_a_day_the_default_is_assessed_on_the_day_it_was_asked_for(at: Site) -> None:
    asked = at.ask({"server": "main", "patient": "p1"})

    local = NOON.astimezone().date().isoformat()
    assert (asked.json["request"]["presets"], asked.json["request"]["asOf"]) == (["DEFAULT"], local)


def test_the_same_key_is_the_same_assessment_for_one_caller_and_another_for_the_next(at: Site) -> None:
    first, again = at.ask(Idempotency_Key="k1"), at.ask(Idempotency_Key="k1")
    other = at.ask(Idempotency_Key="k2")
    bob = at.ask(caller="bob", Idempotency_Key="k1")

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json == again.json
    assert len({each.json["id"] for each in (first, other, bob)}) == 3


def test_a_key_with_another_request_is_refused(at: Site) -> None:
    at.ask(Idempotency_Key="k1")

    refused = at.ask({**ASKED, "write": True}, Idempotency_Key="k1")

    assert (refused.status_code, refused.json["type"].rsplit("/", 1)[1]) == (422, "idempotency-key-reused")


@pytest.mark.parametrize("key", ["a b", "é", "x" * 256])
def test_a_key_that_is_no_key_is_refused(at: Site, key: str) -> None:
    assert at.ask(Idempotency_Key=key).status_code == 400


def test_another_callers_assessment_is_not_there(at: Site) -> None:
    location = at.ask(caller="bob").headers["Location"]

    hidden, unknown = at.read(location, "alice"), at.read("/v1/assessments/nothing", "alice")

    assert (hidden.status_code, unknown.status_code) == (404, 404)
    without = [{**each.json, "instance": ""} for each in (hidden, unknown)]
    assert without[0] == without[1]
    assert at.read(location, "bob").status_code == 200


@pytest.mark.peer
@pytest.mark.parametrize("job_id", ["a\0b", "\ud800", "a" * 5000, "é", ""])
def test_an_id_that_no_database_would_take_is_not_there(job_id: str, tmp_path: Path) -> None:
    database = open_database(fresh_url("postgresql", tmp_path))
    jobs = SqlJobs(database=database, clock=lambda: NOON)
    store = SqlResults(database=database, clock=lambda: NOON)
    outbox = SqlOutbox(database=database, clock=lambda: NOON)

    with pytest.raises(UnknownResource, match="there is no such assessment"):
        Assessments(jobs=jobs, store=store, outbox=outbox, new_id=lambda: "j1").find("alice", job_id)

    database.close()


def test_a_job_of_another_kind_is_not_there(at: Site) -> None:
    at.jobs.add("p9", "population", "{}")

    assert at.read("/v1/assessments/p9").status_code == 404


def test_every_problem_of_a_body_is_told_at_once(at: Site) -> None:
    refused = at.ask(
        {
            "server": "nowhere",
            "patient": "p/1",
            "presets": ["DEFAULT", "NONE", 3],
            "asOf": "2025-07",
            "write": 1,
            "reader": 5,
            "more": True,
        }
    )

    assert (refused.status_code, refused.content_type) == (422, "application/problem+json")
    assert refused.json["detail"] == "the request has 8 problems"
    names = ", ".join(PRESETS)
    assert [(each["field"], each["detail"]) for each in refused.json["errors"]] == [
        ("asOf", "must be a day such as 2026-05-31"),
        ("more", "is not known"),
        ("patient", "must be the logical id of a Patient on the server"),
        ("presets.1", f"must be one of {names}"),
        ("presets.2", "must be text"),
        ("reader", "must be text"),
        ("server", "must be a server you may use: main, other"),
        ("write", "must be true or false"),
    ]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, [("patient", "is missing"), ("server", "is missing")]),
        ([], [("", "must be a JSON object")]),
        ("x", [("", "must be a JSON object")]),
        (
            {**ASKED, "server": None, "patient": None},
            [("patient", "must not be null"), ("server", "must not be null")],
        ),
        ({**ASKED, "presets": []}, [("presets", "must name at least one preset")]),
        ({**ASKED, "presets": ["CURB", "CURB"]}, [("presets", "names a preset twice")]),
        ({**ASKED, "presets": "CURB"}, [("presets", "must be a list of presets")]),
        ({**ASKED, "asOf": "2025-02-30"}, [("asOf", "must be a day such as 2026-05-31")]),
        ({**ASKED, "asOf": 20250720}, [("asOf", "must be a day such as 2026-05-31")]),
        ({**ASKED, "patient": "x" * 65}, [("patient", "must be the logical id of a Patient on the server")]),
        ({**ASKED, "patient": "p1\n"}, [("patient", "must be the logical id of a Patient on the server")]),
        ({**ASKED, "reader": "x" * 201}, [("reader", "must have at most 200 letters")]),
        (
            {**ASKED, "server": ""},
            [
                ("server", "must have 1 to 40 letters"),
            ],
        ),
    ],
)
def test_each_problem_names_its_field(at: Site, body: Any, errors: list[tuple[str, str]]) -> None:
    refused = at.ask(body)

    assert refused.status_code == 422
    assert [(each["field"], each["detail"]) for each in refused.json["errors"]] == errors


def test_a_server_that_a_caller_may_not_use_is_not_told_from_one_that_is_not_there(at: Site) -> None:
    foreign, unknown = (at.ask({**ASKED, "server": each}, "bob") for each in ("other", "nowhere"))

    assert foreign.json["errors"] == unknown.json["errors"]
    assert foreign.json["errors"] == [{"field": "server", "detail": "must be a server you may use: main"}]
    assert at.jobs.claim("worker") is None


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b"[" * 60_000, b'{"server": NaN}'])
def test_a_body_that_is_no_json_is_refused(at: Site, body: bytes) -> None:
    headers = {**bearer("alice"), "Content-Type": "application/json"}

    refused = at.client.post("/v1/assessments", data=body, headers=headers)

    assert (refused.status_code, refused.json["detail"]) == (400, "the body is not JSON")


def test_a_member_that_stands_twice_is_refused_for_two_readers_could_take_either(at: Site) -> None:
    body = b'{"server": "main", "patient": "p1", "patient": "p2"}'
    headers = {**bearer("alice"), "Content-Type": "application/json"}

    refused = at.client.post("/v1/assessments", data=body, headers=headers)

    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (400, "not-json")
    assert "p2" not in refused.text


@pytest.mark.parametrize("patient", [".", "..", "p1/../p2", "p1?_format=xml", "p1#", "p1\n", "%2e%2e"])
def test_what_would_change_the_url_that_is_called_is_no_patient(at: Site, patient: str) -> None:
    refused = at.ask({**ASKED, "patient": patient})

    assert (refused.status_code, [each["field"] for each in refused.json["errors"]]) == (422, ["patient"])


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/fhir+json", ""]
)
def test_a_body_that_is_not_sent_as_json_is_refused(at: Site, kind: str) -> None:
    headers = {**bearer("alice"), "Content-Type": kind}

    refused = at.client.post("/v1/assessments", data=json.dumps(ASKED), headers=headers)

    assert (refused.status_code, refused.headers["Accept-Post"]) == (415, "application/json")


def test_a_huge_body_is_refused_before_it_is_read(at: Site) -> None:
    headers = {**bearer("alice"), "Content-Type": "application/json"}

    refused = at.client.post("/v1/assessments", data=b" " * 65_537, headers=headers)

    assert (refused.status_code, refused.json["detail"]) == (413, "the body has more than 65536 bytes")


def test_a_huge_body_that_does_not_say_how_long_it_is_is_refused_when_it_is_too_long(at: Site) -> None:
    headers = {**bearer("alice"), "Content-Type": "application/json", "Transfer-Encoding": "chunked"}

    refused = at.client.post(
        "/v1/assessments",
        input_stream=io.BytesIO(b" " * 65_537),
        headers=headers,
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert (refused.status_code, refused.content_type) == (413, "application/problem+json")


def test_when_too_much_waits_no_more_is_taken_but_what_was_asked_for_is_still_there(tmp_path: Any) -> None:
    at = site(tmp_path, most_queued=1)
    first = at.ask(Idempotency_Key="k1")

    full, again = at.ask(), at.ask(Idempotency_Key="k1")

    assert (full.status_code, full.headers["Retry-After"]) == (503, "5")
    assert again.json == first.json
    at.work()
    assert at.ask().status_code == 202
    at.database.close()


def test_a_caller_who_fills_the_queue_keeps_nobody_else_out_and_nobody_waiting(tmp_path: Any) -> None:
    at = site(tmp_path, most_queued=5)
    for _ in range(5):
        assert at.ask().status_code == 202
    full = at.ask()

    bobs = at.ask(caller="bob")
    at.work()
    at.work()

    assert (full.status_code, bobs.status_code) == (503, 202)
    assert at.read(bobs.headers["Location"], caller="bob").json["status"] == "done"
    at.database.close()


def test_who_would_rather_wait_is_answered_when_it_is_done(at: Site) -> None:
    location = at.ask().headers["Location"]
    working = threading.Timer(0.3, at.work)
    working.start()

    told = at.read(location, Prefer="respond-async, wait = 5")
    working.join()

    assert told.json["status"] == "done"
    assert told.headers["Preference-Applied"] == "wait=5"


def test_who_waits_in_vain_is_told_how_far_it_is(at: Site) -> None:
    location = at.ask().headers["Location"]
    passing = threading.Timer(0.1, lambda: setattr(at.monotonic, "now", at.monotonic.now + 20))
    passing.start()

    told = at.read(location, Prefer="wait=9999")
    passing.join()

    assert (told.json["status"], told.headers["Preference-Applied"]) == ("queued", "wait=20")


def test_nobody_is_kept_waiting_when_the_process_stops(at: Site) -> None:
    location = at.ask().headers["Location"]
    at.gate.stopping.set()

    assert at.read(location, Prefer="wait=20").json["status"] == "queued"


def test_when_as_many_wait_as_may_the_next_is_answered_at_once(at: Site) -> None:
    location = at.ask().headers["Location"]
    while at.gate.places_to_wait.acquire(blocking=False):
        pass

    told = at.read(location, Prefer="wait=20")

    assert (told.json["status"], "Preference-Applied" in told.headers) == ("queued", False)


@pytest.mark.parametrize("wish", ["wait=0", "wait=x", "wait=-1", "wait", ""])
def test_a_wish_that_says_nothing_is_passed_over(at: Site, wish: str) -> None:
    location = at.ask().headers["Location"]

    assert "Preference-Applied" not in at.read(location, Prefer=wish).headers


def test_a_database_that_does_not_answer_is_told_as_such(at: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    location = at.ask().headers["Location"]
    at.database.close()
    at.database.file.rename(at.database.file.with_suffix(".gone"))  # type: ignore[union-attr]
    at.database.file.mkdir()  # type: ignore[union-attr]

    told = at.read(location)

    assert (told.status_code, told.headers["Retry-After"]) == (503, "5")
    assert told.json["type"].endswith("/no-store")


def test_every_category_has_a_status_of_its_own_kind() -> None:
    assert set(OUTWARD) == {*Category, *NoAnswer}
