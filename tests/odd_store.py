"""A FHIR store of stubbed answers with the oddities that the real ones at hand do not show."""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ehr_world import BASE, Json, fhir, page, statement
from fake_time import FakeTime
from requests import PreparedRequest
from responses import RequestsMock
from written_results import SERVER

from fhirgate.ehr.backend_auth import Authorizer, Open
from fhirgate.ehr.rest import FhirServer
from fhirgate.ehr.result_writer import ServerResults
from fhirgate.exact_json import decode
from fhirgate.outbound.client import Outbound
from fhirgate.services.ehr_server import EhrServer

ALL = ("RiskAssessment", "CarePlan", "Observation", "Provenance")
INTERACTIONS = ("read", "search-type", "create", "update")
Answer = tuple[int, Mapping[str, str], Any]
LOST: Answer = (200, {}, ConnectionError("reset by peer"))


def takes(
    kinds: tuple[str, ...] = ALL,
    interactions: tuple[str, ...] = INTERACTIONS,
    parameters: tuple[str, ...] = ("identifier", "_tag", "target"),
    **more: Any,
) -> Json:
    """A statement that lists these types so; `more` goes to each."""
    told = {"interactions": list(interactions), "searchParams": list(parameters)}
    said = statement(dict.fromkeys(kinds, told))
    for each in said["rest"][0]["resource"]:
        each.update({"conditionalCreate": True} | more)
    return said


@dataclass
class OddStore:
    """The store as a test sees it."""

    statement: Json = field(default_factory=takes)
    holds: dict[str, Json] = field(default_factory=dict)
    """By `type/id`."""
    calls: list[str] = field(default_factory=list)
    """Method, path and query of each."""
    headers: list[Mapping[str, str]] = field(default_factory=list)
    drops: frozenset[str] = frozenset()
    """Elements that it does not keep; `tag` is of meta."""
    alters: Callable[[Json], Json] = lambda resource: resource
    """How it gives out what it holds."""
    tells: frozenset[str] = frozenset({"Location", "ETag", "versionId"})
    blind_for: int = 0
    """So many searches find nothing."""
    stale: Json | None = None
    """A copy as its search still shows it."""
    conflict: int = 412
    heeds_parameters: bool = True
    time: FakeTime = field(default_factory=FakeTime)
    _instead: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    _after: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    _before: dict[str, deque[Callable[[], Any]]] = field(default_factory=lambda: defaultdict(deque))

    def instead(self, call: str, *answers: Answer) -> None:
        """The next calls that begin so get these answers, and nothing happens."""
        self._instead[call].extend(answers)

    def after(self, call: str, *answers: Answer) -> None:
        """The next calls that begin so are done, and get these answers."""
        self._after[call].extend(answers)

    def before(self, call: str, *acts: Callable[[], Any]) -> None:
        """Somebody else does these things before the next calls that begin so."""
        self._before[call].extend(acts)

    def copies(self, kind: str) -> list[Json]:
        return [each for name, each in self.holds.items() if name.startswith(f"{kind}/")]

    def one(self, kind: str) -> Json:
        (found,) = self.copies(kind)
        return found

    def put(self, resource: Json, id_: str) -> Json:
        """Keep a resource as its next version."""
        name = f"{resource['resourceType']}/{id_}"
        before = self.holds.get(name, {}).get("meta", {}).get("versionId", "0")
        meta = {name: each for name, each in resource.get("meta", {}).items() if name not in self.drops}
        kept = {name: each for name, each in resource.items() if name not in self.drops}
        self.holds[name] = {**kept, "id": id_, "meta": {**meta, "versionId": str(int(before) + 1)}}
        return self.holds[name]

    def edit(self, kind: str, **elements: Any) -> None:
        """A person changes the one copy of a type."""
        copy = self.one(kind)
        self.put({**copy, **elements}, copy["id"])

    def writes(self) -> list[str]:
        return [each for each in self.calls if each.startswith(("POST", "PUT"))]

    def respond(self, request: PreparedRequest) -> Answer:
        path = str(request.url).removeprefix(BASE).removeprefix("/")
        call = f"{request.method} {path}"
        self.calls.append(call)
        self.headers.append(dict(request.headers))
        for act in _next(self._before, call):
            act()
        for answer in _next(self._instead, call):
            return answer
        usual = self._usual(str(request.method), path, request)
        for answer in _next(self._after, call):
            return answer
        return usual

    def _usual(self, method: str, path: str, request: PreparedRequest) -> Answer:
        if path == "metadata":
            return fhir(self.statement)
        kind, _, id_ = urlsplit(path).path.partition("/")
        if method == "GET":
            return self._read(kind, id_) if id_ else self._search(kind, urlsplit(path).query)
        body = decode(request.body) if isinstance(request.body, bytes) else {}
        condition = request.headers.get("If-None-Exist")
        if method == "POST":
            return self._create(body, condition)
        return self._update(body, f"{kind}/{id_}", str(request.headers.get("If-Match")))

    def _create(self, body: Json, condition: str | None) -> Answer:
        if "id" in body:
            return fhir({"resourceType": "OperationOutcome", "issue": []}, 400)
        found = self._found(body["resourceType"], condition) if condition else []
        if found:
            return fhir({}, 412) if len(found) > 1 else self._told(200, found[0])
        return self._told(201, self.put(body, str(len(self.holds) + 1)))

    def _update(self, body: Json, name: str, if_match: str) -> Answer:
        if name not in self.holds:
            return fhir({}, 410)
        if if_match != f'W/"{self.holds[name]["meta"]["versionId"]}"':
            return fhir({}, self.conflict)
        return self._told(200, self.put(body, body["id"]))

    def _told(self, status: int, resource: Json) -> Answer:
        version, where = resource["meta"]["versionId"], f"{resource['resourceType']}/{resource['id']}"
        told = {"ETag": f'W/"{version}"', "Location": f"{BASE}/{where}/_history/{version}"}
        return status, {name: each for name, each in told.items() if name in self.tells}, b""

    def _read(self, kind: str, id_: str) -> Answer:
        if f"{kind}/{id_}" not in self.holds:
            return fhir({}, 404)
        copy = self.holds[f"{kind}/{id_}"]
        told = {"ETag": f'W/"{copy["meta"]["versionId"]}"'} if "ETag" in self.tells else {}
        return fhir(self._given(copy), 200, **told)

    def _search(self, kind: str, query: str) -> Answer:
        if self.blind_for:
            self.blind_for -= 1
            return fhir(page())
        found = self._found(kind, query)
        if self.stale is not None and found:
            found = [self.stale]
        return fhir(page(*map(self._given, found)))

    def _found(self, kind: str, query: str) -> list[Json]:
        if not self.heeds_parameters:
            return self.copies(kind)
        ((name, value),) = parse_qsl(query)
        return [each for each in self.copies(kind) if _is_met(each, name, value)]

    def _given(self, copy: Json) -> Json:
        given = deepcopy(copy)
        if "versionId" not in self.tells:
            del given["meta"]["versionId"]
        return self.alters(given)


def _is_met(resource: Json, name: str, value: str) -> bool:
    if name == "target":
        return any(each["reference"].startswith(f"{value}/") for each in resource["target"])
    system, _, key = value.partition("|")
    marks = resource["meta"].get("tag", []) if name == "_tag" else resource.get("identifier", [])
    return any(each["system"] == system and key in (each.get("value"), each.get("code")) for each in marks)


def _next(waiting: Mapping[str, deque[Any]], call: str) -> Iterator[Any]:
    for name, each in waiting.items():
        if call.startswith(name) and each:
            yield each.popleft()
            return


@contextmanager
def writing(store: OddStore, authorizer: Authorizer | None = None) -> Iterator[ServerResults]:
    """What writes to it, over stubbed answers and in fake time."""
    with RequestsMock(assert_all_requests_are_fired=False) as stub:
        for method in ("GET", "POST", "PUT"):
            stub.add_callback(method, re.compile(r"https://.*"), callback=store.respond)
        with Outbound(surroundings=store.time.surroundings()) as outbound:
            server = FhirServer(
                entry=EhrServer(name=SERVER, base_url=BASE),
                outbound=outbound,
                authorizer=authorizer or Open(),
                monotonic=store.time.monotonic,
            )
            yield ServerResults(server)
