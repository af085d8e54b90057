"""A URL as it may be told to anybody: the shape of its path and the names of its parameters, no id and no value.

Nothing is removed; what is known to be harmless is let through, and the rest is `{id}`.
https://hl7.org/fhir/R4/http.html#3.1.0
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_TYPE = re.compile(r"[A-Z][A-Za-z]{2,39}")
_OPERATION = re.compile(r"\$[a-z][a-z-]{0,39}")
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
_WORDS_OF_FHIR = frozenset({"metadata", "_search", "_history"})
_WORDS_OF_OAUTH = frozenset(
    {".well-known", "smart-configuration", "openid-configuration", "oauth-authorization-server", "jwks.json"}
    | {
        "jwks",
        "certs",
        "oauth2",
        "oauth",
        "openid-connect",
        "connect",
        "auth",
        "protocol",
        "token",
        "v1",
        "v2",
    }
    | {"authorize", "introspect", "register", "revoke", "default", "keys"}
)
UNKNOWN = "{id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What of a URL may be told."""

    path: str
    """Without the path of the server's base where it lies under that."""
    parameters: tuple[str, ...]
    """Names in the order of the URL, each once."""

    def __str__(self) -> str:
        return self.path + ("?" + "&".join(self.parameters) if self.parameters else "")


def place_of(base_url: str, url: str) -> Place:
    """Where a whole URL leads, seen from the server's base."""
    parts = urlsplit(url)
    base = urlsplit(base_url).path.rstrip("/")
    if parts.path == base or parts.path.startswith(f"{base}/"):
        path = "/".join(_under_base(parts.path[len(base) :].strip("/").split("/")))
    else:
        path = "/" + "/".join(_known(each) for each in parts.path.strip("/").split("/"))
    names = (_parameter(each) for each in parts.query.split("&") if each)
    return Place(path=path or "/", parameters=tuple(dict.fromkeys(names)))


def _under_base(steps: list[str]) -> list[str]:
    """[type]/[id]/_history/[version], [type]/[id]/[type] and the like: after a type comes an id."""
    told: list[str] = []
    for step in steps:
        type_before = bool(told) and _TYPE.fullmatch(told[-1]) is not None
        if (_TYPE.fullmatch(step) and not type_before and told[-1:] != ["_history"]) or _OPERATION.fullmatch(
            step
        ):
            told.append(step)
        else:
            told.append(_known(step))
    return told


def _known(step: str) -> str:
    return step if not step or step in _WORDS_OF_FHIR or step in _WORDS_OF_OAUTH else UNKNOWN


def _parameter(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return name if equals and _PARAMETER.fullmatch(unquote(name)) else "{parameter}"
