"""How a subscriber wants to be told: endpoint, headers, MIME type, content. Read strictly, for all of it goes outward.

The syntax alone is judged here: whether an endpoint may be called at all is for the allow-list and the egress guard.
"""

import re
from collections.abc import Iterable, Set

from fhirgate.mapping.parse.subscription_problems import Problems
from fhirgate.mapping.subscriptions import Content, Header, IssueCode, Release

MOST_HEADERS = 20
HIGHEST_PORT = 65_535
LONGEST_TIMEOUT = 60
"""Seconds. A worker's lease on a channel is two minutes (`services.ports.LEASE`), and no call may outlast it."""
SHORTEST_HEARTBEAT = 10
"""Seconds (our choice): more often would be a load and no news."""

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<rest>(?:[/?][A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]*)?)"
)
"""An absolute URL without user name and fragment; RFC 3986, and no character that readers disagree about."""
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
"""A field name (RFC 9110 §5.6.2)."""
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")
"""A field value in ASCII (RFC 9110 §5.5): no line end and no NUL, by which a second header could begin."""
_MIME = re.compile(r"application/(?:fhir\+)?json(?P<parameters>(?:\s*;\s*[a-zA-Z]+=[a-zA-Z0-9.-]+)*)")
_OURS = frozenset(
    {
        "content-type",
        "content-length",
        "content-encoding",
        "host",
        "connection",
        "keep-alive",
        "te",
        "trailer",
    }
    | {"transfer-encoding", "upgrade", "expect", "user-agent", "accept", "accept-encoding", "date"}
)
"""Headers that say how the request itself is made."""


def endpoint(value: str, path: str, plain_hosts: Set[str], problems: Problems) -> str:
    """The URL to be called, unchanged. Plain http only for `plain_hosts`, which are on site."""
    found = _URL.fullmatch(value)
    if found is None or _ESCAPE.search(value) or not 0 < int(found["port"] or 443) <= HIGHEST_PORT:
        problems.refuse(
            IssueCode.VALUE,
            path,
            "it is not an absolute https URL; write https://host/path, without user name, fragment or spaces",
        )
    elif found["scheme"] == "http" and found["host"].lower() not in plain_hosts:
        problems.refuse(IssueCode.BUSINESS_RULE, path, "results are not sent in the clear; give an https URL")
    return value


def headers(lines: Iterable[object], path: str, problems: Problems) -> tuple[Header, ...]:
    """R4's header lines: `Name: value`."""
    found = []
    for index, line in enumerate(lines):
        name, colon, value = line.partition(":") if isinstance(line, str) else ("", "", "")
        if not colon:
            problems.refuse(
                IssueCode.VALUE, f"{path}[{index}]", "a header is expected, as `Name: value` in one line"
            )
            continue
        found.append(header(name, value.removeprefix(" "), f"{path}[{index}]", problems))
    return unique(found, path, problems)


def header(name: object, value: object, path: str, problems: Problems) -> Header:
    """One header, unchanged."""
    if not isinstance(name, str) or not _TOKEN.fullmatch(name):
        problems.refuse(IssueCode.VALUE, path, "the name of the header is not one that HTTP allows")
    elif name.lower() in _OURS or name.lower().startswith("proxy-"):
        problems.refuse(
            IssueCode.BUSINESS_RULE, path, "this header is how the request itself is made; leave it out"
        )
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        problems.refuse(
            IssueCode.VALUE,
            path,
            "the value of the header is empty, or holds a line end or another character than printable ASCII",
        )
    return Header(name=str(name), value=str(value))


def unique(found: Iterable[Header], path: str, problems: Problems) -> tuple[Header, ...]:
    """The same headers; refused when one is named twice, for receivers differ in which of the two holds."""
    all_of_them = tuple(found)
    if len({each.name.lower() for each in all_of_them}) < len(all_of_them):
        problems.refuse(IssueCode.VALUE, path, "a header is named twice; put its values into one")
    return all_of_them


def mime(value: str, release: Release, path: str, problems: Problems) -> str:
    """The MIME type of notifications, unchanged: JSON, of the release of this endpoint."""
    found = _MIME.fullmatch(value)
    if found is None:
        problems.refuse(IssueCode.NOT_SUPPORTED, path, "only JSON is sent; give application/fhir+json")
        return value
    for each in filter(None, (part.strip() for part in found["parameters"].split(";"))):
        name, _, said = each.lower().partition("=")
        if name == "fhirversion" and said != release:
            problems.refuse(
                IssueCode.NOT_SUPPORTED,
                path,
                f"notifications are of FHIR {release} here; subscribe at the endpoint of the version you want",
            )
        elif (name, said) != ("charset", "utf-8") and name != "fhirversion":
            problems.refuse(
                IssueCode.NOT_SUPPORTED,
                path,
                "only the parameters fhirVersion and charset=utf-8 are honoured",
            )
    return value


def content(value: object, path: str, problems: Problems) -> Content:
    """How much of a result a notification carries."""
    if isinstance(value, str) and value in list(Content):
        return Content(value)
    problems.refuse(IssueCode.VALUE, path, f"one of {', '.join(Content)} is expected")
    return Content.EMPTY
