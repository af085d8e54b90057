"""Several copies of one result, copies on which a person has acted, and copies that lost something."""

from typing import Any

import pytest
from ehr_world import Json
from odd_store import OddStore, takes
from odd_writing import GIVEN, LATER, PLAN, RISK, RISK_LATER, fails, fates, notes, write
from written_results import changed, of, results, revoked, taken_back

from fhirgate.mapping.compose.states import state_code
from fhirgate.oncology.verdict import State
from fhirgate.services.result_writer import Fate


class TestTwins:
    def copy(self, store: OddStore, id_: str, **elements: Any) -> None:
        store.put({**store.one("RiskAssessment"), **elements}, id_)

    def test_the_oldest_is_kept_and_the_others_are_taken_back(self, store: OddStore) -> None:
        write(store, RISK)
        self.copy(store, "10")

        (written,) = write(store, RISK_LATER)

        assert written.reference == "RiskAssessment/1/_history/2"
        assert written.why == "1 further copy of it was marked entered-in-error"
        assert store.holds["RiskAssessment/10"]["status"] == "entered-in-error"
        assert notes(store.holds["RiskAssessment/10"]) == [
            "Retracted, not to be used: another copy of the same result is the current one"
        ]

    def test_a_twin_that_was_taken_back_stays_so(self, store: OddStore) -> None:
        write(store, RISK)
        self.copy(store, "10")
        write(store, RISK)
        store.calls.clear()

        assert fates(write(store, RISK)) == [Fate.UNCHANGED]
        assert store.writes() == []

    def test_a_twin_somebody_else_takes_back_at_the_same_time_is_fine(self, store: OddStore) -> None:
        write(store, RISK)
        self.copy(store, "10")
        store.before("PUT RiskAssessment/10", lambda: write(store, RISK))

        written = write(store, RISK)

        assert fates(written) == [Fate.UNCHANGED]
        assert store.holds["RiskAssessment/10"]["status"] == "entered-in-error"

    def test_a_twin_that_changed_in_between_is_an_error_to_try_again(self, store: OddStore) -> None:
        write(store, RISK)
        self.copy(store, "10")
        store.before(
            "PUT RiskAssessment/10",
            lambda: store.put({**store.holds["RiskAssessment/10"], "language": "en"}, "10"),
        )

        assert fails(store, RISK).retry

    def test_one_a_person_has_finalised_goes_before_ours(self, store: OddStore) -> None:
        write(store, RISK)
        self.copy(store, "10", status="final")

        (written,) = write(store, RISK_LATER)

        assert (written.fate, written.reference) == (Fate.LEFT, "RiskAssessment/10/_history/1")
        assert store.holds["RiskAssessment/1"]["status"] == "entered-in-error"

    def test_one_a_person_has_taken_back_does_not_go_before_one_that_stands(self, store: OddStore) -> None:
        write(store, RISK)
        self.copy(store, "0", status="entered-in-error")

        assert fates(write(store, RISK_LATER)) == [Fate.UPDATED]
        assert store.holds["RiskAssessment/1"]["meta"]["versionId"] == "2"

    def test_one_a_person_has_taken_back_is_not_replaced_by_reviving_a_twin(self, store: OddStore) -> None:
        write(store, RISK)
        self.copy(store, "10")
        write(store, RISK)
        store.put({**store.holds["RiskAssessment/1"], "status": "entered-in-error"}, "1")

        (written,) = write(store, RISK_LATER)

        assert (written.fate, written.why) == (
            Fate.LEFT,
            "a person has acted on the server's copy: it is entered-in-error",
        )

    def test_another_writer_that_kept_its_own_copy_meanwhile_is_noticed(self, store: OddStore) -> None:
        store.statement = takes(conditionalCreate=False)
        store.before("POST CarePlan", lambda: self.copy(store, "0"))

        error = fails(store, *GIVEN)

        assert error.retry
        assert store.copies("Provenance") == []
        assert fates(write(store, *GIVEN)) == [Fate.UNCHANGED, Fate.UPDATED, Fate.CREATED]
        assert store.one("CarePlan")["supportingInfo"] == [{"reference": "RiskAssessment/0"}]

    def test_a_copy_somebody_else_made_is_never_touched(self, store: OddStore) -> None:
        write(store, RISK)
        self.copy(store, "0", contained=[], meta={})

        assert fates(write(store, RISK_LATER)) == [Fate.UPDATED]
        assert store.holds["RiskAssessment/0"]["meta"]["versionId"] == "1"

    def test_a_lone_copy_somebody_else_made_is_left(self, store: OddStore) -> None:
        write(store, RISK)
        self.copy(store, "0", contained=[], meta={})
        del store.holds["RiskAssessment/1"]

        (written,) = write(store, RISK_LATER)

        assert (written.fate, written.why) == (
            Fate.LEFT,
            "a copy with our identifier was made by somebody else",
        )


class TestPersons:
    @pytest.mark.parametrize("status", ["final", "amended", "corrected", "registered"])
    def test_a_result_of_a_persons_status_is_left(self, store: OddStore, status: str) -> None:
        write(store, RISK)
        store.edit("RiskAssessment", status=status)

        (written,) = write(store, RISK_LATER)

        assert written.fate is Fate.LEFT
        assert written.why == f"a person has acted on the server's copy: it is {status}"
        assert written.reference == "RiskAssessment/1/_history/2"

    @pytest.mark.parametrize("note", [None, [], ["odd"], [{"text": "wrong patient"}]])
    def test_a_result_that_a_person_has_taken_back_is_left(self, store: OddStore, note: Any) -> None:
        write(store, RISK)
        store.edit("RiskAssessment", status="entered-in-error", prediction=None, note=note)

        assert fates(write(store, RISK_LATER)) == [Fate.LEFT]

    def test_a_result_that_a_person_has_cancelled_is_left(self, store: OddStore) -> None:
        write(store, RISK)
        store.edit("RiskAssessment", status="cancelled")

        (written,) = write(store, RISK_LATER)

        assert (written.fate, written.why) == (
            Fate.LEFT,
            "a person has acted on the server's copy: it is cancelled",
        )

    def test_a_result_that_we_cancelled_for_it_could_not_be_classified_is_ours(self, store: OddStore) -> None:
        coding = state_code(State.INDETERMINATE).coding
        unknown = changed(RISK, status="cancelled", prediction=[{"outcome": {"coding": [coding]}}])
        write(store, unknown)

        assert fates(write(store, RISK)) == [Fate.UPDATED]
        assert fates(write(store, unknown)) == [Fate.UPDATED]

    def test_a_status_that_is_none_is_not_repeated(self, store: OddStore) -> None:
        write(store, RISK)
        store.edit("RiskAssessment", status="seen by Dr. Who")

        (written,) = write(store, RISK_LATER)

        assert written.why == "a person has acted on the server's copy: it is of another status"

    def test_a_copy_that_was_moved_to_another_patient_is_left(self, store: OddStore) -> None:
        write(store, RISK)
        store.edit("RiskAssessment", subject={"reference": "Patient/other"})

        (written,) = write(store, RISK_LATER)

        assert written.why == "the server's copy is about another patient by now"

    def test_a_retraction_does_not_touch_what_a_person_made(self, store: OddStore) -> None:
        write(store, RISK)
        store.edit("RiskAssessment", status="final")

        risk, provenance = write(store, *taken_back(RISK))

        assert (risk.fate, provenance.fate) == (Fate.LEFT, Fate.LEFT)
        assert store.one("RiskAssessment")["status"] == "final"

    def test_a_plan_whose_intent_was_changed_is_left(self, store: OddStore) -> None:
        write(store, *GIVEN)
        store.edit("CarePlan", intent="plan")

        written = write(store, *LATER)

        assert written[1].why == "a person has acted on the server's copy: it is no proposal any more"
        assert store.one("CarePlan")["intent"] == "plan"

    def test_what_we_put_aside_ourselves_can_be_proposed_again(self, store: OddStore) -> None:
        write(store, *GIVEN)
        write(store, revoked(PLAN))

        assert fates(write(store, RISK, PLAN)) == [Fate.UNCHANGED, Fate.UPDATED]
        assert store.one("CarePlan")["status"] == "draft"


class TestWhatAServerDoesNotKeep:
    def test_what_does_not_change_the_meaning_is_told(self, store: OddStore) -> None:
        store.drops = frozenset({"basis", "note"})

        (written,) = write(store, RISK)

        assert written.fate is Fate.CREATED
        assert written.why == "the server did not keep as written: basis and note"

    @pytest.mark.parametrize("lost", ["prediction", "code"])
    def test_a_copy_without_its_meaning_does_not_stand(self, store: OddStore, lost: str) -> None:
        store.drops = frozenset({lost})

        written = write(store, *GIVEN)

        assert written[0].fate is Fate.NOT_TAKEN
        assert written[0].why == (
            f"the server did not keep {lost} of it as written; its copy was marked entered-in-error"
        )
        assert store.one("RiskAssessment")["status"] == "entered-in-error"

    def test_a_proposal_that_lost_its_intent_does_not_stand(self, store: OddStore) -> None:
        store.drops = frozenset({"intent"})

        written = write(store, *GIVEN)

        assert written[1].fate is Fate.NOT_TAKEN
        assert store.one("CarePlan")["status"] == "entered-in-error"
        assert store.one("Provenance")["target"] == [{"reference": "RiskAssessment/1/_history/1"}]

    def test_a_copy_that_lost_our_mark_does_not_stand_for_it_could_not_be_changed_any_more(
        self, store: OddStore
    ) -> None:
        store.drops = frozenset({"tag", "contained"})

        (written,) = write(store, RISK)

        assert written.fate is Fate.NOT_TAKEN
        assert "did not keep the mark of who made it" in written.why

    def test_a_server_without_tags_knows_us_by_the_device(self, store: OddStore) -> None:
        store.drops = frozenset({"tag"})
        write(store, RISK)

        assert fates(write(store, RISK_LATER)) == [Fate.UPDATED]

    def test_a_retraction_that_is_not_kept_is_an_error(self, store: OddStore) -> None:
        write(store, RISK)
        store.alters = lambda resource: {**resource, "status": "preliminary"}

        error = fails(store, taken_back(RISK)[0])

        assert "could not be taken back: the server did not keep status of it" in error.safe_message

    def test_tags_of_earlier_states_that_stay_are_told(self, store: OddStore) -> None:
        write(store, RISK)
        former = store.one("RiskAssessment")["meta"]["tag"]

        def sticky(resource: Json) -> Json:
            meta = {**resource["meta"], "tag": [*former, *resource["meta"]["tag"]]}
            return {**resource, "meta": meta}

        store.alters = sticky
        stable = of("RiskAssessment", results("p1", "20"))

        (written,) = write(store, stable)

        assert written.why == "the server keeps tags of earlier states on it"
