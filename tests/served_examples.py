"""The examples as records of a server: their resources, and assessments as they can be compared."""

import json
from dataclasses import replace
from typing import Any

import msgspec

from fhirgate.cli.examples import Example
from fhirgate.exact_json import decode
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.report.assessment_json import assessment_json
from fhirgate.services.assess_record import Choices, PatientResult, assess_patients
from fhirgate.services.fetch_record import Fetched, assess_fetched


def resources(example: Example) -> list[Any]:
    return [each["resource"] for each in decode(example.record)["entry"]]


def patient_of(example: Example) -> str:
    return str(next(each["id"] for each in resources(example) if each["resourceType"] == "Patient"))


def judged_from_server(fetched: Fetched, example: Example) -> list[Any]:
    return _shown(assess_fetched(fetched, patient_of(example), example.as_of, _choices(example)))


def judged_from_file(example: Example) -> list[Any]:
    (result,) = assess_patients(resources(example), example.as_of, _choices(example))
    return _shown(result)


def _choices(example: Example) -> Choices:
    return Choices(presets=tuple(PRESETS[name] for name in example.presets))


def _shown(result: PatientResult) -> list[Any]:
    return [_comparable(each) for each in result.assessments]


def _comparable(assessment: Assessment) -> Any:
    """Without what only a server adds: versions of resources, and what was asked."""
    own = [each for each in assessment.findings if each.code != "SOURCE_ASKED"]
    written = assessment_json(replace(assessment, findings=tuple(own)))
    return _without_versions(json.loads(msgspec.json.Encoder(decimal_format="string").encode(written)))


def _without_versions(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_versions(each) for name, each in value.items() if name != "version"}
    return [_without_versions(each) for each in value] if isinstance(value, list) else value
