"""What `Jobs` promises, on both databases."""

from concurrent.futures import ThreadPoolExecutor

from store_records import NOON, HandClock, risk

from fhirgate.services.job_ports import Job, JobBacklog, JobStatus, NoAnswer
from fhirgate.services.ports import LEASE, VersionName
from fhirgate.store.jobs import INTERRUPTED, SqlJobs

REQUEST = '{"server": "north", "patient": "p1"}'


def _job(jobs: SqlJobs, job_id: str = "j1") -> Job:
    found = jobs.find(job_id)
    assert found is not None
    return found


def test_a_job_waits_with_what_was_asked(jobs: SqlJobs) -> None:
    added = jobs.add("j1", "assessment", REQUEST)

    assert added == Job(
        id="j1",
        kind="assessment",
        request=REQUEST,
        status=JobStatus.QUEUED,
        stage="",
        steps_done=0,
        steps=0,
        results=(),
        error="",
        category="",
        answer=b"",
        attempts=0,
        created_at=NOON,
        started_at=None,
        finished_at=None,
    )
    assert jobs.find("j1") == added
    assert jobs.find("j2") is None


def test_the_same_job_asked_for_twice_is_one_job(jobs: SqlJobs, clock: HandClock) -> None:
    first = jobs.add("j1", "assessment", REQUEST)
    clock.pass_by(seconds=1)

    assert jobs.add("j1", "assessment", "{}") == first


def test_callers_at_once_make_one_job(jobs: SqlJobs) -> None:
    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(lambda _: jobs.add("j1", "assessment", REQUEST), range(8)))

    assert len(set(added)) == 1
    assert jobs.claim("w1") is not None
    assert jobs.claim("w1") is None


def test_jobs_are_taken_in_the_order_in_which_they_came(jobs: SqlJobs, clock: HandClock) -> None:
    for name in ("z", "a"):
        jobs.add(name, "assessment", REQUEST)
        clock.pass_by(seconds=1)

    first, second = jobs.claim("w1"), jobs.claim("w2")

    assert first is not None
    assert second is not None
    assert [first.job.id, second.job.id] == ["z", "a"]
    assert (first.job.status, first.job.attempts, first.job.started_at) == (JobStatus.RUNNING, 1, clock.now)
    assert first.until == clock.now + LEASE


def test_a_worker_takes_only_the_kinds_it_can_do(jobs: SqlJobs) -> None:
    jobs.add("j1", "assessment", REQUEST)

    assert jobs.claim("w1", ["population"]) is None
    assert jobs.claim("w1", ["population", "assessment"]) is not None


def test_a_job_says_how_far_it_is_and_then_what_came_of_it(jobs: SqlJobs, clock: HandClock) -> None:
    jobs.add("j1", "assessment", REQUEST)
    lease = jobs.claim("w1")
    assert lease is not None

    assert jobs.progress(lease, "reading", 3, 9)
    running = _job(jobs)
    later = clock.pass_by(seconds=5)
    results = (VersionName(risk().name, 2), VersionName(risk(kind="CarePlan").name, 1))
    assert jobs.finish(lease, results, b"told")

    assert (running.status, running.stage, running.steps_done, running.steps) == (
        JobStatus.RUNNING,
        "reading",
        3,
        9,
    )
    done = _job(jobs)
    assert (done.status, done.results, done.finished_at) == (JobStatus.DONE, results, later)
    assert done.answer == b"told"
    assert jobs.claim("w1") is None


def test_a_job_that_cannot_be_done_says_why(jobs: SqlJobs) -> None:
    jobs.add("j1", "assessment", REQUEST)
    lease = jobs.claim("w1")
    assert lease is not None

    assert jobs.fail(lease, "the server north refused the token", "security")

    failed = _job(jobs)
    assert (failed.status, failed.error) == (JobStatus.FAILED, "the server north refused the token")
    assert (failed.category, failed.answer) == ("security", b"")
    assert not jobs.finish(lease, ())


def test_progress_holds_a_job_longer(jobs: SqlJobs, clock: HandClock) -> None:
    jobs.add("j1", "assessment", REQUEST)
    lease = jobs.claim("w1")
    assert lease is not None
    clock.pass_by(seconds=LEASE.total_seconds() - 1)
    jobs.progress(lease, "reading")

    clock.pass_by(seconds=2)

    assert jobs.claim("w2") is None


def test_a_job_whose_worker_went_silent_is_taken_again_and_the_first_worker_is_refused(
    jobs: SqlJobs, clock: HandClock
) -> None:
    jobs.add("j1", "assessment", REQUEST)
    lost = jobs.claim("w1")
    clock.pass_by(seconds=LEASE.total_seconds())
    lease = jobs.claim("w2")

    assert lost is not None
    assert lease is not None
    assert lease.job.attempts == 2
    assert not jobs.progress(lost, "reading")
    assert not jobs.finish(lost, ())
    assert not jobs.fail(lost, "late")
    assert not jobs.release(lost)
    assert jobs.finish(lease, ())


def test_a_job_that_silenced_three_workers_has_failed_and_the_next_job_is_taken(
    jobs: SqlJobs, clock: HandClock
) -> None:
    jobs.add("j1", "assessment", REQUEST)
    for _ in range(3):
        assert jobs.claim("w1") is not None
        clock.pass_by(seconds=LEASE.total_seconds())
    jobs.add("j2", "assessment", REQUEST)

    taken = jobs.claim("w1")

    assert taken is not None
    assert taken.job.id == "j2"
    failed = _job(jobs)
    assert (failed.status, failed.error, failed.finished_at) == (JobStatus.FAILED, INTERRUPTED, clock.now)
    assert failed.category == NoAnswer.INTERRUPTED


def test_a_job_given_back_is_queued_as_if_it_had_not_been_taken(jobs: SqlJobs) -> None:
    jobs.add("j1", "assessment", REQUEST)
    lease = jobs.claim("w1")
    assert lease is not None

    assert jobs.release(lease)

    queued = _job(jobs)
    assert (queued.status, queued.attempts) == (JobStatus.QUEUED, 0)
    assert jobs.claim("w2") is not None


def test_workers_at_once_take_every_job_once(jobs: SqlJobs) -> None:
    for number in range(20):
        jobs.add(f"j{number:02}", "assessment", REQUEST)

    with ThreadPoolExecutor(4) as pool:
        leases = list(pool.map(lambda each: jobs.claim(f"w{each}"), range(24)))

    taken = [each.job.id for each in leases if each is not None]
    assert sorted(taken) == [f"j{number:02}" for number in range(20)]


def test_the_backlog_counts_what_is_not_finished(jobs: SqlJobs, clock: HandClock) -> None:
    assert jobs.backlog() == ()
    for name in ("j1", "j2", "j3", "j4"):
        jobs.add(name, "assessment", REQUEST)
        clock.pass_by(seconds=1)
    done, running = jobs.claim("w1"), jobs.claim("w1")
    assert done is not None
    assert running is not None
    jobs.finish(done, ())

    (waiting,) = jobs.backlog()
    for _ in range(2):
        jobs.claim("w1")

    assert waiting == JobBacklog(
        kind="assessment", queued=2, running=1, oldest_at=_job(jobs, "j3").created_at
    )
    assert jobs.backlog() == (JobBacklog(kind="assessment", queued=0, running=3, oldest_at=None),)
