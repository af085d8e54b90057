from typing import Any

import pytest

from fhirgate.outbound.reasons import challenge_of, reasons_of


def outcome(*issues: Any) -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        (outcome({"severity": "error", "code": "invalid"}), ("error invalid",)),
        (
            outcome(
                {
                    "severity": "error",
                    "code": "required",
                    "details": {
                        "coding": [{"code": "59187"}, {"code": "MSG_RESOURCE_REQUIRED"}],
                        "text": "John Smith",
                    },
                    "diagnostics": "Patient John Smith, MRN 00123, has no row",
                    "expression": ["Observation.code"],
                    "location": [
                        "Observation.code",
                        "/f:Observation/f:code",
                        "Observation.component[2].valueQuantity",
                    ],
                }
            ),
            (
                "error required (59187, MSG_RESOURCE_REQUIRED) at Observation.code, "
                "Observation.component[2].valueQuantity",
            ),
        ),
        (
            outcome({"severity": "error", "code": "invalid"}, {"severity": "error", "code": "invalid"}),
            ("error invalid",),
        ),
        (
            outcome(*({"code": f"code-{each}"} for each in "abcdefg")),
            tuple(f"code-{each}" for each in "abcde"),
        ),
        (outcome({"severity": "John Smith", "code": 5}, "text", {"diagnostics": "John"}), ()),
        (
            outcome({"code": "invalid", "details": {"coding": [{"code": "0012345678"}, {"code": ""}, 3]}}),
            ("invalid",),
        ),
        (
            outcome({"code": "invalid", "details": {"coding": "x"}, "expression": "Patient.name"}),
            ("invalid",),
        ),
        (
            outcome({"code": "invalid", "details": "x", "expression": ["Patient.where(id='77')"]}),
            ("invalid",),
        ),
        ({"resourceType": "OperationOutcome", "issue": {"code": "invalid"}}, ()),
        ({"resourceType": "Patient", "issue": [{"code": "invalid"}]}, ()),
        ({"error": "invalid_client", "error_description": "client 77 of John Smith"}, ("invalid_client",)),
        ({"error": {"message": "x"}}, ()),
        ({"error": "User John Smith"}, ()),
        ([], ()),
        (None, ()),
        ("text", ()),
    ],
)
def test_codes_and_places_are_told_and_free_text_is_not(body: Any, reasons: tuple[str, ...]) -> None:
    assert reasons_of(body) == reasons


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        ('Bearer realm="x", error="invalid_token", error_description="of John"', "invalid_token"),
        ("Bearer error=insufficient_scope", "insufficient_scope"),
        ('Bearer error="John Smith"', ""),
        ("Basic realm=x", ""),
        (None, ""),
    ],
)
def test_the_challenge_is_its_code(header: str | None, challenge: str) -> None:
    assert challenge_of(header) == challenge
