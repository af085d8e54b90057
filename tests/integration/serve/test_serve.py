"""`fhirgate serve` in a process of its own, on SQLite, against a FHIR server on this machine."""

import os
import signal
import socket
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from alembic import command
from alembic.config import Config
from fhir_records import resources
from keeping_ehr import Fault, kept_here
from serve_world import refused, registry, serving

from fhirgate.store.engine import open_database
from fhirgate.store.upgrade import MIGRATIONS

PATIENT = "jane-doe-1970"
ASKED = {
    "server": "main",
    "patient": PATIENT,
    "asOf": "2025-07-20",
    "presets": ["DEFAULT", "CURB"],
    "write": True,
}


class Gate:
    """Holds calls of one kind back until a test opens it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, call: str) -> Fault | None:
        if call.startswith(self.kind):
            self.reached.set()
            self.opened.wait(60)
        return None


def test_an_assessment_is_asked_for_made_kept_and_written_back_and_no_log_names_the_patient(
    tmp_path: Path,
) -> None:
    with kept_here() as ehr, serving(tmp_path, "--servers", str(registry(tmp_path, ehr.port))) as at:
        ehr.put(resources(PATIENT))
        location = at.assess(ASKED)
        done = at.finished(location)
        written = at.written(location)
        status = at.stop(signal.SIGTERM)
        metrics, log = at.log(), (tmp_path / "serve.out").read_text()

    assert done["status"] == "done"
    assert [(each["preset"], each["state"]) for each in done["results"]] == [
        ("DEFAULT", "OLIGOPROGRESSION"),
        ("CURB", "OLIGOPROGRESSION"),
    ]
    assert written["state"] == "done"
    assert {each["fate"] for each in written["resources"]} == {"created"}
    assert len(ehr.all("RiskAssessment")) == 2
    assert status == 0
    for told in (metrics, log):
        assert "jane" not in told.lower()
        assert at.token not in told


def test_the_first_start_makes_a_database_and_a_token_that_only_the_owner_can_read_and_the_next_keeps_them(
    tmp_path: Path,
) -> None:
    servers = str(registry(tmp_path, 1))
    with serving(tmp_path, "--servers", servers) as first:
        ready = first.ask("/health/ready")
        assert first.stop(signal.SIGINT) == 0
    with serving(tmp_path, "--servers", servers, name="again") as second:
        assert second.ask("/metrics")[0] == 200

    assert (ready[0], ready[1]["status"]) == (200, "ready")
    assert [stat.S_IMODE((tmp_path / each).stat().st_mode) for each in ("fhirgate.db", "fhirgate.token")] == [
        0o600
    ] * 2
    assert first.token == second.token
    assert len(first.token) >= 43
    assert [each["file"] for each in first.events("token-made")] == ["fhirgate.token"]
    assert second.events("token-made") == []


def test_clinicians_are_served_where_the_registry_says_so_and_the_key_of_their_launches_is_the_owners(
    tmp_path: Path,
) -> None:
    servers = registry(tmp_path, 1)
    with servers.open("a") as file:
        file.write('launch = { kind = "public", client_id = "app" }\n')
    options = ("--servers", str(servers), "--public-url", "https://fhirgate.example.org")
    with serving(tmp_path, *options) as at:
        said = (tmp_path / "serve.out").read_text()
        front = at.ask("/")
        stranger = at.ask("/launch?iss=https://evil.example.org&launch=jane-doe")
        at.stop(signal.SIGTERM)
        log = at.log()
    nowhere = refused(tmp_path, ("--servers", str(servers)))

    assert "launch: https://fhirgate.example.org/launch\n" in said
    assert stat.S_IMODE((tmp_path / "fhirgate.keys").stat().st_mode) == 0o600
    assert (front[0], 'href="/launch/main"' in front[1]) == (200, True)
    assert (stranger[0], "This EHR is not known here" in stranger[1]) == (400, True)
    assert "jane" not in log
    assert nowhere.returncode == 2
    assert b"FHIRGATE_PUBLIC_URL is to say where browsers reach this service" in nowhere.stderr


def test_what_is_refused_is_refused_in_words_and_what_is_answered_has_no_banner(tmp_path: Path) -> None:
    with serving(tmp_path, "--servers", str(registry(tmp_path, 1))) as at:
        headers = at.ask("/health/live")[2]
        assert at.ask("/v1/assessments", {"reader": "x" * 70_000})[0] == 413
        assert at.ask("/v1/assessments", {"reader": "x" * 900_000})[0] == 413
        assert at.ask("/v1/assessments", {"patient": "p1"}, Content_Type="text/plain")[0] == 415
        assert at.ask("/v1/assessments", {"patient": 1})[0] == 422
        assert at.ask("/v1/assessments", {}, Authorization="Bearer none")[0] == 401
        assert at.ask("/v1/assessments/none")[0] == 404
        assert at.ask("/v1/assessments")[0] == 405
        assert at.events("fault") == at.events("library-told") == []
        host, _, port = at.address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"NOT HTTP\r\n\r\n")
            broken = connection.recv(4096)

    assert "Server" not in headers
    assert b"waitress" not in broken.lower()


def _running(folder: Path) -> list[Any]:
    with sqlite3.connect(folder / "fhirgate.db") as database:
        found = database.execute("SELECT status, attempts FROM job").fetchall()
    database.close()
    return found


def test_a_job_in_hand_is_given_back_when_told_to_stop_and_done_after_the_next_start(tmp_path: Path) -> None:
    gate = Gate("GET Observation")
    with kept_here(faults=gate) as ehr:
        ehr.put(resources(PATIENT))
        servers = str(registry(tmp_path, ehr.port))
        with serving(tmp_path, "--servers", servers) as at:
            location = at.assess(ASKED)
            assert gate.reached.wait(20)
            threading.Timer(1, gate.opened.set).start()
            began = time.monotonic()
            status = at.stop(signal.SIGTERM)
            took = time.monotonic() - began
            stopped = at.events("service-stopped")
        between = _running(tmp_path)
        with serving(tmp_path, "--servers", servers, name="again") as at:
            done = at.finished(location)

    assert (status, between) == (0, [("queued", 0)])
    assert [each["released"] for each in stopped] == [1]
    assert took < 8
    assert (done["status"], done["attempts"]) == ("done", 1)
    assert len(ehr.all("RiskAssessment")) <= 2


def test_those_who_begin_a_request_and_never_end_it_keep_nobody_else_out(tmp_path: Path) -> None:
    with serving(tmp_path, "--servers", str(registry(tmp_path, 1))) as at, ExitStack() as held:
        place = urlsplit(at.address)
        for _ in range(300):
            slow = held.enter_context(socket.create_connection((place.hostname, place.port), timeout=5))
            slow.sendall(b"GET /health/live HTTP/1.1\r\nX-Slow: ")
        began = time.monotonic()
        status, _, _ = at.ask("/health/live")
        took = time.monotonic() - began
        with ThreadPoolExecutor(40) as crowd:
            asked = list(crowd.map(lambda _: at.ask("/health/ready")[0], range(120)))
        warnings = at.events("library-told")

    assert (status, set(asked), warnings) == (200, {200}, [])
    assert took < 5


def test_a_server_that_never_answers_does_not_keep_the_process(tmp_path: Path) -> None:
    gate = Gate("GET Observation")
    with kept_here(faults=gate) as ehr:
        ehr.put(resources(PATIENT))
        with serving(tmp_path, "--servers", str(registry(tmp_path, ehr.port))) as at:
            at.assess(ASKED)
            assert gate.reached.wait(20)
            began = time.monotonic()
            status = at.stop(signal.SIGTERM)
            took = time.monotonic() - began
        gate.opened.set()

    assert (status, _running(tmp_path)) == (0, [("queued", 0)])
    assert took < 12


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGHUP], ids=lambda each: each.name)
def test_who_waits_for_an_answer_is_answered_when_the_process_stops(
    tmp_path: Path, told: signal.Signals
) -> None:
    gate = Gate("GET Patient")
    with kept_here(faults=gate) as ehr:
        ehr.put(resources(PATIENT))
        with serving(tmp_path, "--servers", str(registry(tmp_path, ehr.port))) as at:
            location = at.assess(ASKED)
            assert gate.reached.wait(20)
            answers: list[Any] = []
            waiting = threading.Thread(target=lambda: answers.append(at.ask(location, Prefer="wait=20")))
            waiting.start()
            time.sleep(0.5)
            at.process.send_signal(told)
            waiting.join(5)
            gate.opened.set()
            assert at.process.wait(20) == 0

    ((status, body, _),) = answers
    assert (status, body["status"]) == (200, "running")


def test_every_problem_of_the_setup_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "servers.toml").write_text(
        '[servers.main]\nbase_url = "https://ehr.example.org/fhir"\n'
        'auth = { kind = "client-secret", client_id = "c", secret_variable = "SECRET" }\n'
    )
    (tmp_path / "callers.toml").write_text('[callers.a]\ntoken_sha256 = ["x"]\nservers = ["east"]\n')
    (tmp_path / "policy.toml").write_text('name = "ours"\n')
    options = ("--servers", "servers.toml", "--tokens", "callers.toml", "--policy", "policy.toml")

    ended = refused(tmp_path, [*options, "--database", "sqlite:///./no/such.db"])

    assert ended.returncode == 2
    assert ended.stderr.decode().splitlines() == [
        "fhirgate: the service cannot be used:",
        "  - the policy file policy.toml: version: is missing; a policy needs a version",
        "  - the database URL: there is no folder no",
        "  - the callers of callers.toml: callers.a.servers: the registry has no server 'east'",
        "  - the callers of callers.toml: callers.a.token_sha256: must be SHA-256 in 64 small hexadecimal digits,"
        " never the token itself",
        "  - server 'main': the environment variable SECRET is to hold its secret, and is empty",
    ]


def test_settings_are_judged_together_before_anything_is_opened(tmp_path: Path) -> None:
    ended = refused(
        tmp_path,
        ["--job-workers", "many", "--policy", "gone.toml"],
        FHIRGATE_SERVERS="none.toml",
        FHIRGATE_JOB_SECONDS="5",
    )

    assert ended.returncode == 2
    assert ended.stderr.decode().splitlines() == [
        "fhirgate: the environment cannot be used:",
        "  - FHIRGATE_SERVERS: there is no file none.toml",
        "  - FHIRGATE_POLICY: there is no file gone.toml",
        "  - FHIRGATE_JOB_WORKERS: must be a whole number from 1 to 32",
        "  - FHIRGATE_JOB_SECONDS: must be a whole number from 10 to 86400",
    ]


def _first_revision(url: str) -> None:
    database = open_database(url)
    with database.writing() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    database.close()


def test_a_folder_for_shared_counts_that_is_not_there_is_told(tmp_path: Path) -> None:
    servers = str(registry(tmp_path, 1))

    ended = refused(tmp_path, ["--servers", servers], PROMETHEUS_MULTIPROC_DIR="/no/such")

    assert ended.returncode == 2
    assert b"PROMETHEUS_MULTIPROC_DIR: there is no folder /no/such that can be written to" in ended.stderr
    assert not (tmp_path / "fhirgate.db").exists()


def test_an_outdated_database_is_left_alone_and_told_how_to_be_upgraded(tmp_path: Path) -> None:
    _first_revision(f"sqlite:///{tmp_path}/old.db")

    ended = refused(tmp_path, ["--servers", str(registry(tmp_path, 1)), "--database", "sqlite:///./old.db"])

    assert ended.returncode == 2
    assert b"its tables are not up to date; run: fhirgate db upgrade" in ended.stderr
    assert ended.stdout == b""


@pytest.mark.parametrize(
    "listen",
    [
        lambda port: ["--port", str(port)],
        lambda _: ["--host", "256.1.1.1"],
    ],
)
def test_a_place_that_cannot_be_listened_at_is_told(
    tmp_path: Path, listen: Callable[[int], list[str]]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        options = listen(taken.getsockname()[1])
        ended = refused(tmp_path, ["--servers", str(registry(tmp_path, 1)), *options])

    assert ended.returncode == 2
    assert b"cannot listen on" in ended.stderr


def test_callers_of_a_file_are_let_in_by_their_tokens_and_no_token_is_made(tmp_path: Path) -> None:
    token = "correct-horse"  # noqa: S105 - of this test alone
    digest = sha256(token.encode()).hexdigest()
    (tmp_path / "callers.toml").write_text(f'[callers.board]\ntoken_sha256 = ["{digest}"]\nservers = ["*"]\n')
    options = ("--servers", str(registry(tmp_path, 1)), "--tokens", "callers.toml")

    with serving(tmp_path, *options, token=token) as at:
        known = at.ask("/metrics")[0]
        unknown = at.ask("/metrics", Authorization="Bearer battery staple")[0]
        calls = at.events("request-answered")

    assert (known, unknown) == (200, 401)
    assert [each["caller"] for each in calls] == ["board", ""]
    assert not (tmp_path / "fhirgate.token").exists()


def test_a_database_that_a_file_names_is_used_unless_an_option_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("sqlite:///./from-file.db\n")
    servers = str(registry(tmp_path, 1))

    with serving(tmp_path, "--servers", servers, FHIRGATE_DATABASE_URL_FILE="url"):
        assert (tmp_path / "from-file.db").exists()
    with serving(
        tmp_path, "--servers", servers, "--database", "sqlite:///./given.db", FHIRGATE_DATABASE_URL_FILE="url"
    ):
        assert (tmp_path / "given.db").exists()
    assert os.listdir(tmp_path).count("fhirgate.db") == 0
