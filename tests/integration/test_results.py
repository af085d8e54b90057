"""Every output of every example and of many random courses: JSON by its schema, FHIR by its models and invariants."""

import json
from datetime import date

import pytest
from jsonschema import Draft202012Validator

from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.compose.invariants import problems
from fhirgate.mapping.r4b import check_r4, check_r5
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.report.assessment_json import assessment_json
from fhirgate.report.schema import assessment_schema
from fhirgate.report.story import tell
from fhirgate.sandbox.dialects.record import as_bundle, write_record
from fhirgate.sandbox.random_story import random_story
from fhirgate.sandbox.stories import load_stories
from fhirgate.sandbox.story import Story
from fhirgate.services.assess_record import Choices, assess_patients

STORIES = [*load_stories(), *(random_story(seed) for seed in range(25))]
SCHEMA = Draft202012Validator(assessment_schema())


def _results(story: Story):
    choices = Choices(presets=tuple(PRESETS.values()))
    (result,) = assess_patients([as_bundle(write_record(story))], date.fromisoformat(story.as_of), choices)
    return result


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_the_json_is_of_the_published_shape_under_every_preset(story):
    for assessment in _results(story).assessments:
        written = json.loads(json.dumps(assessment_json(assessment)))

        assert [each.message for each in SCHEMA.iter_errors(written)] == []


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_the_fhir_result_is_valid_and_has_no_care_plan_where_none_may_be(story):
    result = _results(story)
    for assessment in result.assessments:
        bundle = compose_bundle(assessment, result.chart, DEFAULT_POLICY)
        resources = [entry["resource"] for entry in bundle["entry"]]

        assert check_r4(bundle) == ()
        assert [problems(each) for each in resources] == [()] * len(resources)
        kinds = [each["resourceType"] for each in resources]
        assert kinds.count("RiskAssessment") == 1
        assert kinds[-1] == "Provenance"
        if assessment.current.state not in ("OLIGOPROGRESSION", "PROGRESSION_UNCONFIRMED"):
            assert kinds == ["RiskAssessment", "Provenance"]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_the_states_of_all_timepoints_are_valid_in_both_releases_and_none_is_another(story):
    result = _results(story)
    for assessment in result.assessments:
        r4 = compose_bundle(assessment, result.chart, DEFAULT_POLICY, states=True)
        r5 = compose_bundle(assessment, result.chart, DEFAULT_POLICY, states=True, fhir_version="5.0")

        assert problems(r4) == ()
        assert check_r4(r4) == ()
        assert check_r5(r5) == ()
        kinds = [entry["resource"]["resourceType"] for entry in r4["entry"]]
        assert kinds.count("Observation") == len(assessment.timepoints)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_results_of_ours_in_a_record_change_nothing_in_the_next_judgement(story):
    record = as_bundle(write_record(story))
    as_of = date.fromisoformat(story.as_of)
    (first,) = assess_patients([record], as_of, Choices())
    (assessment,) = first.assessments
    ours = compose_bundle(assessment, first.chart, DEFAULT_POLICY, states=True)

    (second,) = assess_patients([record, *(entry["resource"] for entry in ours["entry"])], as_of, Choices())

    (again,) = second.assessments
    assert again.timepoints == assessment.timepoints
    assert again.current == assessment.current
    assert {each for each in again.findings if each.severity != "information"} == {
        each for each in assessment.findings if each.severity != "information"
    }


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_the_same_record_gives_the_same_bytes(story):
    first, second = _results(story), _results(story)

    for one, other in zip(first.assessments, second.assessments, strict=True):
        assert compose_bundle(one, first.chart, DEFAULT_POLICY) == compose_bundle(
            other, second.chart, DEFAULT_POLICY
        )
        assert tell(one) == tell(other)
