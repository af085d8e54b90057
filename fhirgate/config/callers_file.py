"""Who may call this service, from a TOML file that holds no token, only the SHA-256 of each.

    [callers.tumour-board]
    token_sha256 = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    servers = ["main"]              # the servers it may have us ask; ["*"] for all of the registry
    requests_per_minute = 600

A token is made by `openssl rand -hex 32` and digested by `printf %s "$TOKEN" | sha256sum`. Two digests stand side by
side while one token replaces another.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import marshmallow as ma

from fhirgate.config.fields import Table, Tables, Whole, Words
from fhirgate.config.toml_file import in_sentences, read_toml
from fhirgate.errors import ConfigurationError
from fhirgate.services.callers import Caller

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
ALL = "*"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MISSING: dict[str, str | list[Any] | dict[Any, Any]] = {"required": "is missing"}
_SOME = ma.validate.Length(min=1, error="must not be empty")


def load_callers(path: Path, servers: Iterable[str]) -> tuple[Caller, ...]:
    """The callers of a file, which may name these servers. Raises ConfigurationError."""
    what = f"the callers of {path}"
    content = read_toml(path, what)
    try:
        tables = _Root().load(content)["callers"]
    except ma.ValidationError as error:
        raise ConfigurationError(what, in_sentences(error.messages)) from error
    problems = [*_problems(tables, frozenset(servers))]
    if problems:
        raise ConfigurationError(what, problems)
    return tuple(_caller(name, table) for name, table in tables.items())


def _problems(tables: Mapping[str, Any], servers: frozenset[str]) -> Iterator[str]:
    """What no field by itself can tell."""
    seen: dict[str, str] = {}
    if not tables:
        yield "callers: names nobody"
    for name, table in tables.items():
        place = f"callers.{name}"
        if not NAME.fullmatch(name):
            yield f"{place}: a name has 1 to 40 letters, digits, hyphens and underscores"
        for unknown in sorted({*table["servers"]} - servers - {ALL}):
            yield f"{place}.servers: the registry has no server {unknown!r}"
        for digest in table["token_sha256"]:
            if not _DIGEST.fullmatch(digest):
                yield f"{place}.token_sha256: must be SHA-256 in 64 small hexadecimal digits, never the token itself"
            elif seen.setdefault(digest, name) != name:
                yield f"{place}.token_sha256: is that of {seen[digest]} too"


def _caller(name: str, table: Mapping[str, Any]) -> Caller:
    servers = frozenset(table["servers"])
    return Caller(
        name=name,
        digests=table["token_sha256"],
        servers=None if ALL in servers else servers,
        **{key: table[key] for key in ("requests_per_minute",) if key in table},
    )


class _Caller(Table):
    token_sha256 = Words(required=True, error_messages=_MISSING, validate=_SOME)
    servers = Words(required=True, error_messages=_MISSING, validate=_SOME)
    requests_per_minute = Whole(
        validate=ma.validate.Range(min=1, max=100_000, error="must lie between {min} and {max}")
    )


class _Root(Table):
    callers = Tables(_Caller, "callers.tumour-board", required=True, error_messages=_MISSING)
