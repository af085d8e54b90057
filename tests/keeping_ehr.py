"""A small FHIR server on a real socket that keeps every version of what it is sent, in memory.

It is asked as HAPI is: search by patient, identifier, tag and target, conditional create, update bound to a
version. In a process of its own (`apart`) it outlives the workers that a test kills; in this one (`kept_here`) a test
looks into it, and says which call is to fail.
"""

import json
import multiprocessing
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import Request, urlopen

Json = dict[str, Any]
Name = tuple[str, str]
READ = ("Condition", "MedicationStatement", "BodyStructure", "Observation")
WRITTEN = {"RiskAssessment": "identifier", "CarePlan": "identifier", "Provenance": "_tag"}
_FHIR = "application/fhir+json"


@dataclass
class Fault:
    """How a call fails."""

    status: int = 0
    """Answered instead of doing anything; 0: the connection is closed."""
    done: bool = False
    """It is carried out all the same: the reply is lost."""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"resourceType": "OperationOutcome", "issue": []}'


Faults = Callable[[str], Fault | None]
"""What becomes of a call, such as `POST RiskAssessment` or `GET Observation?patient=p1`."""


@dataclass
class KeepingEhr:
    """What it holds, and what it heard."""

    port: int = 0
    writes: tuple[str, ...] = tuple(WRITTEN)
    faults: Faults = lambda _call: None
    calls: list[str] = field(default_factory=list)
    _versions: dict[Name, list[Json]] = field(default_factory=lambda: defaultdict(list))
    _found_by: dict[tuple[str, str, str], list[Name]] = field(default_factory=lambda: defaultdict(list))
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/fhir"

    def put(self, resources: Iterable[Json]) -> None:
        """Store resources under their own ids."""
        for each in resources:
            with self._lock:
                self._store(each["resourceType"], each["id"], each)

    def remove(self, kind: str, id_: str) -> None:
        with self._lock:
            del self._versions[kind, id_]

    def all(self, kind: str) -> list[Json]:
        """The current version of every resource of a type."""
        with self._lock:
            return [each[-1] for (of, _), each in self._versions.items() if of == kind]

    def history(self, kind: str, id_: str) -> list[Json]:
        with self._lock:
            return list(self._versions.get((kind, id_), ()))

    def sent(self) -> list[str]:
        """The calls that wrote."""
        return [each for each in self.calls if not each.startswith("GET")]

    def answer(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, Json, dict[str, str]]:
        call = unquote(target).removeprefix("/fhir").removeprefix("/")
        kind, _, id_ = urlsplit(call).path.partition("/")
        with self._lock:
            if method == "GET":
                return self._get(kind, id_, dict(parse_qsl(urlsplit(target).query)))
            resource = json.loads(body)
            if method == "POST" and not kind:
                self.put(each["resource"] for each in resource["entry"])
                return 200, {"resourceType": "Bundle", "type": "transaction-response"}, {}
            return self._write(method, kind, id_, headers, resource)

    def _get(self, kind: str, id_: str, asked: dict[str, str]) -> tuple[int, Json, dict[str, str]]:
        if kind == "metadata":
            return 200, self._statement(), {}
        if id_.endswith("/_history"):
            found = self.history(kind, id_.removesuffix("/_history"))
            return 200, self._bundle(reversed(found)), {}
        if id_:
            found = self.history(kind, id_)
            return (200, found[-1], _etag(found[-1])) if found else (404, _refused(), {})
        return 200, self._bundle(self._search(kind, asked)), {}

    def _search(self, kind: str, asked: dict[str, str]) -> list[Json]:
        if not asked:
            return self.all(kind)
        ((name, value),) = asked.items()
        names = dict.fromkeys(self._found_by[kind, name, value.removeprefix("Patient/")])
        current = [self._versions[each][-1] for each in names if each in self._versions]
        return [each for each in current if (name, value.removeprefix("Patient/")) in _keys(each)]

    def _write(
        self, method: str, kind: str, id_: str, headers: Any, resource: Json
    ) -> tuple[int, Json, dict[str, str]]:
        if kind not in self.writes:
            return 405, _refused(), {}
        if method == "POST":
            condition = dict(parse_qsl(headers.get("If-None-Exist", "")))
            if condition and (found := self._search(kind, condition)):
                return 200, found[0], _etag(found[0])
            count = sum(of == kind for of, _ in self._versions) + 1
            stored = self._store(kind, str(count), resource)
            return 201, stored, {**_etag(stored), "Location": f"{self.base}/{kind}/{count}/_history/1"}
        before = self.history(kind, id_)
        if not before or headers.get("If-Match") != _etag(before[-1])["ETag"]:
            return (412 if before else 404), _refused(), {}
        stored = self._store(kind, id_, resource)
        return 200, stored, _etag(stored)

    def _store(self, kind: str, id_: str, resource: Json) -> Json:
        versions = self._versions[kind, id_]
        meta = {**resource.get("meta", {}), "versionId": str(len(versions) + 1)}
        versions.append({**resource, "id": id_, "meta": meta})
        for name, value in _keys(versions[-1]):
            self._found_by[kind, name, value].append((kind, id_))
        return versions[-1]

    def _bundle(self, resources: Iterable[Json]) -> Json:
        entries = [
            {"fullUrl": f"{self.base}/{each['resourceType']}/{each['id']}", "resource": each}
            for each in resources
        ]
        return {"resourceType": "Bundle", "type": "searchset", "entry": entries}

    def _statement(self) -> Json:
        reading = [{"code": "read"}, {"code": "search-type"}]
        types = [{"type": "Patient", "interaction": reading[:1]}]
        types += [
            {"type": kind, "interaction": reading, "searchParam": [{"name": "patient"}]} for kind in READ
        ]
        types += [
            {
                "type": kind,
                "interaction": [*reading, {"code": "create"}, {"code": "update"}],
                "searchParam": [{"name": WRITTEN[kind]}],
                "conditionalCreate": True,
                "versioning": "versioned",
            }
            for kind in self.writes
        ]
        rest = [{"mode": "server", "resource": types}]
        return {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": rest}


def _keys(resource: Json) -> list[tuple[str, str]]:
    """What a search finds a resource by."""
    of = resource.get("subject") or resource.get("patient") or {}
    found = [("patient", str(of.get("reference", "")).removeprefix("Patient/"))]
    found += [
        ("identifier", f"{each.get('system', '')}|{each['value']}") for each in resource.get("identifier", ())
    ]
    tags = resource.get("meta", {}).get("tag", ())
    return found + [("_tag", f"{each['system']}|{each['code']}") for each in tags]


def _etag(resource: Json) -> dict[str, str]:
    return {"ETag": f'W/"{resource["meta"]["versionId"]}"'}


def _refused() -> Json:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "processing"}]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    """Head and body go out together: apart, the second waits 40 ms for the first to be acknowledged."""
    ehr: KeepingEhr

    def log_message(self, *_: Any) -> None:
        pass

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        call = f"{self.command} {unquote(self.path).removeprefix('/fhir').removeprefix('/')}"
        self.ehr.calls.append(call)
        fault = self.ehr.faults(call)
        if fault is None or fault.done:
            status, found, headers = self.ehr.answer(self.command, self.path, self.headers, body)
            content = json.dumps(found).encode()
        if fault is not None:
            if not fault.status:
                self.close_connection = True
                return
            status, content, headers = fault.status, fault.body, fault.headers
        self.send_response(status)
        for name, value in {**headers, "Content-Type": _FHIR, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = _respond


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that was killed is no error."""


def _listening(ehr: KeepingEhr) -> _Server:
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"ehr": ehr}))
    ehr.port = server.server_port
    return server


@contextmanager
def kept_here(**more: Any) -> Iterator[KeepingEhr]:
    """The server in a thread of this process."""
    ehr = KeepingEhr(**more)
    server = _listening(ehr)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield ehr
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Apart:
    """The server in a process of its own, spoken to over HTTP alone."""

    base: str

    def put(self, resources: Iterable[Json]) -> None:
        entries = [{"resource": each} for each in resources]
        _ask(self.base, json.dumps({"resourceType": "Bundle", "entry": entries}).encode())

    def all(self, kind: str) -> list[Json]:
        return [each["resource"] for each in _ask(f"{self.base}/{kind}")["entry"]]

    def history(self, kind: str, id_: str) -> list[Json]:
        found = [each["resource"] for each in _ask(f"{self.base}/{kind}/{id_}/_history")["entry"]]
        return found[::-1]


def _ask(url: str, body: bytes | None = None) -> Json:
    with urlopen(Request(url, body, {"Content-Type": _FHIR}), timeout=60) as answer:  # noqa: S310 - our own
        found: Json = json.load(answer)
        return found


def _serve(told: Any) -> None:
    server = _listening(KeepingEhr())
    told.send(server.server_port)
    with suppress(KeyboardInterrupt):
        server.serve_forever()


@contextmanager
def apart() -> Iterator[Apart]:
    """The server in a process of its own; it ends with the block."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("forkserver").Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield Apart(f"http://127.0.0.1:{here.recv()}/fhir")
    finally:
        process.terminate()
        process.join()
        here.close()
        there.close()
