"""What can be counted of the service, for Prometheus: no id and no patient in any label.

Each process counts for itself. Where several stand behind one address (gunicorn with more than one worker), set
PROMETHEUS_MULTIPROC_DIR to an empty folder that they share, and `/metrics` adds up what all of them counted. The
backlog is read from the database, and so is the same from each.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from fhirgate.errors import StoreError
from fhirgate.services.events import (
    DecisionTaken,
    Event,
    Fault,
    JobEnded,
    LaunchBegun,
    LaunchLetIn,
    LaunchStopped,
    RequestAnswered,
    WrittenBack,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHARED = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10, 30)
_JOB_SECONDS = (1, 3, 10, 30, 60, 120, 300, 900)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """How much of one kind waits in one state."""

    kind: str
    state: str
    number: int
    oldest_at: datetime | None = None
    """When what waits longest came."""


class Metrics:
    """The counters of this process."""

    def __init__(self, owed: Callable[[], Iterable[Owed]], clock: Callable[[], datetime]) -> None:
        self._own = CollectorRegistry()
        self._backlog = _Backlog(owed, clock)
        self._requests = Counter(
            "fhirgate_requests", "Requests answered.", ("method", "route", "status"), registry=self._own
        )
        self._request_seconds = Histogram(
            "fhirgate_request_seconds",
            "Time to answer a request.",
            ("route",),
            buckets=_SECONDS,
            registry=self._own,
        )
        self._job_seconds = Histogram(
            "fhirgate_job_seconds",
            "Time a worker had a job, by how it ended.",
            ("kind", "outcome", "category"),
            buckets=_JOB_SECONDS,
            registry=self._own,
        )
        self._written = Counter(
            "fhirgate_write_backs", "Turns at writing back.", ("server", "outcome"), registry=self._own
        )
        self._launches = Counter(
            "fhirgate_launches",
            "Launches out of an EHR, by what became of them.",
            ("server", "outcome"),
            registry=self._own,
        )
        self._decisions = Counter(
            "fhirgate_decisions", "Decisions of people.", ("server", "act"), registry=self._own
        )
        self._calls = Counter(
            "fhirgate_outbound_calls",
            "Tries of calls to a server, by HTTP status.",
            ("server", "status"),
            registry=self._own,
        )
        self._call_seconds = Histogram(
            "fhirgate_outbound_seconds",
            "Time of tries of calls to a server.",
            ("server",),
            buckets=_SECONDS,
            registry=self._own,
        )
        self._faults = Counter("fhirgate_faults", "Errors in fhirgate.", registry=self._own)

    def count(self, event: Event) -> None:
        """Count what happened."""
        match event:
            case RequestAnswered():
                self._requests.labels(event.method, event.route, str(event.status)).inc()
                self._request_seconds.labels(event.route).observe(event.milliseconds / 1000)
            case JobEnded():
                labels = (event.kind, event.outcome, event.category)
                self._job_seconds.labels(*labels).observe(event.milliseconds / 1000)
            case WrittenBack():
                self._written.labels(event.server, event.outcome).inc()
            case LaunchBegun():
                self._launches.labels(event.server, "begun").inc()
            case LaunchLetIn():
                self._launches.labels(event.server, "let-in").inc()
            case LaunchStopped():
                self._launches.labels(event.server, event.why).inc()
            case DecisionTaken():
                self._decisions.labels(event.server, event.act).inc()
            case Fault():
                self._faults.inc()
            case _:
                pass

    def called(self, server: str, status: int | None, milliseconds: int) -> None:
        """Count a try of a call outward; without a status no answer came."""
        self._calls.labels(server, "none" if status is None else str(status)).inc()
        self._call_seconds.labels(server).observe(milliseconds / 1000)

    def exposed(self) -> bytes:
        """All of it as text."""
        return generate_latest(self._shared() or self._own) + generate_latest(self._backlog.registry)

    @staticmethod
    def _shared() -> CollectorRegistry | None:
        if SHARED not in os.environ:
            return None
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry


class _Backlog:
    """What waits, asked of the database when somebody looks."""

    def __init__(self, owed: Callable[[], Iterable[Owed]], clock: Callable[[], datetime]) -> None:
        self._owed = owed
        self._clock = clock
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The families."""
        number = GaugeMetricFamily("fhirgate_backlog", "What waits.", labels=("kind", "state"))
        oldest = GaugeMetricFamily(
            "fhirgate_backlog_oldest_seconds", "For how long the oldest has waited.", labels=("kind", "state")
        )
        up = GaugeMetricFamily("fhirgate_database_up", "Whether the database answers.")
        try:
            owed = list(self._owed())
        except StoreError:
            up.add_metric((), 0)
            yield up
            return
        up.add_metric((), 1)
        for each in owed:
            number.add_metric((each.kind, each.state), each.number)
            if each.oldest_at is not None:
                waited = (self._clock() - each.oldest_at).total_seconds()
                oldest.add_metric((each.kind, each.state), max(0.0, waited))
        yield from (up, number, oldest)
