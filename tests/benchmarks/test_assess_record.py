"""One record of about 40 resources, bytes in: how long the whole judgement takes beside merely reading the bytes.

    pytest tests/benchmarks --benchmark-only

The last table column in parentheses is the ratio within the run; absolute figures differ between machines.
"""

import json
from datetime import date
from decimal import Decimal

import msgspec
import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class

from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.sandbox.dialects.record import as_bundle, write_record
from fhirgate.sandbox.examples import plain_number
from fhirgate.sandbox.random_story import random_story
from fhirgate.services.assess_record import assess_record

STORY = random_story(1, lesions=6, scans=4)
RECORD = json.dumps(as_bundle(write_record(STORY)), default=plain_number).encode()
AS_OF = date.fromisoformat(STORY.as_of)

pytestmark = pytest.mark.benchmark(group=f"one record, {len(RECORD) // 1024} KB", min_rounds=20, warmup=True)


def _assessed():
    return assess_record([msgspec.json.decode(RECORD, float_hook=Decimal)], DEFAULT_POLICY, AS_OF)


def _fhir_models():
    """Each entry as a fhir.resources model: what a reader of the whole record would build before judging."""
    return [
        get_fhir_model_class(entry["resource"]["resourceType"]).model_validate(entry["resource"])
        for entry in orjson.loads(RECORD)["entry"]
    ]


def test_bytes_to_dicts_with_orjson(benchmark):
    assert len(benchmark(orjson.loads, RECORD)["entry"]) == 42


def test_bytes_to_assessment(benchmark):
    assert len(benchmark(_assessed).timepoints) == 4


def test_bytes_to_fhir_resources_models(benchmark):
    assert len(benchmark(_fhir_models)) == 42
