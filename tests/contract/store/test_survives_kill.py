"""Workers killed at any moment lose nothing and keep nothing twice, on both databases."""

import multiprocessing
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import func, select
from store_worker import CHANNELS, now, results_of, work

from fhirgate.services.job_ports import JobStatus
from fhirgate.services.ports import DeliveryState
from fhirgate.store.engine import Database
from fhirgate.store.jobs import SqlJobs
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults
from fhirgate.store.tables import ledger, message, resource, resource_version

KILLS = int(os.environ.get("FHIRGATE_TEST_KILLS", "25"))
WORKERS = 2
JOBS_A_KILL = 6
LONGEST = 300
"""Seconds after which a run counts as stuck."""


class _Campaign:
    """Two workers at a time; one of them is killed in the midst of its work and replaced, again and again."""

    def __init__(self, url: str, folder: Path, jobs: SqlJobs) -> None:
        self._url, self._folder, self._jobs = url, folder, jobs
        self._random = random.Random(KILLS)  # noqa: S311
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["store_worker"])
        self._started = 0
        self.names: list[str] = []

    def _add_jobs(self) -> None:
        for _ in range(JOBS_A_KILL):
            self.names.append(f"job-{len(self.names)}")
            self._jobs.add(self.names[-1], "assessment", "{}")

    def _start(self) -> tuple[BaseProcess, Path]:
        self._started += 1
        name = f"worker-{self._started}"
        worker = self._context.Process(target=work, args=(self._url, str(self._folder), name))
        worker.start()
        return worker, self._folder / name

    def run(self) -> None:
        self._add_jobs()
        workers = [self._start() for _ in range(WORKERS)]
        for _ in range(KILLS):
            self._add_jobs()
            chosen = self._random.randrange(WORKERS)
            worker, works = workers[chosen]
            _wait_for(works.exists)
            time.sleep(self._random.uniform(0, 0.1))
            worker.kill()
            worker.join()
            workers[chosen] = self._start()
        _wait_for(self._all_is_done)
        (self._folder / "stop").touch()
        for worker, _ in workers:
            worker.join(LONGEST)
            assert worker.exitcode == 0

    def _all_is_done(self) -> bool:
        outbox = SqlOutbox(database=self._jobs.database, clock=now)
        return not any(map(self._is_open, self.names)) and not any(each.waiting for each in outbox.backlog())

    def _is_open(self, name: str) -> bool:
        found = self._jobs.find(name)
        return found is None or found.finished_at is None


def _wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < until, "stuck"
        time.sleep(0.01)


@pytest.mark.slow
def test_kills_at_any_moment_lose_nothing(
    url: str, database: Database, results: SqlResults, tmp_path: Path
) -> None:
    jobs = SqlJobs(database=database, clock=now)
    campaign = _Campaign(url, tmp_path, jobs)

    campaign.run()

    count = len(campaign.names)
    _check_store(database, results, jobs, campaign.names)
    _check_numbers(database, count)
    twice = _check_sink(tmp_path / "sink", count)
    again = sum(found.attempts > 1 for found in map(jobs.find, campaign.names) if found is not None)
    print(f"{KILLS} kills: {again} of {count} jobs and {twice} of {2 * count} deliveries done twice")  # noqa: T201


def _check_store(database: Database, results: SqlResults, jobs: SqlJobs, names: list[str]) -> None:
    with database.reading() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(each)).scalar_one()
            for each in (resource, resource_version)
        ]
        last = connection.execute(select(ledger.c.last_sequence)).scalar_one()
        sequences = connection.execute(select(resource_version.c.sequence)).scalars().all()
    assert counts == [3 * len(names)] * 2
    assert sorted(sequences) == list(range(1, last + 1))
    for name in names:
        job = jobs.find(name)
        assert job is not None
        assert job.status is JobStatus.DONE
        composed, _ = results_of(name)
        for each, version in zip(composed, job.results, strict=True):
            stored = results.read(each.name)
            assert stored is not None
            assert (stored.body, stored.name) == (each.body, version)


def _check_numbers(database: Database, count: int) -> None:
    with database.reading() as connection:
        rows = connection.execute(select(message)).all()
    assert {row.state for row in rows} == {DeliveryState.DONE}
    assert len({(row.channel, row.about) for row in rows}) == len(rows) == 2 * count
    per_channel = Counter(row.channel for row in rows)
    assert len(per_channel) == CHANNELS + 1
    for name, number in per_channel.items():
        assert sorted(row.number for row in rows if row.channel == name) == list(range(1, number + 1))


def _check_sink(sink: Path, count: int) -> int:
    """How many deliveries were made twice."""
    lines = [line.split() for line in sink.read_text().splitlines()]
    first_seen = list({(channel, int(number)): about for channel, number, about in lines}.items())
    assert len(first_seen) == 2 * count
    assert len({tuple(line) for line in lines}) == len(first_seen), "a number stood for two things"
    for name in {channel for (channel, _), _ in first_seen}:
        order = [number for (channel, number), _ in first_seen if channel == name]
        assert order == sorted(order)
    return len(lines) - len(first_seen)
