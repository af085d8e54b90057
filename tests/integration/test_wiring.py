"""The parts of a service joined, in this process."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bearer_world import KEYS
from databases import empty_url, fresh_url
from fhir_records import resources
from keeping_ehr import KeepingEhr, kept_here
from serve_world import registry

from fhirgate.config.settings import Settings
from fhirgate.ehr.keys import Algorithm, save_key
from fhirgate.errors import ConfigurationError, UnknownResource
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.services.events import Event, TokenMade, WrittenBack
from fhirgate.store.upgrade import current_revision, newest_revision
from fhirgate.web.app import create_app
from fhirgate.wiring import build

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
