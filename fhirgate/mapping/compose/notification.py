"""What is sent to a subscriber, and what `$events` answers: a Bundle whose first entry is the status.

https://hl7.org/fhir/uv/subscriptions-backport/notifications.html: in R4 `history`, in R5 `subscription-notification`;
every entry has a request and a response (bdl-3, bdl-4). A resource goes in as the bytes it is kept in.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.subscription_status import EXACT, compose_status, instant, url_of
from fhirgate.mapping.notifications import NotificationType, NumberedEvent, Standing, Told
from fhirgate.mapping.subscriptions import BACKPORT, Content, Release

NOTIFICATION_PROFILE = f"{BACKPORT}subscription-notification-r4"
_WITH_EVENTS = (NotificationType.EVENTS, NotificationType.QUERY_EVENTS)


def compose_notification(
    standing: Standing, type: NotificationType, at: datetime, events: Sequence[NumberedEvent] = ()
) -> bytes:
    """The Bundle as it goes out, in the release and with the content that the subscription has.

    `at` is the moment it was made. The same arguments give the same bytes. Raises ValueError for events that are not
    in order or more than were counted, for events in a handshake or heartbeat, and for a full resource without body.
    """
    _check(standing, type, events)
    status = compose_status(standing, type, at, events)
    first: Json = {
        "fullUrl": f"urn:uuid:{status['id']}",
        "resource": status,
        "request": {"method": "GET", "url": f"{standing.url}/$status"},
        "response": {"status": "200"},
    }
    is_r4 = standing.release is Release.R4
    bundle: Json = {"resourceType": "Bundle", "id": status["id"]}
    if is_r4:
        bundle["meta"] = {"profile": [NOTIFICATION_PROFILE]}
    bundle |= {
        "type": "history" if is_r4 else "subscription-notification",
        "timestamp": instant(at),
        "entry": [first, *_entries(standing, events)],
    }
    return EXACT.encode(bundle)


def _check(standing: Standing, type: NotificationType, events: Sequence[NumberedEvent]) -> None:
    numbers = [each.number for each in events]
    if events and type not in _WITH_EVENTS:
        raise ValueError(f"a {type} tells of no event")
    if type is NotificationType.EVENTS and not events:
        raise ValueError("an event-notification tells of an event")
    if numbers != sorted(set(numbers)) or not all(0 < each <= standing.events for each in numbers):
        raise ValueError("events are told in the order of their numbers, from 1 to the last that was counted")


def _entries(standing: Standing, events: Sequence[NumberedEvent]) -> Iterator[Json]:
    """What the events are about, each version once; without its content each resource once, the last version of it.

    A Bundle that is no history may name a URL twice only for different versions (bdl-7).
    """
    if standing.content is Content.EMPTY:
        return
    told = (each for event in events for each in event.told)
    if standing.content is Content.ID_ONLY:
        latest: dict[tuple[str, str], Told] = {}
        for each in told:
            known = latest.get((each.type, each.id))
            latest[each.type, each.id] = each if known is None or known.version < each.version else known
        yield from (_entry(standing, each) for each in latest.values())
    else:
        versions = {(each.type, each.id, each.version): each for each in told}
        yield from (_entry(standing, each) | {"resource": _raw(each)} for each in versions.values())


def _entry(standing: Standing, told: Told) -> Json:
    created = told.is_created
    return {
        "fullUrl": url_of(standing, told),
        "request": {
            "method": "POST" if created else "PUT",
            "url": told.type if created else f"{told.type}/{told.id}",
        },
        "response": {
            "status": "201" if created else "200",
            "etag": f'W/"{told.version}"',
            "lastModified": instant(told.recorded_at),
        },
    }


def _raw(told: Told) -> msgspec.Raw:
    if told.body is None:
        raise ValueError(f"the content of {told.type} version {told.version} is missing")
    return msgspec.Raw(told.body)
