"""A service over a real database whose servers are held in memory, with the web application in front of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from databases import fresh_url
from fhir_records import resources
from flask.testing import FlaskClient
from store_records import HandClock

from fhirgate.errors import UnknownResource
from fhirgate.report.assessment_json import assessment_json
from fhirgate.services.assess_record import Choices
from fhirgate.services.assessment_jobs import Assessments
from fhirgate.services.callers import Caller, digest_of
from fhirgate.services.events import Event
from fhirgate.services.fetch_record import Fetched
from fhirgate.services.readiness import Check
from fhirgate.services.run_jobs import JobRunner
from fhirgate.store.engine import Database, open_database
from fhirgate.store.jobs import SqlJobs
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults
from fhirgate.web.app import create_app
from fhirgate.web.gate import Gate
from fhirgate.web.metrics import Metrics, Owed

TOKENS = {"alice": "alice-token", "bob": "bob-token"}
CALLERS = (
    Caller(name="alice", digests=(digest_of("old"), digest_of(TOKENS["alice"])), servers=None),
    Caller(name="bob", digests=(digest_of(TOKENS["bob"]),), servers=frozenset({"main"})),
)
SERVERS = ("main", "other")
AS_OF = "2025-07-20"
ASKED = {"server": "main", "patient": "p1", "asOf": AS_OF}
Json = dict[str, Any]


@dataclass
class HeldRecords:
    """Records of one server (`services.fetch_record.RecordSource`)."""

    records: Mapping[str, list[Json]] = field(default_factory=lambda: {"p1": resources("p1")})
    before: Callable[[], None] = lambda: None
    """Called before each record is handed out; may wait or raise."""

    def fetch(self, patient_id: str) -> Fetched:
        self.before()
        if patient_id not in self.records:
            raise UnknownResource("the server has no such patient")
        held = tuple((each, "") for each in self.records[patient_id])
        return Fetched(resources=held, findings=(), asked=())


@dataclass
class Monotonic:
    """Seconds that pass when a test says so."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Site:
    """The parts of a service, as a test sees them."""

    database: Database
    clock: HandClock
    monotonic: Monotonic
    source: HeldRecords
    jobs: SqlJobs
    store: SqlResults
    outbox: SqlOutbox
    runner: JobRunner
    gate: Gate
    client: FlaskClient
    events: list[Event] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    public_keys: dict[str, Any] = field(default_factory=lambda: {"keys": []})
    awakened: list[bool] = field(default_factory=list)

    def ask(self, body: Any = ASKED, caller: str = "alice", **headers: str) -> Any:
        return self.client.post("/v1/assessments", json=body, headers=bearer(caller, **headers))

    def read(self, location: str, caller: str = "alice", **headers: str) -> Any:
        return self.client.get(location, headers=bearer(caller, **headers))

    def work(self) -> str:
        """Do the next job."""
        hand = self.runner.take("worker")
        assert hand is not None
        return self.runner.work(hand)


def bearer(caller: str, **headers: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"Authorization": f"Bearer {TOKENS[caller]}", **named}


def site(folder: Path, **of_assessments: Any) -> Site:
    """A service without threads: its jobs are done when a test says so."""
    database = open_database(fresh_url("sqlite", folder))
    clock, monotonic, source = HandClock(), Monotonic(), HeldRecords()
    jobs = SqlJobs(database=database, clock=clock)
    store = SqlResults(database=database, clock=clock)
    outbox = SqlOutbox(database=database, clock=clock)
    events: list[Event] = []
    checks: list[Check] = []
    public_keys: dict[str, Any] = {"keys": []}
    awakened: list[bool] = []
    metrics = Metrics(lambda: [Owed(kind="assessment", state="queued", number=2, oldest_at=clock.now)], clock)

    def told(event: Event) -> None:
        events.append(event)
        metrics.count(event)

    runner = JobRunner(
        jobs=jobs,
        store=store,
        source_of=lambda _: source,
        choices=Choices(),
        tell=assessment_json,
        clock=clock,
        told=told,
        monotonic=monotonic,
    )
    numbers = iter(range(1, 10_000))
    gate = Gate(
        callers=CALLERS,
        servers=SERVERS,
        assessments=Assessments(
            jobs=jobs,
            store=store,
            outbox=outbox,
            new_id=lambda: f"job-{next(numbers)}",
            awaken=lambda: awakened.append(True),
            **of_assessments,
        ),
        public_keys=lambda: public_keys,
        checks=lambda: tuple(checks),
        metrics=metrics,
        told=told,
        monotonic=monotonic,
    )
    return Site(
        database=database,
        clock=clock,
        monotonic=monotonic,
        source=source,
        jobs=jobs,
        store=store,
        outbox=outbox,
        runner=runner,
        gate=gate,
        client=create_app(gate).test_client(),
        events=events,
        checks=checks,
        public_keys=public_keys,
        awakened=awakened,
    )
