"""One record of about 40 resources, bytes in: how long the judgement takes beside merely reading the bytes.

    pytest tests/benchmarks/test_assess_record.py --benchmark-only

Two groups: the record with its facts only, and the same record as a server hands it out, with narrative,
identifiers, displays and series. The figures in parentheses are the ratios within the run; absolute figures differ
between machines.
"""

import json
from datetime import date

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class

from fhirgate.exact_json import decode
from fhirgate.mapping.parse.chart import parse_charts
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.sandbox.dialects.record import as_bundle, write_record
from fhirgate.sandbox.dialects.served import as_served
from fhirgate.sandbox.examples import plain_number
from fhirgate.sandbox.random_story import random_story
from fhirgate.services.assess_record import assess_record

STORY = random_story(2, lesions=5, scans=4)
AS_OF = date.fromisoformat(STORY.as_of)
FACTS = write_record(STORY)
RECORDS = {
    "facts only": json.dumps(as_bundle(FACTS), default=plain_number).encode(),
    "as served": json.dumps(as_bundle(as_served(FACTS)), default=plain_number).encode(),
}


@pytest.fixture(params=list(RECORDS))
def record(request, benchmark):
    """The bytes of one of the records; its figures stand together in a table of their own."""
    found = RECORDS[request.param]
    benchmark.group = f"{request.param}: {len(FACTS)} resources, {len(found) // 1000} KB"
    return found


@pytest.fixture
def measured(benchmark):
    """Run something many times after a warm-up, and give what it returned."""

    def run(work, *arguments):
        return benchmark.pedantic(work, arguments, rounds=100, iterations=2, warmup_rounds=10)

    return run


def _assessed(record):
    return assess_record([decode(record)], DEFAULT_POLICY, AS_OF)


def _fhir_models(record):
    """Each entry as a fhir.resources model: what a reader of the whole record would build before judging."""
    return [
        get_fhir_model_class(entry["resource"]["resourceType"]).model_validate(entry["resource"])
        for entry in orjson.loads(record)["entry"]
    ]


def test_1_bytes_to_dicts_with_orjson(record, measured):
    assert len(measured(orjson.loads, record)["entry"]) == len(FACTS)


def test_2_bytes_to_exact_values(record, measured):
    assert len(measured(decode, record)["entry"]) == len(FACTS)


def test_3_values_to_chart(record, measured):
    (chart,) = measured(parse_charts, [decode(record)])

    assert len(chart.studies) == len(STORY.scans)


def test_4_bytes_to_assessment(record, measured):
    assert len(measured(_assessed, record).timepoints) == len(STORY.scans)


def test_5_bytes_to_fhir_resources_models(record, measured):
    assert len(measured(_fhir_models, record)) == len(FACTS)
