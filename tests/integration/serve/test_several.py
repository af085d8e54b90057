"""Several processes of the service on one database."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from databases import empty_url, fresh_url
from fhir_records import resources
from keeping_ehr import kept_here
from prometheus_client.parser import text_string_to_metric_families
from serve_world import Serving, environment, refused, registry, serving

TOKEN = "several"  # noqa: S105 - of this test alone
PATIENTS = tuple(f"p{number}" for number in range(1, 9))


@pytest.fixture
def callers(tmp_path: Path) -> str:
    path = tmp_path / "callers.toml"
    digest = sha256(TOKEN.encode()).hexdigest()
    path.write_text(f'[callers.board]\ntoken_sha256 = ["{digest}"]\nservers = ["main"]\n')
    return str(path)


@pytest.mark.peer
def test_two_processes_on_postgresql_share_the_jobs_and_answer_for_each_other(
    tmp_path: Path, callers: str
) -> None:
    url = fresh_url("postgresql", tmp_path)
    with kept_here(faults=lambda _: time.sleep(0.02)) as ehr:
        ehr.put(each for patient in PATIENTS for each in resources(patient))
        options = ("--servers", str(registry(tmp_path, ehr.port)), "--tokens", callers, "--job-workers", "1")
        with (
            serving(tmp_path, *options, name="one", token=TOKEN, FHIRGATE_DATABASE_URL=url) as one,
            serving(tmp_path, *options, name="two", token=TOKEN, FHIRGATE_DATABASE_URL=url) as two,
        ):
            asked = [
                at.assess({"server": "main", "patient": patient, "asOf": "2025-07-20", "write": True})
                for patient, at in zip(PATIENTS, (one, two) * 4, strict=True)
            ]
            done = [at.finished(location) for location, at in zip(asked, (two, one) * 4, strict=True)]
            written = [one.written(location) for location in asked]
            assert [each.stop(signal.SIGTERM) for each in (one, two)] == [0, 0]

    assert [each["status"] for each in done] == ["done"] * 8
    assert [each["attempts"] for each in done] == [1] * 8
    assert [each["state"] for each in written] == ["done"] * 8
    taken = [[event["job"] for event in at.events("job-taken")] for at in (one, two)]
    assert min(map(len, taken)) >= 1
    assert sorted([*taken[0], *taken[1]]) == sorted(each["id"] for each in done)
    assert len(ehr.all("RiskAssessment")) == 8


@pytest.mark.peer
def test_an_empty_postgresql_is_not_set_up_in_passing(tmp_path: Path, callers: str) -> None:
    options = ["--servers", str(registry(tmp_path, 1)), "--tokens", callers]

    ended = refused(tmp_path, options, FHIRGATE_DATABASE_URL=empty_url("postgresql", tmp_path))

    assert ended.returncode == 2
    assert b"run: fhirgate db upgrade" in ended.stderr


@pytest.mark.peer
def test_on_postgresql_a_service_without_callers_does_not_start(tmp_path: Path) -> None:
    options = ["--servers", str(registry(tmp_path, 1))]

    ended = refused(tmp_path, options, FHIRGATE_DATABASE_URL=fresh_url("postgresql", tmp_path))

    assert ended.returncode == 2
    assert b"  - the callers: FHIRGATE_API_TOKENS is to name their file\n" in ended.stderr


@contextmanager
def gunicorn(folder: Path, port: int, *options: str, **more: str) -> Iterator[Serving]:
    """The service as the image runs it."""
    out, err = folder / "gunicorn.out", folder / "gunicorn.err"
    command = [sys.executable, "-m", "gunicorn", "--config", "python:fhirgate.wsgi"]
    command += ["--bind", f"127.0.0.1:{port}", *options, "fhirgate.wsgi:app()"]
    with out.open("wb") as to_out, err.open("wb") as to_err:
        process = subprocess.Popen(command, cwd=folder, env=environment(**more), stdout=to_out, stderr=to_err)
    at = Serving(process, f"http://127.0.0.1:{port}", TOKEN, folder, "gunicorn")
    try:
        yield at
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _until(at: Serving, processes: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and len(at.events("service-started")) < processes:
        assert at.process.poll() is None, at.log()
        time.sleep(0.05)


def test_gunicorn_runs_processes_that_share_jobs_and_count_together(
    tmp_path: Path, callers: str, unused_port: int
) -> None:
    shared = tmp_path / "counted"
    shared.mkdir()
    with kept_here(faults=lambda _: time.sleep(0.02)) as ehr:
        ehr.put(each for patient in PATIENTS for each in resources(patient))
        settings = {
            "FHIRGATE_SERVERS": str(registry(tmp_path, ehr.port)),
            "FHIRGATE_API_TOKENS": callers,
            "FHIRGATE_JOB_WORKERS": "1",
            "PROMETHEUS_MULTIPROC_DIR": str(shared),
        }
        with gunicorn(tmp_path, unused_port, "--workers", "2", **settings) as at:
            _until(at, 2)
            asked = [
                at.assess({"server": "main", "patient": each, "asOf": "2025-07-20"}) for each in PATIENTS
            ]
            done = [at.finished(location) for location in asked]
            _, live, headers = at.ask("/health/live")
            told = {each.name: each for each in text_string_to_metric_families(at.ask("/metrics")[1])}
            status = at.stop(signal.SIGTERM)

    assert (status, live["status"], headers["Server"]) == (0, "live", "fhirgate")
    assert [each["status"] for each in done] == ["done"] * 8
    counted = {
        each.labels["status"]: each.value
        for each in told["fhirgate_requests"].samples
        if each.labels["route"] == "/v1/assessments" and each.name.endswith("_total")
    }
    assert counted == {"202": 8}
    assert len(at.events("service-stopped")) == 2
    assert len(at.events("job-ended")) == 8


def test_gunicorn_told_to_stop_answers_who_waits_and_gives_back_what_is_not_done_within_ten_seconds(
    tmp_path: Path, callers: str, unused_port: int
) -> None:
    reached, opened = threading.Event(), threading.Event()

    def held(call: str) -> None:
        if call.startswith("GET Observation"):
            reached.set()
            opened.wait(60)

    with kept_here(faults=held) as ehr:
        ehr.put(resources("p1"))
        settings = {"FHIRGATE_SERVERS": str(registry(tmp_path, ehr.port)), "FHIRGATE_API_TOKENS": callers}
        database = f"sqlite:///{tmp_path}/x.db"
        with gunicorn(tmp_path, unused_port, FHIRGATE_DATABASE_URL=database, **settings) as at:
            _until(at, 1)
            location = at.assess({"server": "main", "patient": "p1", "asOf": "2025-07-20"})
            assert reached.wait(20)
            answers: list[Any] = []
            waiting = threading.Thread(target=lambda: answers.append(at.ask(location, Prefer="wait=20")))
            waiting.start()
            time.sleep(0.5)
            threading.Timer(1, opened.set).start()
            began = time.monotonic()
            status = at.stop(signal.SIGTERM)
            took = time.monotonic() - began
            waiting.join(5)

    ((answered, body, _),) = answers
    assert (status, answered, body["status"]) == (0, 200, "running")
    assert [each["released"] for each in at.events("service-stopped")] == [1]
    assert took < 10


@pytest.mark.parametrize(
    ("options", "settings", "why"),
    [
        ((), {"FHIRGATE_JOB_WORKERS": "none"}, "FHIRGATE_JOB_WORKERS: must be a whole number from 1 to 32"),
        (("--preload",), {}, "made before the fork; run gunicorn without --preload"),
    ],
)
def test_gunicorn_ends_when_no_process_could_start(
    tmp_path: Path,
    callers: str,
    unused_port: int,
    options: tuple[str, ...],
    settings: dict[str, str],
    why: str,
) -> None:
    needed = {"FHIRGATE_SERVERS": str(registry(tmp_path, 1)), "FHIRGATE_API_TOKENS": callers}

    with gunicorn(tmp_path, unused_port, *options, **needed, **settings) as at:
        status = at.process.wait(30)

    assert status == 4
    assert why in at.log()
