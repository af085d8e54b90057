"""oidc-provider on a free port: an authorization server that nobody here wrote."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PROVISION = HERE / "provision.sh"
RECIPE = ("provision.sh", "package.json", "server.mjs")


def require_peer() -> Path:
    """Where it is installed; without it the test is skipped, and fails in CI."""
    where = Path(os.environ.get("FHIRGATE_PEERS") or Path.home() / ".cache/fhirgate-peers") / "oidc"
    stamp = where / "provisioned"
    version = sha256(b"".join((HERE / name).read_bytes() for name in RECIPE)).hexdigest()
    if not stamp.exists() or stamp.read_text().strip() != version:
        reason = f"oidc-provider is not in {where}, or of an older recipe: run {PROVISION}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return where


@contextmanager
def oidc(*, jwks: Mapping[str, Any], secret: str, life: int = 300) -> Iterator[int]:
    """The port of a server that knows these keys and this secret, with tokens that live so long [s]."""
    where = require_peer()
    told = json.dumps({"jwks": jwks, "secret": secret, "life": life})
    with subprocess.Popen(
        ["node", "server.mjs"],
        cwd=where,
        env=os.environ | {"OIDC_PEER": told},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        # oidc-provider prints its advice first, if it has any.
        line = process.stdout.readline()
        while line and not line.strip().isdigit():
            line = process.stdout.readline()
        try:
            if not line:
                raise AssertionError(f"oidc-provider did not start:\n{process.stderr.read()[-4000:]}")
            yield int(line)
        finally:
            process.terminate()
