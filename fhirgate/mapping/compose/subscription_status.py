"""How a subscription stands: Parameters in R4 (backport-subscription-status-r4), SubscriptionStatus in R5.

https://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition-backport-subscription-status-r4.html. With content
`empty` neither the topic nor what an event is about is named. Where several versions of a resource are told, as in the
answer of `$events`, each event names its own (https://hl7.org/fhir/R4/bundle.html#references).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import msgspec

from fhirgate.mapping.compose.elements import Json, coding, concept
from fhirgate.mapping.notifications import NotificationType, NumberedEvent, Standing, Told
from fhirgate.mapping.subscriptions import BACKPORT, Content, Release

STATUS_PROFILE = f"{BACKPORT}subscription-status-r4"
ERRORS = "http://terminology.hl7.org/CodeSystem/subscription-error"
EXACT = msgspec.json.Encoder(decimal_format="number")


def compose_status(
    standing: Standing, type: NotificationType, at: datetime, events: Sequence[NumberedEvent] = ()
) -> Json:
    """The status of one subscription, with the events that are told beside it.

    Its id is made from what it says, so that a notification sent again is the same one.
    """
    numbers = "-".join(str(each.number) for each in (*events[:1], *events[-1:]))
    id_ = str(
        uuid5(NAMESPACE_URL, f"{standing.url}/$status#{type}/{numbers}/{standing.events}/{instant(at)}")
    )
    refer = _References(standing, events)
    if standing.release is Release.R4:
        return _parameters(id_, standing, type, [_parts(refer, each) for each in events])
    return _subscription_status(id_, standing, type, [_event(refer, each) for each in events])


class _References:
    """What events are about, as references that are unambiguous beside each other."""

    def __init__(self, standing: Standing, events: Sequence[NumberedEvent]) -> None:
        self.standing = standing
        self.are_named = standing.content is not Content.EMPTY
        versions = {(each.type, each.id, each.version) for event in events for each in event.told}
        counted = Counter((kind, id_) for kind, id_, _ in versions)
        self.several = {name for name, count in counted.items() if count > 1}

    def to(self, told: Told) -> Json:
        """A reference to one of them."""
        url = url_of(self.standing, told)
        is_one_of_several = (told.type, told.id) in self.several
        return {"reference": f"{url}/_history/{told.version}" if is_one_of_several else url}


def compose_statuses(statuses: Iterable[tuple[Standing, NotificationType]], base: str, at: datetime) -> bytes:
    """The answer of `$status`: a searchset with the status of each subscription."""
    found = [compose_status(standing, type_, at) for standing, type_ in statuses]
    bundle: Json = {
        "resourceType": "Bundle",
        "type": "searchset",
        "timestamp": instant(at),
        "total": len(found),
        "link": [{"relation": "self", "url": f"{base}/Subscription/$status"}],
        "entry": [
            {"fullUrl": f"urn:uuid:{each['id']}", "resource": each, "search": {"mode": "match"}}
            for each in found
        ],
    }
    return EXACT.encode({name: value for name, value in bundle.items() if value != []})


def instant(at: datetime) -> str:
    """A moment as FHIR writes it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def url_of(standing: Standing, told: Told) -> str:
    """Where a resource is read at the endpoint of the subscription."""
    return f"{standing.base}/{told.type}/{told.id}"


def _parameters(id: str, standing: Standing, type: NotificationType, events: Sequence[list[Json]]) -> Json:
    said: list[Json] = [{"name": "subscription", "valueReference": {"reference": standing.url}}]
    if standing.content is not Content.EMPTY:
        said.append({"name": "topic", "valueCanonical": standing.topic})
    said += [
        {"name": "status", "valueCode": standing.status},
        {"name": "type", "valueCode": type},
        {"name": "events-since-subscription-start", "valueString": str(standing.events)},
    ]
    said += [{"name": "notification-event", "part": each} for each in events]
    said += [{"name": "error", "valueCodeableConcept": each} for each in _errors(standing)]
    return {"resourceType": "Parameters", "id": id, "meta": {"profile": [STATUS_PROFILE]}, "parameter": said}


def _parts(refer: _References, event: NumberedEvent) -> list[Json]:
    parts: list[Json] = [
        {"name": "event-number", "valueString": str(event.number)},
        {"name": "timestamp", "valueInstant": instant(event.at)},
    ]
    if refer.are_named:
        parts.append({"name": "focus", "valueReference": refer.to(event.focus)})
        parts += [{"name": "additional-context", "valueReference": refer.to(each)} for each in event.context]
    return parts


def _subscription_status(id: str, standing: Standing, type: NotificationType, events: Sequence[Json]) -> Json:
    found: Json = {
        "resourceType": "SubscriptionStatus",
        "id": id,
        "status": standing.status,
        "type": type,
        "eventsSinceSubscriptionStart": str(standing.events),
        "notificationEvent": list(events),
        "subscription": {"reference": standing.url},
        "topic": standing.topic if standing.content is not Content.EMPTY else "",
        "error": _errors(standing),
    }
    return {name: value for name, value in found.items() if value}


def _event(refer: _References, event: NumberedEvent) -> Json:
    """Numbers are integer64, which JSON carries as strings."""
    found: Json = {"eventNumber": str(event.number), "timestamp": instant(event.at)}
    if refer.are_named:
        found["focus"] = refer.to(event.focus)
        if event.context:
            found["additionalContext"] = [refer.to(each) for each in event.context]
    return found


def _errors(standing: Standing) -> list[Json]:
    return [concept(coding(ERRORS, standing.error))] if standing.error else []
