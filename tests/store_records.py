"""Resources and messages for tests of the store, and a clock that stands still where no one lives by UTC."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from uuid import NAMESPACE_URL, uuid5

from fhirgate.services.ports import Composed, Identifier, Message, PatientKey, ResourceName

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=5, minutes=45)))
SYSTEM = "https://fhirgate.example/fhir/sid/result"


@dataclass
class HandClock:
    """Time that passes when a test says so."""

    now: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **passed: float) -> datetime:
        self.now += timedelta(**passed)
        return self.now


def risk(
    patient: str = "p1",
    state: str = "oligoprogression",
    *,
    kind: str = "RiskAssessment",
    server: str = "north",
    preset: str = "DEFAULT",
    as_of: str = "2026-03-02",
    **more: object,
) -> Composed:
    """A resource of one patient and preset: the same id whatever its state."""
    key = f"{kind}-{server}-{patient}-{preset}"
    name = ResourceName(kind, str(uuid5(NAMESPACE_URL, key)))
    body = {
        "resourceType": kind,
        "id": name.id,
        "identifier": [{"system": SYSTEM, "value": key}],
        "status": "preliminary",
        "occurrenceDateTime": as_of,
        "prediction": [{"outcome": {"text": state}}],
        **more,
    }
    return Composed(
        name=name,
        identifier=Identifier(system=SYSTEM, value=key),
        patient=PatientKey(server=server, id=patient),
        state=state,
        preset=preset,
        as_of=date.fromisoformat(as_of),
        body=json.dumps(body).encode(),
    )


def to_write_back(*about: Composed, channel: str = "write-back:north", target: str = "north") -> Message:
    """A message that these resources are to be written to a server."""
    return Message(
        channel=channel, kind="write-back", target=target, about=tuple(each.name for each in about)
    )
