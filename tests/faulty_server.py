"""A strict FHIR server on a real socket that fails in one call in one way, and a client whose waits take no time.

It pages, wants a token, and is told by the name of a call (`search Observation`, `page 2 of Observation`) where to
fail. What it would have answered is worked out first, so a lost reply is one of a server that did what was asked.
"""

import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from bearer_world import KEYS
from ehr_world import statement
from fhir_records import RXNORM, concept, resources
from token_server import CLIENT, TokenServer
from wire import Heard, Wire, reply, wire

from fhirgate.ehr.backend_auth import Access, Bearer
from fhirgate.ehr.clients import PrivateKeyJwt
from fhirgate.ehr.keys import Algorithm, jwks
from fhirgate.ehr.registry import scopes_of
from fhirgate.ehr.rest import FhirServer, destination_of
from fhirgate.ehr.search_plan import TYPES
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.outbound.trace import Sink, unseen
from fhirgate.services.ehr_server import EhrServer

Json = dict[str, Any]
HOST = "ehr.example"
PAGE = 5
PATIENT = "p1"
_VERBS = {"GET": "read", "POST": "create", "PUT": "update"}
TOKENS, DISCOVERY = "token", "smart-configuration"


@dataclass
class Clock:
    """Real time, plus what was slept and what a slow server made of it: sockets are real, waits are not."""

    skipped: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def monotonic(self) -> float:
        return time.monotonic() + self.skipped

    def skip(self, seconds: float) -> None:
        with self._lock:
            self.skipped += seconds


@dataclass(frozen=True)
class Turn:
    """One request that meets a fault, and what would have been answered."""

    connection: socket.socket
    heard: Heard
    usual: bytes
    server: "FaultyServer"


@dataclass(frozen=True)
class Way:
    """How a call fails: on the wire by `act`, or before by what the name service `resolves` (None: nothing)."""

    act: Callable[[Turn], None] | None = None
    resolves: Sequence[str] | None = None
    times: int = 1000
    """How many tries of the call it meets; then all is well."""
    unread: bool = False
    """The request is not carried out."""


def listed() -> Json:
    """The statement: every type by patient, some by id, drugs also together by `_id`."""
    both = ["read", "search-type"]
    types = {kind: {"interactions": both, "searchParams": ["patient"]} for kind in TYPES}
    types |= {kind: {"interactions": ["read"], "searchParams": []} for kind in ("Patient", "Practitioner")}
    types["Medication"] = {"interactions": both, "searchParams": ["_id"]}
    return statement(types)


@dataclass
class FaultyServer:
    """What it holds and where it fails; `calls` are the names of what it heard, in order."""

    holds: list[Json]
    statement: Json = field(default_factory=listed)
    tokens: TokenServer = field(default_factory=TokenServer)
    clock: Clock = field(default_factory=Clock)
    way: Way | None = None
    target: str = ""
    at: int = 0
    """The place of the target among all calls, counted from 0, for faults before the wire."""
    nth: int = 1
    """Which of the calls of that name; a retry of a call that met the fault is the same call."""
    met: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    calls: list[str] = field(default_factory=list)
    host: str = HOST
    port: int = 0
    resolved: int = 0

    @property
    def base(self) -> str:
        return f"http://{self.host}:{self.port}/fhir"

    def fails(self, way: Way, target: str, at: int, nth: int = 1) -> None:
        """From now on; everything heard before is forgotten."""
        self.heal()
        self.way, self.target, self.at, self.nth = way, target, at, nth

    def heal(self) -> None:
        """All is well again."""
        self.way, self.target, self.met, self.resolved = None, "", 0, 0
        self.passed.clear()
        # A slow answer of the last run may still move that run's clock.
        self.clock = Clock()
        self.calls.clear()

    def __call__(self, connection: socket.socket, heard: Heard) -> None:
        name = name_of(heard)
        self.calls.append(name)
        way = self.way
        is_target = name == self.target and self.passed[name] == self.nth - 1
        if way is None or way.act is None or not is_target or self.met >= way.times:
            self.passed[name] += 1
            connection.sendall(self.usual(heard, name))
            return
        self.met += 1
        way.act(Turn(connection, heard, b"" if way.unread else self.usual(heard, name), self))

    def resolve(self, _host: str, _port: int) -> Sequence[str]:
        """Where the next call finds the server: each connection is for one call."""
        number, self.resolved = self.resolved, self.resolved + 1
        way = self.way
        if way is None or way.act is not None or not self.at <= number < self.at + way.times:
            return ["127.0.0.1"]
        self.met += 1
        if way.resolves is None:
            raise socket.gaierror(socket.EAI_NONAME, "no such host")
        return way.resolves

    def usual(self, heard: Heard, name: str) -> bytes:
        """What is answered on a good day."""
        if name in (TOKENS, DISCOVERY):
            return self._authorized(heard)
        if heard.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens.good:
            return closing(b"", status="401 Unauthorized")
        if name == "metadata":
            return closing(_json(self.statement))
        call = urlsplit(unquote(heard.line.split(" ")[1]).removeprefix("/fhir").removeprefix("/"))
        if heard.line.startswith("GET"):
            return self._read(call.path, dict(parse_qsl(call.query)))
        return self.write(heard, call.path)

    def write(self, heard: Heard, path: str) -> bytes:
        """What a write is answered: nothing is taken here."""
        return closing(b"", status="405 Not Allowed")

    def _read(self, path: str, asked: dict[str, str]) -> bytes:
        kind, slash, id_ = path.partition("/")
        if slash:
            found = [each for each in self.holds if (each["resourceType"], each["id"]) == (kind, id_)]
            if found:
                return closing(_json(found[0]))
            return closing(_json({"resourceType": "OperationOutcome", "issue": []}), status="404 Not Found")
        if "_page" in asked:
            kind, _, number = asked["_page"].partition("-")
            return closing(_json(self.page(kind, int(number))))
        return closing(_json(self.page(kind, 1, self._wanted(asked))))

    def _wanted(self, asked: dict[str, str]) -> Callable[[Json], bool]:
        if "_id" in asked:
            return lambda each: each["id"] in asked["_id"].split(",")
        if "identifier" in asked:
            return lambda each: asked["identifier"] in _tokens(each.get("identifier", []), "value")
        if "_tag" in asked:
            return lambda each: asked["_tag"] in _tokens(each["meta"].get("tag", []), "code")
        return lambda _each: True

    def page(self, kind: str, number: int, wanted: Callable[[Json], bool] = lambda _each: True) -> Json:
        """One page of a search."""
        found = [each for each in self.holds if each["resourceType"] == kind and wanted(each)]
        shown = found[(number - 1) * PAGE : number * PAGE]
        more = len(found) > number * PAGE
        return bundle(self.base, shown, f"{self.base}?_page={kind}-{number + 1}" if more else None)

    def _authorized(self, heard: Heard) -> bytes:
        caught = _Caught()
        self.tokens(caught, heard)  # type: ignore[arg-type]
        return caught.data.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)


class _Caught:
    """Takes for a socket what would have been sent."""

    data = b""

    def sendall(self, data: bytes) -> None:
        self.data += data


def name_of(heard: Heard) -> str:
    """The name of a call, without ids: `search Condition`, `page 2 of Observation`, `read Practitioner`."""
    method, target, _ = heard.line.split(" ")
    path = unquote(target).removeprefix("/fhir/").removeprefix("/fhir")
    plain = {"/token": TOKENS, ".well-known/smart-configuration": DISCOVERY, "metadata": "metadata"}
    if path in plain:
        return plain[path]
    if paged := re.fullmatch(r"\?_page=(\w+)-(\d+)", path):
        return f"page {paged[2]} of {paged[1]}"
    kind = re.split(r"[/?]", path)[0]
    by = re.search(r"\?(_id|identifier|_tag)=", path)
    if method == "GET" and "?" in path:
        return f"search {kind}" + (f" by {by[1]}" if by else "")
    return f"{_VERBS[method]} {kind}"


def held() -> list[Json]:
    """A record whose fetch makes calls of every kind: pages, drugs that are referred to, a reader."""
    found = [
        each | {"performer": [{"reference": "Practitioner/dr1"}]}
        if each["resourceType"] == "Observation"
        else each
        for each in resources(PATIENT)
    ]
    found.append({"resourceType": "Practitioner", "id": "dr1", "name": [{"family": "Reader"}]})
    for number, (code, name) in enumerate((("1721560", "osimertinib"), ("2555", "cisplatin")), 1):
        found.append({"resourceType": "Medication", "id": f"d{number}", "code": concept(RXNORM, code, name)})
        found.append(
            {
                "resourceType": "MedicationRequest",
                "id": f"m{number}",
                "status": "active",
                "intent": "order",
                "subject": {"reference": f"Patient/{PATIENT}"},
                "medicationReference": {"reference": f"Medication/d{number}"},
                "authoredOn": f"2025-0{number}-10",
            }
        )
    return found


def bundle(base: str, resources: Sequence[Json], following: str | None = None) -> Json:
    entries = [
        {"fullUrl": f"{base}/{each['resourceType']}/{each['id']}", "resource": each} for each in resources
    ]
    links = [{"relation": "next", "url": following}] if following else []
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}


def closing(
    body: bytes, *, status: str = "200 OK", kind: str = "application/fhir+json", more: str = ""
) -> bytes:
    """An answer after which the connection is closed, so that each call is a connection of its own."""
    return reply(body, status=status, kind=kind, more=f"Connection: close\r\n{more}")


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _tokens(marks: list[Json], name: str) -> list[str]:
    return [f"{each.get('system', '')}|{each.get(name, '')}" for each in marks]


@contextmanager
def faulty(server: FaultyServer | None = None) -> Iterator[FaultyServer]:
    """The server on a free port."""
    server = server or FaultyServer(holds=held())
    with wire(_one_call(server)) as found:
        _placed(server, found)
        yield server


def _one_call(server: FaultyServer) -> Callable[[socket.socket, Heard], None]:
    def script(connection: socket.socket, heard: Heard) -> None:
        server(connection, heard)
        raise EOFError

    return script


def _placed(server: FaultyServer, found: Wire) -> None:
    server.port = server.tokens.port = found.port
    server.tokens.life = 3600
    server.tokens.audience = f"http://{server.host}:{found.port}/token"
    server.tokens.smart = {"token_endpoint": server.tokens.audience}
    server.tokens.jwks = jwks([KEYS[Algorithm.ES384]])


@contextmanager
def client_of(
    server: FaultyServer, *, trace: Sink = unseen, concurrency: int = 1, writes: bool = False
) -> Iterator[FhirServer]:
    """One who was never here before; with one call at a time their order is always the same."""
    clock = server.clock
    surroundings = Surroundings(
        monotonic=clock.monotonic,
        now=lambda: datetime.now(UTC),
        sleep=clock.skip,
        chance=lambda: 0.5,
        resolve=server.resolve,
    )
    entry = EhrServer(
        name="main",
        base_url=server.base,
        private_hosts=(server.host,),
        concurrency=concurrency,
        record_seconds=600.0,
    )
    with Outbound(trace=trace, surroundings=surroundings) as outbound:
        access = Access(outbound=outbound, server=destination_of(entry), surroundings=surroundings)
        client = PrivateKeyJwt(client_id=CLIENT, key_at=lambda _now: KEYS[Algorithm.ES384])
        yield FhirServer(
            entry=entry,
            outbound=outbound,
            authorizer=Bearer(access, client=client, wanted=scopes_of(entry, writes=writes)),
            monotonic=clock.monotonic,
        )
