"""Which results are written to a server, with which calls, and in which order."""

import pytest
from ehr_world import fhir, page
from odd_store import OddStore, takes, writing
from odd_writing import GIVEN, LATER, PLAN, RISK, RISK_LATER, fails, fates, notes, write
from written_results import another_server, changed, of, results, stored, taken_back

from fhirgate.errors import EhrDenied, EhrRefused, InvalidRequest
from fhirgate.exact_json import decode
from fhirgate.services.result_writer import Fate


def test_nothing_to_write_calls_nobody(store: OddStore) -> None:
    assert write(store) == ()
    assert store.calls == []


def test_each_is_searched_past_every_cache_then_made_and_read_back(store: OddStore) -> None:
    write(store, RISK)

    key = "identifier=https%3A//fhirgate.example/fhir/sid/result%7C" + RISK.identifier.value
    assert store.calls == [
        "GET metadata",
        f"GET RiskAssessment?{key}",
        "POST RiskAssessment",
        f"GET RiskAssessment?{key}",
    ]
    assert store.headers[1]["Cache-Control"] == "no-cache"
    assert store.headers[2]["If-None-Exist"] == key
    assert store.headers[2]["Prefer"] == "return=minimal"
    assert store.headers[2]["Content-Type"] == "application/fhir+json"


def test_no_header_is_sent_that_the_server_does_not_list(store: OddStore) -> None:
    store.statement = takes(conditionalCreate=False)

    write(store, *GIVEN)

    assert not any("If-None-Exist" in each for each in store.headers)


def test_an_update_is_bound_to_the_version_that_was_read(store: OddStore) -> None:
    write(store, RISK)
    store.calls.clear()
    store.headers.clear()

    write(store, RISK_LATER)

    put = store.calls.index("PUT RiskAssessment/1")
    assert store.calls[put - 1] == "GET RiskAssessment/1"
    assert store.headers[put]["If-Match"] == 'W/"1"'
    assert store.headers[put]["X-Meta-Snapshot-Mode"] == "TAG,PROFILE,SECURITY_LABEL"


def test_results_of_another_servers_patient_are_not_written(store: OddStore) -> None:
    with writing(store) as writer, pytest.raises(InvalidRequest, match="a patient of another server"):
        writer.write([RISK, another_server(PLAN)])
    assert store.calls == []


def test_of_two_versions_of_a_result_the_last_is_written(store: OddStore) -> None:
    written = write(store, RISK, RISK_LATER)

    assert fates(written) == [Fate.CREATED, Fate.CREATED]
    assert len(store.writes()) == 1
    assert notes(store.one("RiskAssessment")) == [each["text"] for each in decode(RISK_LATER.body)["note"]]


class TestWhatIsNotTaken:
    def test_a_server_that_lists_nothing_gets_nothing(self) -> None:
        store = OddStore(statement=takes(()))

        written = write(store, *GIVEN)

        assert fates(written) == [Fate.NOT_TAKEN] * 3
        assert [each.why for each in written] == ["the server does not list this type"] * 3
        assert store.calls == ["GET metadata"]

    def test_a_server_without_a_statement_gets_nothing_now_and_may_later(self, store: OddStore) -> None:
        store.instead("GET metadata", fhir({}, 404))

        error = fails(store, *GIVEN)

        assert (error.retry, "GET metadata: it answered 404" in str(error)) == (True, True)
        assert store.writes() == []
        assert fates(write(store, *GIVEN)) == [Fate.CREATED] * 3

    def test_a_plan_alone_names_its_result_by_identifier(self) -> None:
        store = OddStore(statement=takes(("CarePlan", "Provenance")))

        written = write(store, *GIVEN)

        assert fates(written) == [Fate.NOT_TAKEN, Fate.CREATED, Fate.CREATED]
        (info,) = store.one("CarePlan")["supportingInfo"]
        assert info == {
            "type": "RiskAssessment",
            "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{RISK.name.resource.id}"},
        }
        assert store.one("Provenance")["target"] == [{"reference": "CarePlan/1/_history/1"}]

    def test_a_provenance_of_nothing_is_not_written(self) -> None:
        store = OddStore(statement=takes(("Provenance",)))

        *_, provenance = write(store, *GIVEN)

        assert (provenance.fate, provenance.why) == (
            Fate.NOT_TAKEN,
            "none of the results it tells of was written",
        )

    @pytest.mark.parametrize("status", [400, 405, 422])
    def test_what_the_server_declines_is_told_with_its_reason(self, store: OddStore, status: int) -> None:
        store.instead("POST RiskAssessment", fhir({}, status))

        written = write(store, *GIVEN)

        assert fates(written) == [Fate.NOT_TAKEN, Fate.CREATED, Fate.CREATED]
        assert f"POST RiskAssessment: it answered {status}" in written[0].why

    def test_what_we_are_not_permitted_to_write_is_an_error(self, store: OddStore) -> None:
        store.instead("POST RiskAssessment", fhir({}, 403))

        assert isinstance(fails(store, *GIVEN), EhrDenied)

    def test_an_update_that_is_declined_is_an_error_for_an_old_result_stands(self, store: OddStore) -> None:
        write(store, RISK)
        store.instead("PUT RiskAssessment", fhir({}, 422))

        assert isinstance(fails(store, RISK_LATER), EhrRefused)


class TestOrder:
    def test_a_plan_is_put_aside_before_its_result_changes(self, store: OddStore) -> None:
        write(store, *GIVEN)
        store.calls.clear()
        seen: list[str] = []
        store.before("PUT RiskAssessment", lambda: seen.append(store.one("CarePlan")["status"]))

        write(store, *LATER)

        assert store.writes() == [
            "PUT CarePlan/2",
            "PUT RiskAssessment/1",
            "PUT CarePlan/2",
            "POST Provenance",
        ]
        assert seen == ["revoked"]
        assert store.one("CarePlan")["status"] == "draft"

    def test_a_plan_of_an_unchanged_result_is_changed_at_once(self, store: OddStore) -> None:
        write(store, *GIVEN)
        store.calls.clear()

        write(store, RISK, changed(PLAN, description="Proposal, not an order: anew"))

        assert store.writes() == ["PUT CarePlan/2"]

    def test_a_plan_that_says_the_same_stays_while_its_result_changes(self, store: OddStore) -> None:
        write(store, *GIVEN)
        store.calls.clear()

        write(store, changed(RISK, note=[{"text": "Anew."}]), PLAN)

        assert store.writes() == ["PUT RiskAssessment/1"]

    def test_a_plan_somebody_changes_meanwhile_is_looked_at_again(self, store: OddStore) -> None:
        write(store, *GIVEN)
        store.before("PUT CarePlan", lambda: store.edit("CarePlan", language="en"))

        assert fates(write(store, *LATER))[:2] == [Fate.UPDATED, Fate.UPDATED]

    def test_a_plan_that_changes_each_time_is_an_error_before_its_result_is_touched(
        self, store: OddStore
    ) -> None:
        write(store, *GIVEN)
        store.before("PUT CarePlan", *[lambda: store.edit("CarePlan", language="en")] * 2)
        store.calls.clear()

        assert fails(store, *LATER).retry
        assert not any("PUT RiskAssessment" in each for each in store.calls)

    def test_a_plan_that_was_accepted_meanwhile_is_left(self, store: OddStore) -> None:
        write(store, *GIVEN)
        store.before("PUT CarePlan", lambda: store.edit("CarePlan", status="active", intent="plan"))

        assert fates(write(store, *LATER))[1] is Fate.LEFT

    def test_a_plan_without_notes_can_be_put_aside(self, store: OddStore) -> None:
        write(store, *GIVEN)
        store.edit("CarePlan", note=None)

        assert fates(write(store, *LATER))[:2] == [Fate.UPDATED, Fate.UPDATED]

    def test_only_results_are_put_aside_for_on_a_server_that_takes_no_plans(self) -> None:
        store = OddStore(statement=takes(("RiskAssessment", "Provenance")))
        write(store, *GIVEN)

        assert fates(write(store, *LATER)) == [Fate.UPDATED, Fate.NOT_TAKEN, Fate.CREATED]

    def test_plans_are_taken_back_before_their_results(self, store: OddStore) -> None:
        write(store, *GIVEN)
        store.calls.clear()

        write(store, *taken_back(RISK, PLAN))

        assert store.writes() == ["PUT CarePlan/2", "PUT RiskAssessment/1", "POST Provenance"]

    def test_a_type_that_is_none_of_ours_is_not_taken(self, store: OddStore) -> None:
        body = {**decode(RISK.body), "resourceType": "Basic"}
        assert fates(write(store, stored(body, "p1"))) == [Fate.NOT_TAKEN]

    def test_no_plan_is_written_beside_a_result_that_a_person_has_acted_on(self, store: OddStore) -> None:
        write(store, *GIVEN)
        store.edit("RiskAssessment", status="final")
        store.calls.clear()

        written = write(store, *LATER)

        assert fates(written) == [Fate.LEFT] * 3
        assert written[1].why == "the RiskAssessment it follows from was left as a person made it"
        assert store.writes() == []

    def test_a_former_result_of_a_type_that_is_not_taken_is_named_by_identifier(self) -> None:
        store = OddStore(statement=takes(("CarePlan",)))
        former = of("RiskAssessment", results("p0")).name.resource

        write(store, changed(PLAN, supportingInfo=[{"reference": str(former)}]))

        (info,) = store.one("CarePlan")["supportingInfo"]
        assert info["identifier"]["value"] == f"urn:uuid:{former.id}"

    def test_references_to_the_record_stay(self, store: OddStore) -> None:
        basis = [{"reference": "Observation/not-a-uuid"}, {"reference": "Observation/o1/_history/2"}]
        random = {"reference": "Observation/3b241101-e2bb-4255-8caf-4136c566a962"}

        write(store, changed(RISK, basis=[*basis, random]))

        assert store.one("RiskAssessment")["basis"] == [*basis, random]

    def test_a_result_within_a_bundle_is_known_by_its_urn(self, store: OddStore) -> None:
        inner = {"reference": f"urn:uuid:{RISK.name.resource.id}"}

        write(store, RISK, changed(PLAN, supportingInfo=[inner]))

        assert store.one("CarePlan")["supportingInfo"] == [{"reference": "RiskAssessment/1"}]

    def test_what_was_never_written_is_not_taken_back(self, store: OddStore) -> None:
        written = write(store, *taken_back(RISK))

        assert fates(written) == [Fate.UNCHANGED, Fate.NOT_TAKEN]
        assert written[0].why == "the server holds no copy of it, so there is nothing to take back"
        assert store.writes() == []

    def test_what_a_search_brings_beside_ours_is_none_of_ours(self, store: OddStore) -> None:
        beside = {**decode(RISK.body), "resourceType": "Patient", "id": "x"}
        store.instead("GET RiskAssessment?", fhir(page(beside)))

        assert fates(write(store, RISK)) == [Fate.CREATED]
