"""Writing where replies get lost, somebody else is quicker, or a server answers oddly."""

from typing import Any

import pytest
from ehr_world import Json, fhir, page
from odd_store import LOST, OddStore, takes, writing
from odd_writing import GIVEN, LATER, RISK, RISK_LATER, fails, fates, write, write_beside
from written_results import results

from fhirgate.errors import EhrGarbled, EhrUnavailable
from fhirgate.services.result_writer import Fate


class TestLostReplies:
    @pytest.mark.parametrize("conditional", [True, False])
    def test_a_create_whose_reply_is_lost_is_found_again(self, store: OddStore, conditional: bool) -> None:
        store.statement = takes(conditionalCreate=conditional)
        store.after("POST RiskAssessment", LOST)

        written = write(store, *GIVEN)

        assert fates(written) == [Fate.CREATED] * 3
        assert len(store.copies("RiskAssessment")) == 1

    def test_a_plain_create_is_not_sent_twice(self, store: OddStore) -> None:
        store.statement = takes(conditionalCreate=False)
        store.instead("POST RiskAssessment", LOST)

        error = fails(store, *GIVEN)

        assert (error.reached, error.retry) == (True, True)
        assert store.writes() == ["POST RiskAssessment"]

    def test_a_create_that_was_lost_on_its_way_is_made_the_next_time(self, store: OddStore) -> None:
        store.statement = takes(conditionalCreate=False)
        store.instead("POST RiskAssessment", LOST)
        fails(store, *GIVEN)

        assert fates(write(store, *GIVEN)) == [Fate.CREATED] * 3

    def test_an_update_whose_reply_is_lost_is_looked_for(self, store: OddStore) -> None:
        write(store, RISK)
        store.after("PUT RiskAssessment", LOST)

        assert fates(write(store, RISK_LATER)) == [Fate.UPDATED]
        assert store.one("RiskAssessment")["meta"]["versionId"] == "2"

    def test_an_update_that_did_not_arrive_is_an_error(self, store: OddStore) -> None:
        write(store, RISK)
        store.instead("PUT RiskAssessment", fhir({}, 503))

        error = fails(store, RISK_LATER)

        assert (error.status, error.retry) == (503, True)

    def test_a_write_that_was_not_sent_is_an_error_at_once(self, store: OddStore) -> None:
        write(store, RISK)
        store.calls.clear()
        store.instead("GET RiskAssessment/1", fhir({}, 503), fhir({}, 503), fhir({}, 503), fhir({}, 503))

        assert isinstance(fails(store, RISK_LATER), EhrUnavailable)
        assert store.writes() == []

    def test_no_time_left_for_a_create_is_an_error_and_nothing_is_looked_for(self, store: OddStore) -> None:
        store.before("POST", lambda: None)
        with writing(store) as writer:
            writer.server.capability(writer.server.visit())
            store.before("GET RiskAssessment", lambda: store.time.sleep(1000))
            with pytest.raises(EhrUnavailable, match="POST RiskAssessment was not made: the time"):
                writer.write([RISK])

    def test_a_conditional_create_is_sent_again_and_what_it_made_is_ours(self, store: OddStore) -> None:
        store.after("POST RiskAssessment", fhir({}, 503))

        assert fates(write(store, RISK)) == [Fate.CREATED]
        assert store.writes() == ["POST RiskAssessment"] * 2

    def test_a_token_that_ended_is_renewed_and_the_write_made(self, store: OddStore) -> None:
        tokens = Tokens()
        store.instead("POST RiskAssessment", fhir({}, 401))

        with writing(store, tokens) as writer:
            written = writer.write([RISK])

        assert fates(written) == [Fate.CREATED]
        assert [each.get("Authorization") for each in store.headers][-2:] == ["Bearer 2", "Bearer 2"]


class Tokens:
    """Lets us in by a number that counts how often it was renewed."""

    def __init__(self) -> None:
        self.number = 1

    def headers(self, _seconds: float | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.number}"}

    def renew(self) -> None:
        self.number += 1


class TestConflicts:
    @pytest.fixture(params=[409, 412])
    def status(self, request: pytest.FixtureRequest, store: OddStore) -> int:
        store.conflict = request.param
        return int(request.param)

    def test_a_copy_changed_in_between_is_read_again_and_replaced(self, store: OddStore, status: int) -> None:
        write(store, RISK)
        store.before("PUT", lambda: store.edit("RiskAssessment", language="en"))

        assert fates(write(store, RISK_LATER)) == [Fate.UPDATED]
        assert store.one("RiskAssessment")["meta"]["versionId"] == "3"

    def test_a_copy_that_changes_each_time_is_an_error_to_try_again(
        self, store: OddStore, status: int
    ) -> None:
        write(store, RISK)
        quick = [lambda: store.edit("RiskAssessment", language="en")] * 2
        store.before("PUT", *quick)

        error = fails(store, RISK_LATER)

        assert "was written by somebody else each time" in error.safe_message
        assert error.retry

    def test_a_copy_made_in_between_is_found(self, store: OddStore, status: int) -> None:
        store.instead("POST RiskAssessment", fhir({}, status))
        store.before("POST RiskAssessment", lambda: write_beside(store, RISK))

        assert fates(write(store, RISK)) == [Fate.UNCHANGED]

    def test_a_copy_deleted_in_between_is_made_anew(self, store: OddStore) -> None:
        write(store, RISK)
        store.before("PUT", store.holds.clear)

        assert fates(write(store, RISK_LATER)) == [Fate.CREATED]

    def test_a_copy_deleted_before_it_is_read_is_made_anew(self, store: OddStore) -> None:
        write(store, RISK)
        store.before("GET RiskAssessment/1", store.holds.clear)

        assert fates(write(store, RISK_LATER)) == [Fate.CREATED]

    def test_a_copy_changed_right_after_it_was_written_is_written_once_more(self, store: OddStore) -> None:
        write(store, RISK)
        store.before("GET RiskAssessment?", lambda: None, lambda: store.edit("RiskAssessment", note=[]))

        assert fates(write(store, RISK_LATER)) == [Fate.UPDATED]
        assert store.one("RiskAssessment")["meta"]["versionId"] == "4"
        assert store.one("RiskAssessment")["note"]

    def test_a_copy_that_was_finalised_right_after_it_was_written_stays(self, store: OddStore) -> None:
        write(store, RISK)
        store.before(
            "GET RiskAssessment?", lambda: None, lambda: store.edit("RiskAssessment", status="final")
        )

        assert fates(write(store, RISK_LATER)) == [Fate.LEFT]
        assert store.one("RiskAssessment")["status"] == "final"

    @pytest.mark.parametrize(
        "answer",
        [(200, {}, b"<html>Back soon.</html>"), (202, {}, b""), fhir({"resourceType": "OperationOutcome"})],
    )
    def test_an_update_that_was_answered_and_not_made_takes_nothing_back(
        self, store: OddStore, answer: Any
    ) -> None:
        write(store, *GIVEN)
        store.instead("PUT RiskAssessment", answer)

        error = fails(store, *LATER)

        assert isinstance(error, EhrGarbled)
        assert store.one("RiskAssessment")["status"] == "preliminary"
        assert store.one("RiskAssessment")["meta"]["versionId"] == "1"
        assert fates(write(store, *LATER)) == [Fate.UPDATED, Fate.UPDATED, Fate.CREATED]

    def test_a_store_that_matches_another_patients_result_is_told_of_and_not_asked_on(
        self, store: OddStore
    ) -> None:
        store.heeds_parameters = False
        write(store, *GIVEN)
        before = len(store.writes())

        error = fails(store, *results("p2"))

        assert "says that it has one RiskAssessment of ours, and does not find it" in str(error)
        assert len(store.writes()) == before + 2
        assert len(store.copies("RiskAssessment")) == 1

    def test_a_store_that_never_shows_what_it_matched_is_not_asked_for_ever(self, store: OddStore) -> None:
        write(store, RISK)
        store.blind_for = 100

        assert "does not find it by identifier, or not yet" in fails(store, RISK).safe_message


class TestOddAnswers:
    @pytest.mark.parametrize("missing", ["Location", "ETag", "both"])
    def test_neither_location_nor_etag_is_needed(self, store: OddStore, missing: str) -> None:
        store.tells = store.tells - ({"Location", "ETag"} if missing == "both" else {missing})

        assert fates(write(store, *GIVEN)) == [Fate.CREATED] * 3
        assert fates(write(store, *LATER)) == [Fate.UPDATED, Fate.UPDATED, Fate.CREATED]

    def test_a_search_that_lags_behind_is_told_and_the_copy_read_by_its_id(self, store: OddStore) -> None:
        store.blind_for = 2

        (written,) = write(store, RISK)

        assert written.fate is Fate.CREATED
        assert written.why == "its search by identifier does not find it, or not yet"
        assert written.reference == "RiskAssessment/1/_history/1"

    @pytest.mark.parametrize("told", ["", "https://ehr.example.org/fhir/Basic/1"])
    def test_what_was_made_and_is_not_found_is_an_error_and_not_made_twice(
        self, store: OddStore, told: str
    ) -> None:
        store.blind_for = 2
        store.after("POST RiskAssessment", (201, {"Location": told}, b""))

        error = fails(store, RISK)

        assert isinstance(error, EhrGarbled)
        assert "not found by identifier, and cannot be read back" in error.safe_message
        assert len(store.writes()) == 1

    def test_a_search_that_still_shows_the_old_version_does_not_mislead(self, store: OddStore) -> None:
        write(store, RISK)
        store.stale = store.one("RiskAssessment")

        assert fates(write(store, RISK_LATER)) == [Fate.UPDATED]
        assert store.one("RiskAssessment")["meta"]["versionId"] == "2"

    def test_without_read_the_search_is_what_is_read_back(self) -> None:
        store = OddStore(statement=takes(interactions=("search-type", "create", "update")))
        write(store, RISK)

        assert fates(write(store, RISK_LATER)) == [Fate.UPDATED]
        assert not any("GET RiskAssessment/" in each for each in store.calls)

    def test_a_search_that_heeds_no_parameter_finds_only_ours(self, store: OddStore) -> None:
        store.heeds_parameters = False
        write(store, *results("p2"))
        store.statement = takes(conditionalCreate=False)

        assert fates(write(store, *GIVEN)) == [Fate.CREATED] * 3
        assert fates(write(store, *GIVEN)) == [Fate.UNCHANGED] * 3

    def test_what_a_search_does_not_bring_whole_decides_nothing(self, store: OddStore) -> None:
        away = page(next_url="https://elsewhere.example.org/page2")
        store.instead("GET RiskAssessment?", fhir(away))

        error = fails(store, RISK)

        assert "whether one RiskAssessment of ours is there cannot be told" in error.safe_message
        assert error.retry
        assert store.writes() == []

    def test_a_server_that_tells_no_version_is_not_written_over(self, store: OddStore) -> None:
        write(store, RISK)
        store.tells = frozenset({"Location"})

        error = fails(store, RISK_LATER)

        assert "it tells no version of one RiskAssessment" in error.safe_message
        assert len(store.writes()) == 1

    @pytest.mark.parametrize("id_", [None, 7, "../Patient", "a" * 65])
    def test_an_id_that_is_none_is_an_error(self, store: OddStore, id_: object) -> None:
        write(store, RISK)
        store.alters = lambda resource: {**resource, "id": id_}

        assert "gives one RiskAssessment of ours an id that is none" in fails(store, RISK).safe_message

    def test_a_version_that_is_none_is_not_sent(self, store: OddStore) -> None:
        write(store, RISK)
        store.tells = store.tells - {"ETag"}
        store.alters = lambda resource: {**resource, "meta": {**resource["meta"], "versionId": "1\r\nX: y"}}

        assert "it tells no version" in fails(store, RISK_LATER).safe_message

    def test_tags_and_identifiers_of_wrong_shape_are_none_of_ours(self, store: OddStore) -> None:
        write(store, *GIVEN)
        store.heeds_parameters = False
        store.statement = takes(conditionalCreate=False)
        store.alters = lambda resource: {**resource, "meta": "odd", "identifier": ["odd"]}

        (written,) = write(store, RISK)

        assert written.fate is Fate.NOT_TAKEN
        assert written.why.startswith("the server did not keep identifier of it as written")

    def test_what_is_no_resource_is_not_taken_for_one(self, store: OddStore) -> None:
        write(store, RISK)
        store.instead("GET RiskAssessment/1", fhir({"resourceType": "OperationOutcome", "issue": []}))

        assert (
            "what it answered to reading one RiskAssessment is none" in fails(store, RISK_LATER).safe_message
        )

    def test_displays_ids_and_whole_urls_that_a_server_adds_are_no_other_content(
        self, store: OddStore
    ) -> None:
        def adorned(resource: Json) -> Json:
            subject = {"reference": f"https://ehr.example.org/fhir/{resource['subject']['reference']}"}
            note = [{"id": f"n{at}", **each} for at, each in enumerate(resource["note"])]
            identifier = [{"system": "urn:ehr", "value": "4711"}, *resource["identifier"]]
            more = {"language": "en", "extension": [{"url": "urn:ehr:seen", "valueBoolean": True}]}
            more["extension"] = [*more["extension"], *resource.get("extension", ())]
            return {**resource, "subject": subject, "note": note, "identifier": identifier, **more}

        store.alters = adorned
        write(store, RISK)

        assert fates(write(store, RISK)) == [Fate.UNCHANGED]
