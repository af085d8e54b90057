"""The registry of EHR servers from a TOML file, every problem reported at once.

    [servers.main]
    base_url = "https://ehr.example.org/fhir/R4"
    auth = { kind = "backend", client_id = "fhirgate", key_file = "key.pem" }
    rate_per_second = 5

    [servers.onsite]
    base_url = "http://10.1.2.3:8080/fhir"
    network = "private"             # beside the host's own name, so that no copied entry opens another host
    private_hosts = ["10.1.2.3"]

Relative file names are relative to the registry.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import marshmallow as ma

from fhirgate.config.fields import Exact, OneOf, Table, Text, Whole, Words
from fhirgate.config.toml_file import in_sentences, read_toml
from fhirgate.errors import ConfigurationError
from fhirgate.outbound.address import address_problems
from fhirgate.services.ehr_server import AuthEntry, AuthKind, EhrServer

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_REQUIRED = {
    AuthKind.OPEN: (),
    AuthKind.BACKEND: ("client_id", "key_file"),
    AuthKind.CLIENT_SECRET: ("client_id", "secret_variable"),
    AuthKind.BASIC: ("client_id", "secret_variable"),
}


class Network(StrEnum):
    """Where a server is."""

    PUBLIC = "public"
    PRIVATE = "private"


def load_servers(path: Path) -> Mapping[str, EhrServer]:
    """The servers of a registry by name, in its order. Raises ConfigurationError."""
    what = f"the registry of servers {path}"
    content = read_toml(path, what)
    try:
        chosen = _Root().load(content).get("servers", {})
    except ma.ValidationError as error:
        raise ConfigurationError(what, in_sentences(error.messages)) from error
    problems = [problem for name, table in chosen.items() for problem in _problems(name, table)]
    if problems:
        raise ConfigurationError(what, problems)
    return {name: _server(name, table, path.parent) for name, table in chosen.items()}


def _problems(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    """What no field by itself can tell."""
    place = f"servers.{name}"
    private = table.get("network") is Network.PRIVATE
    hosts = frozenset(each.lower() for each in table.get("private_hosts", ()))
    if not NAME.fullmatch(name):
        yield f"{place}: a name has 1 to 40 letters, digits, hyphens and underscores"
    for problem in address_problems(table["base_url"], hosts):
        yield f"{place}: {problem}"
    if hosts and not private:
        yield f'{place}.private_hosts: needs network = "private" beside it'
    if private and not hosts:
        yield f"{place}.private_hosts: is missing; name the host of base_url"
    auth = table.get("auth", {})
    kind = auth.get("kind", AuthKind.OPEN)
    for key in _REQUIRED[kind]:
        if key not in auth:
            yield f"{place}.auth.{key}: is missing; {kind} needs it"
    if kind is AuthKind.OPEN and set(auth) - {"kind"}:
        yield f"{place}.auth.kind: is missing; {', '.join(sorted(set(auth) - {'kind'}))} mean nothing without it"


def _server(name: str, table: Mapping[str, Any], folder: Path) -> EhrServer:
    auth = dict(table.get("auth", {}))
    if "key_file" in auth:
        auth["key_file"] = str(folder / auth["key_file"])
    values = {key: value for key, value in table.items() if key not in ("auth", "network")}
    if "ca_file" in values:
        values["ca_file"] = str(folder / values["ca_file"])
    for key in ("rate_per_second", "record_seconds"):
        if key in values:
            values[key] = float(values[key])
    return EhrServer(name=name, auth=AuthEntry(**auth), **values)


def _between(lowest: Decimal | int, highest: int) -> ma.validate.Range:
    return ma.validate.Range(min=lowest, max=highest, error="must lie between {min} and {max}")


class _Auth(Table):
    kind = OneOf(AuthKind)
    client_id = Text()
    key_file = Text()
    secret_variable = Text()
    token_url = Text()
    token_hosts = Words()
    scopes = Words()


class _Parameters(ma.fields.Field[dict[str, str]]):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, str]:
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise ma.ValidationError("must be a table of texts")
        return value


class _Server(Table):
    base_url = Text(required=True, error_messages={"required": "is missing"})
    network = OneOf(Network)
    private_hosts = Words()
    ca_file = Text()
    auth = ma.fields.Nested(_Auth)
    rate_per_second = Exact(validate=_between(Decimal("0.01"), 1000))
    concurrency = Whole(validate=_between(1, 32))
    record_seconds = Exact(validate=_between(1, 3600))
    search_parameters = _Parameters()


class _Servers(ma.fields.Field[dict[str, Any]]):
    """Tables by a name of the site's choice; the problems of all are told together."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ma.ValidationError("must be tables such as [servers.main]")
        found: dict[str, Any] = {}
        problems: dict[str, Any] = {}
        for name, table in value.items():
            try:
                found[name] = _Server().load(table)
            except ma.ValidationError as error:
                problems[name] = error.messages
        if problems:
            raise ma.ValidationError(problems)
        return found


class _Root(Table):
    servers = _Servers()
