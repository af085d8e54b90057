"""`fhirgate launch --simulate` against the sandbox: every named failure is told by the step it belongs to."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator
from sandbox_world import PATIENT, REDIRECT, served

from fhirgate.cli.launch_listener import Listener
from fhirgate.cli.program import run
from fhirgate.ehr.rehearsal.rehearsal_json import rehearsal_schema
from fhirgate.sandbox.ehr.serve import Running

Json = dict[str, Any]
Simulate = Callable[..., tuple[int, Json]]
PLAIN = {("connection", "", "warning")}
"""The sandbox has no TLS, which is told in every run."""


@pytest.fixture(scope="module")
def ehr() -> Iterator[Running]:
    with served() as found:
        yield found


@pytest.fixture
def registry(ehr: Running, tmp_path: Path) -> Path:
    path = tmp_path / "servers.toml"
    path.write_text(
        f'[servers.sandbox]\nbase_url = "{ehr.fhir}"\nnetwork = "private"\nprivate_hosts = ["127.0.0.1"]\n'
        'launch = { kind = "public", client_id = "app" }\n'
    )
    return path


@pytest.fixture
def simulate(registry: Path, capsys: pytest.CaptureFixture[str]) -> Simulate:
    """The exit status, and what was told as JSON, which always fits its schema."""

    def simulate(*more: str, callback: str = REDIRECT) -> tuple[int, Json]:
        given = ["launch", "--simulate", "sandbox", "--servers", str(registry), "--callback", callback]
        status = run([*given, "-o", "json", *more])
        told = json.loads(capsys.readouterr().out)
        Draft202012Validator(rehearsal_schema()).validate(told)
        return status, told

    return simulate


def chart(ehr: Running, failure: str = "") -> str:
    """The address that the sandbox opens the app with."""
    asked = {"client": "app", "failure": failure}
    answer = requests.get(f"{ehr.url}/launch/{PATIENT}", params=asked, allow_redirects=False, timeout=10)
    return answer.headers["Location"]


def remarkable(told: Json) -> set[tuple[str, str, str]]:
    """Every line that is not ok."""
    return {
        (each["check"], each["about"] or "", each["result"])
        for each in told["lines"]
        if each["result"] not in ("ok", "notTried")
    } - PLAIN


@pytest.mark.parametrize(
    ("failure", "status", "lines"),
    [
        ("", 0, set()),
        ("denied", 1, {("answer", "", "failed")}),
        ("narrowed-scope", 1, {("scopes-granted", "Observation", "failed")}),
        ("no-scope", 1, {("scopes-granted", "", "failed")}),
        ("no-context", 1, {("context", "", "failed")}),
        ("expired-token", 0, {("patient", "", "warning")}),
        ("slow", 0, {("patient", "", "warning")}),
        ("too-many", 0, {("patient", "", "warning"), ("pace", "", "warning")}),
        ("too-many-silent", 0, {("patient", "", "warning"), ("pace", "", "warning")}),
        ("server-error", 0, {("patient", "", "warning"), ("pace", "", "warning")}),
    ],
)
def test_a_failure_is_told_by_the_step_it_belongs_to(
    failure: str, status: int, lines: set[tuple[str, str, str]], ehr: Running, simulate: Simulate
) -> None:
    found, told = simulate("--launch", chart(ehr, failure))

    assert (found, told["canLaunch"], told["flow"]) == (status, status == 0, "ehr")
    assert remarkable(told) == lines


def test_a_standalone_launch_asks_for_the_patient_and_takes_the_one_that_is_given(simulate: Simulate) -> None:
    (without, asked), (given, told) = simulate(), simulate("--field", f"patient={PATIENT}")

    assert (without, given) == (1, 0)
    (line,) = [each for each in asked["lines"] if each["result"] == "failed"]
    assert (line["check"], line["says"]) == ("page", "a page asks for patient")
    assert told["flow"] == "standalone"
    assert remarkable(told) == set()


def test_a_choice_that_the_page_does_not_offer_is_told_without_its_value(simulate: Simulate) -> None:
    status, told = simulate("--field", "patient=nobody-at-all")

    (line,) = [each for each in told["lines"] if each["result"] == "failed"]
    assert (status, line["says"]) == (1, "a page has no such choice for patient")
    assert "nobody-at-all" not in json.dumps(told)


def test_the_button_that_refuses_can_be_pressed(ehr: Running, simulate: Simulate) -> None:
    status, told = simulate("--launch", chart(ehr), "--press", "Deny")

    assert status == 1
    assert remarkable(told) == {("answer", "", "failed")}


def test_a_redirect_uri_that_is_not_registered_ends_on_a_page(simulate: Simulate) -> None:
    status, told = simulate(callback="https://elsewhere.example/callback")

    (line,) = [each for each in told["lines"] if each["result"] == "failed"]
    assert (status, line["check"], line["request"]["status"]) == (1, "page", 400)
    assert "https://elsewhere.example/callback/sandbox" in line["remedy"]


def test_a_launch_is_good_once(ehr: Running, simulate: Simulate) -> None:
    address = chart(ehr)

    (first, _), (second, told) = simulate("--launch", address), simulate("--launch", address)

    assert (first, second) == (0, 1)
    assert remarkable(told) == {("answer", "", "failed")}


def test_an_entry_without_a_launch_table_says_what_to_add(registry: Path, simulate: Simulate) -> None:
    registry.write_text("\n".join(registry.read_text().splitlines()[:-1]))

    status, told = simulate()

    (line,) = [each for each in told["lines"] if each["result"] == "failed"]
    assert (status, told["client"], line["check"]) == (1, None, "table")
    assert "launch = { kind" in line["remedy"]


def test_nothing_of_patient_token_or_code_is_told(
    ehr: Running, registry: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["launch", "--simulate", "sandbox", "--servers", str(registry), "--callback", REDIRECT]
    address = chart(ehr)

    status = run([*given, "--launch", address, "--trace"])

    said = capsys.readouterr()
    assert status == 0
    assert said.out.splitlines()[0].endswith("(launch out of a chart)")
    assert "Clinicians can launch from this server" in said.out
    for secret in (PATIENT, "sandbox-clinician", "Bearer", "code=", address.rpartition("launch=")[2]):
        assert secret not in said.out + said.err


@pytest.mark.parametrize(
    "more",
    [["--field", "patient"], ["--secret-field", "a=NOT_SET_ANYWHERE"], ["--launch", "https://app.example/"]],
)
def test_wrong_usage_is_refused_before_anything_is_sent(more: list[str], registry: Path) -> None:
    assert run(["launch", "--simulate", "sandbox", "--servers", str(registry), *more]) == 2


def test_a_person_with_a_real_browser_is_waited_for(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The sandbox knows no redirect URI on this machine, so the way back is gone by hand."""
    came: list[tuple[tuple[str, str], ...]] = []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{free.getsockname()[1]}/callback/sandbox"
    waits = threading.Thread(target=lambda: came.append(Listener(20)("https://ehr.example.org/x", uri)))
    waits.start()

    while waits.is_alive() and not came:
        with contextlib.suppress(requests.ConnectionError):
            assert requests.get(uri.replace("callback", "favicon"), timeout=5).status_code == 404
            assert requests.get(f"{uri}?code=c&state=s", timeout=5).status_code == 200
            break
    waits.join(20)

    assert came == [(("code", "c"), ("state", "s"))]
    assert "https://ehr.example.org/x" in capfd.readouterr().err
