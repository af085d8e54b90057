"""A result taken back says so and nothing else; a plan put aside stays readable."""

import json
from copy import deepcopy
from datetime import UTC, datetime

import pytest
from assessments import assessment, facts, judged, probabilities
from builders import reason

from fhirgate.mapping.canonical import STATES
from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.invariants import problems
from fhirgate.mapping.compose.occasion import Occasion
from fhirgate.mapping.compose.retraction import compose_retraction_provenance, retract, revoke
from fhirgate.mapping.r4b import check_r4
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.source import Source
from fhirgate.oncology.verdict import Qualifier

NOW = judged(
    probabilities=probabilities(0.011, 0.944, 0.045, 0.0),
    reasons=(reason("COVERAGE", "L3 not evaluated"),),
    qualifiers=(Qualifier.MIXED_RESPONSE,),
)
RISK, PLAN, STATE, PROVENANCE = (
    each["resource"]
    for each in compose_bundle(assessment(NOW), facts(), DEFAULT_POLICY, states=True)["entry"]
)
WHY = "the scan was another patient's <i>"
KEPT = ("resourceType", "id", "identifier", "subject")


@pytest.mark.parametrize("given", [RISK, PLAN, STATE], ids=["result", "plan", "state"])
class TestRetracted:
    def test_it_is_valid_and_still_the_same_resource(self, given: Json) -> None:
        taken_back = retract(given, WHY)

        assert problems(taken_back) == ()
        assert check_r4(taken_back) == ()
        assert [taken_back[name] for name in KEPT] == [given[name] for name in KEPT]
        assert taken_back["status"] == "entered-in-error"

    def test_it_says_why_in_words(self, given: Json) -> None:
        taken_back = retract(given, WHY)

        assert taken_back["note"] == [
            {"text": r"Retracted, not to be used: the scan was another patient's \<i>"}
        ]
        assert "another patient's &lt;i&gt;" in taken_back["text"]["div"]

    def test_no_state_is_left_in_it(self, given: Json) -> None:
        written = json.dumps(retract(given, WHY), default=str).lower()

        assert "oligoprogression" in json.dumps(given, default=str).lower()
        assert "oligoprogression" not in written
        assert STATES not in written

    def test_what_was_given_is_not_changed(self, given: Json) -> None:
        before = deepcopy(given)

        retract(given, WHY)

        assert given == before

    def test_the_narrative_stands_where_a_reader_expects_it(self, given: Json) -> None:
        assert list(retract(given, WHY))[:4] == ["resourceType", "id", "meta", "text"]


def test_a_resource_that_is_no_result_cannot_be_retracted() -> None:
    with pytest.raises(KeyError):
        retract(PROVENANCE, WHY)


def test_a_revoked_plan_is_valid_and_its_options_stay() -> None:
    put_aside = revoke(PLAN, "a newer one replaces it")

    assert problems(put_aside) == ()
    assert check_r4(put_aside) == ()
    assert put_aside["status"] == "revoked"
    assert put_aside["activity"] == PLAN["activity"]
    assert put_aside["note"] == [{"text": "No longer proposed: a newer one replaces it"}, *PLAN["note"]]


class TestProvenance:
    RESULTS = (Source("RiskAssessment", "r1", "3"), Source("CarePlan", "p1", "1"))

    def composed(self, *, minute: int = 0) -> Json:
        occasion = Occasion(recorded=datetime(2025, 2, 11, 8, minute, tzinfo=UTC))
        return compose_retraction_provenance(self.RESULTS, PROVENANCE["policy"], WHY, occasion)

    def test_it_is_valid_and_names_the_versions_taken_back(self) -> None:
        resource = self.composed()

        assert problems(resource) == ()
        assert check_r4(resource) == ()
        assert resource["activity"]["coding"][0]["code"] == "UPDATE"
        assert [each["reference"] for each in resource["target"]] == ["RiskAssessment/r1", "CarePlan/p1"]
        assert resource["entity"] == [
            {"role": "revision", "what": {"reference": "RiskAssessment/r1/_history/3"}},
            {"role": "revision", "what": {"reference": "CarePlan/p1/_history/1"}},
        ]

    def test_the_same_retraction_gives_the_same_one_and_a_later_one_another(self) -> None:
        assert self.composed() == self.composed()
        assert self.composed(minute=1)["id"] != self.composed()["id"]
