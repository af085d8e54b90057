"""What services need from outside, as protocols, and the values that cross there.

`store` fills these in over SQLite and PostgreSQL; one contract suite holds both to the same promises. Every
instant is aware and in UTC.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol, Self

Clock = Callable[[], datetime]
"""The time now, aware."""

MOST_CLAIMED = 50
"""Deliveries in one claim: commits cost, not rows."""
LEASE = timedelta(minutes=2)
"""How long a worker may be silent. Longer than any one call outward, or a slow worker meets its own successor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientKey:
    """A patient of one server of the registry; logical ids are only unique within a server."""

    server: str
    id: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A business identifier."""

    system: str
    value: str


@dataclass(frozen=True, slots=True, order=True)
class ResourceName:
    """A resource of ours, whichever version: `RiskAssessment/7d3c…`."""

    type: str
    id: str

    def __str__(self) -> str:
        return f"{self.type}/{self.id}"


@dataclass(frozen=True, slots=True, order=True)
class VersionName:
    """One version of a resource of ours: `RiskAssessment/7d3c…/_history/2`."""

    resource: ResourceName
    version: int

    def __str__(self) -> str:
        return f"{self.resource}/_history/{self.version}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The name that reads so."""
        kind, logical_id, _, version = text.split("/")
        return cls(ResourceName(kind, logical_id), int(version))


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A resource as it was composed, to be kept. `body` is its exact JSON text in UTF-8."""

    name: ResourceName
    identifier: Identifier
    patient: PatientKey
    state: str
    preset: str
    as_of: date
    body: bytes = field(repr=False)
    because_of: tuple[ResourceName, ...] = ()
    """For a Provenance, which is another one each time: keep it only if one of these says something new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One version of a resource as it was kept."""

    name: VersionName
    identifier: Identifier
    patient: PatientKey
    state: str
    preset: str
    as_of: date
    status: str
    """FHIR's status of the resource, or empty."""
    created_at: datetime
    """When the first version was recorded."""
    recorded_at: datetime
    """When this version was recorded; never earlier than that of any version before it in `sequence`."""
    sequence: int
    """Place of this version among all that were ever kept, in the order in which they became visible."""
    sha256: str
    """Of the body, in hexadecimal digits."""
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of a composed resource: the version that holds it now, and whether that version is new."""

    name: VersionName
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something to tell a destination about resources kept in the same transaction.

    A channel is a line to one destination: its messages are numbered from 1 without gaps and delivered in that
    order. A message is left out when the same versions wait in the channel or were delivered through it. What
    was not kept for want of news is not mentioned.
    """

    channel: str
    kind: str
    """What a worker does with it, such as `write-back`; the same for all messages of a channel."""
    target: str
    """The server or subscriber it goes to; the same for all messages of a channel."""
    about: tuple[ResourceName, ...]
    revives: bool = False
    """Whether what was given up in the channel is owed again, under its own numbers: who asks anew may have mended what
    made it hopeless. Not for a channel in which one message can be hopeless by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which current resources are wanted; empty values do not narrow."""

    type: str
    patient: PatientKey | None = None
    state: str = ""
    preset: str = ""
    since: datetime | None = None
    """Recorded at this instant or later."""
    before: datetime | None = None
    """Recorded earlier than this instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page ended. What is recorded later comes after it, so a reader that goes on misses nothing."""

    recorded_at: datetime
    sequence: int


class ResultStore(Protocol):
    """Everything fhirgate concluded, every version of it."""

    def keep(
        self, composed: Sequence[Composed], messages: Sequence[Message] = (), seen: int | None = None
    ) -> tuple[Kept | None, ...]:
        """Keep the resources and put the messages into the outbox: all of it or nothing.

        A resource whose content did not change keeps its version. Otherwise it gets the next one, which
        supersedes the version before. None for one that was not kept because what it is `because_of` is not new.
        Raises Overtaken when `seen` is given and is not the last of the patient of the resources any more.
        """
        ...

    def last_of(self, patient: PatientKey) -> int:
        """The last `sequence` among the resources of a patient; 0 when there are none."""
        ...

    def read(self, name: ResourceName, version: int | None = None) -> Stored | None:
        """The current version of a resource, or the one asked for."""
        ...

    def find(self, resource_type: str, identifier: Identifier) -> Stored | None:
        """The current version of the resource with this business identifier."""
        ...

    def history(self, name: ResourceName) -> tuple[Stored, ...]:
        """Every version of a resource, the oldest first."""
        ...

    def search(self, wanted: Search, after: Place | None = None, most: int = 50) -> tuple[Stored, ...]:
        """A page of current resources in the order in which they were recorded.

        `after` is where the page before it ended, of the same search.
        """
        ...


class DeliveryState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"
    """Given up; it stays to be looked at and can be revived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message of a channel, with the number under which its destination knows it."""

    channel: str
    number: int
    about: tuple[VersionName, ...]
    created_at: datetime
    attempts: int
    """How often it was tried, the present attempt included if it is the first of a lease."""
    state: DeliveryState
    settled_at: datetime | None
    error: str
    """Why the last attempt failed, in words without patient data."""
    fate: str = field(default="", repr=False)
    """What its destination did with it, as its service wrote it; empty until it is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A channel in the hands of one worker until an instant, and its next deliveries in order."""

    channel: str
    kind: str
    target: str
    token: int
    """Counts the claims of this channel: whoever holds an older one has lost it."""
    until: datetime
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How much is not delivered, of one kind."""

    kind: str
    waiting: int
    """At most: counts what was delivered after a message that was revived."""
    dead: int
    oldest_at: datetime | None
    """When the message was created that waits longest at the head of its channel."""


class Outbox(Protocol):
    """Deliveries that are owed. Delivery is at least once: the number is what a destination tells twice by.

    The methods that take a lease answer whether it was still held; if not, they change nothing.
    """

    def claim(
        self,
        worker: str,
        kinds: Sequence[str] = (),
        channel_name: str = "",
        most: int = MOST_CLAIMED,
        most_channels: int = MOST_CLAIMED,
    ) -> tuple[Lease, ...]:
        """Lease the channels that have waited longest, for at most `most` deliveries in all, evenly shared.

        A channel has one holder at a time. One whose holder let the lease run out can be claimed again.
        """
        ...

    def extend(self, lease: Lease) -> bool:
        """Hold it for another full lease from now."""
        ...

    def done(self, lease: Lease, numbers: Sequence[int], fates: Mapping[int, str] | None = None) -> bool:
        """These deliveries were made, and this became of them. Settling the last one of a lease gives it back."""
        ...

    def done_all(self, made: Sequence[tuple[Lease, Sequence[int]]]) -> tuple[Lease, ...]:
        """The same for several channels in one transaction; answers those that were not held any more."""
        ...

    def postpone(self, lease: Lease, number: int, until: datetime, why: str) -> bool:
        """This delivery failed; try again then, it and all behind it. Gives the channel back."""
        ...

    def bury(self, lease: Lease, number: int, why: str) -> bool:
        """This delivery will never succeed: go on without it."""
        ...

    def release(self, lease: Lease) -> bool:
        """Give the channel back with what is left of it."""
        ...

    def repeat(self, lease: Lease) -> None:
        """Put the messages of a lease, held or lost, once more behind all others of the channel."""
        ...

    def hasten(self, channel_name: str) -> int:
        """Let a postponed channel be due now, as when a person asks; answers how many messages it owes."""
        ...

    def find(self, channel_name: str, number: int) -> Delivery | None:
        """One message, wherever it stands."""
        ...

    def about(self, channel_name: str, versions: Sequence[VersionName]) -> tuple[Delivery, ...]:
        """The messages of a channel that tell of one of these versions and of nothing else, in order."""
        ...

    def dead(self, channel_name: str = "", most: int = MOST_CLAIMED) -> tuple[Delivery, ...]:
        """The messages that were given up, of one channel or of all."""
        ...

    def revive(self, channel_name: str, number: int) -> bool:
        """Deliver a dead message after all, under its own number; False if it is not dead."""
        ...

    def backlog(self) -> tuple[Backlog, ...]:
        """What is owed, by kind."""
        ...
