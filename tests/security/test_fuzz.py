"""Examples with places broken at random, the same ones on every run: no crash, and every output of its shape."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from security.hostile import AS_OF, mutated

from fhirgate.charts.spec import chart_spec
from fhirgate.errors import FhirgateError
from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.compose.invariants import problems
from fhirgate.mapping.r4b import check_r4
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.oncology.verdict import State
from fhirgate.report.assessment_json import assessment_json
from fhirgate.report.schema import assessment_schema
from fhirgate.report.story import tell
from fhirgate.services.assess_record import Choices, PatientResult, assess_patients

SCHEMA = Draft202012Validator(assessment_schema())
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.json"))


def assessed(record: Any, chance: random.Random) -> list[PatientResult]:
    """What comes of a record; nothing when it is refused in words."""
    presets = tuple(PRESETS[name] for name in chance.sample(sorted(PRESETS), 2))
    try:
        return list(assess_patients([record], AS_OF, Choices(presets=presets)))
    except FhirgateError:
        return []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("times", [1, 4, 20, 100])
def test_a_broken_example_gives_whole_results(example: Path, times: int) -> None:
    chance = random.Random(f"{example.stem}{times}")  # noqa: S311 - the same on every run
    record = mutated(json.loads(example.read_text()), chance, times)

    for result in assessed(record, chance):
        for assessment in result.assessments:
            shown = json.loads(json.dumps(assessment_json(assessment), ensure_ascii=False).encode())
            assert [each.message for each in SCHEMA.iter_errors(shown)] == []
            assert all(each["state"] in list(State) for each in (*shown["timepoints"], shown["current"]))
            tell(assessment).encode()
            json.dumps(chart_spec(assessment), ensure_ascii=False).encode()
            bundle = compose_bundle(assessment, result.chart, DEFAULT_POLICY)
            assert problems(bundle) == ()
            assert times > 4 or check_r4(bundle) == ()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_order_copies_and_packing_of_a_broken_example_change_nothing(example: Path) -> None:
    chance = random.Random(example.stem)  # noqa: S311 - the same on every run
    record = mutated(json.loads(example.read_text()), chance, 3)
    entries = record.get("entry")
    if not isinstance(entries, list):
        pytest.skip("no entries left")
    twice = [*entries, *chance.sample(entries, len(entries) // 2)]
    chance.shuffle(twice)
    half = len(twice) // 2
    inner = {"resourceType": "Bundle", "entry": twice[half:]}
    packed = {"resourceType": "Bundle", "entry": [*twice[:half], {"resource": inner}]}

    first, second = (_facts(each) for each in ({"resourceType": "Bundle", "entry": entries}, packed))

    assert first == second


def _facts(record: Any) -> list[Any]:
    """The JSON of every patient but for what tells places of the source."""
    found = [assessment_json(each.assessments[0]) for each in assess_patients([record], AS_OF, Choices())]
    for each in found:
        findings: Any = each["findings"]
        each["findings"] = [one for one in findings if one["code"] != "NOT_A_RESOURCE"]
    return found
