"""The threads of a process: what they do, what stops them, and what is told when they are stuck."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from web_world import ASKED, Site, site

from fhirgate.errors import StoreError
from fhirgate.services import workers as module
from fhirgate.services.events import Fault, JobEnded, WorkHeld
from fhirgate.services.job_ports import JobStatus
from fhirgate.services.run_jobs import Hand, JobRunner
from fhirgate.services.workers import MOST_ABANDONED, Workers
from fhirgate.store.jobs import SqlJobs


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(module, "TICK", 0.02)
    monkeypatch.setattr(module, "PAUSE", 0.05)
    made = site(tmp_path)
    yield made
    made.database.close()


@contextmanager
def working(at: Site, **more: Any) -> Iterator[Workers]:
    workers = Workers(
        **{
            "name": "here",
            "runner": at.runner,
            "deliver": lambda _: 0,
            "told": at.events.append,
            "idle": 0.02,
            **more,
        }
    )
    workers.start()
    try:
        yield workers
    finally:
        workers.stop(5)


def until(holds: Callable[[], bool]) -> None:
    late = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < late
        time.sleep(0.01)


def _status(at: Site, number: int) -> Any:
    job = at.jobs.find(f"job-{number}")
    return job and job.status


def test_jobs_are_done_by_threads_that_find_them(at: Site) -> None:
    with working(at) as workers:
        for _ in range(3):
            at.ask()
        until(lambda: [_status(at, each) for each in (1, 2, 3)] == [JobStatus.DONE] * 3)
        assert workers.problems() == ()

    assert workers.problems() == ("it is stopping",)
    assert workers.is_stopping


def test_a_worker_that_is_awakened_does_not_wait_for_its_turn(at: Site) -> None:
    with working(at, idle=60.0, job_threads=1) as workers:
        time.sleep(0.2)
        at.ask()
        workers.awaken()
        until(lambda: _status(at, 1) == JobStatus.DONE)


def test_writing_back_goes_on_while_there_is_something_to_write(at: Site) -> None:
    turns: list[str] = []

    def deliver(name: str) -> int:
        turns.append(name)
        return len(turns) < 3

    with working(at, deliver=deliver, idle=60.0):
        until(lambda: len(turns) == 3)
        time.sleep(0.1)

    assert turns == ["here/write-back-3"] * 3


def test_writing_back_begins_when_a_job_of_this_process_is_done(at: Site) -> None:
    turns: list[str] = []

    def deliver(name: str) -> int:
        turns.append(name)
        return 0

    at.ask()
    with working(at, deliver=deliver, idle=60.0):
        until(lambda: len(turns) == 2)


def test_a_worker_outlives_a_database_that_does_not_answer(at: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = SqlJobs.claim
    failures = iter(range(2))

    def failing(self: SqlJobs, *asked: Any) -> Any:
        if next(failures, None) is not None:
            raise StoreError("busy")
        return claim(self, *asked)

    monkeypatch.setattr(SqlJobs, "claim", failing)
    at.ask()

    with working(at, job_threads=1):
        until(lambda: _status(at, 1) == JobStatus.DONE)

    held = [each for each in at.events if isinstance(each, WorkHeld)]
    assert {(each.worker, each.category) for each in held} == {("here/jobs-1", "no-store")}


def test_a_worker_outlives_a_bug(at: Site) -> None:
    turns: list[str] = []

    def deliver(name: str) -> int:
        turns.append(name)
        if len(turns) == 1:
            raise KeyError("Jane Doe")
        return 0

    with working(at, deliver=deliver) as workers:
        until(lambda: len(turns) > 1)
        assert workers.problems() == ()

    assert [each.error for each in at.events if isinstance(each, Fault)] == ["KeyError"]


class Stuck:
    """Keeps the threads that fetch until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.inside = 0

    def __call__(self) -> None:
        self.inside += 1
        self.opened.wait(30)


def test_a_job_in_hand_ends_at_its_next_step_and_is_given_back(at: Site) -> None:
    stuck = at.source.before = Stuck()
    at.ask()
    with working(at) as workers:
        until(lambda: stuck.inside == 1)
        threading.Timer(0.2, stuck.opened.set).start()
        assert workers.stop(5) == (1, True)

    assert _status(at, 1) == JobStatus.QUEUED


def test_a_job_that_does_not_end_within_the_grace_is_given_back_all_the_same(at: Site) -> None:
    stuck = at.source.before = Stuck()
    at.ask()
    with working(at) as workers:
        until(lambda: stuck.inside == 1)
        assert workers.stop(0.1) == (1, False)
        assert _status(at, 1) == JobStatus.QUEUED
        stuck.opened.set()
        until(lambda: any(isinstance(each, JobEnded) for each in at.events))

    (ended,) = (each for each in at.events if isinstance(each, JobEnded))
    assert ended.outcome == "lost"


def test_a_job_that_cannot_be_given_back_is_left_to_its_lease(
    at: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bool:
        raise StoreError("busy")

    stuck = at.source.before = Stuck()
    at.ask()
    with working(at) as workers:
        until(lambda: stuck.inside == 1)
        monkeypatch.setattr(SqlJobs, "release", fail)
        assert workers.stop(0.1) == (0, False)
        stuck.opened.set()


def test_a_job_whose_time_is_over_is_ended_and_another_thread_takes_the_next(at: Site) -> None:
    stuck = Stuck()
    at.source.before = stuck
    runner = replace(at.runner, seconds=0.2, monotonic=time.monotonic)
    at.ask()
    at.ask({**ASKED, "patient": "p2"})
    with working(at, runner=runner, job_threads=1) as workers:
        until(lambda: _status(at, 1) == JobStatus.FAILED)
        until(lambda: _status(at, 2) == JobStatus.FAILED)
        assert workers.problems() == ()
        stuck.opened.set()

    job = at.jobs.find("job-1")
    assert job is not None
    assert job.category == "overtime"


def test_a_process_with_too_many_threads_stuck_is_not_fit_and_begins_no_more(at: Site) -> None:
    stuck = at.source.before = Stuck()
    runner = replace(at.runner, seconds=0.1, monotonic=time.monotonic)
    for _ in range(MOST_ABANDONED + 2):
        at.ask()
    with working(at, runner=runner, job_threads=1) as workers:
        until(lambda: workers.problems() != ())
        told = workers.problems()
        time.sleep(0.2)
        begun = stuck.inside
        stuck.opened.set()
        until(lambda: workers.problems() == ())

    assert told == ("4 threads are stuck in jobs whose time is over; restart it",)
    assert begun == MOST_ABANDONED


def test_a_job_that_ended_just_before_its_time_was_over_is_not_ended_again(at: Site) -> None:
    workers = Workers(name="here", runner=at.runner, deliver=lambda _: 0, told=at.events.append)
    at.ask()
    hand = at.runner.take("worker")
    assert isinstance(hand, Hand)

    workers._abandon(threading.current_thread(), hand)

    assert _status(at, 1) == JobStatus.RUNNING


def test_a_job_that_is_taken_at_the_moment_of_the_stop_is_given_back(
    at: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = JobRunner.take
    taking, going_on = threading.Event(), threading.Event()

    def slow(self: JobRunner, worker: str) -> Hand | None:
        hand = take(self, worker)
        if hand is not None:
            taking.set()
            going_on.wait(10)
        return hand

    monkeypatch.setattr(JobRunner, "take", slow)
    at.ask()
    with working(at, job_threads=1) as workers:
        assert taking.wait(10)
        threading.Timer(0.2, going_on.set).start()
        assert workers.stop(5) == (1, True)

    assert _status(at, 1) == JobStatus.QUEUED


def test_a_thread_that_ended_is_told(at: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def end(*_: object) -> None:
        return None

    monkeypatch.setattr(Workers, "_guarded", end)

    with working(at, job_threads=1) as workers:
        until(lambda: workers.problems() != ())
        assert workers.problems() == ("3 of its threads ended; restart it",)
