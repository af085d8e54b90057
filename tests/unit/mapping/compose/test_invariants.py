"""Each thing a composed resource must not be is told in words."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from assessments import assessment, facts, interval, judged

from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.compose.invariants import problems
from fhirgate.oncology.assessment import Probabilities
from fhirgate.oncology.policy import DEFAULT_POLICY

WIDE = Probabilities(none=interval(0), oligo=interval(0.1, 0.9), limited=interval(0), systemic=interval(0.5))
BUNDLE = compose_bundle(assessment(judged(probabilities=WIDE)), facts(), DEFAULT_POLICY, states=True)
RISK, PLAN, STATE, PROVENANCE = (entry["resource"] for entry in BUNDLE["entry"])

Change = Callable[[Any], object]


def changed(resource: dict[str, Any], change: Change) -> tuple[str, ...]:
    copy = deepcopy(resource)
    change(copy)
    return problems(copy)


def put(*path: str | int, value: object) -> Change:
    def change(resource: Any) -> None:
        for step in path[:-1]:
            resource = resource[step]
        resource[path[-1]] = value

    return change


def drop(*path: str | int) -> Change:
    def change(resource: Any) -> None:
        for step in path[:-1]:
            resource = resource[step]
        del resource[path[-1]]

    return change


def by_kind(text: str) -> int:
    return next(i for i, each in enumerate(RISK["prediction"]) if text in each)


RANGE, POINT = by_kind("probabilityRange"), by_kind("probabilityDecimal")


def test_what_we_compose_has_none() -> None:
    assert [problems(each) for each in (BUNDLE, RISK, PLAN, STATE, PROVENANCE)] == [()] * 5


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (put("id", value="a_b"), "id is missing or not a FHIR id"),
        (put("status", value="final"), "status final is not one a machine may say"),
        (put("status", value="bogus"), "status bogus is not one a machine may say"),
        (drop("basis"), "basis is missing"),
        (drop("text"), "text is missing or not generated XHTML"),
        (put("text", "status", value="additional"), "text is missing or not generated XHTML"),
        (put("text", "div", value="<p>bare</p>"), "text is missing or not generated XHTML"),
        (drop("meta", "profile"), "meta.profile is missing or without version"),
        (
            put("meta", "profile", value=["https://fhirgate.example/p"]),
            "meta.profile is missing or without version",
        ),
        (drop("prediction"), "prediction is missing"),
        (put("status", value="entered-in-error"), "prediction in a retracted result"),
        (put("mitigation", value="x"), "mitigation is never written"),
        (put("performer", value={"reference": "Device/x"}), "contained #fhirgate is not referred to"),
        (put("note", 0, "text", value=""), "RiskAssessment.note[0].text is empty"),
        (put("note", 0, "text", value=None), "RiskAssessment.note[0].text is empty"),
        (
            put("condition", value={"reference": "Observation/x"}),
            "RiskAssessment.condition may not point to Observation",
        ),
        (put("basis", 0, value={"reference": "x"}), "RiskAssessment.basis[0]: x is not a FHIR reference"),
        (drop("code", "coding", 0, "code"), "RiskAssessment.code.coding without system or code"),
        (drop("prediction", 0, "outcome"), "prediction[0]: outcome is missing"),
        (drop("prediction", 0, "whenPeriod"), "prediction[0]: whenPeriod is missing or open"),
        (drop("prediction", 0, "whenPeriod", "end"), "prediction[0]: whenPeriod is missing or open"),
        (
            put("prediction", 0, "whenPeriod", "end", value="2001"),
            "prediction[0]: whenPeriod ends before it starts",
        ),
        (put("prediction", 0, "whenRange", value={"low": {}}), "prediction[0]: whenRange is never written"),
        (
            put("prediction", POINT, "probabilityDecimal", value=100.01),
            f"prediction[{POINT}]: ras-2: a probability is a percentage from 0 to 100",
        ),
        (
            put("prediction", RANGE, "probabilityDecimal", value=50),
            f"prediction[{RANGE}]: probability[x] given twice",
        ),
        (
            put("prediction", RANGE, "probabilityRange", "low", "code", value="1"),
            f"prediction[{RANGE}]: ras-1: both ends of a probability range are in UCUM %",
        ),
        (
            drop("prediction", RANGE, "probabilityRange", "high"),
            f"prediction[{RANGE}]: ras-1: both ends of a probability range are in UCUM %",
        ),
        (
            put("prediction", RANGE, "probabilityRange", "high", "value", value=1),
            f"prediction[{RANGE}]: ras-1: a probability range runs from 0 to 100 at most",
        ),
        (
            put("prediction", POINT, "qualitativeRisk", "coding", 0, "code", value="certain"),
            f"prediction[{POINT}]: qualitativeRisk certain is never said",
        ),
    ],
)
def test_a_result(change: Change, problem: str) -> None:
    assert problem in changed(RISK, change)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (put("status", value="active"), "a machine's plan is a draft and a proposal"),
        (put("intent", value="order"), "a machine's plan is a draft and a proposal"),
        (put("status", value="entered-in-error"), "activity in a retracted result"),
        (drop("activity"), "activity is missing"),
        (put("replaces", value=[{"reference": "Goal/1"}]), "CarePlan.replaces[0] may not point to Goal"),
        (drop("supportingInfo"), "supportingInfo is missing"),
        (put("goal", value=[{"reference": "Goal/1"}]), "goal is never written"),
        (put("author", value={"reference": "#other"}), "#other is not contained"),
        (
            put("activity", 0, "reference", value={"reference": "ServiceRequest/1"}),
            "activity[0]: cpl-3: a reference where only a detail is written",
        ),
        (drop("activity", 0, "detail"), "activity[0]: cpl-3: detail is missing"),
        (
            put("activity", 0, "detail", "status", value="scheduled"),
            "activity[0]: nothing proposed has started",
        ),
        (
            put("activity", 0, "detail", "kind", value="Bogus"),
            "activity[0]: kind Bogus is not one we propose",
        ),
        (
            put("activity", 0, "detail", "doNotPerform", value=True),
            "activity[0]: doNotPerform is never written",
        ),
        (drop("activity", 0, "detail", "description"), "activity[0]: description is missing"),
        (
            put("activity", 0, "detail", "reasonReference", value=[{"reference": "BodyStructure/1"}]),
            "CarePlan.activity[0].detail.reasonReference[0] may not point to BodyStructure",
        ),
    ],
)
def test_a_plan(change: Change, problem: str) -> None:
    assert problem in changed(PLAN, change)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (put("status", value="final"), "status final is not one a machine may say"),
        (put("status", value="entered-in-error"), "valueCodeableConcept in a retracted result"),
        (drop("valueCodeableConcept"), "valueCodeableConcept is missing"),
        (drop("effectiveDateTime"), "effective[x] is missing"),
        (drop("device"), "device is missing"),
        (
            put("derivedFrom", 0, value={"reference": "Condition/1"}),
            "Observation.derivedFrom[0] may not point to Condition",
        ),
    ],
)
def test_a_state(change: Change, problem: str) -> None:
    assert problem in changed(STATE, change)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (drop("_recorded"), "recorded is missing, and not said to be unknown"),
        (drop("policy"), "policy is missing"),
        (drop("target"), "target is missing"),
        (put("entity", 0, "role", value="removal"), "entity role removal is never written"),
    ],
)
def test_a_provenance(change: Change, problem: str) -> None:
    assert problem in changed(PROVENANCE, change)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (put("type", value="batch"), "type is not collection"),
        (put("entry", 0, "fullUrl", value="urn:uuid:x"), "fullUrl and id of an entry differ"),
        (drop("entry", 0), f"{BUNDLE['entry'][0]['fullUrl']} is not in the Bundle"),
        (lambda bundle: bundle["entry"].append(bundle["entry"][0]), "two entries have one fullUrl"),
        (put("entry", 1, "resource", value={"resourceType": "Goal"}), "Goal is not a resource we write"),
    ],
)
def test_a_bundle(change: Change, problem: str) -> None:
    assert problem in changed(BUNDLE, change)
