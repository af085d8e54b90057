"""The Provenance: whole, by whom and under what, from which resources, and never with an invented moment."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from assessments import assessment, facts, judged
from builders import reason
from golden import as_text, golden

from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.invariants import problems
from fhirgate.mapping.compose.occasion import SHOWN, Occasion
from fhirgate.mapping.r4b import check_r4
from fhirgate.oncology.policy import DEFAULT_POLICY, Policy
from fhirgate.oncology.source import Source

WRITTEN = Occasion(recorded=datetime(2025, 2, 10, 9, tzinfo=UTC))
AFTER = replace(
    WRITTEN, former_result=Source("RiskAssessment", "r0", "2"), former_plan=Source("CarePlan", "p0", "1")
)


def bundle(occasion: Occasion, policy: Policy = DEFAULT_POLICY, *, states: bool = False) -> Json:
    return compose_bundle(assessment(), facts(), policy, occasion=occasion, states=states)


def composed(occasion: Occasion, policy: Policy = DEFAULT_POLICY) -> Json:
    (found,) = (
        e["resource"]
        for e in bundle(occasion, policy)["entry"]
        if e["resource"]["resourceType"] == "Provenance"
    )
    return dict(found)


def test_the_largest() -> None:
    policy = replace(DEFAULT_POLICY, name="St. Mary's / lung", version="7")

    resource = composed(replace(AFTER, again=True), policy)

    assert problems(resource) == ()
    assert check_r4(resource) == ()
    assert as_text(resource) == golden("provenance_largest")


def test_a_result_that_is_only_shown_has_no_moment_of_writing() -> None:
    resource = composed(SHOWN)

    assert "recorded" not in resource
    assert resource["_recorded"]["extension"][0]["valueCode"] == "unknown"
    assert check_r4(resource) == problems(resource) == ()


def test_it_is_about_everything_else_in_the_bundle() -> None:
    *results, last = bundle(WRITTEN, states=True)["entry"]

    assert last["resource"]["target"] == [{"reference": each["fullUrl"]} for each in results]
    assert len(results) == 3


@pytest.mark.parametrize(("again", "code"), [(False, "CREATE"), (True, "UPDATE")])
def test_the_activity_says_whether_the_result_stood_there_before(again: bool, code: str) -> None:
    assert composed(replace(WRITTEN, again=again))["activity"]["coding"][0]["code"] == code


def test_the_software_is_the_assembler() -> None:
    resource = composed(WRITTEN)

    (agent,) = resource["agent"]
    assert agent["type"]["coding"][0]["code"] == "assembler"
    assert agent["who"] == {"reference": "#fhirgate"}
    assert resource["contained"][0]["resourceType"] == "Device"


def test_its_entities_are_the_basis_of_the_result() -> None:
    result, *_, provenance = (each["resource"] for each in bundle(AFTER)["entry"])

    assert [each["what"] for each in provenance["entity"]] == result["basis"]
    assert [each["role"] for each in provenance["entity"]] == ["source"] * (len(result["basis"]) - 1) + [
        "revision"
    ]


def test_a_later_result_names_the_one_it_supersedes() -> None:
    result, plan, _ = (each["resource"] for each in bundle(AFTER)["entry"])

    assert result["basis"][-1] == {"reference": "RiskAssessment/r0/_history/2"}
    assert plan["replaces"] == [{"reference": "CarePlan/p0"}]


def test_a_resource_that_cannot_be_referred_to_is_an_entity_in_words() -> None:
    nameless = reason(sources=(Source("Observation", "no FHIR id"),))
    given = assessment(judged(reasons=(nameless,)))

    *_, last = compose_bundle(given, facts(), DEFAULT_POLICY, occasion=AFTER)["entry"]

    assert {
        "role": "source",
        "what": {"type": "Observation", "display": "Observation that has no FHIR id in the record"},
    } in last["resource"]["entity"]
    assert check_r4(last["resource"]) == problems(last["resource"]) == ()


def test_names_of_a_site_are_safe_in_a_uri() -> None:
    policy = replace(DEFAULT_POLICY, name="a/b c", version="1?")

    assert (
        composed(WRITTEN, policy)["policy"][-1] == "https://fhirgate.example/fhir/policy/site/a%2Fb%20c/1%3F"
    )
