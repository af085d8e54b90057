"""A database by its URL, transactions on it, and what becomes of the driver's errors.

SQLite: WAL, one writer at a time who waits for his turn, a file that only its owner can read. PostgreSQL by
psycopg 3. A `Database` belongs to the process that opened it: after a fork, open another.

SQLAlchemy's own log lines show every row that is read once a site turns them on, whatever is said of parameters; so
they are switched off.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from fhirgate.errors import ConfigurationError, StoreError

logging.getLogger("sqlalchemy.engine.Engine").disabled = True

DEFAULT_URL = "sqlite:///./fhirgate.db"
BUSY_SECONDS = 20
"""How long a writer waits for the one before him."""
_WRITES = "fhirgate_writes"
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
_SQLITE = ("sqlite", "sqlite+pysqlite")
_NO_DATABASE = "SQLITE_NOTADB"
_NO_TABLE = "42P01"
"""undefined_table of PostgreSQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An open database. Its repr and its errors hold no secret and no patient data."""

    engine: Engine = field(repr=False)
    writer: Engine = field(repr=False)
    """The same connections, for transactions that write."""

    @property
    def name(self) -> str:
        """The URL, without its password."""
        url = self.engine.url
        return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database; None for any other."""
        url = self.engine.url
        return Path(url.database or "") if url.get_backend_name() == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that changes nothing."""
        with _told_safely(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed when the block ends, and leaves no trace when it raises."""
        with _told_safely(), self.writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every idle connection."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """The database at a URL; nothing is connected yet. Raises ConfigurationError, without the URL's password."""
    parsed = _parsed(url)
    if parsed.drivername in _SQLITE:
        engine = _sqlite(parsed.set(drivername="sqlite+pysqlite"))
    else:
        engine = _postgresql(parsed.set(drivername="postgresql+psycopg"))
    return Database(engine=engine, writer=engine.execution_options(**{_WRITES: True}))


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The error quotes the URL, and the URL holds the password.
        raise _unusable("it is no URL; expected sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    if parsed.drivername not in _SQLITE + _POSTGRESQL:
        raise _unusable(f"{parsed.drivername!r} is not known; there are sqlite and postgresql")
    return parsed


def _unusable(problem: str) -> ConfigurationError:
    return ConfigurationError("the database URL", [problem])


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:" or url.query:
        raise _unusable("SQLite needs a file and nothing after it: sqlite:///FILE")
    file = Path(url.database)
    if not file.parent.is_dir():
        raise _unusable(f"there is no folder {file.parent}")
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "do_connect")
    def _private(*_: object) -> None:
        # What it holds is about patients. The files beside it take over its mode.
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))

    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Set what SQLite forgets between connections."""
    # From here on sqlite3 itself begins and commits nothing; `_begin_sqlite` does.
    connection.isolation_level = None
    (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    if mode != "wal":
        raise _unusable("its file system cannot hold a shared SQLite file; use a local disk, or PostgreSQL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes then can fail at once, however long others are waited for.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> Engine:
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            # Whatever a site has made the default: the stricter levels let a writer fail where it should wait.
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": 10, "application_name": "fhirgate"},
        )
    except ModuleNotFoundError:
        raise _unusable("PostgreSQL needs psycopg: pip install 'fhirgate[postgres]'") from None
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _: object) -> None:
    """No one waits for ever, and a process that hangs in the midst of a transaction does not hold up all others."""
    # As statements, not as options of the connection: poolers such as PgBouncer refuse those.
    milliseconds = int(BUSY_SECONDS * 1000)
    connection.execute(f"SET lock_timeout = {milliseconds}")
    connection.execute(f"SET idle_in_transaction_session_timeout = {3 * milliseconds}")
    connection.commit()


class StoreFault(Exception):
    """The database refused a statement of ours: an error in fhirgate."""


@contextmanager
def _told_safely() -> Iterator[None]:
    """Errors of the driver become ours, without their text: it can quote a row."""
    try:
        yield
    except PoolExhausted:
        raise StoreError("all connections to the database are in use; try again") from None
    except DBAPIError as error:
        raise _ours(error) from None


def _ours(error: DBAPIError) -> Exception:
    cause = error.orig
    name = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
    said = ", ".join(each for each in (type(cause).__name__, name, constraint) if each)
    if name == _NO_TABLE or str(cause).startswith("no such table"):
        return ConfigurationError("the database", ["it has not been set up; run: fhirgate db upgrade"])
    if name == _NO_DATABASE:
        return ConfigurationError("the database", ["its file is there, and is no SQLite database"])
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return StoreError(f"the database cannot be reached or is too busy ({said}); try again")
    return StoreFault(said)
