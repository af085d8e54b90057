"""Callers as a site's file names them."""

from hashlib import sha256
from pathlib import Path

import pytest

from fhirgate.config.callers_file import load_callers
from fhirgate.errors import ConfigurationError
from fhirgate.services.callers import Caller

ONE, TWO = (sha256(each).hexdigest() for each in (b"1", b"2"))


def load(folder: Path, text: str) -> tuple[Caller, ...]:
    path = folder / "callers.toml"
    path.write_text(text)
    return load_callers(path, ("main", "east"))


def problems(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as told:
        load(folder, text)
    return told.value.problems


def test_callers_have_tokens_servers_and_a_pace(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        f'[callers.board]\ntoken_sha256 = ["{ONE}", "{TWO}"]\nservers = ["main"]\nrequests_per_minute = 5\n'
        f'[callers.all]\ntoken_sha256 = ["{"0" * 64}"]\nservers = ["*"]\n',
    )

    assert found == (
        Caller(name="board", digests=(ONE, TWO), servers=frozenset({"main"}), requests_per_minute=5),
        Caller(name="all", digests=("0" * 64,), servers=None),
    )


def test_every_problem_of_every_caller_is_told_at_once(tmp_path: Path) -> None:
    assert problems(
        tmp_path,
        f'[callers."a b"]\ntoken_sha256 = ["{ONE}"]\nservers = ["main", "north"]\n'
        f'[callers.b]\ntoken_sha256 = ["{ONE}", "secret"]\nservers = ["*"]\n',
    ) == (
        "callers.a b: a name has 1 to 40 letters, digits, hyphens and underscores",
        "callers.a b.servers: the registry has no server 'north'",
        "callers.b.token_sha256: is that of a b too",
        "callers.b.token_sha256: must be SHA-256 in 64 small hexadecimal digits, never the token itself",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ("callers: is missing",)),
        ("[callers]", ("callers: names nobody",)),
        ("callers = 1", ("callers: must be tables such as [callers.tumour-board]",)),
        ("[callers]\na = 1", ("callers.a: must be a table",)),
        (
            "[callers.a]\n[callers.b]\ntoken_sha256 = []\nservers = []\nrequests_per_minute = 0\ntoken = 'x'",
            (
                "callers.a.token_sha256: is missing",
                "callers.a.servers: is missing",
                "callers.b.token_sha256: must not be empty",
                "callers.b.servers: must not be empty",
                "callers.b.requests_per_minute: must lie between 1 and 100000",
                "callers.b.token: is not a known key; did you mean token_sha256?",
            ),
        ),
    ],
)
def test_what_a_file_may_hold_is_told(tmp_path: Path, text: str, told: tuple[str, ...]) -> None:
    found = problems(tmp_path, text)

    assert tuple(each.partition("; did you mean")[0] for each in found) == tuple(
        each.partition("; did you mean")[0] for each in told
    )


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        load_callers(tmp_path / "none.toml", ())
