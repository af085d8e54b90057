"""The service in processes of its own, asked over HTTP."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

Json = dict[str, Any]
READY_WITHIN = 30.0


@dataclass
class Serving:
    """One process."""

    process: subprocess.Popen[bytes]
    address: str
    token: str
    folder: Path
    name: str

    def ask(self, path: str, body: Json | None = None, **headers: str) -> tuple[int, Any, Mapping[str, str]]:
        """Status, body and headers of an answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **named}
        content = None if body is None else json.dumps(body).encode()
        request = Request(self.address + path, content, sent)  # noqa: S310 - our own process
        try:
            with urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, _read(answer), answer.headers
        except HTTPError as refused:
            with refused:
                return refused.code, _read(refused), refused.headers

    def assess(self, body: Json, **headers: str) -> str:
        """Where the assessment is that was asked for."""
        status, told, answered = self.ask("/v1/assessments", body, **headers)
        assert status == 202, told
        return answered["Location"]

    def finished(self, location: str, within: float = 40.0) -> Json:
        """The assessment when it is done or failed."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            _, told, _ = self.ask(location, Prefer="wait=5")
            if told["status"] in ("done", "failed"):
                return dict(told)
        raise AssertionError(f"not finished: {told['status']}, {self.log()}")

    def written(self, location: str, within: float = 20.0) -> Json:
        """What became of writing back, when that is settled."""
        until = time.monotonic() + within
        told: Json = {}
        while time.monotonic() < until:
            told = self.ask(location)[1]["writeBack"]
            if told["state"] != "waiting":
                return told
            time.sleep(0.1)
        raise AssertionError(f"not written: {told}, {self.log()}")

    def stop(self, signal: int) -> int:
        """The exit status after this signal."""
        self.process.send_signal(signal)
        return self.process.wait(30)

    def log(self) -> str:
        """Everything on standard error so far."""
        return (self.folder / f"{self.name}.err").read_text()

    def events(self, name: str) -> list[Json]:
        """What it told of one kind."""
        log = self.log()
        try:
            lines = [json.loads(each) for each in log.splitlines()]
        except ValueError:
            raise AssertionError(f"not all of the log is JSON: {log}") from None
        return [each for each in lines if each["event"] == name]


def _read(answer: Any) -> Any:
    content = answer.read()
    return json.loads(content) if "json" in answer.headers["Content-Type"] else content.decode()


def registry(folder: Path, port: int) -> Path:
    """A registry with the server of a port of this machine as `main`."""
    path = folder / "servers.toml"
    path.write_text(
        f'[servers.main]\nbase_url = "http://127.0.0.1:{port}/fhir"\nnetwork = "private"\n'
        'private_hosts = ["127.0.0.1"]\n'
    )
    return path


def environment(**more: str) -> dict[str, str]:
    """Nothing of ours from outside."""
    outside = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "SYSTEMROOT", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
        if name in os.environ
    }
    return {**outside, **more}


@contextmanager
def serving(
    folder: Path, *options: str, name: str = "serve", token: str = "", **more: str
) -> Iterator[Serving]:
    """`fhirgate serve` on a free port, killed at the end if it still runs."""
    out, err = folder / f"{name}.out", folder / f"{name}.err"
    command = [sys.executable, "-W", "error", "-m", "fhirgate", "serve", "--port", "0", *options]
    with out.open("wb") as to_out, err.open("wb") as to_err:
        process = subprocess.Popen(command, cwd=folder, env=environment(**more), stdout=to_out, stderr=to_err)
    try:
        said = _said(process, out, err)
        if not token:
            token = (folder / said["token"]).read_text().strip()
        yield Serving(process, said["listening"], token, folder, name)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _said(process: subprocess.Popen[bytes], out: Path, err: Path) -> dict[str, str]:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and process.poll() is None:
        said = dict(line.split(": ", 1) for line in out.read_text().splitlines() if ": " in line)
        if "listening" in said:
            return said
        time.sleep(0.02)
    raise AssertionError(f"not serving: {err.read_text()}")


def refused(folder: Path, arguments: Sequence[str], **more: str) -> subprocess.CompletedProcess[bytes]:
    """What a start says that fails."""
    command = [sys.executable, "-W", "error", "-m", "fhirgate", "serve", "--port", "0", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(**more), capture_output=True, timeout=60, check=False
    )
