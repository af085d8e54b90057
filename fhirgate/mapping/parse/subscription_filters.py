"""Conditions on the events of a topic: R4's search string and R5's `filterBy`, checked against what the topic offers.

Only what the topic lists is taken: no chain, no `_has`, no `_filter`, no text search, so that a condition costs a
comparison and nothing else.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

from fhirgate.mapping.parse.subscription_problems import Problems, shown
from fhirgate.mapping.subscriptions import Filter, IssueCode, Modifier, Topic

MOST_FILTERS = 20
LONGEST_QUERY = 20_000
"""Characters: room for as many patients, by URL."""
MOST_VALUES = 200
"""Of one filter (our choice). A registry that wants more patients than this wants all it may see."""

_QUERY = re.compile(r"(?P<type>[A-Z][A-Za-z]{1,63})\?(?P<pairs>[^#\s]+)")
_UNESCAPED_COMMA = re.compile(r"(?<!\\)((?:\\\\)*),")
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HALF_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def from_query(query: str, topic: Topic, path: str, problems: Problems) -> Iterator[Filter]:
    """The conditions of a string like `RiskAssessment?patient=Patient/123&status=final`."""
    found = _QUERY.fullmatch(query)
    if found is None:
        problems.refuse(
            IssueCode.VALUE,
            path,
            "a filter reads like a search with its type, such as RiskAssessment?patient=Patient/123",
        )
        return
    for pair in found["pairs"].split("&"):
        key, equals, value = pair.partition("=")
        name, _, modifier = _decoded(key).partition(":")
        if not equals:
            problems.refuse(IssueCode.VALUE, path, f"the filter {shown(name)} has no `=` and value")
            continue
        yield from condition(found["type"], name, modifier, _decoded(value), topic, path, problems)


def condition(  # noqa: PLR0913, PLR0917 - the parts of a filter, and where to say what is wrong
    resource: str, name: str, modifier: str, value: str, topic: Topic, path: str, problems: Problems
) -> Iterator[Filter]:
    """One condition, if the topic offers it."""
    offered = topic.filterable(resource, name)
    if offered is None:
        problems.refuse(IssueCode.NOT_SUPPORTED, path, _not_offered(resource, name, topic))
        return
    if modifier and modifier not in offered.modifiers:
        can = ", ".join(sorted(offered.modifiers)) or "none"
        problems.refuse(
            IssueCode.NOT_SUPPORTED, path, f"the filter {name} takes no such modifier; it takes {can}"
        )
        return
    values = tuple(_values(value))
    wrong = _wrong_with(values, modifier)
    if wrong:
        problems.refuse(IssueCode.VALUE, path, f"the filter {name} {wrong}")
        return
    yield Filter(resource=resource, name=name, values=values, modifier=Modifier(modifier))


def _not_offered(resource: str, name: str, topic: Topic) -> str:
    if resource not in topic.resources:
        types = ", ".join(sorted(topic.resources))
        return f"the topic {topic.id} does not tell of this type; its filters are for {types}"
    can = ", ".join(each.name for each in topic.filters if each.resource == resource)
    return f"the topic {topic.id} has no filter {shown(name)} for {resource}; it has {can}"


def _values(text: str) -> Iterator[str]:
    """The values of an OR, each still escaped: `a,b\\,c` are `a` and `b\\,c`."""
    begin = 0
    for comma in _UNESCAPED_COMMA.finditer(text):
        yield text[begin : comma.end() - 1]
        begin = comma.end()
    yield text[begin:]


def _wrong_with(values: tuple[str, ...], modifier: str) -> str:
    if not all(each.strip() for each in values):
        return "has an empty value; leave it out to be told of all"
    if any(_STEERING.search(each) or "\ufffd" in each for each in values):
        return "has a value that is no text; write it in UTF-8, percent-encoded where needed"
    if len(values) > MOST_VALUES:
        return f"has more than {MOST_VALUES} values"
    if modifier == Modifier.MISSING and values not in (("true",), ("false",)):
        return "with `missing` is true or false"
    return ""


def _decoded(text: str) -> str:
    """Percent-encoding undone; what is no UTF-8, or half an escape, becomes a character that is refused."""
    if _HALF_ESCAPE.search(text):
        return "\ufffd"
    return unquote_to_bytes(text).decode("utf-8", "replace")


def limited(filters: Iterable[Filter], path: str, problems: Problems) -> tuple[Filter, ...]:
    """The same filters, refused when there are too many."""
    found = tuple(filters)
    if len(found) > MOST_FILTERS:
        problems.refuse(IssueCode.TOO_LONG, path, f"at most {MOST_FILTERS} filters are taken")
    return found
