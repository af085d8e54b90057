"""A HAPI FHIR server of our own: on a free port of this machine, in memory, gone with the tests.

`provision.sh` brings the programs.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

HERE = Path(__file__).parent
PROVISION = HERE / "provision.sh"
RECIPE = ("provision.sh", "pom.xml", "src/main/java/HapiServer.java")
READY_WITHIN = 300
"""It takes 20 s alone, and some minutes beside other tests on few cores [s]."""


@dataclass(frozen=True, slots=True)
class Hapi:
    """A server that runs."""

    base: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.unlink(missing_ok=True)

    def put(self, resources: Iterable[Any]) -> None:
        """Store resources under their own ids, all or none."""
        entries = [
            {
                "resource": each,
                "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"},
            }
            for each in resources
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        sent = Request(  # noqa: S310 - our own server
            self.base, json.dumps(bundle).encode(), {"Content-Type": "application/fhir+json"}
        )
        with urlopen(sent, timeout=120) as answer:  # noqa: S310
            assert answer.status == 200


def start() -> Hapi:
    """Start one; ready when it returns. Without its programs the test is skipped, and fails in CI."""
    where = _require_programs()
    java = ["java", "-Xmx2g", "-cp", "target/classes:target/lib/*", "HapiServer"]
    if setpriv := shutil.which("setpriv"):
        java = [setpriv, "--pdeathsig", "TERM", *java]  # it dies with us, whatever kills us
    port = _free_port()
    handle, name = tempfile.mkstemp(prefix="fhirgate-hapi-", suffix=".log")
    with os.fdopen(handle, "wb") as log:
        process = subprocess.Popen(
            [*java, str(port)], cwd=where, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
    server = Hapi(f"http://127.0.0.1:{port}/fhir", process, Path(name))
    try:
        _wait(server, port)
    except BaseException:
        server.stop()
        raise
    return server


def _require_programs() -> Path:
    root = os.environ.get("FHIRGATE_PEERS") or Path.home() / ".cache" / "fhirgate-peers"
    where = Path(root) / "hapi"
    stamp = where / "provisioned"
    version = sha256(b"".join((HERE / name).read_bytes() for name in RECIPE)).hexdigest()
    if not stamp.exists() or stamp.read_text().strip() != version:
        reason = f"HAPI is not in {where}, or of an older recipe: run {PROVISION}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return where


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _wait(server: Hapi, port: int) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and server.process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return  # it listens only when all of it is there
        except OSError:
            time.sleep(0.25)
    said = server.log.read_text(errors="replace")[-2000:]
    raise AssertionError(f"HAPI did not come up within {READY_WITHIN} s: {said}")
