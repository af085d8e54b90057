"""Medplum's FHIR router over its memory repository, on a free port: a FHIR store that nobody here wrote."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROVISION = HERE / "provision.sh"
RECIPE = ("provision.sh", "package.json", "server.mjs")


def require_peer() -> Path:
    """Where it is installed; without it the test is skipped, and fails in CI."""
    where = Path(os.environ.get("FHIRGATE_PEERS") or Path.home() / ".cache/fhirgate-peers") / "medplum"
    stamp = where / "provisioned"
    version = sha256(b"".join((HERE / name).read_bytes() for name in RECIPE)).hexdigest()
    if not stamp.exists() or stamp.read_text().strip() != version:
        reason = f"@medplum/fhir-router is not in {where}, or of an older recipe: run {PROVISION}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return where


@contextmanager
def medplum() -> Iterator[str]:
    """The base URL of an empty store."""
    with subprocess.Popen(
        ["node", "server.mjs"],
        cwd=require_peer(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        try:
            if not line.strip().isdigit():
                raise AssertionError(f"the store did not start:\n{process.stderr.read()[-4000:]}")
            yield f"http://127.0.0.1:{int(line)}/fhir"
        finally:
            process.terminate()
