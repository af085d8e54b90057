"""A real FHIR server that results are written to, read and changed beside our own code."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from written_results import SERVER

from fhirgate.ehr.rest import FhirServer
from fhirgate.ehr.result_writer import ServerResults
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.services.ehr_server import EhrServer
from fhirgate.services.ports import Stored
from fhirgate.services.result_writer import Fate, Written

Json = dict[str, Any]
Results = tuple[Stored, ...]
NUMBERS = count(1)
HELD_BACK = frozenset({"entered-in-error", "revoked"})


@dataclass
class Store:
    """A real server, read and changed beside our own code."""

    name: str
    base: str
    writer: ServerResults
    seed: Callable[[Iterable[Json]], None]

    def new_patient(self) -> str:
        """One whom no other test knows."""
        found = f"w{next(NUMBERS)}"
        self.seed([{"resourceType": "Patient", "id": found}])
        return found

    def write(self, given: Results) -> tuple[Written, ...]:
        return self.writer.write(given)

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        headers = {"Content-Type": "application/fhir+json", "Cache-Control": "no-cache"}
        data = None if body is None else json.dumps(body).encode()
        sent = Request(f"{self.base}{path}", data, headers, method=method)  # noqa: S310 - our own server
        with urlopen(sent, timeout=60) as answer:  # noqa: S310
            found: Json = json.loads(answer.read() or b"{}")
            return found

    def copies(self, given: Stored) -> list[Json]:
        """Every copy of a result, as the server holds it."""
        kind = given.name.resource.type
        key = "_tag" if kind == "Provenance" else "identifier"
        value = f"{given.identifier.system}|{given.identifier.value}"
        found = self.call("GET", f"/{kind}?{urlencode({key: value})}")
        return [each["resource"] for each in found.get("entry", ())]

    def standing(self, given: Stored) -> list[Json]:
        """The copies that say something."""
        return [each for each in self.copies(given) if each.get("status") not in HELD_BACK]

    def one(self, given: Stored) -> Json:
        (found,) = self.copies(given)
        return found

    def versions(self, given: Stored) -> int:
        """How often the one copy was written.

        HAPI remembers for a minute how long a history was, but counts its versions, and each is read by itself.
        """
        copy = self.one(given)
        history = f"/{copy['resourceType']}/{copy['id']}/_history"
        if self.name != "hapi":
            return len(self.call("GET", history)["entry"])
        last = int(copy["meta"]["versionId"])
        return len([self.call("GET", f"{history}/{number}") for number in range(1, last + 1)])

    def edit(self, copy: Json, **elements: Any) -> None:
        """A person changes a copy."""
        body = {**copy, **elements}
        body["meta"] = {name: each for name, each in body["meta"].items() if name != "versionId"}
        self.call("PUT", f"/{copy['resourceType']}/{copy['id']}", body)


@contextmanager
def writer(base: str) -> Iterator[ServerResults]:
    """What a process makes once, with waits that take no time."""
    surroundings = Surroundings(chance=lambda: 0.0, sleep=lambda _: None)
    with Outbound(surroundings=surroundings) as outbound:
        entry = EhrServer(name=SERVER, base_url=base, private_hosts=("127.0.0.1",))
        yield ServerResults(FhirServer(entry=entry, outbound=outbound))


def write(base: str, given: Results) -> tuple[Written, ...]:
    with writer(base) as found:
        return found.write(given)


def fates(written: tuple[Written, ...]) -> dict[str, Fate]:
    return {each.name.type: each.fate for each in written}


def said_by(resource: Json) -> list[str]:
    return [each["text"] for each in resource["note"]] + [
        each["rationale"] for each in resource.get("prediction", ())
    ]
