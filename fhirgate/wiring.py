"""How the parts of a running service are joined; nothing else knows them all.

A `Service` belongs to the process that built it: its connections and threads do not survive a fork.
"""

import os
import platform
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from fhirgate.charts import render
from fhirgate.config.callers_file import load_callers
from fhirgate.config.first_token import first_caller
from fhirgate.config.policy_file import load_policy
from fhirgate.config.servers_file import load_servers
from fhirgate.config.settings import API_TOKENS, JOB_SECONDS, Settings
from fhirgate.config.vocabulary_file import load_vocabulary
from fhirgate.ehr.published_keys import PublishedKeys, key_places
from fhirgate.ehr.record import ServerRecords
from fhirgate.ehr.registry import connect
from fhirgate.ehr.rest import FhirServer
from fhirgate.ehr.result_writer import ServerResults
from fhirgate.errors import ConfigurationError, UnknownResource
from fhirgate.launch_wiring import launches_of, launching_of
from fhirgate.mapping.vocabulary import STANDARD
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.trace import Try
from fhirgate.report.assessment_json import assessment_json
from fhirgate.services.assess_record import Choices
from fhirgate.services.assessment_jobs import KIND, Assessments, is_assessment
from fhirgate.services.callers import Caller
from fhirgate.services.deliver import Delivered, deliver_written
from fhirgate.services.ehr_server import EhrServer
from fhirgate.services.events import Event, Sink, TokenMade, WrittenBack
from fhirgate.services.readiness import checked
from fhirgate.services.run_jobs import JobRunner
from fhirgate.services.workers import Workers
from fhirgate.store.engine import Database, open_database
from fhirgate.store.jobs import SqlJobs
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults
from fhirgate.store.upgrade import current_revision, require_current, upgrade
from fhirgate.web import pages
from fhirgate.web.gate import Gate
from fhirgate.web.metrics import SHARED, Metrics, Owed

T = TypeVar("T")
_NOBODY: tuple[Caller, ...] = ()


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service that can be started, asked through its gate, and stopped."""

    gate: Gate
    workers: Workers
    database: Database
    outbound: Outbound = field(repr=False)
    told: Sink = field(repr=False)
    token_file: Path | None
    """Where the token of the only caller lies, when there is no file of callers."""

    def start(self) -> None:
        """Begin to work."""
        self.workers.start()
        if self.gate.launching is not None:
            threading.Thread(target=_warm_up, name="fhirgate-warm-up", daemon=True).start()

    def end(self) -> None:
        """Keep no caller waiting any more, and take no more work; for a signal, before `stop` waits for the rest."""
        self.gate.stopping.set()
        self.workers.end()

    def stop(self, grace: float) -> tuple[int, bool]:
        """Take no more work, give back what is not done within the grace [s], and close every connection.

        Answers how many jobs were given back, and whether every thread has ended.
        """
        self.end()
        released, is_over = self.workers.stop(grace)
        self.outbound.close()
        self.database.close()
        return released, is_over


def _warm_up() -> None:
    """The first page and the first picture would keep somebody waiting."""
    pages.warm()
    render.warm()


def build(settings: Settings, environment: Mapping[str, str], log: Sink) -> Service:
    """Join the parts; nothing is started, and of the network only the database is spoken to.

    Raises ConfigurationError with every problem of every file; StoreError.
    """
    _require_shared_folder(environment)
    problems = _Problems()
    none: Mapping[str, EhrServer] = {}
    servers = problems.of(lambda: load_servers(settings.servers), none)
    problems.found += _too_short(settings, servers)
    choices = _choices(settings, problems)
    database = problems.of(lambda: open_database(settings.database), None)
    token_file = None
    callers = _NOBODY
    if database is not None:
        problems.of(lambda: _set_up(database), None)
        token_file = None if settings.callers else _token_file(database)
    if database is not None or settings.callers:
        callers = problems.of(lambda: _callers(settings, servers, token_file, log), _NOBODY)
    metrics = Metrics(lambda: () if database is None else _owed(database), utc_now)
    outbound = Outbound(trace=_counting(metrics))
    doors = _Doors(servers, outbound, environment)
    for name in servers:
        problems.of(lambda name=name: doors.open(name), None)  # type: ignore[misc]
    launches = None
    if database is not None and any(each.launch for each in servers.values()):
        launches = problems.of(lambda: launches_of(settings, database, servers, outbound, environment), None)
    if problems.found or database is None:
        if database is not None:
            database.close()
        raise ConfigurationError("the service", problems.found)

    def told(event: Event) -> None:
        metrics.count(event)
        log(event)

    workers = _workers(settings, database, doors, choices, told)
    outbox = SqlOutbox(database=database, clock=utc_now)
    launching = None
    if launches is not None:
        workers.tidy = launches.store.expire
        launching = launching_of(launches, settings.public_url, workers.runner, outbox, _telling(told))
    gate = Gate(
        callers=callers,
        servers=tuple(servers),
        assessments=Assessments(
            jobs=workers.runner.jobs,
            store=workers.runner.store,
            outbox=outbox,
            new_id=lambda: uuid4().hex,
            awaken=workers.awaken,
        ),
        public_keys=PublishedKeys(places=key_places(servers.values()), monotonic=time.monotonic),
        checks=lambda: checked({"database": lambda: _not_current(database), "workers": workers.problems}),
        metrics=metrics,
        told=told,
        monotonic=time.monotonic,
        launching=launching,
    )
    return Service(
        gate=gate,
        workers=workers,
        database=database,
        outbound=outbound,
        told=told,
        token_file=token_file,
    )


class _Problems:
    """What is wrong with the setup, gathered so that it is told at once."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def of(self, make: Callable[[], T], otherwise: T) -> T:
        """What is made, or something to go on with."""
        try:
            return make()
        except ConfigurationError as error:
            self.found += [f"{error.what}: {each}" for each in error.problems]
            return otherwise


def _too_short(settings: Settings, servers: Mapping[str, EhrServer]) -> Iterator[str]:
    """A job that may take no longer than its record alone would end in the midst of it."""
    for name, entry in servers.items():
        if entry.record_seconds >= settings.job_seconds:
            yield f"server {name!r}: record_seconds must be less than {JOB_SECONDS.name}, {settings.job_seconds:.0f}"


def _require_shared_folder(environment: Mapping[str, str]) -> None:
    """Without it nothing could be counted. Raises ConfigurationError."""
    folder = environment.get(SHARED)
    if folder is not None and not (os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)):
        problem = f"{SHARED}: there is no folder {folder} that can be written to"
        raise ConfigurationError("the environment", [problem])


def _choices(settings: Settings, problems: _Problems) -> Choices:
    policy, vocabulary = DEFAULT_POLICY, STANDARD
    if (file := settings.policy) is not None:
        policy = problems.of(lambda: load_policy(file), policy)
    if (words := settings.vocabulary) is not None:
        vocabulary = problems.of(lambda: load_vocabulary(words).over(STANDARD), vocabulary)
    return Choices(policy=policy, vocabulary=vocabulary)


def _set_up(database: Database) -> None:
    """An empty SQLite file is set up; anything else that is not current asks for it. Raises ConfigurationError."""
    if database.file is not None and current_revision(database) is None:
        upgrade(database)
    require_current(database)


def _not_current(database: Database) -> tuple[str, ...]:
    require_current(database)
    return ()


def _token_file(database: Database) -> Path | None:
    """Where the token of a service without a file of callers lies: beside a SQLite database."""
    return None if database.file is None else database.file.with_suffix(".token")


def _callers(
    settings: Settings, servers: Mapping[str, EhrServer], token_file: Path | None, log: Sink
) -> tuple[Caller, ...]:
    if settings.callers is not None:
        return load_callers(settings.callers, servers)
    if token_file is None:
        raise ConfigurationError("the callers", [f"{API_TOKENS.name} is to name their file"])
    caller, is_new = first_caller(token_file)
    if is_new:
        log(TokenMade(file=str(token_file)))
    return (caller,)


class _Doors:
    """The servers of the registry, each made once: to read from, and with the right to write to."""

    def __init__(
        self, entries: Mapping[str, EhrServer], outbound: Outbound, environment: Mapping[str, str]
    ) -> None:
        self._entries = entries
        self._outbound = outbound
        self._environment = environment
        self._lock = threading.Lock()
        self._made: dict[tuple[str, bool], FhirServer] = {}

    def open(self, name: str, *, writes: bool = False) -> FhirServer:
        """Raises UnknownResource, as when the registry has changed since; ConfigurationError."""
        if name not in self._entries:
            raise UnknownResource(f"the registry has no server {name!r} any more")
        with self._lock:
            if (name, writes) not in self._made:
                entry = self._entries[name]
                self._made[name, writes] = connect(entry, self._outbound, self._environment, writes=writes)
            return self._made[name, writes]

    def records(self, name: str) -> ServerRecords:
        """Where records are read."""
        return ServerRecords(self.open(name))

    def results(self, name: str) -> ServerResults:
        """Where results are written."""
        return ServerResults(self.open(name, writes=True))


def _workers(settings: Settings, database: Database, doors: _Doors, choices: Choices, told: Sink) -> Workers:
    store = SqlResults(database=database, clock=utc_now)
    outbox = SqlOutbox(database=database, clock=utc_now)
    runner = JobRunner(
        jobs=SqlJobs(database=database, clock=utc_now),
        store=store,
        source_of=doors.records,
        choices=choices,
        tell=assessment_json,
        clock=utc_now,
        told=told,
        seconds=settings.job_seconds,
    )

    return Workers(
        name=f"{platform.node()}:{os.getpid()}",
        runner=runner,
        deliver=lambda name: deliver_written(
            outbox, store, doors.results, name, utc_now, tell=_telling(told)
        ),
        told=told,
        job_threads=settings.job_workers,
    )


def _telling(told: Sink) -> Callable[[Delivered], None]:
    return lambda each: told(
        WrittenBack(server=each.target, outcome=each.outcome, messages=len(each.numbers))
    )


def _counting(metrics: Metrics) -> Callable[[Try], None]:
    return lambda each: metrics.called(each.server, each.status, each.milliseconds)


def _owed(database: Database) -> Iterator[Owed]:
    """What waits for workers, of any process."""
    jobs = [each for each in SqlJobs(database=database, clock=utc_now).backlog() if is_assessment(each.kind)]
    oldest = min((each.oldest_at for each in jobs if each.oldest_at is not None), default=None)
    yield Owed(kind=KIND, state="queued", number=sum(each.queued for each in jobs), oldest_at=oldest)
    yield Owed(kind=KIND, state="running", number=sum(each.running for each in jobs))
    for line in SqlOutbox(database=database, clock=utc_now).backlog():
        yield Owed(kind=line.kind, state="waiting", number=line.waiting, oldest_at=line.oldest_at)
        yield Owed(kind=line.kind, state="dead", number=line.dead)
