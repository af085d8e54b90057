"""One patient's way through the program: a server that keeps what it is sent, a database, and both ends joined."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fhir_records import AS_OF, GROWING, SCANS, resources, size
from keeping_ehr import KeepingEhr, kept_here

from fhirgate.ehr.backend_auth import Open
from fhirgate.ehr.record import ServerRecords
from fhirgate.ehr.rest import FhirServer
from fhirgate.ehr.result_writer import ServerResults
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.outbound.client import Outbound
from fhirgate.services.assess_patient import PatientOutcome, PatientRequest, assess_patient
from fhirgate.services.assess_record import Choices
from fhirgate.services.deliver import Delivered, deliver_written
from fhirgate.services.ehr_server import EhrServer
from fhirgate.services.ports import PatientKey, Search, Stored
from fhirgate.services.result_writer import ResultWriter
from fhirgate.store.engine import Database, open_database
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults

Json = dict[str, Any]
PATIENT = PatientKey(server="main", id="p1")
STABLE = ((20, 20, 20), (30, 30, 30), (25, 25, 24), (40, 40, 40))


@dataclass
class HandClock:
    """Time of day that passes by a second with every look, and when a test says so."""

    now: datetime = field(
        default_factory=lambda: datetime.fromisoformat(f"{AS_OF}T09:00:00").replace(tzinfo=UTC)
    )

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def pass_by(self, **passed: float) -> None:
        self.now += timedelta(**passed)


@dataclass
class World:
    """What a test looks at."""

    ehr: KeepingEhr
    server: FhirServer
    database: Database
    clock: HandClock
    told: list[Delivered] = field(default_factory=list)
    writer_of: Callable[[str], ResultWriter] | None = None

    @property
    def results(self) -> SqlResults:
        return SqlResults(database=self.database, clock=self.clock)

    @property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(database=self.database, clock=self.clock)

    def request(
        self,
        as_of: str = AS_OF,
        *,
        presets: tuple[str, ...] = ("DEFAULT",),
        write: bool = True,
        patient: PatientKey = PATIENT,
        reader: str = "",
    ) -> PatientRequest:
        choices = Choices(presets=tuple(PRESETS[name] for name in presets), reader=reader)
        return PatientRequest(patient=patient, as_of=date.fromisoformat(as_of), choices=choices, write=write)

    def assess(self, as_of: str = AS_OF, **more: Any) -> PatientOutcome:
        """Judged on a day, which is the day it is as well unless it is later."""
        day = datetime.fromisoformat(f"{as_of}T09:00:00").replace(tzinfo=UTC)
        self.clock.now = max(self.clock.now, day)
        request = self.request(as_of, **more)
        return assess_patient(request, ServerRecords(self.server), self.results, self.clock)

    def deliver(self, **more: Any) -> int:
        writer_of = self.writer_of or (lambda _target: ServerResults(self.server))
        return deliver_written(
            self.outbox, self.results, writer_of, "worker", self.clock, tell=self.told.append, **more
        )

    def stored(self, kind: str) -> list[Stored]:
        return list(self.results.search(Search(type=kind)))

    def bodies(self, kind: str) -> list[Json]:
        return [json.loads(each.body) for each in self.stored(kind)]

    def owed(self) -> list[str]:
        """The versions that wait for the server, in order; they are taken by the look."""
        leases = self.outbox.claim("looks")
        return [str(name) for lease in leases for each in lease.deliveries for name in each.about]

    def copies(self, kind: str) -> list[tuple[str, str]]:
        """Status and version of each copy on the server."""
        return [(each.get("status", ""), each["meta"]["versionId"]) for each in self.ehr.all(kind)]

    def standing(self, kind: str) -> list[tuple[str, int]]:
        """Status and version of each resource of a type, in the order of its last change."""
        return [(each.status, each.name.version) for each in self.stored(kind)]


def scan(on: str, *sizes: float) -> list[Json]:
    """Measurements of one more scan."""
    return [size(number, on, value) for number, value in enumerate(sizes, 1)]


def record(sizes: Any = GROWING) -> list[Json]:
    return resources("p1", sizes)


def measurements(on: str = SCANS[2]) -> list[str]:
    """The ids of the measurements of a scan."""
    return [each["id"] for each in resources("p1") if each.get("effectiveDateTime") == on]


def server_of(ehr: KeepingEhr, outbound: Outbound, name: str = "main") -> FhirServer:
    entry = EhrServer(name=name, base_url=ehr.base, private_hosts=("127.0.0.1",))
    return FhirServer(entry=entry, outbound=outbound, authorizer=Open())


@contextmanager
def world(url: str, **ehr: Any) -> Iterator[World]:
    """One patient whose disease grows in one of four lesions, and no result yet."""
    database = open_database(url)
    with kept_here(**ehr) as kept, Outbound() as outbound:
        kept.put(record())
        yield World(ehr=kept, server=server_of(kept, outbound), database=database, clock=HandClock())
    database.close()
