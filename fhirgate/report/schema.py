"""The JSON Schema (2020-12) of the assessment JSON, as shipped with the package."""

import json
from importlib.resources import files
from typing import Any

SCHEMA_FILE = "assessment.schema.json"


def assessment_schema() -> dict[str, Any]:
    """The schema of one assessment; a fresh copy, free to change."""
    text = files("fhirgate.report").joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
