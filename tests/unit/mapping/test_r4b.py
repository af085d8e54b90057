"""What the R4B and R5 models say of a resource, in words."""

import subprocess
import sys
from typing import Any

import pytest

from fhirgate.mapping.r4b import check_r4, check_r5

VALID = {"resourceType": "RiskAssessment", "status": "preliminary", "subject": {"reference": "Patient/1"}}


def test_a_valid_resource_has_no_problem() -> None:
    assert check_r4(VALID) == ()


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        ({}, ("resourceType is missing",)),
        ({"resourceType": "Nonsense"}, ("Nonsense is not a valid FHIR Model",)),
        ({"resourceType": "RiskAssessment", "status": "final"}, ("subject: Field required",)),
        (VALID | {"surprise": 1}, ("surprise: Extra inputs are not permitted",)),
        (VALID | {"contained": [{"resourceType": "Nonsense"}]}, ("unknown resource type 'R4.NonsenseType'",)),
    ],
)
def test_a_problem_is_told(resource: dict[str, Any], told: tuple[str, ...]) -> None:
    assert check_r4(resource) == told


def test_r5_is_judged_by_its_own_models() -> None:
    r5 = VALID | {"reason": [{"concept": {"text": "a scan"}}]}

    assert check_r5(r5) == ()
    assert check_r4(r5) == ("reason: Extra inputs are not permitted",)
    assert check_r5({}) == ("resourceType is missing",)


def test_a_resource_nested_too_deeply_is_refused() -> None:
    deep: dict[str, Any] = {"url": "http://example.org/x", "valueString": "x"}
    for _ in range(2000):
        deep = {"url": "http://example.org/x", "extension": [deep]}

    assert check_r4(VALID | {"extension": [deep]}) != ()


def test_composing_does_not_load_the_models() -> None:
    code = "import sys, fhirgate.mapping.compose.bundle, fhirgate.mapping.r4b; print('fhir' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
