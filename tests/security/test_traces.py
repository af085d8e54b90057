"""`--trace`, errors and messages of the commands that call a server: nothing of a patient, and no secret, stands there.

The server answers as badly as it can: names and numbers in links, redirects, headers and outcomes.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ehr_world import everything
from token_server import CLIENT, SECRET
from wire import Heard, Script, Wire, reply, wire

SALT = ("Zyzxname", "zyzxname", "Quillon", "77315588", "1947-03-09", "Xanthoville")
HIDDEN = (*SALT, SECRET, quote(SECRET, safe=""), "t0ken", "hush")
Run = Callable[..., subprocess.CompletedProcess[bytes]]


def outcome(**issue: Any) -> bytes:
    usual = {
        "severity": "error",
        "code": "processing",
        "diagnostics": "Quillon Zyzxname, MRN 77315588, born 1947-03-09",
        "details": {
            "text": "Zyzxname is locked",
            "coding": [{"code": "Zyzxname 77315588", "display": "Quillon Zyzxname"}],
        },
        "expression": ["Patient.where(name='Zyzxname')", "Patient.identifier[0]"],
        "location": ["/f:Patient/f:name[@value='Zyzxname']"],
    }
    return json.dumps({"resourceType": "OperationOutcome", "issue": [usual | issue]}).encode()


def page(following: str) -> bytes:
    patient = {"resourceType": "Patient", "id": "MRN77315588", "name": [{"family": "Zyzxname"}]}
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "next", "url": following}],
        "entry": [{"fullUrl": "http://elsewhere/Patient/Zyzxname", "resource": patient}],
    }
    return json.dumps(bundle).encode()


def bad(answers: list[Callable[[int], bytes]], port: list[int]) -> Script:
    """A server with tokens and a statement, whose answers to all else come in turn; the last one stays."""

    def script(connection: Any, heard: Heard) -> None:
        path = heard.line.split()[1]
        if path == "/Zyzxname/token":
            body: Any = {
                "access_token": "t0ken-77315588",
                "token_type": "Bearer",
                "expires_in": 300,
                "patient": SALT[3],
            }
            connection.sendall(reply(json.dumps(body).encode(), kind="application/json"))
        elif path.endswith("/metadata"):
            connection.sendall(reply(json.dumps(everything("name", "birthdate")).encode()))
        else:
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            connection.sendall(answer(port[0]))

    return script


def status(words: str, body: bytes = b"", more: str = "") -> Callable[[int], bytes]:
    return lambda _port: reply(body, status=words, more=more)


WAYS: dict[str, list[Callable[[int], bytes]]] = {
    "an outcome that names the patient": [status("422 Unprocessable Entity", outcome())],
    "an outcome with success": [status("200 OK", outcome())],
    "a redirect to the patient": [
        lambda port: reply(
            b"",
            status="302 Found",
            more=f"Location: http://127.0.0.1:{port}/fhir/Patient/Zyzxname?mrn=77315588\r\n",
        )
    ],
    "a redirect to nowhere": [status("302 Found", more="Location: Zyzxname 77315588\r\n")],
    "a challenge that names the patient": [
        status(
            "401 Unauthorized",
            outcome(),
            'WWW-Authenticate: Bearer realm="Zyzxname", error="invalid_token", error_description="Zyzxname"\r\n',
        )
    ],
    "not permitted": [status("403 Forbidden", outcome(), "X-Patient: Zyzxname\r\n")],
    "next links that name the patient, then a failure": [
        lambda port: reply(
            page(
                f"http://127.0.0.1:{port}/fhir/Patient/Zyzxname/77315588?Quillon%20Zyzxname&name=Zyzxname&b=1947-03-09"
            )
        ),
        status("500 Internal Server Error", outcome()),
    ],
    "a next link to another host": [lambda _port: reply(page("http://other.example/Zyzxname?mrn=77315588"))],
    "a page of words": [lambda _port: reply(b"<html>Zyzxname 77315588</html>", kind="text/html")],
    "JSON that breaks off": [lambda _port: reply(b'{"resourceType": "Patient", "id": "Zyzxname 77315588"')],
    "another resource at a place of its own": [
        status("200 OK", b'{"resourceType": "Zyzxname"}', "Content-Location: /fhir/Patient/Zyzxname\r\n")
    ],
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command against the server of a port, with a client secret."""

    def run(there: Wire, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        host = f"http://127.0.0.1:{there.port}"
        (tmp_path / "servers.toml").write_text(
            f'[servers.main]\nbase_url = "{host}/fhir"\nnetwork = "private"\nprivate_hosts = ["127.0.0.1"]\n'
            f'auth = {{ kind = "client-secret", client_id = "{CLIENT}", secret_variable = "S",'
            f' secret_in_body = true, token_url = "{host}/Zyzxname/token" }}\n'
        )
        return subprocess.run(
            [sys.executable, "-m", "fhirgate", *arguments, "--trace"],
            capture_output=True,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "FHIRGATE_SERVERS": "servers.toml", "S": SECRET},
            timeout=300,
            check=False,
        )

    return run


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "arguments",
    [
        ("get", "main", "Patient/MRN77315588"),
        ("search", "main", "Observation?patient=MRN77315588&name=Zyzxname&birthdate=1947-03-09"),
    ],
    ids=lambda each: each[0],
)
def test_no_trace_and_no_message_holds_what_identifies_a_person(
    arguments: tuple[str, ...], way: str, run: Run
) -> None:
    port = [0]
    with wire(bad(list(WAYS[way]), port)) as there:
        port[0] = there.port
        done = run(there, *arguments)
        asked = [each.line + each.body.decode() for each in there.heard]

    said = done.stderr.decode()
    assert [salt for salt in HIDDEN if salt in said] == []
    assert "main: GET metadata -> 200" in said
    assert ": POST /{id}/token -> 200" in said
    assert done.returncode != 70
    # What is not told was there to be told.
    assert any("client_secret=" in each for each in asked)
    assert any("77315588" in each or "Zyzxname&birthdate" in each for each in asked)
