"""Bring a database to the tables this version of fhirgate works with, or say that it is not there."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from fhirgate.errors import ConfigurationError
from fhirgate.store.engine import Database

MIGRATIONS = Path(__file__).with_name("migrations")
_LOCK = 0x66686972
"""Any number that no one else locks on the same PostgreSQL database."""


def upgrade(database: Database) -> None:
    """Apply every revision that is missing, all of them or none; two that upgrade at once do it one by one."""
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _refuse_newer(connection)
        command.upgrade(_config(connection), "head")


def current_revision(database: Database) -> str | None:
    """The revision the database is at; None before its first upgrade."""
    with database.reading() as connection:
        return _revision(connection)


def newest_revision() -> str:
    """The revision this version of fhirgate works with."""
    return _revisions()[0]


def require_current(database: Database) -> None:
    """Raise ConfigurationError unless the database is at the newest revision."""
    with database.reading() as connection:
        _refuse_newer(connection)
        if _revision(connection) != newest_revision():
            raise ConfigurationError(
                "the database", ["its tables are not up to date; run: fhirgate db upgrade"]
            )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@cache
def _revisions() -> tuple[str, ...]:
    """Every revision this version of fhirgate knows, the newest first."""
    return tuple(each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def _refuse_newer(connection: Connection) -> None:
    """A revision that is not in this version was applied by a later one."""
    revision = _revision(connection)
    if revision is not None and revision not in _revisions():
        raise ConfigurationError(
            "the database",
            [f"it is at revision {revision} of a later fhirgate; install that, or a newer one"],
        )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
