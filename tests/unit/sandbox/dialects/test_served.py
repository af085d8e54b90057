import json
from datetime import date

import pytest
from fhir.resources.R4B import get_fhir_model_class

from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.sandbox.dialects.record import as_bundle, write_record
from fhirgate.sandbox.dialects.served import as_served
from fhirgate.sandbox.examples import plain_number
from fhirgate.sandbox.stories import load_stories
from fhirgate.sandbox.story import Story
from fhirgate.services.assess_record import assess_record

STORIES = load_stories()
PLAIN = ("resourceType", "id", "status", "effectiveDateTime", "valueQuantity", "partOf", "effectivePeriod")
DIALECTS = ("plain", "mcode", "tracker", "dicom-sr", "mii")


def judged(story: Story, resources):
    assessed = assess_record([as_bundle(resources)], DEFAULT_POLICY, date.fromisoformat(story.as_of))
    return [
        (each.timepoint.date, each.state.answer, each.sum_of_diameters, each.counts, each.therapy_status)
        for each in assessed.timepoints
    ]


def as_json(resources):
    return json.loads(json.dumps(resources, default=plain_number))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_what_a_server_adds_changes_nothing_that_is_judged(story):
    written = write_record(story)

    assert judged(story, as_served(written)) == judged(story, written)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_a_server_adds_is_valid_fhir(dialect):
    for story in STORIES[:3]:
        for each in as_json(as_served(write_record(story, dialect))):
            get_fhir_model_class(each["resourceType"]).model_validate(each)


def test_every_value_is_still_there_as_it_was_written():
    written = as_json(write_record(STORIES[0]))

    for given, served in zip(written, as_served(written), strict=True):
        assert served | {name: given[name] for name in PLAIN if name in given} == served


def test_most_of_what_a_server_sends_is_not_the_facts():
    written = as_json(write_record(STORIES[0]))

    assert len(json.dumps(as_served(written))) > 2 * len(json.dumps(written))


def test_the_same_record_is_served_the_same_way_every_time():
    written = write_record(STORIES[0])

    assert as_served(written) == as_served(written)
