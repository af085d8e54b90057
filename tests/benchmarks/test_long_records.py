"""Long records and many patients: ten times the resources must take about ten times as long.

    pytest tests/benchmarks/test_long_records.py --benchmark-only

`us_a_resource` among the extra figures (--benchmark-verbose, --benchmark-json) should stay the same in a group.
"""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from fhirgate.mapping.parse.chart import parse_charts
from fhirgate.sandbox.codes import LOINC, SNOMED, UCUM
from fhirgate.sandbox.dialects.record import as_bundle, write_record
from fhirgate.sandbox.dialects.shared import Resource, concept
from fhirgate.sandbox.random_story import random_story

CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
LABORATORY = (
    ("718-7", "Hemoglobin"),
    ("2160-0", "Creatinine"),
    ("6690-2", "Leukocytes"),
    ("777-3", "Platelets"),
)


def _observation(id_: str, category: str, code: Resource, value: int, unit: str, **more: object) -> Resource:
    day = date(2020, 1, 1) + timedelta(days=int(id_.rpartition("-")[2]) % 1500)
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "category": [concept(CATEGORIES, category)],
        "code": code,
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": day.isoformat(),
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
        **more,
    }


def _size(id_: str, lesion: int) -> Resource:
    code = concept(SNOMED, "103339001", "Long axis")
    focus = [{"reference": f"BodyStructure/L{lesion}"}]
    return _observation(id_, "imaging", code, 10 + lesion % 50, "mm", focus=focus)


def _structure(number: int) -> Resource:
    return {
        "resourceType": "BodyStructure",
        "id": f"L{number}",
        "patient": {"reference": "Patient/p"},
        "location": concept(SNOMED, "10200004", "Liver structure"),
        "description": f"L{number}",
    }


def one_lesion(number: int) -> list[Resource]:
    """Many sizes of one lesion."""
    return [_structure(0), *(_size(f"size-{each}", 0) for each in range(number - 1))]


def many_lesions(number: int) -> list[Resource]:
    """Lesions with one size each."""
    return [each for n in range(number // 2) for each in (_structure(n), _size(f"size-{n}", n))]


def laboratory(number: int) -> list[Resource]:
    """Results that have nothing to do with lesions."""
    codes = [concept(LOINC, *each) for each in LABORATORY]
    return [_observation(f"lab-{n}", "laboratory", codes[n % 4], 12, "g/dL") for n in range(number)]


def patients(number: int) -> list[Resource]:
    """Many patients in one source."""
    stories = (random_story(seed, lesions=5, scans=4) for seed in range(number // 40))
    return [each for story in stories for each in write_record(story)]


@pytest.mark.parametrize("times", [1, 10])
@pytest.mark.parametrize(
    ("written", "number"), [(one_lesion, 1000), (many_lesions, 400), (laboratory, 5000), (patients, 400)]
)
def test_ten_times_the_resources_take_ten_times_as_long(
    benchmark, written: Callable[[int], list[Resource]], number: int, times: int
):
    benchmark.group = written.__doc__
    bundle = as_bundle(written(number * times))
    charts = benchmark.pedantic(parse_charts, [[bundle]], rounds=3)

    assert charts
    benchmark.extra_info["us_a_resource"] = round(benchmark.stats["min"] * 1e6 / len(bundle["entry"]), 1)
