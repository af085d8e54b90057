"""The parts of a service joined, in this process."""

import stat
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from bearer_world import KEYS
from databases import empty_url, fresh_url
from fhir_records import resources
from keeping_ehr import KeepingEhr, kept_here
from serve_world import registry
from sqlalchemy import insert, select

from fhirgate.config.settings import Settings
from fhirgate.ehr.keys import Algorithm, save_key
from fhirgate.errors import ConfigurationError, UnknownResource
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.services.events import Event, TokenMade, WrittenBack
from fhirgate.store.sealing import new_sealing_key, sealing_keys
from fhirgate.store.tables import launch_pending
from fhirgate.store.upgrade import current_revision, newest_revision
from fhirgate.web.app import create_app
from fhirgate.wiring import build, utc_now

ASKED = {"server": "main", "patient": "p1", "asOf": "2025-07-20", "write": True}


@pytest.fixture
def ehr() -> Iterator[KeepingEhr]:
    with kept_here() as found:
        found.put(resources("p1"))
        yield found


def settings(folder: Path, port: int = 1, **more: str) -> Settings:
    usual = {
        "FHIRGATE_SERVERS": str(registry(folder, port)),
        "FHIRGATE_DATABASE_URL": f"sqlite:///{folder}/results.db",
    }
    return Settings.from_env({**usual, **more})


def problems(made: Settings, **environment: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as told:
        build(made, environment, lambda _: None)
    return told.value.problems


def test_a_service_makes_what_it_is_asked_for_keeps_it_and_writes_it_back(
    tmp_path: Path, ehr: KeepingEhr
) -> None:
    events: list[Event] = []
    service = build(settings(tmp_path, ehr.port), {}, events.append)
    client = create_app(service.gate).test_client()
    token = (tmp_path / "results.token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    service.start()
    location = client.post("/v1/assessments", json=ASKED, headers=headers).headers["Location"]
    until = time.monotonic() + 20
    told = client.get(location, headers={**headers, "Prefer": "wait=20"}).json
    while told["writeBack"]["state"] == "waiting" and time.monotonic() < until:
        time.sleep(0.05)
        told = client.get(location, headers=headers).json
    ready = client.get("/health/ready").json
    metrics = client.get("/metrics", headers=headers).text
    released = service.stop(5)
    stopping = client.get("/health/ready").json

    assert (told["status"], told["writeBack"]["state"]) == ("done", "done")
    assert len(ehr.all("RiskAssessment")) == 1
    assert ready["status"] == "ready"
    assert [each["why"] for each in stopping["checks"]] == ["", "it is stopping"]
    assert released == (0, True)
    assert 'fhirgate_outbound_calls_total{server="main",status="200"}' in metrics
    assert 'fhirgate_backlog{kind="write-back",state="waiting"} 0.0' in metrics
    assert TokenMade(file=str(tmp_path / "results.token")) in events
    assert [each.outcome for each in events if isinstance(each, WrittenBack)][-1:] == ["done"]
    service.database.close()


def test_what_waits_for_a_worker_is_counted(tmp_path: Path) -> None:
    service = build(settings(tmp_path), {}, lambda _: None)
    service.workers.runner.jobs.add("j1", "assessment:alice", "{}")

    told = service.gate.metrics.exposed().decode()

    assert 'fhirgate_backlog{kind="assessment",state="queued"} 1.0' in told
    assert 'fhirgate_backlog_oldest_seconds{kind="assessment",state="queued"}' in told
    service.stop(0)


def test_a_server_that_left_the_registry_is_told_to_who_asked_before(tmp_path: Path) -> None:
    service = build(settings(tmp_path), {}, lambda _: None)

    with pytest.raises(UnknownResource, match="no server 'east' any more"):
        service.workers.runner.source_of("east")
    assert service.workers.runner.source_of("main") == service.workers.runner.source_of("main")
    service.stop(0)


def test_an_empty_sqlite_database_is_set_up(tmp_path: Path) -> None:
    service = build(settings(tmp_path), {}, lambda _: None)

    assert current_revision(service.database) == newest_revision()
    service.stop(0)


@pytest.mark.peer
def test_an_empty_postgresql_is_left_alone(tmp_path: Path) -> None:
    url = empty_url("postgresql", tmp_path)

    told = problems(settings(tmp_path, FHIRGATE_DATABASE_URL=url))

    assert told == (
        "the database: its tables are not up to date; run: fhirgate db upgrade",
        "the callers: FHIRGATE_API_TOKENS is to name their file",
    )


@pytest.mark.peer
def test_postgresql_with_callers_is_served(tmp_path: Path) -> None:
    (tmp_path / "callers.toml").write_text(f'[callers.a]\ntoken_sha256 = ["{"0" * 64}"]\nservers = ["*"]\n')
    made = settings(
        tmp_path,
        FHIRGATE_DATABASE_URL=fresh_url("postgresql", tmp_path),
        FHIRGATE_API_TOKENS=str(tmp_path / "callers.toml"),
    )

    service = build(made, {}, lambda _: None)

    assert [each.name for each in service.gate.callers] == ["a"]
    assert service.token_file is None
    service.stop(0)


def test_policy_and_vocabulary_of_the_site_are_used(tmp_path: Path) -> None:
    policy, vocabulary = tmp_path / "policy.toml", tmp_path / "vocabulary.toml"
    policy.write_text('name = "ours"\nversion = "7"\n')
    vocabulary.write_text('[[code]]\nsystem = "urn:ours"\ncode = "1"\nmeans = "role.target"\n')
    made = settings(tmp_path, FHIRGATE_POLICY=str(policy), FHIRGATE_VOCABULARY=str(vocabulary))

    service = build(made, {}, lambda _: None)

    assert service.workers.runner.choices.policy.name == "ours"
    assert DEFAULT_POLICY.name != "ours"
    service.stop(0)


def test_problems_of_every_file_are_told_together(tmp_path: Path) -> None:
    policy, vocabulary = tmp_path / "policy.toml", tmp_path / "vocabulary.toml"
    policy.write_text('version = "7"\n')
    vocabulary.write_text("x = 1\n")
    made = settings(
        tmp_path,
        FHIRGATE_POLICY=str(policy),
        FHIRGATE_VOCABULARY=str(vocabulary),
        FHIRGATE_DATABASE_URL="mysql://u:s3cret@h/d",
    )
    made.servers.write_text("[servers.main]\n")

    told = problems(made)

    assert list(dict.fromkeys(each.split(": ")[0] for each in told)) == [
        f"the registry of servers {made.servers}",
        f"the policy file {policy}",
        f"the vocabulary file {vocabulary}",
        "the database URL",
    ]
    assert "s3cret" not in str(told)


def test_a_job_must_be_able_to_outlast_the_reading_of_its_record(tmp_path: Path) -> None:
    told = problems(settings(tmp_path, FHIRGATE_JOB_SECONDS="300"))

    assert told == ("server 'main': record_seconds must be less than FHIRGATE_JOB_SECONDS, 300",)


def test_secrets_and_keys_that_are_not_at_hand_are_told(tmp_path: Path) -> None:
    made = settings(tmp_path)
    made.servers.write_text(
        '[servers.a]\nbase_url = "https://ehr.example.org"\n'
        'auth = { kind = "basic", client_id = "u", secret_variable = "SECRET" }\n'
        '[servers.b]\nbase_url = "https://ehr.example.org"\n'
        'auth = { kind = "backend", client_id = "u", key_file = "keys" }\n'
    )

    of_a, of_b = problems(made, SECRET="")

    assert of_a == "server 'a': the environment variable SECRET is to hold its secret, and is empty"
    assert of_b.startswith("the signing key of server 'b': ")


LAUNCHED = (
    '[servers.main]\nbase_url = "https://ehr.example.org/fhir"\n'
    'launch = { kind = "public", client_id = "c", frame_ancestors = ["https://ehr.example.org"] }\n'
)


def launchable(folder: Path, entries: str = LAUNCHED, **more: str) -> Settings:
    made = settings(folder, **more)
    made.servers.write_text(entries)
    return made


def test_without_a_launch_table_nothing_can_be_launched_and_no_key_is_made(tmp_path: Path) -> None:
    service = build(settings(tmp_path), {}, lambda _: None)

    assert (service.gate.launching, service.gate.launches, service.gate.reviews) == (None, None, None)
    assert not (tmp_path / "results.keys").exists()
    service.stop(0)


def test_the_first_start_makes_a_sealing_key_that_only_the_owner_can_read_and_the_next_keeps_it(
    tmp_path: Path,
) -> None:
    made = launchable(tmp_path, FHIRGATE_PUBLIC_URL="https://fhirgate.example.org/")
    file = tmp_path / "results.keys"
    texts = []
    for _ in range(2):
        service = build(made, {}, lambda _: None)
        texts.append(file.read_text())
        service.stop(0)

    assert texts[0] == texts[1]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(sealing_keys(texts[0]).keys) == 1
    launching = service.gate.launching
    assert launching is not None
    assert (launching.public_url, launching.frames) == (
        "https://fhirgate.example.org",
        {"main": ("https://ehr.example.org",)},
    )
    assert launching.server_of("https://EHR.example.org/fhir/") == "main"
    assert launching.server_of("https://evil.example.org/fhir") == ""


def test_launches_that_are_over_are_forgotten_while_it_works(tmp_path: Path) -> None:
    service = build(launchable(tmp_path, FHIRGATE_PUBLIC_URL="https://f.example.org"), {}, lambda _: None)
    row = {"state_sha256": "0" * 64, "ends_at": utc_now() - timedelta(1), "key": "first", "sealed": b"x"}
    with service.database.writing() as connection:
        connection.execute(insert(launch_pending), row)

    service.workers.start()
    until = time.monotonic() + 10
    left = 1
    while left and time.monotonic() < until:
        time.sleep(0.05)
        with service.database.reading() as connection:
            left = len(connection.execute(select(launch_pending)).all())

    assert left == 0
    service.stop(5)


def test_launches_that_are_not_set_up_whole_are_told_with_everything_that_is_missing(tmp_path: Path) -> None:
    secret = LAUNCHED.replace('"public"', '"client-secret"').replace('"c"', '"c", secret_variable = "SECRET"')
    broken = tmp_path / "broken"
    broken.write_text("first not-a-key")
    broken.chmod(0o600)
    open_to_all = tmp_path / "open"
    open_to_all.write_text(new_sealing_key("first"))
    open_to_all.chmod(0o644)
    url = {"FHIRGATE_PUBLIC_URL": "https://f.example.org"}

    bare = problems(launchable(tmp_path))
    unreadable = problems(launchable(tmp_path, **url, FHIRGATE_SEALING_KEYS_FILE=str(broken)))
    readable = problems(launchable(tmp_path, **url, FHIRGATE_SEALING_KEYS_FILE=str(open_to_all)))
    secretless = problems(launchable(tmp_path, secret, **url))

    assert bare == ("the launches: FHIRGATE_PUBLIC_URL is to say where browsers reach this service",)
    assert unreadable == ("the sealing keys: key 1: it is not 32 bytes in URL-safe base 64",)
    assert readable == (
        f"the sealing keys: {open_to_all}: others than its owner can reach it (mode 0644); chmod 600 it",
    )
    assert secretless == (
        "the launches: server 'main': the environment variable SECRET is to hold its secret, and is empty",
    )


@pytest.mark.peer
def test_postgresql_needs_a_file_of_sealing_keys(tmp_path: Path) -> None:
    (tmp_path / "callers.toml").write_text(f'[callers.a]\ntoken_sha256 = ["{"0" * 64}"]\nservers = ["*"]\n')
    made = launchable(
        tmp_path,
        FHIRGATE_DATABASE_URL=fresh_url("postgresql", tmp_path),
        FHIRGATE_API_TOKENS=str(tmp_path / "callers.toml"),
        FHIRGATE_PUBLIC_URL="https://f.example.org",
    )

    assert problems(made) == ("the sealing keys: FHIRGATE_SEALING_KEYS_FILE is to name their file",)


def test_our_public_keys_are_those_of_the_registry(tmp_path: Path) -> None:
    save_key(KEYS[Algorithm.ES384], tmp_path / "keys")
    made = settings(tmp_path)
    made.servers.write_text(
        '[servers.b]\nbase_url = "https://ehr.example.org"\n'
        'auth = { kind = "backend", client_id = "u", key_file = "keys" }\n'
    )
    service = build(made, {}, lambda _: None)

    told = create_app(service.gate).test_client().get("/.well-known/jwks.json").json

    assert [each["kid"] for each in told["keys"]] == [KEYS[Algorithm.ES384].kid]
    service.stop(0)
