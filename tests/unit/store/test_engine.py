"""A database by its URL: what is refused and how, and what never shows."""

import sqlite3
import stat
import sys
from pathlib import Path

import pytest
from databases import fresh_url
from sqlalchemy import text

from fhirgate.errors import ConfigurationError, StoreError
from fhirgate.store import engine
from fhirgate.store.engine import StoreFault, open_database

SECRET = "hunter2-of-the-database"  # noqa: S105


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"://user:{SECRET}@host", "no URL"),
        (f"postgresql://user:{SECRET}@host:port/name", "no URL"),
        (f"mysql://user:{SECRET}@host/name", "'mysql' is not known"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:///file.db?mode=ro", "needs a file"),
        ("sqlite:////no/such/folder/file.db", "no folder /no/such/folder"),
    ],
)
def test_a_url_that_cannot_be_used_says_why_and_tells_no_password(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as told:
        open_database(url)

    assert SECRET not in str(told.value)
    assert told.value.__cause__ is None


def test_postgresql_without_its_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(ConfigurationError, match=r"fhirgate\[postgres\]"):
        open_database("postgresql://user@host/name")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_database_shows_no_password(scheme: str) -> None:
    database = open_database(f"{scheme}://user:{SECRET}@127.0.0.1:1/name")

    assert database.name == "postgresql://user:***@127.0.0.1:1/name"
    assert SECRET not in repr(database)
    with pytest.raises(StoreError, match="cannot be reached") as told, database.reading():
        pass
    assert SECRET not in str(told.value)
    assert told.value.retry
    assert told.value.__cause__ is None


def test_a_sqlite_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'new.db'}")
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))

        modes = {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}

    assert modes == {0o600}
    database.close()


def test_sqlite_is_safe_against_losing_power_and_keeps_references(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'new.db'}")

    with database.reading() as connection:
        settings = [
            connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert settings == ["wal", 2, 1]
    database.close()


def test_a_folder_that_cannot_hold_wal_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        isolation_level = ""

        def execute(self, _: str) -> "Old":
            return self

        def fetchone(self) -> tuple[str]:
            return ("delete",)

    with pytest.raises(ConfigurationError, match="local disk"):
        engine._prepare_sqlite(Old(), None)


def test_more_callers_than_connections_are_told_to_try_again(tmp_path: Path) -> None:
    database = open_database(fresh_url("sqlite", tmp_path))
    database.engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    held = [database.engine.connect() for _ in range(15)]

    with pytest.raises(StoreError, match="in use"), database.reading():
        pass

    for each in held:
        each.close()
    database.close()


def test_a_statement_that_is_wrong_is_a_fault_of_ours(tmp_path: Path) -> None:
    database = open_database(fresh_url("sqlite", tmp_path))

    with (
        pytest.raises(StoreFault, match="IntegrityError, SQLITE_CONSTRAINT"),
        database.writing() as connection,
    ):
        connection.execute(text("INSERT INTO ledger VALUES ('results', 1, 'x')"))

    database.close()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("no database, " * 100)
    database = open_database(f"sqlite:///{file}")

    with pytest.raises(ConfigurationError, match="is no SQLite database"), database.reading():
        pass

    assert file.read_text().startswith("no database")
    assert sqlite3.sqlite_version_info >= (3, 35), "UPSERT, RETURNING and row values"
    database.close()
