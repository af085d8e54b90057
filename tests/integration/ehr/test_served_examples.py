"""Every example served as a FHIR server serves it is judged as from its file."""

import pytest
from ehr_world import Ehr, vendor, world
from served_examples import judged_from_file, judged_from_server, patient_of, resources

from fhirgate.cli.examples import Example, examples


@pytest.mark.parametrize("example", examples(None), ids=lambda each: each.slug)
def test_every_example_served_is_judged_as_from_its_file(example: Example) -> None:
    ehr = Ehr(holds=resources(example))

    with world(ehr) as at:
        record = at.fetch(patient_of(example))

    assert (record.findings, record.is_complete) == ((), True)
    assert judged_from_server(record, example) == judged_from_file(example)


def test_epic_without_medication_statements_keeps_the_lesions_and_says_what_was_not_offered() -> None:
    (example,) = examples("oligoprogression-osimertinib")
    ehr = Ehr(statement=vendor("epic-r4"), holds=resources(example))

    with world(ehr) as at:
        record = at.fetch(patient_of(example))

    (epic, *_), (whole, *_) = judged_from_server(record, example), judged_from_file(example)
    assert len(epic["lesions"]) == len(whole["lesions"])
    assert any("not asked for: MedicationStatement" in each["text"] for each in epic["findings"])
