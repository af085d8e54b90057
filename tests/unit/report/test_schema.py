"""The published schema: a valid one, closed, and in step with the code's own closed sets."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fhirgate.oncology.chart import FactKind
from fhirgate.oncology.diagnosis import DiagnosisKind
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.lesion import Axis, Kind, Role
from fhirgate.oncology.reconstruct.line_ends import END_RULES
from fhirgate.oncology.site import Laterality
from fhirgate.oncology.therapy import Evidence, LineFlag, Modality, OpenedBy, Phase, Setting
from fhirgate.oncology.verdict import (
    EstroEortcClass,
    IResponse,
    LesionStatus,
    Qualifier,
    Response,
    State,
    TherapyStatus,
)
from fhirgate.report.schema import assessment_schema

SCHEMA = assessment_schema()

CLOSED_SETS: list[tuple[str, type[StrEnum]]] = [
    ("state", State),
    ("qualifier", Qualifier),
    ("lesionStatus", LesionStatus),
    ("response", Response),
    ("iRecist", IResponse),
    ("therapyStatus", TherapyStatus),
    ("estroEortcClass", EstroEortcClass),
    ("diagnosis.kind", DiagnosisKind),
    ("lesion.laterality", Laterality),
    ("lesion.role", Role),
    ("measurement.axis", Axis),
    ("measurement.kind", Kind),
    ("localTreatment.modality", Modality),
    ("lineOfTherapy.setting", Setting),
    ("lineOfTherapy.phase", Phase),
    ("lineOfTherapy.openedBy", OpenedBy),
    ("lineOfTherapy.evidence", Evidence),
    ("lineOfTherapy.flags", LineFlag),
    ("finding.severity", Severity),
    ("support.kind", FactKind),
]


def defined(path: str) -> Any:
    """The definition or property of that name."""
    name, _, field = path.partition(".")
    found = SCHEMA["$defs"][name]
    found = found["properties"][field] if field else found
    return found.get("items", found)


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object shape in the schema."""
    if isinstance(schema, dict):
        if "properties" in schema and "type" in schema:
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


def enums(schema: Any) -> Iterator[list[Any]]:
    if isinstance(schema, dict):
        if isinstance(schema.get("enum"), list):
            yield schema["enum"]
        for value in schema.values():
            yield from enums(value)


def test_the_schema_is_a_valid_one_of_2020_12() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == "https://fhirgate.example/schema/assessment.schema.json"


def test_every_object_is_closed_and_asks_for_each_of_its_properties() -> None:
    shapes = list(objects(SCHEMA))

    assert len(shapes) == 23
    for shape in shapes:
        assert shape["additionalProperties"] is False
        assert shape["required"] == list(shape["properties"])


@pytest.mark.parametrize(("path", "values"), CLOSED_SETS)
def test_a_closed_set_of_the_code_is_the_same_set_in_the_schema(path: str, values: type[StrEnum]) -> None:
    assert [each for each in defined(path)["enum"] if each is not None] == [each.value for each in values]


def test_every_enum_of_the_schema_is_one_that_is_compared_with_the_code() -> None:
    compared = [defined(path)["enum"] for path, _ in CLOSED_SETS]
    recist = SCHEMA["$defs"]["recist"]["properties"]
    parts = [recist["target"]["enum"], recist["nonTarget"]["enum"]]
    ends = defined("lineOfTherapy.endReason")["enum"]

    assert [each for each in enums(SCHEMA) if each not in compared] == [ends, *parts]
    assert {each for part in parts for each in part if each} == {each.value for each in Response}


def test_the_reasons_for_the_end_of_a_line_are_those_of_the_rules() -> None:
    assert defined("lineOfTherapy.endReason")["enum"] == [rule.name for rule in END_RULES]


def test_each_call_gives_a_fresh_copy() -> None:
    assessment_schema()["$defs"].clear()

    assert assessment_schema() == SCHEMA
