"""`fhirgate db`: what it says and leaves with."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from fhirgate.cli.db import command
from fhirgate.errors import ConfigurationError
from fhirgate.store.engine import open_database
from fhirgate.store.upgrade import require_current


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'results.db'}"


def test_upgrade_makes_the_database_that_the_variable_names(url: str) -> None:
    ended = CliRunner().invoke(command, ["upgrade"], env={"FHIRGATE_DATABASE_URL": url})

    assert ended.output == f"{url}: revision 0001, newest 0001\n"
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


def test_current_says_what_is_missing(url: str) -> None:
    ended = CliRunner().invoke(command, ["current", "--database", url])

    assert ended.output == f"{url}: revision none, newest 0001\n"
    assert isinstance(ended.exception, ConfigurationError)
    assert "fhirgate db upgrade" in ended.exception.safe_message


def test_current_is_content_after_an_upgrade(url: str) -> None:
    CliRunner().invoke(command, ["upgrade", "--database", url])

    ended = CliRunner().invoke(command, ["current", "--database", url])

    assert (ended.exit_code, ended.output) == (0, f"{url}: revision 0001, newest 0001\n")
