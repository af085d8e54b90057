"""`fhirgate db`: what it says and leaves with."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from fhirgate.cli.database import USUAL
from fhirgate.cli.db import command
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.cli.program import run
from fhirgate.errors import ConfigurationError
from fhirgate.store.engine import DEFAULT_URL, open_database
from fhirgate.store.upgrade import newest_revision, require_current

NEWEST = newest_revision()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'results.db'}"


def test_upgrade_makes_the_database_that_the_variable_names(url: str) -> None:
    ended = CliRunner().invoke(command, ["upgrade"], env={"FHIRGATE_DATABASE_URL": url})

    assert ended.output == f"{url}: revision {NEWEST}, newest {NEWEST}\n"
    database = open_database(url)
    require_current(database)
    database.close()


def test_without_a_url_the_file_stands_where_the_command_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FHIRGATE_DATABASE_URL", raising=False)

    ended = CliRunner().invoke(command, ["upgrade"])

    assert ended.exit_code == 0
    assert (tmp_path / "fhirgate.db").is_file()
    assert USUAL == DEFAULT_URL


def test_current_says_what_is_missing(url: str) -> None:
    ended = CliRunner().invoke(command, ["current", "--database", url])

    assert ended.output == f"{url}: revision none, newest {NEWEST}\n"
    assert isinstance(ended.exception, ConfigurationError)
    assert "fhirgate db upgrade" in ended.exception.safe_message


def test_current_is_content_after_an_upgrade(url: str) -> None:
    CliRunner().invoke(command, ["upgrade", "--database", url])

    ended = CliRunner().invoke(command, ["current", "--database", url])

    assert (ended.exit_code, ended.output) == (0, f"{url}: revision {NEWEST}, newest {NEWEST}\n")


def test_the_url_can_stand_in_a_file(url: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{url}\n")

    ended = CliRunner().invoke(command, ["upgrade"], env={"FHIRGATE_DATABASE_URL_FILE": str(file)})

    assert (ended.exit_code, ended.output) == (0, f"{url}: revision {NEWEST}, newest {NEWEST}\n")


def test_the_option_wins_over_the_environment(url: str) -> None:
    ended = CliRunner().invoke(
        command,
        ["upgrade", "--database", url],
        env={"FHIRGATE_DATABASE_URL_FILE": "/nowhere", "FHIRGATE_DATABASE_URL": "nothing"},
    )

    assert ended.output == f"{url}: revision {NEWEST}, newest {NEWEST}\n"


def test_a_server_that_does_not_answer_is_no_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        status = run(["db", "current", "--database", f"postgresql://u:hush@127.0.0.1:{port}/x"])

    assert status == ExitStatus.DATABASE == 75
    said = capsys.readouterr().err
    assert said.startswith("fhirgate: the database cannot be reached or is too busy")
    assert "hush" not in said
