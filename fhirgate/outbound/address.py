"""Which URLs may be called at all, told from their text alone.

The reading is stricter than RFC 3986 on purpose: what two readers could understand differently (userinfo,
backslashes, numbers in other forms than a dotted quad) is refused, so that the host judged is the host dialled.
"""

import ipaddress
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from fhirgate.errors import EhrForbiddenAddress

_ABSOLUTE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?P<slashes>//)?")
_PARTS = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_NUMBER_AT_END = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_NEVER = re.compile(r"[\x00-\x20\x7f\\#]")
_STEPS_UP = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Scheme, host and port: what a connection is made to."""

    scheme: str
    host: str
    """Lower case; an IPv6 address in its shortest form, without brackets."""
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def origin_of(url: str) -> Origin:
    """The origin of an absolute URL. Raises ValueError saying in words what is wrong, without the URL."""
    if _NEVER.search(url):
        raise ValueError("it holds a space, a control character, a backslash or a fragment")
    parts = _PARTS.fullmatch(url)
    if parts is None:
        raise ValueError("it does not start with https://")
    if "@" in parts["authority"]:
        raise ValueError("it holds a user name before the host; credentials have their own place")
    authority = _AUTHORITY.fullmatch(parts["authority"])
    if authority is None:
        raise ValueError("its host is not a plain name or address")
    scheme = parts["scheme"].lower()
    port = int(authority["port"]) if authority["port"] else _PORTS[scheme]
    if not 0 < port <= _HIGHEST_PORT:
        raise ValueError("its port is not between 1 and 65535")
    if any(_STEPS_UP.fullmatch(each) for each in parts["rest"].partition("?")[0].split("/")):
        raise ValueError("its path has a step `.` or `..`")
    return Origin(scheme=scheme, host=_host(authority["host"].lower()), port=port)


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(ipaddress.IPv6Address(text[1:-1]))
        except ValueError:
            raise ValueError("its IPv6 address cannot be read") from None
    if _NUMBER_AT_END.fullmatch(text):
        # 2130706433, 0x7f.1, 127.1 and 0177.0.0.1 are all 127.0.0.1 to a resolver.
        try:
            return str(ipaddress.IPv4Address(text))
        except ValueError:
            raise ValueError("its host is a number but not an address like 192.0.2.1") from None
    if not _NAME.fullmatch(text):
        raise ValueError("its host is not a plain name or address")
    return text


def address_problems(base_url: str, private_hosts: Set[str]) -> Iterator[str]:
    """Everything wrong with the address of a registry entry, a sentence each."""
    try:
        origin = origin_of(base_url)
    except ValueError as error:
        yield f"base_url cannot be used: {error}"
        return
    if "?" in base_url:
        yield "base_url cannot be used: it has a query"
    if origin.scheme == "http" and origin.host not in private_hosts:
        yield f"base_url is plain http; use https, or name {origin.host} as a private host if it is on site"
    for each in sorted(private_hosts - {origin.host}):
        yield f"the private host {each} is not the host of base_url"


def address_of(server: str, base_url: str, url: str) -> str:
    """The whole URL of a call to one server: `url` under its base, or absolute on its origin.

    Raises EhrForbiddenAddress when it leads anywhere else.
    """
    start = _ABSOLUTE.match(url)
    base = base_url.rstrip("/")
    if start is None and not url.startswith("//"):
        url = f"{base}{url}" if url[:1] in ("", "?", "/") else f"{base}/{url}"
    try:
        if origin_of(url) == origin_of(base_url):
            return url
    except ValueError as error:
        raise EhrForbiddenAddress(f"a URL for server {server!r} is refused: {error}") from None
    raise EhrForbiddenAddress(f"a URL for server {server!r} is refused: it leaves {origin_of(base_url)}")
