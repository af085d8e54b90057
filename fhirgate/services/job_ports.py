"""Jobs that callers come back for: the values, and what services need from outside to have them done.

As with everything in `ports`, `store` fills it in, and every instant is aware and in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from fhirgate.services.ports import VersionName


class JobStatus(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work asked for by a caller who comes back for the answer."""

    id: str
    kind: str
    request: str = field(repr=False)
    """What was asked, as JSON text that only its service reads."""
    status: JobStatus
    stage: str
    """What is being done, in a word or two."""
    steps_done: int
    steps: int
    """Zero while it is not known how many there are."""
    results: tuple[VersionName, ...]
    error: str
    """Why it failed, in words without patient data."""
    category: str
    """What kind of failure: a value of `errors.Category`, or of `NoAnswer`; empty when it did not fail."""
    answer: bytes = field(repr=False)
    """What its caller is told, as its service wrote it; empty until it is done."""
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class NoAnswer(StrEnum):
    """Why a job failed that nobody outside is to blame for."""

    INTERRUPTED = "interrupted"
    """Every worker that took it fell silent."""
    OVERTIME = "overtime"
    """It took longer than a job may."""
    FAULT = "fault"
    """An error in fhirgate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobBacklog:
    """How many jobs of one kind are not finished."""

    kind: str
    queued: int
    running: int
    oldest_at: datetime | None
    """When the job was created that has been queued longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLease:
    """A job in the hands of one worker until an instant."""

    job: Job
    token: int
    until: datetime


class Jobs(Protocol):
    """Jobs of this and every other process on the same database. A lease works as in `Outbox`."""

    def add(self, job_id: str, kind: str, request: str) -> Job:
        """Queue a job. An id that is there already is that job, and nothing is added."""
        ...

    def find(self, job_id: str) -> Job | None:
        """One job."""
        ...

    def claim(self, worker: str, kinds: Sequence[str] = ()) -> JobLease | None:
        """Take the job that has waited longest; one whose worker went silent is taken again, a few times."""
        ...

    def progress(self, lease: JobLease, stage: str, steps_done: int = 0, steps: int = 0) -> bool:
        """Say how far it is, and hold it for another full lease."""
        ...

    def finish(self, lease: JobLease, results: Sequence[VersionName], answer: bytes = b"") -> bool:
        """It is done; these are its results, and this is what its caller is told."""
        ...

    def fail(self, lease: JobLease, why: str, category: str = "") -> bool:
        """It cannot be done."""
        ...

    def release(self, lease: JobLease) -> bool:
        """Put it back into the queue, as when the process is told to stop."""
        ...

    def backlog(self) -> tuple[JobBacklog, ...]:
        """What is not finished, by kind."""
        ...
