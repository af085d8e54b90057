"""What the servers of four vendors do that no reference server shows, answered by stubs that insist on it.

Sources: the vendors' CapabilityStatements (tests/data/ehr/capabilities.json) and documentation, as of August 2026.
Each stub refuses what its vendor refuses, so a record that comes whole shows that it was asked for as they want it.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from ehr_world import (
    BASE,
    PATIENT,
    Answer,
    Ehr,
    codes,
    condition,
    fhir,
    names,
    observation,
    page,
    texts,
    vendor,
    world,
)
from odd_store import OddStore, takes
from odd_writing import GIVEN, LATER, write
from requests import PreparedRequest
from written_results import results

from fhirgate.errors import EhrDenied
from fhirgate.services.fetch_record import Fetched
from fhirgate.services.result_writer import Fate

Json = dict[str, Any]
TOLD = ("RiskAssessment", "Observation")
PRACTICE = "Organization/a-1.Practice-195900"


def outcome(code: str, severity: str = "fatal", kind: str = "processing") -> Json:
    """An OperationOutcome with a vendor's own code, and free text that must not be told."""
    coding = {"system": "urn:oid:1.2.840.114350.1.13.0.1.7.2.657369", "code": code, "display": "Smith, John"}
    issue = {"severity": severity, "code": kind, "details": {"coding": [coding], "text": "Smith, John"}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


class Strict(Ehr):
    """A server that looks at each request before it answers."""

    def insists(self, refusal: Callable[[PreparedRequest], Answer | None]) -> "Strict":
        self.refusal = refusal
        return self

    def respond(self, request: PreparedRequest) -> Answer:
        refused = self.refusal(request)
        if refused is None:
            return super().respond(request)
        self.calls.append(unquote(str(request.url).removeprefix(f"{BASE}/")))
        return refused


def fetched(ehr: Ehr, **entry: Any) -> Fetched:
    with world(ehr, **entry) as at:
        return at.fetch()


def query_of(request: PreparedRequest) -> dict[str, list[str]]:
    return parse_qs(urlsplit(str(request.url)).query)


def kind_of(request: PreparedRequest) -> str:
    return urlsplit(str(request.url)).path.removeprefix("/fhir/").partition("/")[0]


# Epic


def test_epic_session_that_ends_between_pages_loses_only_what_follows() -> None:
    ehr = Ehr(statement=vendor("epic-r4"))
    ehr.answers("Observation?", fhir(page(observation(1), next_url=f"{BASE}/Observation?sessionID=22-A1")))
    ehr.always("Observation?sessionID", fhir(outcome("4113"), 400))

    record = fetched(ehr)

    assert names(record) == ["Observation/o1", "Patient/p1"]
    assert texts(record, "SOURCE_NOT_AVAILABLE") == [
        "Observation: not all of it could be read from the server: server 'main': GET Observation?sessionID: it"
        " answered 400 (Bad Request): fatal processing (4113). What is missing is not part of this assessment"
    ]
    assert len(ehr.asked("Observation")) == 2
    assert not record.is_complete


@pytest.mark.parametrize("code", ["4130", "4131", "4134"])
def test_epic_record_behind_break_the_glass_is_told_and_not_asked_for_again(code: str) -> None:
    ehr = Ehr(statement=vendor("epic-r4"))
    ehr.always("Patient/", fhir(outcome(code, kind="suppressed"), 403))

    with pytest.raises(EhrDenied) as error:
        fetched(ehr)

    assert str(error.value) == (
        f"server 'main': GET Patient/{{id}}: it does not permit this call (403) (fatal suppressed ({code}));"
        " compare the scopes it granted with those it needs"
    )
    assert ehr.calls == ["metadata", f"Patient/{PATIENT}"]


def test_epic_types_behind_break_the_glass_are_each_told_and_the_rest_is_kept() -> None:
    ehr = Ehr(statement=vendor("epic-r4"), holds=[condition(1), observation(1)])
    ehr.always("Observation?", fhir(outcome("4130", kind="suppressed"), 403))

    record = fetched(ehr)

    assert names(record) == ["Condition/c1", "Patient/p1"]
    assert "(fatal suppressed (4130))" in texts(record, "SOURCE_NOT_AVAILABLE")[0]
    assert len(ehr.asked("Observation")) == 1


@pytest.mark.parametrize("code", ["4127", "59133"])
def test_epic_limit_told_as_a_failure_beside_a_page_is_something_missing(code: str) -> None:
    ehr = Ehr(statement=vendor("epic-r4"))
    told = page(observation(1))
    told["entry"].append({"resource": outcome(code, "error", "too-costly"), "search": {"mode": "outcome"}})
    ehr.always("Observation?", fhir(told))

    record = fetched(ehr)

    assert names(record) == ["Observation/o1", "Patient/p1"]
    assert texts(record, "SOURCE_NOT_AVAILABLE") == [
        "Observation: not all of it could be read from the server: with page 1 the server says that a part failed:"
        f" error too-costly ({code}). What is missing is not part of this assessment"
    ]
    assert not record.is_complete


def test_epic_warning_beside_a_page_is_no_loss() -> None:
    ehr = Ehr(statement=vendor("epic-r4"))
    told = page(observation(1))
    told["entry"].append({"resource": outcome("4119", "warning"), "search": {"mode": "outcome"}})
    ehr.always("Observation?", fhir(told))

    record = fetched(ehr)

    assert (codes(record), record.is_complete) == (["SERVER_SAID", "SOURCE_NOT_OFFERED"], True)


def test_epic_refusal_of_a_type_that_is_not_for_this_client_is_told_with_its_status() -> None:
    """An interaction that the client is not registered for is 405 there, although the statement lists it."""
    ehr = Ehr(statement=vendor("epic-r4"), holds=[condition(1)])
    ehr.always("ImagingStudy?", fhir(outcome("4100"), 405))

    record = fetched(ehr)

    assert names(record) == ["Condition/c1", "Patient/p1"]
    assert "405 (Method Not Allowed): fatal processing (4100)" in texts(record, "SOURCE_NOT_AVAILABLE")[0]


@pytest.mark.parametrize("code", ["59141", "59187"])
def test_epic_flowsheet_that_declines_an_observation_of_ours_is_told_with_its_code(code: str) -> None:
    """Observation.create writes flowsheet rows there: a code without a row is 59187, a duplicate 59141."""
    store = OddStore(statement=vendor("epic-r4"))
    store.instead("POST Observation", fhir(outcome(code), 400))
    risk, *states = (each for each in results("p1", states=True) if each.name.resource.type in TOLD)

    written = write(store, risk, *states[:1])

    assert [(each.name.type, each.fate) for each in written] == [
        ("RiskAssessment", Fate.NOT_TAKEN),
        ("Observation", Fate.NOT_TAKEN),
    ]
    assert written[0].why == "the server does not list this type"
    assert f"POST Observation: it answered 400 (Bad Request): fatal processing ({code})" in written[1].why
    assert "Smith" not in written[1].why


# Oracle


def json_alone(request: PreparedRequest) -> Answer | None:
    """406 without a body for whoever does not ask for FHIR's JSON first."""
    wanted = str(request.headers.get("Accept", "")).partition(",")[0]
    return None if wanted == "application/fhir+json" else (406, {}, b"")


def test_oracle_gives_json_to_who_asks_for_it() -> None:
    ehr = Strict(statement=vendor("oracle-millennium-r4"), holds=[condition(1)]).insists(json_alone)

    assert names(fetched(ehr)) == ["Condition/c1", "Patient/p1"]


def test_oracle_406_without_a_body_is_told_with_the_call() -> None:
    ehr = Ehr(statement=vendor("oracle-millennium-r4"), holds=[condition(1)])
    ehr.always("Procedure?", (406, {}, b""))

    record = fetched(ehr)

    assert names(record) == ["Condition/c1", "Patient/p1"]
    assert (
        "GET Procedure?patient: it answered 406 (Not Acceptable)." in texts(record, "SOURCE_NOT_AVAILABLE")[0]
    )


def test_oracle_wants_a_patient_or_an_id_in_every_search() -> None:
    def named(request: PreparedRequest) -> Answer | None:
        """Also `_count`, `_lastUpdated` and others are refused where the statement does not list them."""
        kind, asked = kind_of(request), query_of(request)
        listed = {each["type"]: each for each in ehr.statement["rest"][0]["resource"]}
        known = {each["name"] for each in listed.get(kind, {"searchParam": []})["searchParam"]}
        if asked and not ({"patient", "_id"} & set(asked) and set(asked) <= known):
            return fhir(outcome("required"), 422)
        return None

    ehr = Strict(statement=vendor("oracle-millennium-r4"), holds=[condition(1), observation(1)]).insists(
        named
    )

    record = fetched(ehr)

    assert names(record) == ["Condition/c1", "Observation/o1", "Patient/p1"]
    assert record.is_complete
    # CarePlan wants a date with both ends there; it is nothing we read.
    assert not ehr.asked("CarePlan")


def test_oracle_entries_that_come_again_on_the_next_page_are_taken_once() -> None:
    ehr = Ehr(statement=vendor("oracle-millennium-r4"))
    following = f"{BASE}/Observation?patient={PATIENT}&-pageContext=7&-pageDirection=NEXT"
    ehr.answers(
        "Observation?",
        fhir(page(observation(1), observation(2), next_url=following)),
        fhir(page(observation(2), observation(3))),
    )

    record = fetched(ehr)

    assert names(record) == ["Observation/o1", "Observation/o2", "Observation/o3", "Patient/p1"]
    assert texts(record, "SOURCE_REPEATED") == [
        "search for Observation: 1 entry came more than once; each was taken once"
    ]
    assert record.is_complete


def test_oracle_conflict_of_versions_is_409_and_understood() -> None:
    store = OddStore(statement=takes(conditionalCreate=False), conflict=409)
    write(store, *GIVEN)
    store.before("PUT RiskAssessment", lambda: store.edit("RiskAssessment", language="de"))

    written = write(store, *LATER)

    assert {each.fate for each in written} <= {Fate.CREATED, Fate.UPDATED}
    assert [each.split()[1] for each in store.writes()].count("RiskAssessment/1") == 2


@pytest.mark.parametrize("name", ["oracle-millennium-r4", "athena-r4", "meditech-greenfield-r4"])
def test_servers_that_list_none_of_our_types_get_nothing_and_it_is_said(name: str) -> None:
    store = OddStore(statement=vendor(name))

    written = write(store, *GIVEN)

    assert {each.fate for each in written} == {Fate.NOT_TAKEN}
    assert all(each.why for each in written)
    assert store.calls == ["GET metadata"]


# athenahealth


def in_a_practice(request: PreparedRequest) -> Answer | None:
    asked = query_of(request)
    if asked and "cursor" not in asked and asked.get("ah-practice") != [PRACTICE]:
        return fhir(outcome("required", "error"), 403)
    return None


def test_athenahealth_is_asked_within_the_practice_of_the_entry() -> None:
    ehr = Strict(statement=vendor("athena-r4"), holds=[condition(1), observation(1)]).insists(in_a_practice)

    record = fetched(ehr, search_parameters={"ah-practice": PRACTICE})

    assert names(record) == ["Condition/c1", "Observation/o1", "Patient/p1"]
    assert record.is_complete


def test_athenahealth_without_a_practice_says_what_is_missing() -> None:
    ehr = Strict(statement=vendor("athena-r4"), holds=[condition(1)]).insists(in_a_practice)

    with pytest.raises(
        EhrDenied, match=r"GET Condition\?patient&_count: it does not permit this call \(403\)"
    ):
        fetched(ehr)


def test_athenahealth_is_asked_within_the_practice_also_for_what_others_refer_to() -> None:
    result = {"result": [{"reference": "Observation/o1"}, {"reference": "Observation/o2"}]}
    report = condition(1) | {"resourceType": "DiagnosticReport", "id": "r1"} | result
    ehr = Strict(statement=vendor("athena-r4"), holds=[report, observation(1), observation(2)])
    ehr.insists(in_a_practice).always("Observation?patient", fhir(outcome("broken"), 501))

    record = fetched(ehr, search_parameters={"ah-practice": PRACTICE})

    assert names(record) == ["DiagnosticReport/r1", "Observation/o1", "Observation/o2", "Patient/p1"]
    assert f"Observation?_id=o1,o2&ah-practice={PRACTICE}" in ehr.calls


def test_athenahealth_cursor_is_followed_as_it_is() -> None:
    ehr = Strict(statement=vendor("athena-r4")).insists(in_a_practice)
    following = f"{BASE}/Observation?cursor=eyJhIjoxfQ%3D%3D"
    ehr.answers("Observation?", fhir(page(observation(1), next_url=following)), fhir(page(observation(2))))

    record = fetched(ehr, search_parameters={"ah-practice": PRACTICE})

    assert names(record) == ["Observation/o1", "Observation/o2", "Patient/p1"]
    assert ehr.asked("Observation")[1] == "Observation?cursor=eyJhIjoxfQ=="


# MEDITECH


def test_meditech_pages_by_continue() -> None:
    ehr = Ehr(statement=vendor("meditech-greenfield-r4"))
    following = "/Observation?continue=8d5c%7C2"
    ehr.answers(
        "Observation?", fhir(page(observation(1), next_url=f"{BASE}{following}")), fhir(page(observation(2)))
    )

    record = fetched(ehr)

    assert names(record) == ["Observation/o1", "Observation/o2", "Patient/p1"]
    assert ehr.asked("Observation")[1] == "Observation?continue=8d5c|2"
    assert record.is_complete


def test_no_vendors_words_about_a_patient_are_told() -> None:
    ehr = Ehr(statement=vendor("epic-r4"), holds=[condition(1)])
    ehr.always("Observation?", fhir(outcome("4130"), 403))
    ehr.always("Procedure?", fhir(outcome("59187"), 400))

    record = fetched(ehr)

    assert not any("Smith" in each.text for each in record.findings)
