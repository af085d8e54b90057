"""A Subscription of FHIR R5 (https://hl7.org/fhir/R5/subscription.html), read as strictly as its R4 shape."""

from collections.abc import Iterable, Iterator, Set
from typing import Any

from fhirgate.mapping.datatypes import Raw, is_object
from fhirgate.mapping.parse.subscription import KEPT, begin, status_of, topic_named
from fhirgate.mapping.parse.subscription_channel import (
    LONGEST_TIMEOUT,
    MOST_HEADERS,
    SHORTEST_HEARTBEAT,
    content,
    endpoint,
    header,
    mime,
    unique,
)
from fhirgate.mapping.parse.subscription_filters import MOST_FILTERS, condition
from fhirgate.mapping.parse.subscription_problems import LARGEST, Problems
from fhirgate.mapping.subscriptions import (
    CHANNEL_TYPES,
    REST_HOOK,
    Asked,
    Content,
    Filter,
    Header,
    IssueCode,
    Release,
    Topic,
)

_KEPT = KEPT | {"identifier", "name", "managingEntity", "reason"}
_ELEMENTS = (
    _KEPT
    | {"status", "topic", "end", "filterBy", "channelType", "endpoint", "parameter"}
    | {"heartbeatPeriod", "timeout", "contentType", "content", "maxCount"}
)
_FILTER = frozenset({"resourceType", "filterParameter", "comparator", "modifier", "value"})
_TYPE_URL = "http://hl7.org/fhir/StructureDefinition/"
_USUAL_MIME = "application/fhir+json"


def parse_subscription_r5(raw: Raw, topics: Iterable[Topic], plain_hosts: Set[str] = frozenset()) -> Asked:
    """What the subscriber asks for; see `parse.subscription`. Raises SubscriptionRefused.

    Where R5 leaves a choice to the server: JSON, and content `id-only`.
    """
    problems = Problems()
    begin(raw, problems)
    problems.only(raw, "Subscription", _ELEMENTS)
    canonical = problems.string(raw, "topic", "Subscription", "give the canonical URL of a topic")
    topic = topic_named(canonical, topics, "Subscription.topic", problems)
    _channel_type(raw, problems)
    url = problems.string(raw, "endpoint", "Subscription", "give the https URL that takes notifications")
    asked = Asked(
        release=Release.R5,
        status=status_of(raw, problems),
        topic=topic,
        filters=tuple(_filters(raw, topic, problems)),
        endpoint=endpoint(url, "Subscription.endpoint", plain_hosts, problems) if url else "",
        headers=_headers(raw, problems),
        mime=_mime(raw, problems),
        content=content(raw.get("content", Content.ID_ONLY), "Subscription.content", problems),
        heartbeat_seconds=_number(raw, "heartbeatPeriod", SHORTEST_HEARTBEAT, LARGEST, problems),
        timeout_seconds=_number(raw, "timeout", 1, LONGEST_TIMEOUT, problems),
        most_events=_number(raw, "maxCount", 1, LARGEST, problems),
        ends_at=problems.instant(raw, "end", "Subscription"),
    )
    problems.raise_if_any()
    return asked


def _channel_type(raw: Raw, problems: Problems) -> None:
    given = problems.item(raw, "channelType", "Subscription")
    if (given.get("system"), given.get("code")) != (CHANNEL_TYPES, REST_HOOK):
        problems.refuse(
            IssueCode.NOT_SUPPORTED,
            "Subscription.channelType",
            f"this channel is not offered; use rest-hook of {CHANNEL_TYPES}",
        )


def _number(raw: Raw, name: str, least: int, most: int, problems: Problems) -> int | None:
    return problems.whole_number(raw[name], f"Subscription.{name}", least, most) if name in raw else None


def _mime(raw: Raw, problems: Problems) -> str:
    if "contentType" not in raw:
        return _USUAL_MIME
    value = problems.string(raw, "contentType", "Subscription", "give application/fhir+json")
    return mime(value, Release.R5, "Subscription.contentType", problems) if value else ""


def _headers(raw: Raw, problems: Problems) -> tuple[Header, ...]:
    found = []
    for index, each in enumerate(problems.listed(raw, "parameter", "Subscription", MOST_HEADERS)):
        path = f"Subscription.parameter[{index}]"
        if not is_object(each) or set(each) != {"name", "value"}:
            problems.refuse(IssueCode.STRUCTURE, path, "a name and a value are expected, which make a header")
            continue
        found.append(header(each["name"], each["value"], path, problems))
    return unique(found, "Subscription.parameter", problems)


def _filters(raw: Raw, topic: Topic, problems: Problems) -> Iterator[Filter]:
    for index, each in enumerate(problems.listed(raw, "filterBy", "Subscription", MOST_FILTERS)):
        path = f"Subscription.filterBy[{index}]"
        if not is_object(each):
            problems.refuse(IssueCode.STRUCTURE, path, "an object is expected here")
            continue
        problems.only(each, path, _FILTER)
        if each.get("comparator", "eq") != "eq":
            problems.refuse(IssueCode.NOT_SUPPORTED, f"{path}.comparator", "only eq is offered; leave it out")
        name = problems.string(each, "filterParameter", path, "name a filter of the topic")
        value = problems.string(each, "value", path, "give what it is compared with")
        if topic.url and name and value:
            yield from condition(_type(each, topic), name, _modifier(each), value, topic, path, problems)


def _type(each: Raw, topic: Topic) -> str:
    """Which type a filter is for: it may be left out when the topic tells of one."""
    given: Any = each.get("resourceType")
    if given is None:
        (only, *others) = sorted(topic.resources)
        return "" if others else only
    return str(given).removeprefix(_TYPE_URL)


def _modifier(each: Raw) -> str:
    return str(each.get("modifier", ""))
