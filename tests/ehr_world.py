"""A FHIR server of stubbed answers: what it holds, what its statement lists, and how it misbehaves."""

import json
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
from fake_time import FakeTime
from requests import PreparedRequest
from responses import RequestsMock

from fhirgate.ehr.backend_auth import Authorizer, Open
from fhirgate.ehr.record import ServerRecords
from fhirgate.ehr.rest import FhirServer
from fhirgate.ehr.search_plan import TYPES
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.trace import Try
from fhirgate.services.ehr_server import EhrServer
from fhirgate.services.fetch_record import Fetched

BASE = "https://ehr.example.org/fhir"
PATIENT = "p1"
VENDORS = json.loads((Path(__file__).parent / "data/ehr/capabilities.json").read_text())
Json = dict[str, Any]
Answer = tuple[int, dict[str, str], str | bytes]
_JSON = msgspec.json.Encoder(decimal_format="number")


def statement(types: Mapping[str, Json], version: str = "4.0.1") -> Json:
    """A CapabilityStatement that lists these types; each names its `searchParams` and `interactions`."""
    return {
        "resourceType": "CapabilityStatement",
        "fhirVersion": version,
        "software": {"name": "Stub", "version": "1"},
        "rest": [
            {
                "mode": "server",
                "resource": [
                    {
                        "type": name,
                        "interaction": [{"code": each} for each in told["interactions"]],
                        "searchParam": [{"name": each} for each in told["searchParams"]],
                    }
                    for name, told in types.items()
                ],
            }
        ],
    }


def vendor(name: str) -> Json:
    return statement(VENDORS[name]["types"], VENDORS[name]["fhirVersion"])


def everything(*more: str) -> Json:
    """Every type, searched by `patient` and read, and a few that are read alone."""
    both = {"interactions": ["read", "search-type"], "searchParams": ["patient", *more]}
    reads = {"interactions": ["read"], "searchParams": []}
    return statement(
        dict.fromkeys(TYPES, both)
        | dict.fromkeys(("Patient", "Medication", "Practitioner", "Device", "PractitionerRole"), reads)
    )


def page(*resources: Json, next_url: str | None = None, **more: Any) -> Json:
    """A searchset."""
    links = [{"relation": "next", "url": next_url}] if next_url else []
    entries = [
        {
            "fullUrl": f"{BASE}/{each['resourceType']}/{each['id']}",
            "resource": each,
            "search": {"mode": "match"},
        }
        for each in resources
    ]
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries} | more


def condition(number: int, patient: str = PATIENT) -> Json:
    return {
        "resourceType": "Condition",
        "id": f"c{number}",
        "subject": {"reference": f"Patient/{patient}"},
    }


def observation(number: int, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "subject": {"reference": f"Patient/{PATIENT}"},
    } | more


def request(medication: str) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "subject": {"reference": f"Patient/{PATIENT}"},
        "medicationReference": {"reference": medication},
    }


def names(record: Fetched) -> list[str]:
    return sorted(f"{raw['resourceType']}/{raw['id']}" for raw, _ in record.resources)


def fhir(content: Any, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/fhir+json", **named}, _JSON.encode(content)


@dataclass
class Ehr:
    """The server as a test sees it."""

    statement: Json = field(default_factory=everything)
    holds: list[Json] = field(default_factory=list)
    time: FakeTime = field(default_factory=FakeTime)
    calls: list[str] = field(default_factory=list)
    """Each call from the base on, decoded."""
    tokens: list[str] = field(default_factory=list)
    told: list[Try] = field(default_factory=list)
    _next: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    _always: dict[str, Answer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.holds.append({"resourceType": "Patient", "id": PATIENT})

    def answers(self, call: str, *answers: Answer) -> None:
        """What the next calls of this name get; then it is itself again. A name is a beginning of the call."""
        self._next[call].extend(answers)

    def always(self, call: str, answer: Answer) -> None:
        self._always[call] = answer

    def asked(self, kind: str) -> list[str]:
        """The calls that are about a type."""
        return [each for each in self.calls if re.match(rf"{kind}[?/]", each)]

    def respond(self, request: PreparedRequest) -> Answer:
        call = unquote(str(request.url).removeprefix(BASE).removeprefix("/"))
        self.calls.append(call)
        self.tokens.append(str(request.headers.get("Authorization", "")))
        for name, waiting in self._next.items():
            if call.startswith(name) and waiting:
                return waiting.popleft()
        for name, answer in self._always.items():
            if call.startswith(name):
                return answer
        return self._usual(call)

    def _usual(self, call: str) -> Answer:
        if call == "metadata":
            return fhir(self.statement)
        kind, slash, name = urlsplit(call).path.partition("/")
        of_type = [each for each in self.holds if each["resourceType"] == kind]
        if slash:
            found = [each for each in of_type if each["id"] == name]
            return fhir(found[0]) if found else fhir({"resourceType": "OperationOutcome", "issue": []}, 404)
        ids = dict(parse_qsl(urlsplit(call).query)).get("_id")
        return fhir(page(*(each for each in of_type if ids is None or each["id"] in ids.split(","))))


@dataclass
class World:
    """The server and who asks it."""

    ehr: Ehr
    server: FhirServer

    def fetch(self, patient: str = PATIENT) -> Fetched:
        return ServerRecords(self.server).fetch(patient)

    def ids(self, fetched: Fetched, kind: str) -> list[str]:
        return [raw["id"] for raw, _ in fetched.resources if raw["resourceType"] == kind]


@contextmanager
def world(ehr: Ehr, authorizer: Authorizer | None = None, **entry: Any) -> Iterator[World]:
    """One that is asked over stubbed answers, in fake time."""
    with RequestsMock(assert_all_requests_are_fired=False) as stub:
        stub.add_callback("GET", re.compile(r"https://.*"), callback=ehr.respond)
        with Outbound(trace=ehr.told.append, surroundings=ehr.time.surroundings()) as outbound:
            server = FhirServer(
                entry=EhrServer(name="main", base_url=BASE, **entry),
                outbound=outbound,
                authorizer=authorizer or Open(),
                monotonic=ehr.time.monotonic,
            )
            yield World(ehr, server)


def codes(fetched: Fetched) -> list[str]:
    return [each.code for each in fetched.findings]


def texts(fetched: Fetched, code: str) -> list[str]:
    return [each.text for each in fetched.findings if each.code == code]
