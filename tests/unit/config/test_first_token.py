"""The token of a service without a file of callers."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fhirgate.config import first_token
from fhirgate.config.first_token import first_caller
from fhirgate.errors import ConfigurationError
from fhirgate.services.callers import Caller, digest_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fhirgate.token"


def test_a_token_is_made_once_for_its_owners_eyes(path: Path) -> None:
    first, made = first_caller(path)
    again, made_again = first_caller(path)

    token = path.read_text().strip()
    assert (made, made_again) == (True, False)
    assert first == again == Caller(name="local", digests=(digest_of(token),), servers=None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(token) == 43
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_two_services_have_two_tokens(tmp_path: Path) -> None:
    assert first_caller(tmp_path / "a")[0] != first_caller(tmp_path / "b")[0]


def test_services_that_start_at_once_have_one_token(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter(range(100))
    # Threads share a process id; processes do not.
    monkeypatch.setattr(os, "getpid", lambda: next(numbers))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: first_caller(path), range(8)))

    assert len({caller for caller, _ in found}) == 1
    assert sum(made for _, made in found) == 1


def _problem(path: Path) -> str:
    with pytest.raises(ConfigurationError) as told:
        first_caller(path)
    (problem,) = told.value.problems
    return problem.removeprefix(f"{path}: ")


def test_a_token_that_others_can_read_is_refused(path: Path) -> None:
    first_caller(path)
    path.chmod(0o640)

    assert _problem(path) == "others than its owner can reach it (mode 0640); chmod 600 it"


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 31, b"two " * 20, b"\xff" * 40])
def test_a_file_without_a_token_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)

    assert _problem(path) == "is to hold one token of at least 32 letters and nothing else"


def test_a_pipe_in_place_of_the_file_keeps_nobody(path: Path) -> None:
    os.mkfifo(path, 0o600)

    assert _problem(path).startswith("is to hold one token")


def test_a_place_where_nothing_can_be_made_is_told(tmp_path: Path) -> None:
    assert _problem(tmp_path / "none" / "fhirgate.token") == "cannot be made: No such file or directory"


def test_a_folder_in_place_of_the_file_is_told(path: Path) -> None:
    path.mkdir()

    assert _problem(path) == "cannot be read: Is a directory"


def test_the_least_token_is_as_long_as_a_token_that_is_made() -> None:
    assert first_token._LEAST <= 43
