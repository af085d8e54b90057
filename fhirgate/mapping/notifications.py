"""What a subscriber is told, before it is written in a FHIR release: events with their numbers, and how it stands."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fhirgate.mapping.subscriptions import Content, Release, Status


class NotificationType(StrEnum):
    """Why a status is told (http://hl7.org/fhir/subscription-notification-type)."""

    HANDSHAKE = "handshake"
    HEARTBEAT = "heartbeat"
    EVENTS = "event-notification"
    QUERY_STATUS = "query-status"
    QUERY_EVENTS = "query-event"


class ErrorCode(StrEnum):
    """Why a subscription is in error (http://terminology.hl7.org/CodeSystem/subscription-error 1.0.1)."""

    NO_RESPONSE = "no-response"
    DNS = "dns-resolution-error"
    ERROR_RESPONSE = "error-response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One version of a resource that an event is about."""

    type: str
    id: str
    version: int
    recorded_at: datetime
    body: bytes | None = field(default=None, repr=False)
    """Its JSON text as a read of the same FHIR release would answer it; only needed for `Content.FULL`."""

    @property
    def is_created(self) -> bool:
        """Whether it is the first version."""
        return self.version == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedEvent:
    """An event of one subscription. Its number never changes, however often it is told."""

    number: int
    """From 1, without gaps."""
    at: datetime
    focus: Told
    context: tuple[Told, ...] = ()
    """What belongs to it, such as the Provenance."""

    @property
    def told(self) -> tuple[Told, ...]:
        """Everything it is about."""
        return (self.focus, *self.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a subscription stands at the moment of telling."""

    id: str
    base: str
    """Of the FHIR endpoint at which it can be read, without a slash at the end."""
    release: Release
    topic: str
    """Its canonical URL."""
    content: Content
    status: Status
    events: int
    """How many there were since it was made, whether told or not; handshakes and heartbeats are none."""
    error: ErrorCode | None = None

    @property
    def url(self) -> str:
        """Where the subscription is read."""
        return f"{self.base}/Subscription/{self.id}"
