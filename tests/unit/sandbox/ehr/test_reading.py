"""Reading and searching over HTTP, as any client sees it."""

import json
from datetime import datetime

import pytest
from sandbox_world import (
    BASE,
    FHIR,
    OTHER,
    PATIENT,
    Ehr,
    Moments,
    clients,
    diagnostics,
    ehr,
    records,
)

from fhirgate.exact_json import decode
from fhirgate.sandbox.ehr.app import sandbox_app
from fhirgate.sandbox.ehr.patients import PatientRecord

NODE = f"{PATIENT}-t01-1"


@pytest.fixture(scope="module")
def here() -> Ehr:
    return ehr()


@pytest.fixture(scope="module")
def token(here: Ehr) -> str:
    return here.system()


def test_a_resource_is_read_as_it_was_given_with_a_version_and_when_it_came(here: Ehr, token: str) -> None:
    given = next(each for each in records(PATIENT)[0].resources if each["id"] == NODE)

    answer = here.get(f"/Observation/{NODE}", token)

    assert answer.status_code == 200
    read = decode(answer.data)
    assert read.pop("meta") == given["meta"] | {"versionId": "1", "lastUpdated": "2026-03-01T12:00:00.000Z"}
    assert read == {name: value for name, value in given.items() if name != "meta"}
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Last-Modified"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert answer.headers["Cache-Control"] == "no-store"


def test_numbers_keep_every_digit() -> None:
    size = b'{"resourceType": "Observation", "id": "o", "valueQuantity": {"value": 12.340}}'
    patient = b'{"resourceType": "Patient", "id": "p"}'
    given = PatientRecord(title="t", tells="", resources=(decode(patient), decode(size)))
    here = ehr([given])

    assert b'"value":12.340}' in here.get("/Observation/o", here.system()).data


def test_a_client_that_has_the_version_is_not_sent_it_again(here: Ehr, token: str) -> None:
    answer = here.get(f"/Observation/{NODE}", token, If_None_Match='W/"7", W/"1"')

    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", 'W/"1"')


@pytest.mark.parametrize(
    ("path", "status", "code", "says"),
    [
        ("/Observation/nothing", 404, "not-found", "this Observation is not known here"),
        (
            f"/Observation/{NODE}/_history/2",
            404,
            "not-found",
            "this version of the Observation is not known here",
        ),
        (
            f"/Observation/{NODE}/_history/x",
            404,
            "not-found",
            "this version of the Observation is not known here",
        ),
        ("/Unheard/1", 404, "not-found", "a type of this name is not known here"),
        ("/Unheard", 404, "not-found", "a type of this name is not known here"),
        (f"/Observation/{NODE}?x=1", 400, "not-supported", "this call takes no parameter but _format"),
        (
            f"/Observation/{NODE}?_format=xml",
            406,
            "not-supported",
            "only application/fhir+json is spoken here",
        ),
        ("/Observation?_format=xml", 406, "not-supported", "only application/fhir+json is spoken here"),
        ("/Observation?_count=many", 400, "invalid", "_count is no number"),
        ("/Observation?_count=1&_count=2", 400, "invalid", "_count is given twice"),
        ("/Observation?_total=most", 400, "invalid", "_total is none of accurate, estimate, none"),
        (f"/Observation/{NODE}/_history?_since=soon", 400, "invalid", "_since is no instant"),
        (
            f"/Observation/{NODE}/_history?status=final",
            400,
            "not-supported",
            "a history takes _since, _count and _format alone",
        ),
        ("/Observation/_page/none", 410, "expired", "this page cannot be had any more; ask anew"),
    ],
)
def test_what_cannot_be_done_is_said_as_an_outcome(
    path: str, status: int, code: str, says: str, here: Ehr, token: str
) -> None:
    answer = here.get(path, token)

    assert (answer.status_code, *diagnostics(answer)) == (status, code, says)


def test_what_http_itself_finds_wrong_is_an_outcome_too(here: Ehr, token: str) -> None:
    nowhere = here.get("/a/b/c/d/e", token)
    deleting = here.call("DELETE", f"/Observation/{NODE}", token)

    assert (nowhere.status_code, diagnostics(nowhere)[0]) == (404, "not-found")
    assert (deleting.status_code, diagnostics(deleting)[0]) == (405, "not-supported")
    assert "GET" in deleting.headers["Allow"]


def test_a_fault_of_the_server_is_an_outcome_that_tells_nothing_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(Moments):
        def __call__(self) -> datetime:
            if self.slept:
                raise RuntimeError("inside")
            return self.now

    clock = Broken()
    app = sandbox_app([], clients(), base_url=BASE, clock=clock)
    clock.slept.append(1)

    answer = app.test_client().get("/fhir/metadata")

    assert (answer.status_code, diagnostics(answer)[0]) == (500, "exception")
    assert "inside" not in answer.text
    assert "inside" in caplog.text


def test_xml_is_not_spoken(here: Ehr, token: str) -> None:
    refused = here.get(f"/Observation/{NODE}", token, Accept="application/fhir+xml")

    assert (refused.status_code, diagnostics(refused)[0]) == (406, "not-supported")
    assert here.get(f"/Observation/{NODE}", token, Accept="text/html, */*;q=0.1").status_code == 200
    assert here.get(f"/Observation/{NODE}?_format=application/fhir+json", token).status_code == 200


def test_a_search_finds_what_is_asked_for_and_nothing_else(here: Ehr, token: str) -> None:
    answer = here.get(f"/BodyStructure?patient={PATIENT}&_count=100", token)

    bundle = json.loads(answer.data)
    assert (bundle["type"], bundle["total"]) == ("searchset", len(bundle["entry"]))
    assert bundle["link"] == [
        {"relation": "self", "url": f"{FHIR}/BodyStructure?patient={PATIENT}&_count=100"}
    ]
    expected = [
        each["id"] for each in records(PATIENT)[0].resources if each["resourceType"] == "BodyStructure"
    ]
    assert [each["resource"]["id"] for each in bundle["entry"]] == expected
    assert bundle["entry"][0]["fullUrl"] == f"{FHIR}/BodyStructure/{expected[0]}"
    assert {each["search"]["mode"] for each in bundle["entry"]} == {"match"}


def test_a_search_by_post_finds_the_same(here: Ehr, token: str) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded"}

    posted = here.call(
        "POST", "/Observation/_search?status=final", token, f"patient={OTHER}&_count=3", **form
    )
    asked = here.get(f"/Observation?patient={OTHER}&_count=3&status=final", token)

    first, second = json.loads(posted.data), json.loads(asked.data)
    assert first["entry"] == second["entry"]
    assert first["total"] == second["total"] > 3


@pytest.mark.parametrize(
    ("kind", "body", "status", "says"),
    [
        ("application/json", b"{}", 415, "a search by POST is a form (application/x-www-form-urlencoded)"),
        ("application/x-www-form-urlencoded", b"\xff=1", 400, "the form is not UTF-8"),
    ],
)
def test_a_search_by_post_is_a_form(
    kind: str, body: bytes, status: int, says: str, here: Ehr, token: str
) -> None:
    answer = here.call("POST", "/Observation/_search", token, body, Content_Type=kind)

    assert (answer.status_code, diagnostics(answer)[1]) == (status, says)


def test_pages_lead_to_everything_once(here: Ehr, token: str) -> None:
    found: list[str] = []
    url = f"/Observation?patient={OTHER}&_count=20"
    while url:
        bundle = json.loads(here.get(url, token).data)
        found += [each["resource"]["id"] for each in bundle["entry"]]
        links = {each["relation"]: each["url"] for each in bundle["link"]}
        url = links.get("next", "").removeprefix(FHIR)
        assert OTHER not in url

    expected = [each["id"] for each in records(OTHER)[0].resources if each["resourceType"] == "Observation"]
    assert found == expected
    assert bundle["total"] == len(expected) > 40


def test_a_page_can_be_asked_for_again_and_is_over_after_a_while() -> None:
    here = ehr()
    following = json.loads(here.get("/Observation?_count=1", here.system()).data)["link"][1]["url"]
    path = following.removeprefix(FHIR)

    first, again = (json.loads(here.get(path, here.system()).data)["entry"] for _ in range(2))
    here.clock.forward(minutes=11)

    assert first == again
    assert here.get(path, here.system()).status_code == 410


def test_a_page_is_for_the_client_that_asked(here: Ehr, token: str) -> None:
    following = json.loads(here.get(f"/Observation?patient={PATIENT}&_count=1", token).data)["link"][1]["url"]
    path = following.removeprefix(FHIR)

    other = here.launched(PATIENT, "launch user/Observation.rs")["access_token"]

    assert here.get(path, other).status_code == 410
    assert here.get(path.replace("Observation", "Condition"), token).status_code == 410
    assert here.get(path, here.system("system/Condition.rs")).status_code == 403


def test_a_count_of_nothing_only_counts_and_a_large_one_is_cut(here: Ehr, token: str) -> None:
    none = json.loads(here.get("/Observation?_count=0", token).data)
    many = json.loads(here.get("/Observation?_count=5000", token).data)

    assert ("entry" in none, none["total"] > 100) == (False, True)
    assert len(many["entry"]) == 50


def test_a_history_tells_each_version(here: Ehr, token: str) -> None:
    bundle = json.loads(here.get(f"/Observation/{NODE}/_history", token).data)

    assert (bundle["type"], bundle["total"]) == ("history", 1)
    (entry,) = bundle["entry"]
    assert entry["request"] == {"method": "POST", "url": "Observation"}
    assert entry["response"] == {
        "status": "201",
        "etag": 'W/"1"',
        "lastModified": "2026-03-01T12:00:00.000Z",
    }
    later = here.get(f"/Observation/{NODE}/_history?_since=2026-03-02T00:00:00Z", token)
    assert json.loads(later.data)["total"] == 0


def test_a_version_is_read(here: Ehr, token: str) -> None:
    version, now = (here.get(f"/Observation/{NODE}{end}", token).data for end in ("/_history/1", ""))

    assert version == now


def test_the_head_of_an_answer_can_be_had_alone(here: Ehr, token: str) -> None:
    answer = here.call("HEAD", f"/Observation/{NODE}", token)

    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (200, b"", 'W/"1"')
