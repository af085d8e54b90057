"""One patient's record on bad days of the server: whatever call fails, the record is whole or says what is missing."""

from typing import Any

import pytest
from ehr_world import PATIENT, Ehr, codes, condition, fhir, names, observation, request, texts, world
from requests.exceptions import ConnectionError as NoConnection

from fhirgate.ehr.backend_auth import Open
from fhirgate.ehr.search_plan import TYPES
from fhirgate.errors import EhrDenied, EhrError, EhrGarbled, EhrRefused, EhrUnavailable, UnknownResource
from fhirgate.services.fetch_record import Fetched

OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
HTML = (200, {"Content-Type": "text/html"}, "<html>Please sign in</html>")


def fetched(ehr: Ehr, **entry: Any) -> Fetched:
    with world(ehr, **entry) as at:
        return at.fetch()


FAULTS = {
    "not permitted": (fhir(OUTCOME, 403), 403, "it does not permit this call (403)"),
    "not there": (fhir(OUTCOME, 404), 404, "it answered 404"),
    "not allowed": (fhir(OUTCOME, 405), 405, "it answered 405"),
    "HTML": (HTML, 200, "HTML"),
    "truncated": ((200, {"Content-Type": "application/fhir+json"}, '{"resourceType": "Bun'), 200, "JSON"),
    "broken for good": (fhir({}, 500), 500, "it answered 500"),
    "too many": (fhir({}, 429), 429, "too many requests (429)"),
    "gateway": ((502, {"Content-Type": "text/html"}, "<html>"), 502, "it answered 502"),
    "elsewhere": ((302, {"Location": "https://login.example/"}, ""), 302, "a redirect (302)"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_type_that_fails_is_a_finding_and_not_a_lost_patient(fault: str) -> None:
    answer, status, words = FAULTS[fault]
    ehr = Ehr(holds=[condition(1), observation(1)])
    ehr.always("Observation?", answer)

    record = fetched(ehr)

    assert names(record) == ["Condition/c1", "Patient/p1"]
    assert codes(record) == ["SOURCE_NOT_AVAILABLE"]
    (told,) = texts(record, "SOURCE_NOT_AVAILABLE")
    assert told.startswith("Observation: not all of it could be read from the server: server 'main': GET")
    assert words in told
    assert not record.is_complete
    (asked,) = [each for each in record.asked if each.type == "Observation"]
    assert (asked.status, asked.count) == (status, 0)
    assert str(asked) == "Observation?patient: refused"


@pytest.mark.parametrize(
    "passing",
    [
        [fhir({}, 500)],
        [fhir({}, 503), fhir({}, 502)],
        [fhir({}, 429)],
        [fhir({}, 429, Retry_After="7")],
    ],
    ids=["500", "503 and 502", "429", "429 with Retry-After"],
)
def test_a_fault_that_passes_costs_time_and_nothing_else(passing: list[Any]) -> None:
    ehr = Ehr(holds=[observation(1)])
    ehr.answers("Observation?", *passing)

    record = fetched(ehr, concurrency=1)

    assert names(record) == ["Observation/o1", "Patient/p1"]
    assert (record.findings, record.is_complete) == ((), True)
    assert len(ehr.asked("Observation")) == len(passing) + 1
    assert sum(ehr.time.slept) >= (7 if "Retry-After" in passing[0][1] else 0.01)


def test_when_every_search_fails_the_failure_goes_out() -> None:
    ehr = Ehr()
    for kind in TYPES:
        ehr.always(f"{kind}?", fhir(OUTCOME, 403))

    with pytest.raises(EhrDenied, match="GET Condition"):
        fetched(ehr)


class Tokens(Open):
    """Gives a new token each time it is renewed."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        object.__setattr__(self, "number", 1)

    def headers(self, within: float | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.number}"}

    def renew(self) -> None:
        object.__setattr__(self, "number", self.number + 1)


def test_a_token_that_ends_midway_is_renewed_and_the_call_made_again() -> None:
    ehr = Ehr(holds=[observation(1)])
    ehr.answers("Observation?", fhir(OUTCOME, 401))

    with world(ehr, Tokens(), concurrency=1) as at:
        record = at.fetch()

    assert (names(record), record.findings) == (["Observation/o1", "Patient/p1"], ())
    assert ehr.tokens[:2] == ["Bearer 1", "Bearer 1"]
    tried = [
        token for call, token in zip(ehr.calls, ehr.tokens, strict=True) if call.startswith("Observation")
    ]
    assert tried == ["Bearer 1", "Bearer 2"]


def test_a_token_that_is_never_accepted_is_renewed_once() -> None:
    ehr = Ehr()
    ehr.always("Patient/", fhir(OUTCOME, 401))

    with world(ehr, Tokens()) as at, pytest.raises(EhrDenied, match="401"):
        at.fetch()

    assert ehr.tokens == ["Bearer 1", "Bearer 1", "Bearer 2"]


def _calls_of_a_record() -> list[str]:
    return ["metadata", "Patient/", *(f"{kind}?" for kind in TYPES), "Medication/"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", _calls_of_a_record())
def test_whatever_call_fails_the_record_is_whole_or_says_what_is_missing(call: str, fault: str) -> None:
    ehr = Ehr(holds=[condition(1), request("Medication/d1"), {"resourceType": "Medication", "id": "d1"}])
    answer, status, _ = FAULTS[fault]
    ehr.always(call, answer)

    if call == "Patient/" or (call == "metadata" and status not in (403, 404, 405)):
        with pytest.raises((EhrError, UnknownResource), match=f"GET {call}|has no patient"):
            fetched(ehr)
        return
    told = set(codes(fetched(ehr)))
    gone = call == "Medication/" and status in (302, 403, 404, 405)
    assert gone or told & {"SOURCE_NOT_AVAILABLE", "STATEMENT_MISSING"}


def test_a_server_that_cannot_be_reached_is_named() -> None:
    ehr = Ehr()

    def unreachable(_: Any) -> Any:
        raise NoConnection("nobody there")

    ehr.respond = unreachable  # type: ignore[method-assign]
    with pytest.raises(EhrUnavailable, match="server 'main': GET metadata"):
        fetched(ehr)


def test_errors_tell_nothing_of_the_patient() -> None:
    ehr = Ehr()
    ehr.always("Patient/", fhir(OUTCOME | {"id": "Secret"}, 400))

    with world(ehr) as at, pytest.raises(EhrRefused) as error:
        at.fetch("secret-77")
    assert "secret" not in str(error.value).lower()

    ehr = Ehr()
    ehr.always("metadata", HTML)
    with pytest.raises(EhrGarbled):
        fetched(ehr)
    assert not any(PATIENT in str(each) for each in ehr.told)


def test_time_that_runs_out_is_told_by_type_and_what_came_is_kept() -> None:
    ehr = Ehr(holds=[condition(1), observation(1)])
    ehr.always("Observation?", fhir({}, 429, Retry_After="25"))

    record = fetched(ehr, concurrency=1, record_seconds=30.0)

    assert names(record) == ["Condition/c1", "Patient/p1"]
    assert "Observation" in texts(record, "SOURCE_NOT_AVAILABLE")[0]


def test_no_call_is_made_after_the_time_is_over() -> None:
    ehr = Ehr()
    with world(ehr) as at:
        visit = at.server.visit(10.0)
        ehr.time.sleep(10.0)
        with pytest.raises(EhrUnavailable) as error:
            visit.get("Observation?patient=Patient/p1")

    assert str(error.value) == (
        "server 'main': GET Observation?patient was not made: the time for this patient was over"
    )
    assert ehr.calls == []
