"""Whom a kept result is told to: the event, the subscription, and the decision whether one matches the other.

Decisions
- A filter narrows events of its own type of resource (R5 Subscription.filterBy: the conditions applicable to that
  resource are ANDed). An event of a type for which there is no filter is told.
- Events are counted from the moment the subscription is made, in error too, so that its numbers have no gap and
  `$events` fills what was not told. One that is off counts nothing.
- What a subscriber may see is asked again for every event, and again when a notification is made.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from fhirgate.exact_json import decode
from fhirgate.mapping.canonical import PRESETS, STATES
from fhirgate.mapping.datatypes import codings, items, local_name, reference, references, text
from fhirgate.mapping.notifications import ErrorCode, NumberedEvent
from fhirgate.mapping.subscriptions import (
    Asked,
    Filter,
    IssueCode,
    Modifier,
    Refusal,
    Status,
    SubscriptionRefused,
)
from fhirgate.services.ports import Stored, VersionName

MOST_IN_BUNDLE = 50
"""Events in one notification when the subscriber names no number."""

Token = tuple[str, str]
"""System and code, or system and value of an identifier."""

_STATUSES = {
    "RiskAssessment": "http://hl7.org/fhir/observation-status",
    "CarePlan": "http://hl7.org/fhir/request-status",
}
"""A code has the system of its binding, though the resource does not say it."""
_ESCAPED = re.compile(r"\\([\\,|$])")
_BAR = re.compile(r"(?<!\\)((?:\\\\)*)\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultEvent:
    """A new version of a result was kept: what topics and filters ask of it, read once for all subscriptions."""

    name: VersionName
    at: datetime
    server: str
    preset: str
    status: str
    intent: str = ""
    """Of a CarePlan."""
    previous_status: str = ""
    """Of the version before; empty for a first version."""
    state: str
    previous_state: str = ""
    """The state that stood for the patient and preset before this was kept; empty when there was none."""
    tokens: dict[str, tuple[Token, ...]] = field(repr=False)
    """By name of filter."""
    references: dict[str, frozenset[str]] = field(repr=False)
    """By name of filter, in every way in which a subscriber may write them."""


def event_of(
    stored: Stored,
    before: Stored | None = None,
    previous_state: str = "",
    bases: Iterable[str] = (),
) -> ResultEvent:
    """The event of a version that was kept; `before` is the version it supersedes.

    `bases` are FHIR bases under which a relative reference of it may be written whole (fhir-contracts G-9).
    """
    known = [each.rstrip("/") for each in bases]
    body = decode(stored.body)
    tags = [(each.system, each.code) for each in codings(body.get("meta", {}).get("tag"))]
    named = [(text(each, "system"), text(each, "value")) for each in items(body, "identifier")]
    return ResultEvent(
        name=stored.name,
        at=stored.recorded_at,
        server=stored.patient.server,
        preset=stored.preset,
        status=stored.status,
        intent=text(body, "intent"),
        previous_status=before.status if before else "",
        state=stored.state,
        previous_state=previous_state,
        tokens={
            "_tag": tuple(tags),
            "identifier": tuple(named),
            "status": ((_STATUSES.get(stored.name.resource.type, ""), stored.status),),
            "state": ((STATES, stored.state),) if stored.state else (),
            "previous-state": ((STATES, previous_state),) if previous_state else (),
            "preset": ((PRESETS, stored.preset),),
        },
        references={
            "patient": _written(reference(body.get("subject")), known),
            "condition": _written(next(iter(references(body, "condition")), ""), known),
        },
    )


def _written(here: str, bases: Iterable[str]) -> frozenset[str]:
    """`id`, `Type/id`, or a whole URL: as the resource has it, or under a base of its server."""
    kind, id_ = local_name(here)
    if not id_:
        return frozenset({here} - {""})
    relative = f"{kind}/{id_}"
    whole = () if "://" in here else (f"{each}/{relative}" for each in bases)
    return frozenset({here, id_, relative, *whole})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Which results a registry may see."""

    servers: frozenset[str] | None = None
    """None: of every server."""
    presets: frozenset[str] | None = None

    def sees(self, event: ResultEvent) -> bool:
        """Whether it may be told of this."""
        return (self.servers is None or event.server in self.servers) and (
            self.presets is None or event.preset in self.presets
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription as it stands."""

    id: str
    owner: str
    """The registry it belongs to; nobody else may know that it is there."""
    asked: Asked
    status: Status
    events: int = 0
    """The number of its last event."""
    error: ErrorCode | None = None

    @property
    def counts(self) -> bool:
        """Whether an event gets a number of this subscription."""
        return self.status is not Status.OFF


def wants(subscription: Subscription, event: ResultEvent, sight: Sight) -> bool:
    """Whether an event is one for this subscription, if its topic tells of it: `topics.is_for` asks both."""
    return subscription.counts and sight.sees(event) and passes(subscription.asked.filters, event)


def passes(filters: Iterable[Filter], event: ResultEvent) -> bool:
    """Whether every condition on the event's type of resource holds."""
    of_type = (each for each in filters if each.resource == event.name.resource.type)
    return all(_holds(each, event) for each in of_type)


def _holds(condition: Filter, event: ResultEvent) -> bool:
    if condition.name in event.references:
        return any(_plain(value) in event.references[condition.name] for value in condition.values)
    tokens = event.tokens[condition.name]
    if condition.modifier is Modifier.MISSING:
        return (not tokens) is (condition.values == ("true",))
    found = any(_is_token(token, value) for token in tokens for value in condition.values)
    return found is not (condition.modifier is Modifier.NOT)


def _is_token(token: Token, value: str) -> bool:
    """`code`, `system|code`, `|code` or `system|`, escaped as a search is (R4 search §3.1.1.4.10)."""
    bar = _BAR.search(value)
    if bar is None:
        return token[1] == _plain(value)
    system, code = _plain(value[: bar.end() - 1]), _plain(value[bar.end() :])
    return token[0] == system and code in ("", token[1])


def _plain(value: str) -> str:
    return _ESCAPED.sub(r"\1", value) if "\\" in value else value


def batches(events: Sequence[NumberedEvent], most: int | None = None) -> Iterator[tuple[NumberedEvent, ...]]:
    """The events in their order, as many together as the subscriber takes (`Asked.most_events`).

    Two versions of a resource never go together: a reference to it could then be to either.
    """
    size = min(most or MOST_IN_BUNDLE, MOST_IN_BUNDLE)
    batch: list[NumberedEvent] = []
    versions: dict[tuple[str, str], int] = {}
    for event in events:
        its = {(each.type, each.id): each.version for each in event.told}
        if len(batch) == size or any(versions.get(name, version) != version for name, version in its.items()):
            yield tuple(batch)
            batch, versions = [], {}
        batch.append(event)
        versions |= its
    if batch:
        yield tuple(batch)


class Happening(StrEnum):
    """What changes the status of a subscription."""

    ASKED_ANEW = "asked anew"
    """Its subscriber made or changed it: a handshake follows."""
    SHOOK_HANDS = "shook hands"
    NO_HANDSHAKE = "no handshake"
    GIVEN_UP = "given up"
    """A notification was not taken for as long as we try."""
    ENDED = "ended"
    """Its subscriber switched it off, or its end has passed."""


def next_status(status: Status, happening: Happening) -> Status:
    """The status after something happened. Nothing but its subscriber brings an errored one back (D2-11)."""
    match happening:
        case Happening.ASKED_ANEW:
            return Status.REQUESTED
        case Happening.ENDED:
            return Status.OFF
        case Happening.SHOOK_HANDS:
            return Status.ACTIVE if status is Status.REQUESTED else status
        case Happening.NO_HANDSHAKE:
            return Status.ERROR if status is Status.REQUESTED else status
        case Happening.GIVEN_UP:
            return Status.ERROR if status is Status.ACTIVE else status


def as_begun(asked: Asked, now: datetime) -> Asked:
    """What is asked for, if a new subscription can begin so. Raises SubscriptionRefused."""
    found = [*_wrong_end(asked, now)]
    if asked.status is not Status.REQUESTED:
        found.append(_refusal("status", IssueCode.BUSINESS_RULE, "a new subscription begins as requested"))
    if any(each.is_withheld for each in asked.headers):
        found.append(_refusal(_headers(asked), IssueCode.VALUE, "a header has no value; give it"))
    if found:
        raise SubscriptionRefused(found)
    return asked


def as_changed(asked: Asked, present: Asked, now: datetime) -> Asked:
    """What is asked for by an update: headers that were read and sent back keep their value.

    Raises SubscriptionRefused.
    """
    values = {each.name.lower(): each for each in present.headers}
    found = [] if asked.status is Status.OFF else [*_wrong_end(asked, now)]
    if any(each.is_withheld and each.name.lower() not in values for each in asked.headers):
        found.append(_refusal(_headers(asked), IssueCode.VALUE, "a header without a value is new; give it"))
    if found:
        raise SubscriptionRefused(found)
    kept = (
        replace(each, value=values[each.name.lower()].value) if each.is_withheld else each
        for each in asked.headers
    )
    return replace(asked, headers=tuple(kept))


def _wrong_end(asked: Asked, now: datetime) -> Iterator[Refusal]:
    if asked.ends_at is not None and asked.ends_at <= now:
        yield _refusal("end", IssueCode.BUSINESS_RULE, "its end has passed; give a later one or none")


def _headers(asked: Asked) -> str:
    return "channel.header" if asked.release == "4.0" else "parameter"


def _refusal(element: str, code: IssueCode, text: str) -> Refusal:
    return Refusal(code=code, path=f"Subscription.{element}", text=text)


def request_headers(asked: Asked) -> dict[str, str]:
    """The headers of each notification: secrets of the subscriber."""
    return {"Content-Type": asked.mime} | {each.name: each.value for each in asked.headers}
