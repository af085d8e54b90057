from typing import Any

import pytest

from fhirgate.mapping.datatypes import Raw
from fhirgate.mapping.parse.bone_scan import parse_bone_scans
from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.vocabulary import STANDARD, Vocabulary
from fhirgate.oncology.chart import BoneScan
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.source import Source

LOCAL = Vocabulary(name="site", by_code={("http://local", "NEWBONE"): "count.new_bone_lesions"}).over(
    STANDARD
)
COUNT = {"coding": [{"system": "http://local", "code": "NEWBONE"}]}


def scan(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "b",
        "code": COUNT,
        "effectiveDateTime": "2024-03-01",
        **more,
    }


def read(raw: Raw) -> tuple[tuple[BoneScan, ...], list[str]]:
    record = Record("p", [Entry(raw)], [], LOCAL)
    return parse_bone_scans(record), [each.code for each in record.findings]


@pytest.mark.parametrize(
    "value",
    [
        {"valueInteger": 2},
        {"valueQuantity": {"value": 2.0, "unit": "{count}"}},
        {"valueString": "2"},
    ],
)
def test_the_count_is_read_by_the_sites_own_code(value: dict[str, Any]) -> None:
    (found,), findings = read(scan(**value))
    assert found == BoneScan(
        taken_on=ClinicalDate.parse("2024-03-01"), new_lesions=2, source=Source("Observation", "b")
    )
    assert findings == []


def test_a_count_may_be_a_component() -> None:
    raw = scan(code={"text": "Bone scan"}, component=[{"code": COUNT, "valueInteger": 0}])
    assert read(raw)[0][0].new_lesions == 0


@pytest.mark.parametrize(
    "value",
    [
        {"valueInteger": -1},
        {"valueQuantity": {"value": 1.5}},
        {"valueQuantity": {"value": 2, "comparator": ">"}},
        {},
    ],
)
def test_what_is_no_count_is_a_finding(value: dict[str, Any]) -> None:
    assert read(scan(**value)) == ((), ["BONE_SCAN_COUNT_INVALID"])


def test_a_count_that_was_not_made_is_nothing() -> None:
    assert read(scan(dataAbsentReason={"text": "not done"})) == ((), [])


def test_a_count_without_date_is_a_finding() -> None:
    raw = scan(valueInteger=2)
    del raw["effectiveDateTime"]
    assert read(raw) == ((), ["BONE_SCAN_UNDATED"])


def test_other_observations_are_no_bone_scan() -> None:
    assert read(scan(code={"text": "Haemoglobin"}, valueInteger=2)) == ((), [])
