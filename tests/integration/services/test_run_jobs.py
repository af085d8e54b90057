"""One job in hand: how it ends, and who may still end it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from web_world import Site, site

from fhirgate.errors import InvalidRequest, StoreError
from fhirgate.services.events import Fault, JobEnded, JobTaken
from fhirgate.services.job_ports import JobStatus, NoAnswer
from fhirgate.services.ports import LEASE
from fhirgate.services.run_jobs import HELD_EVERY, SAID_EVERY, GivenUp, Hand
from fhirgate.store.jobs import SqlJobs


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Site]:
    made = site(tmp_path)
    yield made
    made.database.close()


def _hand(at: Site) -> Hand:
    at.ask()
    hand = at.runner.take("worker")
    assert hand is not None
    return hand


def _job(at: Site) -> Any:
    return at.jobs.find("job-1")


def test_nothing_is_taken_when_nothing_waits(at: Site) -> None:
    assert at.runner.take("worker") is None


def test_a_job_that_is_done_is_told_of(at: Site) -> None:
    hand = _hand(at)

    assert at.runner.work(hand) == "done"

    told = [each for each in at.events if isinstance(each, JobTaken | JobEnded)]
    assert told == [
        JobTaken(job="job-1", kind="assessment", attempt=1),
        JobEnded(job="job-1", kind="assessment", outcome="done", category="", milliseconds=0),
    ]


def test_a_job_says_which_step_it_is_at(at: Site) -> None:
    seen = []
    at.source.before = lambda: seen.append((_job(at).stage, _job(at).steps_done, _job(at).steps))
    hand = _hand(at)

    at.runner.work(hand)

    assert seen == [("fetching", 0, 3)]


def test_within_a_stage_progress_is_written_down_now_and_then(at: Site) -> None:
    hand = _hand(at)
    hand.step("reading", 1, 9)
    hand.step("reading", 2, 9)
    soon = _job(at).steps_done
    at.monotonic.now += SAID_EVERY
    hand.step("reading", 3, 9)

    assert (soon, _job(at).steps_done) == (1, 3)


def test_a_job_that_says_nothing_is_held_by_its_keeper(at: Site) -> None:
    hand = _hand(at)
    hand.step("reading", 1, 9)
    at.clock.pass_by(seconds=LEASE.total_seconds() - 1)
    hand.hold()
    at.monotonic.now += HELD_EVERY
    hand.hold()
    at.clock.pass_by(seconds=LEASE.total_seconds() - 1)

    assert at.jobs.claim("other") is None
    assert (_job(at).stage, _job(at).steps_done) == ("reading", 1)


def test_a_job_is_given_back_when_its_thread_is_told_to_stop(at: Site) -> None:
    hand = _hand(at)
    at.source.before = hand.give_up

    assert at.runner.work(hand) == "released"
    assert (_job(at).status, _job(at).attempts) == (JobStatus.QUEUED, 0)


def test_a_job_whose_time_is_over_has_failed_whatever_its_thread_does(at: Site) -> None:
    hand = _hand(at)
    early = hand.is_overtime
    at.monotonic.now += 900
    late = hand.is_overtime
    at.source.before = lambda: at.runner.end_overtime(hand)

    assert at.runner.work(hand) == "lost"
    assert (early, late) == (False, True)
    assert (_job(at).status, _job(at).category) == (JobStatus.FAILED, NoAnswer.OVERTIME)
    assert _job(at).error == "it took longer than 900 seconds, and was given up"


@pytest.mark.parametrize("error", [None, KeyError("x"), InvalidRequest("x")])
def test_a_job_that_another_worker_has_is_left_to_it(at: Site, error: Exception | None) -> None:
    hand = _hand(at)

    def lose() -> None:
        at.clock.pass_by(seconds=LEASE.total_seconds())
        assert at.jobs.claim("other") is not None
        if error is not None:
            raise error

    at.source.before = lose

    assert at.runner.work(hand) == "lost"
    assert _job(at).status is JobStatus.RUNNING


def test_a_bug_is_told_with_its_place(at: Site) -> None:
    def fail() -> None:
        raise KeyError("Jane Doe")

    at.source.before = fail

    assert at.runner.work(_hand(at)) == "failed"
    (fault,) = (each for each in at.events if isinstance(each, Fault))
    assert (fault.error, fault.job) == ("KeyError", "job-1")
    assert "Jane" not in str(at.events)


def test_a_database_that_fails_in_the_midst_is_the_workers_matter(
    at: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bool:
        raise StoreError("busy")

    hand = _hand(at)
    monkeypatch.setattr(SqlJobs, "progress", fail)

    with pytest.raises(StoreError):
        at.runner.work(hand)
    assert _job(at).status is JobStatus.RUNNING


def test_a_hand_that_lost_its_lease_does_not_go_on(at: Site) -> None:
    hand = _hand(at)
    at.clock.pass_by(seconds=LEASE.total_seconds())
    at.jobs.claim("other")

    with pytest.raises(GivenUp):
        hand.step("reading")
