"""Which changes of a resource say something new."""

import json

import pytest

from fhirgate.store.content import content_sha256, read_body

PLAN = {"resourceType": "CarePlan", "id": "a", "created": "2026-03-02", "period": {"start": "2026-03-02"}}
RISK = {
    "resourceType": "RiskAssessment",
    "id": "a",
    "meta": {"tag": [{"code": "1"}]},
    "text": {"status": "generated", "div": "<div>as of 2 March</div>"},
    "occurrenceDateTime": "2026-03-02",
    "prediction": [{"probabilityDecimal": 83}],
    "note": [{"text": "n", "time": "2026-03-02"}],
}
CANCELLED = {
    "resourceType": "RiskAssessment",
    "status": "cancelled",
    "prediction": [{"rationale": "No imaging.", "whenPeriod": {"start": "2026-03-02", "end": "2026-06-30"}}],
}


def _digest(resource: dict) -> str:
    return content_sha256(read_body(json.dumps(resource).encode()))


@pytest.mark.parametrize(
    ("resource", "change"),
    [
        (RISK, {"meta": {}}),
        (RISK, {"occurrenceDateTime": "2026-03-09"}),
        (RISK, {"text": {"status": "generated", "div": "<div>as of 9 March</div>"}}),
        (RISK, {"note": [{"time": "2026-03-09", "text": "n"}]}),
        (RISK, {"note": [{"text": "n"}]}),
        (PLAN, {"created": "2026-03-09"}),
        (CANCELLED, {"prediction": [{"rationale": "No imaging.", "whenPeriod": {"start": "2026-03-09"}}]}),
        (
            {"resourceType": "Provenance", "recorded": "2026-03-02T10:00:00Z"},
            {"recorded": "2026-03-09T10:00:00Z"},
        ),
        (
            {"resourceType": "Observation", "issued": "2026-03-02T10:00:00Z"},
            {"issued": "2026-03-09T10:00:00Z"},
        ),
    ],
)
def test_the_time_of_the_run_says_nothing_new(resource: dict, change: dict) -> None:
    assert _digest(resource | change) == _digest(resource)


@pytest.mark.parametrize(
    ("resource", "change"),
    [
        (RISK, {"prediction": [{"probabilityDecimal": 84}]}),
        (RISK, {"prediction": [{"probabilityDecimal": 83, "whenPeriod": {"start": "2026-03-09"}}]}),
        (CANCELLED, {"prediction": [{"rationale": "No size."}]}),
        (CANCELLED, {"status": "preliminary"}),
        (RISK, {"note": [{"text": "another", "time": "2026-03-02"}]}),
        (RISK, {"note": []}),
        (RISK, {"status": "entered-in-error"}),
        (RISK, {"text": {"status": "additional", "div": "<div/>"}}),
        (RISK, {"created": "2026-03-02"}),
        (PLAN, {"period": {"start": "2026-03-09"}}),
        (PLAN, {"occurrenceDateTime": "2026-03-09"}),
        ({"resourceType": "Observation"}, {"effectiveDateTime": "2026-03-09"}),
    ],
)
def test_anything_else_does(resource: dict, change: dict) -> None:
    assert _digest(resource | change) != _digest(resource)


def test_the_order_of_keys_and_the_spaces_between_them_say_nothing() -> None:
    assert content_sha256(read_body(b'{"resourceType": "Basic", "id": "a"}')) == content_sha256(
        read_body(b'{"id":"a","resourceType":"Basic"}')
    )


def test_a_decimal_is_what_was_written() -> None:
    texts = (b'"0.10"', b"0.10", b"0.1", b"0.100000000000000000001")

    digests = {content_sha256(read_body(b'{"resourceType":"Basic","x":%s}' % each)) for each in texts}

    assert len(digests) == 4
