"""`fhirgate doctor` in a process of its own."""

import json
from pathlib import Path
from typing import Any

import pytest
from doctor_world import VARIABLE, Clinic, guarded
from ehr_world import PATIENT, condition, fhir
from jsonschema import Draft202012Validator
from wire import wire

from fhirgate.ehr.doctor.examination_json import examination_schema

PATIENT_ID = "patient-nobody-may-see"


@pytest.fixture
def registry(tmp_path: Path) -> Any:
    """Writes a registry with the server of a port as `main`."""

    def registry(port: int) -> str:
        path = tmp_path / "servers.toml"
        path.write_text(
            f'[servers.main]\nbase_url = "http://127.0.0.1:{port}/fhir"\nnetwork = "private"\n'
            'private_hosts = ["127.0.0.1"]\n'
        )
        return str(path)

    return registry


def clinic() -> Clinic:
    made = Clinic()
    made.ehr.holds += [{"resourceType": "Patient", "id": PATIENT_ID}, condition(1, patient=PATIENT_ID)]
    return made


def test_a_server_that_works_gives_status_0_and_text_without_colour(run: Any, registry: Any) -> None:
    with wire(clinic()) as here:
        done = run("doctor", "main", "--patient", PATIENT_ID, "--trace", FHIRGATE_SERVERS=registry(here.port))

    text = done.stdout.decode()
    assert done.returncode == 0
    assert text.splitlines()[0] == f"main: http://127.0.0.1:{here.port}/fhir (open)"
    assert "  ok         read Condition: 1 resource on the first page\n" in text
    assert "GET Condition?patient=…&_count=… -> 200 in " in text
    assert text.endswith("Records of this server can be assessed, with the losses and risks told above.\n")
    assert "\x1b" not in text
    trace = done.stderr.decode()
    assert "main: GET Condition?patient&_count -> 200" in trace
    assert PATIENT_ID not in text + trace


def test_json_is_of_the_published_shape(run: Any, registry: Any) -> None:
    with wire(clinic()) as here:
        done = run("doctor", "main", "--servers", registry(here.port), "--patient", PATIENT_ID, "-o", "json")

    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    Draft202012Validator(examination_schema()).validate(found)
    assert (found["canAssess"], found["withPatient"], found["summary"]["failed"]) == (True, True, 0)
    assert PATIENT_ID not in done.stdout.decode()


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_failure_gives_status_1_with_the_whole_result(run: Any, registry: Any, output: str) -> None:
    there = clinic()
    there.ehr.always("Observation?", fhir({}, 403))
    with wire(there) as here:
        done = run(
            *("doctor", "main", "--patient", PATIENT_ID, "-o", output), FHIRGATE_SERVERS=registry(here.port)
        )

    assert (done.returncode, done.stderr) == (1, b"")
    assert b"every measured lesion" in b" ".join(done.stdout.split())


def test_nobody_there_gives_status_1(run: Any, registry: Any) -> None:
    with wire(clinic()) as here:
        port = here.port

    done = run("doctor", "main", FHIRGATE_SERVERS=registry(port))

    assert (done.returncode, done.stderr) == (1, b"")
    assert b"begin with network and TLS: connection." in b" ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("doctor",), "Missing argument 'SERVER'"),
        (("doctor", "other"), "has no server 'other'; it has main"),
        (("doctor", "main", "--patient", "Patient/1"), "--patient is a logical id"),
        (("doctor", "main", "--timeout", "0"), "--timeout"),
        (("doctor", "main", "-o", "xml"), "'xml' is not one of 'text', 'json'"),
    ],
)
def test_wrong_use_gives_status_2_and_nothing_is_asked(
    run: Any, registry: Any, arguments: tuple[str, ...], words: str
) -> None:
    done = run(*arguments, FHIRGATE_SERVERS=registry(9))

    assert (done.returncode, done.stdout) == (2, b"")
    assert words in done.stderr.decode()


def test_a_registry_with_problems_gives_status_2_and_tells_all(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "servers.toml"
    path.write_text('[servers.main]\nbase_url = "http://a.example"\n[servers.other]\nbase = "x"\n')

    done = run("doctor", "main", FHIRGATE_SERVERS=str(path))

    assert (done.returncode, done.stdout) == (2, b"")
    assert b"servers.other" in done.stderr


def test_a_secret_is_shown_nowhere(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "servers.toml"
    with wire(guarded()) as here:
        path.write_text(
            f'[servers.main]\nbase_url = "http://127.0.0.1:{here.port}/fhir"\nnetwork = "private"\n'
            'private_hosts = ["127.0.0.1"]\n'
            'auth = { kind = "client-secret", client_id = "us", secret_variable = "EHR_SECRET" }\n'
        )
        done = run(
            *("doctor", "main", "--patient", PATIENT, "--trace"),
            FHIRGATE_SERVERS=str(path),
            **{VARIABLE: "sesame-not-to-be-seen"},
        )

    assert done.returncode == 0
    assert b"POST /token -> 200" in done.stdout
    assert b"sesame" not in done.stdout + done.stderr
    assert b"t0ken" not in done.stdout + done.stderr
