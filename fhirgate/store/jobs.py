"""Jobs that callers asked for: queued, taken by one worker at a time, and answered."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, insert, select
from sqlalchemy.exc import IntegrityError

from fhirgate.services.job_ports import Job, JobBacklog, JobLease, JobStatus, NoAnswer
from fhirgate.services.ports import LEASE, Clock, VersionName
from fhirgate.store.engine import Database
from fhirgate.store.leases import NOBODY, Term, change, is_held, take_due
from fhirgate.store.tables import job

MOST_ATTEMPTS = 3
INTERRUPTED = "every worker that took it stopped without an answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlJobs:
    """`Jobs` in a database."""

    database: Database
    clock: Clock = field(repr=False)
    lease: timedelta = LEASE
    most_attempts: int = MOST_ATTEMPTS
    """A job whose worker went silent this often is not tried again: it may be what silences them."""

    def add(self, job_id: str, kind: str, request: str) -> Job:
        """See `Jobs.add`."""
        row = _new_row(job_id, kind, request, self.clock())
        with self.database.writing() as connection:
            # A caller who repeats himself, or two who come at once, ask for one job.
            with suppress(IntegrityError), connection.begin_nested():
                connection.execute(insert(job), row)
            return _job(connection.execute(_one(job_id)).one())

    def find(self, job_id: str) -> Job | None:
        """See `Jobs.find`."""
        with self.database.reading() as connection:
            row = connection.execute(_one(job_id)).one_or_none()
        return None if row is None else _job(row)

    def claim(self, worker: str, kinds: Sequence[str] = ()) -> JobLease | None:
        """See `Jobs.claim`."""
        conditions = [job.c.kind.in_(kinds)] if kinds else []
        with self.database.writing() as connection:
            now = self.clock()
            term = Term(worker=worker, now=now, until=now + self.lease)
            while taken := take_due(connection, job, conditions, term, 1):
                (row,) = taken
                if row.attempts < self.most_attempts:
                    started = {"status": JobStatus.RUNNING, "attempts": row.attempts + 1, "started_at": now}
                    change(connection, job, row.id, **started)
                    running = _job(connection.execute(_one(row.id)).one())
                    return JobLease(job=running, token=row.token, until=term.until)
                silenced = {"error": INTERRUPTED, "category": NoAnswer.INTERRUPTED}
                change(connection, job, row.id, **self._ended(JobStatus.FAILED, **silenced))
        return None

    def progress(self, lease: JobLease, stage: str, steps_done: int = 0, steps: int = 0) -> bool:
        """See `Jobs.progress`."""
        until = self.clock() + self.lease
        return self._change(lease, stage=stage, steps_done=steps_done, steps=steps, due_at=until)

    def finish(self, lease: JobLease, results: Sequence[VersionName], answer: bytes = b"") -> bool:
        """See `Jobs.finish`."""
        names = " ".join(map(str, results))
        return self._change(lease, **self._ended(JobStatus.DONE, results=names, answer=answer))

    def fail(self, lease: JobLease, why: str, category: str = "") -> bool:
        """See `Jobs.fail`."""
        return self._change(lease, **self._ended(JobStatus.FAILED, error=why, category=category))

    def release(self, lease: JobLease) -> bool:
        """See `Jobs.release`."""
        return self._change(
            lease,
            status=JobStatus.QUEUED,
            attempts=lease.job.attempts - 1,
            due_at=self.clock(),
            worker=NOBODY,
        )

    def backlog(self) -> tuple[JobBacklog, ...]:
        """See `Jobs.backlog`."""
        counts = (
            select(
                job.c.kind, job.c.status, func.count().label("many"), func.min(job.c.created_at).label("at")
            )
            .where(job.c.due_at.is_not(None))
            .group_by(job.c.kind, job.c.status)
        )
        with self.database.reading() as connection:
            rows = connection.execute(counts).all()
        of = {(row.kind, row.status): row for row in rows}
        return tuple(
            JobBacklog(
                kind=kind,
                queued=queued.many if (queued := of.get((kind, JobStatus.QUEUED))) else 0,
                running=running.many if (running := of.get((kind, JobStatus.RUNNING))) else 0,
                oldest_at=queued.at if queued else None,
            )
            for kind in sorted({row.kind for row in rows})
        )

    def _ended(self, status: JobStatus, **values: Any) -> dict[str, Any]:
        return {"status": status, "finished_at": self.clock(), "due_at": None, "worker": NOBODY, **values}

    def _change(self, lease: JobLease, **values: Any) -> bool:
        with self.database.writing() as connection:
            mine = is_held(connection, job, lease.job.id, lease.token)
            if mine:
                change(connection, job, lease.job.id, **values)
        return mine


def _one(job_id: str) -> Select[Any]:
    return select(job).where(job.c.id == job_id)


def _new_row(job_id: str, kind: str, request: str, now: datetime) -> dict[str, Any]:
    return {
        "id": job_id,
        "kind": kind,
        "request": request,
        "status": JobStatus.QUEUED,
        "stage": "",
        "steps_done": 0,
        "steps": 0,
        "results": "",
        "error": "",
        "category": "",
        "answer": None,
        "attempts": 0,
        "created_at": now,
        "started_at": None,
        "finished_at": None,
        "due_at": now,
        "worker": NOBODY,
        "token": 0,
    }


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        request=row.request,
        status=JobStatus(row.status),
        stage=row.stage,
        steps_done=row.steps_done,
        steps=row.steps,
        results=tuple(VersionName.parse(each) for each in row.results.split()),
        error=row.error,
        category=row.category,
        answer=row.answer or b"",
        attempts=row.attempts,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
