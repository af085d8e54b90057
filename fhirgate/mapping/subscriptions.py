"""What a subscriber asks for, whichever FHIR release it is written in: the values that cross from the wire.

R5 Subscriptions Backport 1.2.0 (R4) and FHIR R5 Subscription say the same in two shapes; `parse.subscription` and
`parse.subscription_r5` read them, `services.subscriptions` decides by them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fhirgate.errors import InvalidRequest

BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-"
"""What every extension and profile of the backport begins with."""
CHANNEL_TYPES = "http://terminology.hl7.org/CodeSystem/subscription-channel-type"
REST_HOOK = "rest-hook"

WITHHELD = "[withheld]"
"""Stands for the value of a header when a Subscription is read; sent back, it keeps the value there is."""


class Release(StrEnum):
    """The FHIR release in which a Subscription is written and its notifications are."""

    R4 = "4.0"
    R5 = "5.0"


class Content(StrEnum):
    """How much of a result goes into a notification."""

    EMPTY = "empty"
    """That something happened, and its number."""
    ID_ONLY = "id-only"
    FULL = "full-resource"


class Status(StrEnum):
    """Where a Subscription stands. `OFF` is for good unless its subscriber asks anew."""

    REQUESTED = "requested"
    """Its endpoint has not answered a handshake yet."""
    ACTIVE = "active"
    ERROR = "error"
    """Told of nothing until its subscriber asks anew; its events are counted all the same."""
    OFF = "off"


class FilterKind(StrEnum):
    """How the value of a filter is compared (https://hl7.org/fhir/R4/search.html)."""

    TOKEN = "token"  # noqa: S105 - a type of search parameter
    REFERENCE = "reference"


class Modifier(StrEnum):
    """A search modifier that a filter may carry."""

    NONE = ""
    NOT = "not"
    """None of the values, or no value at all."""
    MISSING = "missing"
    """`true`: there is no value; `false`: there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filterable:
    """A filter that a topic offers."""

    resource: str
    """The type of resource it is for."""
    name: str
    kind: FilterKind = FilterKind.TOKEN
    definition: str = ""
    """The URI that says what it is, where it is no search parameter of FHIR."""
    modifiers: frozenset[Modifier] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Something that can be subscribed to."""

    id: str
    url: str
    """Its canonical URL, without a version."""
    version: str
    title: str
    filters: tuple[Filterable, ...]

    @property
    def resources(self) -> frozenset[str]:
        """The types of resources it tells of."""
        return frozenset(each.resource for each in self.filters)

    def filterable(self, resource: str, name: str) -> Filterable | None:
        """The filter of this name for this type, if the topic offers it."""
        return next((each for each in self.filters if (each.resource, each.name) == (resource, name)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One condition: the resource must have one of the values. Conditions are ANDed."""

    resource: str
    name: str
    values: tuple[str, ...] = field(repr=False)
    """As in a search, still escaped; one of them must hold. They may name a patient."""
    modifier: Modifier = Modifier.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header that the subscriber wants with each notification: mostly a secret."""

    name: str
    value: str = field(repr=False)

    @property
    def is_withheld(self) -> bool:
        """Whether the subscriber sent back what a read showed, and so means the value there is."""
        return self.value == WITHHELD


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A Subscription as its subscriber wrote it, every element of it understood."""

    release: Release
    status: Status
    """What the subscriber wants it to be."""
    topic: Topic
    filters: tuple[Filter, ...] = ()
    endpoint: str = field(repr=False)
    """An https URL; whether it may be called is for `outbound` to say."""
    headers: tuple[Header, ...] = field(default=(), repr=False)
    mime: str
    """The Content-Type of the notifications, as written."""
    content: Content
    heartbeat_seconds: int | None = None
    """None: no heartbeat is sent."""
    timeout_seconds: int | None = None
    most_events: int | None = None
    """In one notification; None leaves it to us."""
    ends_at: datetime | None = None


class IssueCode(StrEnum):
    """What kind of fault, as OperationOutcome says it (http://hl7.org/fhir/issue-type)."""

    STRUCTURE = "structure"
    REQUIRED = "required"
    VALUE = "value"
    EXTENSION = "extension"
    NOT_SUPPORTED = "not-supported"
    BUSINESS_RULE = "business-rule"
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One thing that cannot be done as asked."""

    code: IssueCode
    path: str
    """FHIRPath of the element, such as `Subscription.channel.endpoint`."""
    text: str
    """What is wrong and what to do, without any value that was sent."""


class SubscriptionRefused(InvalidRequest):
    """A Subscription that would not be honoured exactly as written: nothing of it is kept."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        """Everything that is wrong with it, each once."""
        super().__init__("; ".join(f"{each.path}: {each.text}" for each in self.refusals))
