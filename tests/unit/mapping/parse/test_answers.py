from typing import Any

import pytest

from fhirgate.mapping.parse.answers import answer, unanswered

SNOMED = "http://snomed.info/sct"


def value(*codes: str, text: str = "") -> dict[str, Any]:
    return {
        "valueCodeableConcept": {"coding": [{"system": SNOMED, "code": each} for each in codes], "text": text}
    }


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"valueBoolean": False}, False),
        ({"valueBoolean": True}, True),
        (value("2667000"), False),
        (value("52101004"), True),
        (value("94381002", "41647002"), False),
        (value(text="Not detected"), False),
        (value(text="vorhanden"), True),
        ({"valueString": "Nein"}, False),
        ({"valueString": "positive"}, True),
        (value(text="moderate"), None),
        ({}, None),
    ],
)
def test_yes_no_or_nothing(raw: dict[str, Any], expected: bool | None) -> None:
    assert answer(raw) is expected


def test_an_absent_value_is_no_answer() -> None:
    absent = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
    assert unanswered({"dataAbsentReason": {"text": "unknown"}})
    assert unanswered({"valueCodeableConcept": {"coding": [{"system": absent, "code": "not-applicable"}]}})
    assert not unanswered({"valueBoolean": False})
