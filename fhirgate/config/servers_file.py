"""The registry of EHR servers from a TOML file, every problem reported at once.

    [servers.main]
    base_url = "https://ehr.example.org/fhir/R4"
    auth = { kind = "backend", client_id = "fhirgate", key_file = "key.pem" }
    launch = { kind = "public", client_id = "fhirgate-app", frame_ancestors = ["https://ehr.example.org"] }
    rate_per_second = 5

    [servers.onsite]
    base_url = "http://10.1.2.3:8080/fhir"
    network = "private"             # beside the host's own name, so that no copied entry opens another host
    private_hosts = ["10.1.2.3"]

Relative file names are relative to the registry.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import marshmallow as ma

from fhirgate.config.fields import Exact, Flag, OneOf, Table, Tables, Text, Whole, Words
from fhirgate.config.toml_file import in_sentences, read_toml
from fhirgate.errors import ConfigurationError
from fhirgate.outbound.address import Origin, address_problems, origin_of
from fhirgate.services.ehr_server import AuthEntry, AuthKind, EhrServer, LaunchEntry, LaunchKind

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_REQUIRED = {
    AuthKind.OPEN: (),
    AuthKind.BACKEND: ("client_id", "key_file"),
    AuthKind.CLIENT_SECRET: ("client_id", "secret_variable"),
    AuthKind.BASIC: ("client_id", "secret_variable"),
}
_ONLY_FOR = {"audience": AuthKind.BACKEND, "secret_in_body": AuthKind.CLIENT_SECRET}
_LAUNCH_NEEDS = {
    LaunchKind.PUBLIC: "",
    LaunchKind.CLIENT_SECRET: "secret_variable",
    LaunchKind.PRIVATE_KEY: "key_file",
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
    for problem in _auth_problems(table.get("auth", {}), table["base_url"]):
        yield f"{place}.auth.{problem}"
    for problem in _launch_problems(table.get("launch"), hosts):
        yield f"{place}.launch.{problem}"


def _auth_problems(auth: Mapping[str, Any], base_url: str) -> Iterator[str]:
    kind = auth.get("kind", AuthKind.OPEN)
    for key in _REQUIRED[kind]:
        if key not in auth:
            yield f"{key}: is missing; {kind} needs it"
    if kind is AuthKind.OPEN and set(auth) - {"kind"}:
        yield f"kind: is missing; {', '.join(sorted(set(auth) - {'kind'}))} mean nothing without it"
        return
    if kind is AuthKind.BASIC and ":" in auth.get("client_id", ""):
        yield "client_id: the user name of basic holds no colon, which would end it (RFC 7617)"
    for key, only in _ONLY_FOR.items():
        if key in auth and kind is not only:
            yield f"{key}: means nothing with {kind}; it belongs to {only}"
    yield from _token_problems(auth, base_url)


def _token_problems(auth: Mapping[str, Any], base_url: str) -> Iterator[str]:
    """Of the places that may be asked for tokens; the hosts themselves are judged when they are called."""
    listed = [each.lower() for each in auth.get("token_hosts", ())]
    for host in auth.get("private_token_hosts", ()):
        if not _names(listed, host.lower()):
            yield f"private_token_hosts: {host} is not among token_hosts"
    if "token_url" not in auth:
        return
    try:
        token, home = origin_of(auth["token_url"]), _origin(base_url)
    except ValueError as error:
        yield f"token_url: cannot be used: {error}"
        return
    if home is not None and token != home and not _names(listed, token.host, token.port):
        yield f"token_url: is on {token}, which is not the server's own origin; add {token.host} to token_hosts"


def _launch_problems(launch: Mapping[str, Any] | None, private_hosts: frozenset[str]) -> Iterator[str]:
    if launch is None:
        return
    kind = launch["kind"]
    for owner, key in _LAUNCH_NEEDS.items():
        if key and (key in launch) is not (owner is kind):
            yield (
                f"{key}: means nothing with {kind}; it belongs to {owner}"
                if key in launch
                else (f"{key}: is missing; {kind} needs it")
            )
    listed = [each.lower() for each in launch.get("authorization_hosts", ())]
    for host in launch.get("private_authorization_hosts", ()):
        if not _names(listed, host.lower()):
            yield f"private_authorization_hosts: {host} is not among authorization_hosts"
    for each in launch.get("scopes", ()):
        if not each or each.split() != [each]:
            yield "scopes: each is one word"
        elif each.startswith("system/"):
            yield f"scopes: {each} is for programs; a clinician's launch asks for patient/ or user/ scopes"
    for each in launch.get("frame_ancestors", ()):
        problem = _ancestor_problem(each, private_hosts)
        if problem:
            yield f"frame_ancestors: {problem}"


def _ancestor_problem(text: str, private_hosts: frozenset[str]) -> str:
    """What is wrong with an origin that may frame us; empty when nothing is."""
    origin = _origin(text)
    if origin is None or not re.fullmatch(r"[A-Za-z]+://[^/?]+", text):
        return "each is an origin such as https://ehr.example.org, without a path"
    if origin.scheme == "http" and origin.host not in private_hosts:
        return f"{origin.host} is plain http; what it shows could be changed on the way"
    return ""


def _names(listed: Iterable[str], host: str, port: int | None = None) -> bool:
    """Whether a list of hosts, each with or without a port, names this one; with any port when none is given."""
    bracketed = f"[{host}]" if ":" in host else host
    ports = "[0-9]+" if port is None else str(port)
    return any(each == host or re.fullmatch(f"{re.escape(bracketed)}:{ports}", each) for each in listed)


def _origin(base_url: str) -> Origin | None:
    """None for an address that has been complained of already."""
    try:
        return origin_of(base_url)
    except ValueError:
        return None


def _server(name: str, table: Mapping[str, Any], folder: Path) -> EhrServer:
    auth = dict(table.get("auth", {}))
    if "key_file" in auth:
        auth["key_file"] = str(folder / auth["key_file"])
    values = {key: value for key, value in table.items() if key not in ("auth", "launch", "network")}
    if "launch" in table:
        values["launch"] = _launch(table["launch"], folder)
    if "ca_file" in values:
        values["ca_file"] = str(folder / values["ca_file"])
    for key in ("rate_per_second", "record_seconds"):
        if key in values:
            values[key] = float(values[key])
    return EhrServer(name=name, auth=AuthEntry(**auth), **values)


def _launch(table: Mapping[str, Any], folder: Path) -> LaunchEntry:
    files = {"key_file": str(folder / table["key_file"])} if "key_file" in table else {}
    return LaunchEntry(**{**table, **files})


def _between(lowest: Decimal | int, highest: int) -> ma.validate.Range:
    return ma.validate.Range(min=lowest, max=highest, error="must lie between {min} and {max}")


class _Auth(Table):
    kind = OneOf(AuthKind)
    client_id = Text()
    key_file = Text()
    secret_variable = Text()
    token_url = Text()
    token_hosts = Words()
    private_token_hosts = Words()
    secret_in_body = Flag()
    audience = Text()
    scopes = Words()


class _Launch(Table):
    kind = OneOf(LaunchKind, required=True)
    client_id = Text(required=True, error_messages={"required": "is missing"})
    key_file = Text()
    secret_variable = Text()
    scopes = Words()
    authorization_hosts = Words()
    private_authorization_hosts = Words()
    frame_ancestors = Words()


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
    launch = ma.fields.Nested(_Launch)
    rate_per_second = Exact(validate=_between(Decimal("0.01"), 1000))
    concurrency = Whole(validate=_between(1, 32))
    record_seconds = Exact(validate=_between(1, 3600))
    search_parameters = _Parameters()


class _Root(Table):
    servers = Tables(_Server, "servers.main")
