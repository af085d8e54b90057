"""The real command in a process of its own, and records to give it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]
Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `fhirgate` with these arguments, in an empty folder, with no terminal and no settings of ours."""

    def run(
        *arguments: str | Path, stdin: bytes = b"", **environment: str
    ) -> subprocess.CompletedProcess[bytes]:
        outside = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "fhirgate", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env={**outside, **environment},
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file and gives its path: bytes as they are, anything else as JSON."""

    def saved(content: Any, name: str = "record.json") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return saved
