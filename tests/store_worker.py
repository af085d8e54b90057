"""A worker to be killed: it does the jobs there are, keeps results, and delivers to a file."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from store_records import risk

from fhirgate.services.job_ports import JobLease
from fhirgate.services.ports import Composed, Lease, Message
from fhirgate.store.engine import open_database
from fhirgate.store.jobs import SqlJobs
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults

CHANNELS = 4
LEASE = timedelta(seconds=0.4)


def now() -> datetime:
    return datetime.now(UTC)


def results_of(job_id: str) -> tuple[list[Composed], list[Message]]:
    """What a job concludes: three resources of its patient, and whom to tell."""
    patient = int(job_id.removeprefix("job-"))
    kinds = ("RiskAssessment", "CarePlan", "Provenance")
    composed = [risk(job_id, kind=kind) for kind in kinds]
    about = tuple(each.name for each in composed)
    channels = ("to-all", f"to-{patient % CHANNELS}")
    return composed, [Message(channel=name, kind="notify", target=name, about=about) for name in channels]


def work(url: str, folder: str, worker: str) -> None:
    """Work until there is a file `stop`; say by a file of its own name that it has begun.

    Files, because a process killed while it holds an event of multiprocessing locks out all others.
    """
    stop, works, sink = (Path(folder, name) for name in ("stop", worker, "sink"))
    database = open_database(url)
    results = SqlResults(database=database, clock=now)
    outbox = SqlOutbox(database=database, clock=now, lease=LEASE)
    # It is the test that silences workers, not a job.
    jobs = SqlJobs(database=database, clock=now, lease=LEASE, most_attempts=1000)
    while not stop.exists():
        job = jobs.claim(worker)
        if job is not None:
            _do(results, jobs, job)
        leases = outbox.claim(worker, most=8)
        works.touch()
        for lease in leases:
            _deliver(outbox, lease, sink)
        if job is None and not leases:
            time.sleep(0.02)
    database.close()


def _do(results: SqlResults, jobs: SqlJobs, lease: JobLease) -> None:
    composed, messages = results_of(lease.job.id)
    kept = results.keep(composed, messages)
    jobs.finish(lease, [each.name for each in kept if each is not None])


def _deliver(outbox: SqlOutbox, lease: Lease, sink: Path) -> None:
    """Each delivery is one line, written at once; what was written before a kill is written again after it."""
    file = os.open(sink, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        for each in lease.deliveries:
            about = ",".join(map(str, each.about))
            os.write(file, f"{each.channel} {each.number} {about}\n".encode())
            if not outbox.done(lease, [each.number]):
                break
    finally:
        os.close(file)
