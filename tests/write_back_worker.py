"""A worker to be killed: it judges the patients there are jobs for, and writes the results back to a server.

As a program it is the mother of workers: to start one anew takes seconds, to fork it takes none.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from fhir_records import AS_OF

from fhirgate.ehr.backend_auth import Open
from fhirgate.ehr.record import ServerRecords
from fhirgate.ehr.rest import FhirServer
from fhirgate.ehr.result_writer import ServerResults
from fhirgate.outbound.client import Outbound
from fhirgate.services.assess_patient import PatientRequest, assess_patient
from fhirgate.services.deliver import deliver_written
from fhirgate.services.ehr_server import EhrServer
from fhirgate.services.job_ports import JobLease
from fhirgate.services.ports import PatientKey
from fhirgate.store.engine import open_database
from fhirgate.store.jobs import SqlJobs
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults

LEASE = timedelta(seconds=3)
"""Short, so that what a killed worker held is soon free."""


def now() -> datetime:
    return datetime.now(UTC)


def work(url: str, base: str, folder: str, worker: str) -> None:
    """Work until there is a file `stop`; say by a file of its own name that it has begun, and by another the end."""
    stop, works = Path(folder, "stop"), Path(folder, worker)
    database = open_database(url)
    results = SqlResults(database=database, clock=now)
    outbox = SqlOutbox(database=database, clock=now, lease=LEASE)
    # It is the test that silences workers, not a job.
    jobs = SqlJobs(database=database, clock=now, lease=LEASE, most_attempts=1000)
    entry = EhrServer(name="main", base_url=base, private_hosts=("127.0.0.1",))
    with Outbound() as outbound:
        server = FhirServer(entry=entry, outbound=outbound, authorizer=Open())
        while not stop.exists():
            job = jobs.claim(worker)
            works.touch()
            if job is not None:
                _assess(server, results, jobs, job)
            settled = deliver_written(outbox, results, lambda _target: ServerResults(server), worker, now)
            if job is None and not settled:
                time.sleep(0.02)
    database.close()
    Path(folder, f"{worker}.ended").touch()


def _assess(server: FhirServer, results: SqlResults, jobs: SqlJobs, lease: JobLease) -> None:
    patient = PatientKey(server="main", id=lease.job.request)
    request = PatientRequest(patient=patient, as_of=date.fromisoformat(AS_OF), write=True)
    outcome = assess_patient(request, ServerRecords(server), results, now)
    jobs.finish(lease, outcome.kept)


@dataclass(frozen=True)
class Mother:
    """The process that workers are forked from."""

    process: "subprocess.Popen[str]"

    def bear(self, worker: str) -> int:
        """Start a worker of this name; answers its process id."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{worker}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def mother(url: str, base: str, folder: str) -> Iterator[Mother]:
    """Workers for this database, server and folder."""
    here = Path(__file__)
    process = subprocess.Popen(
        [sys.executable, here, url, base, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(here.parent)},
    )
    with process:
        yield Mother(process)


def kill(pid: int) -> None:
    """Kill a process without warning, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.001)


def _bear_all(url: str, base: str, folder: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            work(url, base, folder, line.strip())
            os._exit(0)
        print(pid, flush=True)  # noqa: T201 - to the test


if __name__ == "__main__":
    _bear_all(*sys.argv[1:])
