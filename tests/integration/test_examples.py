"""The shipped examples: committed as the stories write them, judged as the stories expect."""

from datetime import date
from pathlib import Path

import pytest

from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.sandbox.dialects.record import LESIONS, as_bundle, write_record
from fhirgate.sandbox.examples import example_files
from fhirgate.sandbox.stories import load_stories
from fhirgate.sandbox.story import Story, size
from fhirgate.services.assess_record import assess_record

STORIES = load_stories()
EXAMPLES = Path(__file__).parents[2] / "examples"


def _assess(story: Story, dialect: str = "", preset: str = ""):
    bundle = as_bundle(write_record(story, dialect))
    return assess_record(
        [bundle], DEFAULT_POLICY, date.fromisoformat(story.as_of), preset=PRESETS[preset or story.preset]
    )


@pytest.mark.parametrize(("name", "content"), list(example_files()))
def test_committed_examples_are_what_the_stories_write(name, content):
    assert (EXAMPLES / name).read_text("utf-8") == content


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_an_example_is_judged_as_its_story_expects(story):
    assessed = _assess(story)

    assert {str(each.timepoint.date): each.state.answer for each in assessed.timepoints} == dict(story.expect)


@pytest.mark.parametrize(
    ("story", "preset", "state"),
    [(story, preset, state) for story in STORIES for preset, state in story.under.items()],
    ids=lambda value: value if isinstance(value, str) else value.slug,
)
def test_an_example_under_another_preset(story, preset, state):
    assert _assess(story, preset=preset).current.state == state


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_every_size_of_a_story_arrives_exactly(story):
    assessed = _assess(story)

    found = {
        (lesion.label, str(each.taken_on)): each.size
        for lesion in assessed.lesions
        for each in lesion.measurements
        if each.kind == "measured"
    }
    assert found == {
        (lesion.label, scan.on): size(lesion.at(position))
        for lesion in story.lesions
        for position, scan in enumerate(story.scans)
        if size(lesion.at(position)) is not None
    }


@pytest.mark.parametrize("dialect", LESIONS)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_the_dialect_changes_nothing(story, dialect):
    """DICOM SR drafts without BodyStructure cannot say which lesion is the primary tumour, nor mCODE or R4 roles
    that mCODE has no element for: only the states are compared."""
    ours, other = _assess(story), _assess(story, dialect)

    assert [(each.timepoint.date, each.state.answer) for each in other.timepoints] == [
        (each.timepoint.date, each.state.answer) for each in ours.timepoints
    ]
