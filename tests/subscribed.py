"""Subscriptions, events and notifications for tests, with keyword defaults."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fhirgate.mapping.notifications import NumberedEvent, Standing, Told
from fhirgate.mapping.subscriptions import Content, Filterable, FilterKind, Release, Status, Topic
from fhirgate.services.topics import PROGRESSION_RESULT

Json = dict[str, Any]
ROOT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-"
EXAMPLES = Path(__file__).parent / "data" / "published" / "subscriptions-backport"
BACKPORT = Path(__file__).parent / "data" / "subscriptions" / "backport"
BASE = "https://gate.example/fhir"
ENDPOINT = "https://registry.example/hook"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

ADMISSION = Topic(
    id="admission",
    url="http://hl7.org/SubscriptionTopic/admission",
    version="1.0.0",
    title="HL7's example",
    filters=(
        Filterable(resource="Encounter", name="patient", kind=FilterKind.REFERENCE),
        Filterable(resource="Observation", name="subject", kind=FilterKind.REFERENCE),
    ),
)
"""The topic that HL7's examples subscribe to."""


def published(name: str) -> Json:
    """An example that HL7 publishes."""
    return dict(json.loads((EXAMPLES / f"{name}.json").read_text("utf-8")))


def extension(name: str, **value: Any) -> Json:
    return {"url": f"{ROOT}{name}", **value}


def r4(**changes: Any) -> Json:
    """A Subscription of R4; `channel` changes its channel, None takes an element away."""
    channel: Json = {
        "type": "rest-hook",
        "endpoint": ENDPOINT,
        "header": ["Authorization: Bearer s3cret"],
        "payload": "application/fhir+json",
        "_payload": {"extension": [extension("payload-content", valueCode="id-only")]},
        "extension": [
            extension("heartbeat-period", valueUnsignedInt=86400),
            extension("timeout", valueUnsignedInt=30),
            extension("max-count", valuePositiveInt=20),
        ],
    }
    whole: Json = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "registry feed",
        "end": "2027-12-31T12:00:00+01:00",
        "criteria": PROGRESSION_RESULT.url,
        "_criteria": {
            "extension": [
                extension("filter-criteria", valueString="RiskAssessment?patient=Patient/123&status=final")
            ]
        },
        "channel": _changed(channel, changes.pop("channel", {})),
    }
    return _changed(whole, changes)


def r5(**changes: Any) -> Json:
    """The same Subscription of R5."""
    whole: Json = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "registry feed",
        "end": "2027-12-31T12:00:00+01:00",
        "topic": PROGRESSION_RESULT.url,
        "filterBy": [
            {"resourceType": "RiskAssessment", "filterParameter": "patient", "value": "Patient/123"},
            {"filterParameter": "status", "value": "final"},
        ],
        "channelType": {
            "system": "http://terminology.hl7.org/CodeSystem/subscription-channel-type",
            "code": "rest-hook",
        },
        "endpoint": ENDPOINT,
        "parameter": [{"name": "Authorization", "value": "Bearer s3cret"}],
        "heartbeatPeriod": 86400,
        "timeout": 30,
        "contentType": "application/fhir+json",
        "content": "id-only",
        "maxCount": 20,
    }
    return _changed(whole, changes)


def _changed(whole: Json, changes: Json) -> Json:
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def told(kind: str = "RiskAssessment", id: str = "r1", version: int = 1, body: bytes | None = None) -> Told:
    written = {
        "resourceType": kind,
        "id": id,
        "meta": {"versionId": str(version)},
        **(
            {"status": "preliminary", "subject": {"reference": "Patient/123"}}
            if kind == "RiskAssessment"
            else {}
        ),
        **(_PROVENANCE if kind == "Provenance" else {}),
    }
    text = json.dumps(written).encode() if body is None else body
    return Told(type=kind, id=id, version=version, recorded_at=NOON, body=text)


_PROVENANCE: Json = {
    "target": [{"reference": "RiskAssessment/r1"}],
    "recorded": "2026-03-02T12:00:00Z",
    "agent": [{"who": {"reference": "Device/d1"}}],
}


def event(number: int = 1, focus: Told | None = None, *context: Told) -> NumberedEvent:
    at = NOON + timedelta(seconds=number)
    return NumberedEvent(number=number, at=at, focus=focus or told(id=f"r{number}"), context=context)


def standing(**changes: Any) -> Standing:
    usual: Json = {
        "id": "s1",
        "base": BASE,
        "release": Release.R4,
        "topic": PROGRESSION_RESULT.url,
        "content": Content.ID_ONLY,
        "status": Status.ACTIVE,
        "events": 7,
    }
    return Standing(**(usual | changes))
