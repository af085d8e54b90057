"""A Subscription of FHIR R4 as the R5 Subscriptions Backport 1.2.0 shapes it, read so that nothing of it is lost.

https://hl7.org/fhir/uv/subscriptions-backport/components.html. What would not be honoured to the letter is refused:
an element, extension or value that is not known here is never passed over.
"""

from collections.abc import Iterable, Iterator, Set
from typing import Any

from fhirgate.mapping.datatypes import Raw, is_object
from fhirgate.mapping.parse.subscription_channel import (
    LONGEST_TIMEOUT,
    MOST_HEADERS,
    SHORTEST_HEARTBEAT,
    content,
    endpoint,
    headers,
    mime,
)
from fhirgate.mapping.parse.subscription_filters import LONGEST_QUERY, MOST_FILTERS, from_query, limited
from fhirgate.mapping.parse.subscription_problems import LARGEST, Problems
from fhirgate.mapping.subscriptions import (
    BACKPORT,
    REST_HOOK,
    Asked,
    Content,
    Filter,
    IssueCode,
    Release,
    Status,
    Topic,
)

KEPT = frozenset({"resourceType", "id", "meta", "language", "text", "contact"})
"""Elements that change nothing in what is done: they are kept and shown as they came."""
MOST_CONTACTS = 20
_ELEMENTS = KEPT | {"status", "reason", "end", "criteria", "_criteria", "channel"}
_CHANNEL = frozenset({"type", "endpoint", "payload", "_payload", "header", "extension"})

FILTER, CONTENT = f"{BACKPORT}filter-criteria", f"{BACKPORT}payload-content"
HEARTBEAT, TIMEOUT, MAX_COUNT = f"{BACKPORT}heartbeat-period", f"{BACKPORT}timeout", f"{BACKPORT}max-count"
_VALUES = {
    FILTER: "valueString",
    CONTENT: "valueCode",
    HEARTBEAT: "valueUnsignedInt",
    TIMEOUT: "valueUnsignedInt",
    MAX_COUNT: "valuePositiveInt",
}


def parse_subscription(raw: Raw, topics: Iterable[Topic], plain_hosts: Set[str] = frozenset()) -> Asked:
    """What the subscriber asks for; `topics` are those on offer.

    Whether it may begin, and at this endpoint, is for others to say. Raises SubscriptionRefused.
    """
    problems = Problems()
    begin(raw, problems)
    problems.only(raw, "Subscription", _ELEMENTS)
    problems.string(raw, "reason", "Subscription", "R4 asks for a sentence that says what it is for")
    topic = topic_named(
        problems.string(raw, "criteria", "Subscription", "give the canonical URL of a topic"),
        topics,
        "Subscription.criteria",
        problems,
    )
    filters = _filters(raw, topic, problems)
    status = status_of(raw, problems)
    ends_at = problems.instant(raw, "end", "Subscription")
    channel = _Channel(problems.item(raw, "channel", "Subscription"), problems)
    asked = channel.asked(plain_hosts)
    problems.raise_if_any()
    return Asked(release=Release.R4, status=status, topic=topic, filters=filters, ends_at=ends_at, **asked)


class _Channel:
    """`Subscription.channel`, element by element."""

    def __init__(self, raw: Raw, problems: Problems) -> None:
        self.raw = raw
        self.problems = problems
        self.path = "Subscription.channel"

    def asked(self, plain_hosts: Set[str]) -> dict[str, Any]:
        """How it is to be told."""
        problems, path = self.problems, self.path
        problems.only(self.raw, path, _CHANNEL | {"_type"})
        self._type()
        url = problems.string(self.raw, "endpoint", path, "give the https URL that takes notifications")
        lines = problems.listed(self.raw, "header", path, MOST_HEADERS)
        kind = problems.string(self.raw, "payload", path, "give the MIME type application/fhir+json")
        numbers = self._numbers()
        return {
            "endpoint": endpoint(url, f"{path}.endpoint", plain_hosts, problems) if url else "",
            "headers": headers(lines, f"{path}.header", problems),
            "mime": mime(kind, Release.R4, f"{path}.payload", problems) if kind else "",
            "content": self._content(),
            "heartbeat_seconds": numbers.get(HEARTBEAT),
            "timeout_seconds": numbers.get(TIMEOUT),
            "most_events": numbers.get(MAX_COUNT),
        }

    def _type(self) -> None:
        if "_type" in self.raw or self.raw.get("type") != REST_HOOK:
            self.problems.refuse(
                IssueCode.NOT_SUPPORTED, f"{self.path}.type", "this channel is not offered; use rest-hook"
            )

    def _content(self) -> Content:
        path = f"{self.path}.payload"
        given = [value for *_, value in extensions(self.raw.get("_payload"), path, {CONTENT}, self.problems)]
        if not given:
            self.problems.refuse(
                IssueCode.REQUIRED,
                path,
                f"it says not how much to send; give the extension {CONTENT} once, with a valueCode",
            )
            return Content.EMPTY
        return content(given[0], f"{path}.extension[0].value", self.problems)

    def _numbers(self) -> dict[str, int | None]:
        bounds = {
            HEARTBEAT: (SHORTEST_HEARTBEAT, LARGEST),
            TIMEOUT: (1, LONGEST_TIMEOUT),
            MAX_COUNT: (1, LARGEST),
        }
        part = {"extension": self.raw["extension"]} if "extension" in self.raw else None
        return {
            url: self.problems.whole_number(value, f"{where}.value", *bounds[url])
            for where, url, value in extensions(part, self.path, set(bounds), self.problems)
        }


def begin(raw: Raw, problems: Problems) -> None:
    """Refuse at once what is no Subscription, and what is kept as it came if it has not even the outer shape."""
    if raw.get("resourceType") != "Subscription":
        problems.refuse(IssueCode.STRUCTURE, "Subscription", "a Subscription is expected here")
        problems.raise_if_any()
    for name in ("meta", "text"):
        problems.item(raw, name, "Subscription")
    for name in ("contact", "identifier"):
        problems.listed(raw, name, "Subscription", MOST_CONTACTS)


def topic_named(canonical: str, topics: Iterable[Topic], path: str, problems: Problems) -> Topic:
    """The topic on offer with this canonical URL, with or without its version behind a bar."""
    url, bar, version = canonical.partition("|")
    known = {each.url: each for each in topics}
    found = known.get(url)
    if found is not None and (not bar or version == found.version):
        return found
    if canonical:
        offered = ", ".join(sorted(known))
        told = "this version of the topic is not offered" if found else "this topic is not offered"
        problems.refuse(IssueCode.NOT_SUPPORTED, path, f"{told}; there are {offered}")
    return _NO_TOPIC


_NO_TOPIC = Topic(id="", url="", version="", title="", filters=())


def status_of(raw: Raw, problems: Problems) -> Status:
    """What the subscriber wants: `error` is ours to say."""
    value = raw.get("status")
    if value in (Status.REQUESTED, Status.ACTIVE, Status.OFF):
        return Status(str(value))
    code = IssueCode.REQUIRED if value is None else IssueCode.VALUE
    problems.refuse(code, "Subscription.status", "send requested to begin, or off to end it")
    return Status.OFF


def _filters(raw: Raw, topic: Topic, problems: Problems) -> tuple[Filter, ...]:
    path = "Subscription.criteria"
    found: list[Filter] = []
    for where, _, query in extensions(raw.get("_criteria"), path, {FILTER}, problems):
        if not isinstance(query, str) or len(query) > LONGEST_QUERY:
            problems.refuse(IssueCode.VALUE, f"{where}.value", "a string of moderate length is expected here")
        elif topic.url:
            found += from_query(query, topic, f"{where}.value", problems)
    return limited(found, path, problems)


def extensions(part: Any, path: str, known: Set[str], problems: Problems) -> Iterator[tuple[str, str, Any]]:
    """Where the extensions of an element stand, with URL and value; only FILTER may stand more than once."""
    if part is None:
        return
    if not is_object(part) or set(part) - {"extension"}:
        problems.refuse(IssueCode.STRUCTURE, path, "only extensions are expected beside its value")
        return
    seen: set[str] = set()
    for index, each in enumerate(problems.listed(part, "extension", path, MOST_FILTERS)):
        where = f"{path}.extension[{index}]"
        url = str(each.get("url")) if is_object(each) else ""
        if url not in known:
            problems.refuse(IssueCode.EXTENSION, where, "this extension is not honoured here; leave it out")
        elif url in seen and url != FILTER:
            problems.refuse(IssueCode.EXTENSION, where, "it stands twice; give it once")
        elif set(each) != {"url", _VALUES[url]}:
            problems.refuse(IssueCode.EXTENSION, where, f"it has a {_VALUES[url]} and nothing else")
        else:
            yield where, url, each[_VALUES[url]]
        seen.add(url)
