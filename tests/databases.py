"""Fresh databases for tests: a SQLite file, or a database in the session's private PostgreSQL cluster."""

import atexit
import os
import shutil
from functools import cache
from pathlib import Path

import psycopg
import pytest
from peers.postgres.cluster import CannotRun, Cluster, start

from fhirgate.store.engine import open_database
from fhirgate.store.tables import metadata
from fhirgate.store.upgrade import newest_revision, upgrade

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.peer))
_EMPTIED, _BARE = "emptied", "bare"


def fresh_url(kind: str, folder: Path) -> str:
    """The URL of a database of its own, with every table and no row."""
    if kind == "sqlite":
        file = folder / "fhirgate.db"
        shutil.copy(_sqlite_template(folder.parent), file)
        return f"sqlite:///{file}"
    return _emptied(_postgres())


def empty_url(kind: str, folder: Path) -> str:
    """The URL of a database without tables."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'empty.db'}"
    return _bare(_postgres())


@cache
def _sqlite_template(folder: Path) -> Path:
    file = folder / "upgraded.db"
    _upgrade(f"sqlite:///{file}")
    return file


def _postgres() -> Cluster:
    started = _start()
    if isinstance(started, Cluster):
        return started
    if os.environ.get("CI") == "true":
        pytest.fail(f"no PostgreSQL: {started}")
    pytest.skip(f"NOT TESTED ON POSTGRESQL: {started}")


@cache
def _start() -> Cluster | str:
    try:
        cluster = start()
    except CannotRun as why:
        return str(why)
    atexit.register(cluster.stop)
    _administer(cluster, f"CREATE DATABASE {_EMPTIED}")
    _upgrade(cluster.url(_EMPTIED))
    return cluster


def _emptied(cluster: Cluster) -> str:
    """One database for all tests, emptied: making one costs far more than a test."""
    url = cluster.url(_EMPTIED)
    tables = ", ".join(each.name for each in metadata.sorted_tables)
    with psycopg.connect(url) as connection:
        connection.execute(f"TRUNCATE {tables}".encode())
        connection.execute("INSERT INTO ledger VALUES ('results', 0, '1970-01-01Z')")
        connection.execute("UPDATE alembic_version SET version_num = %s", [newest_revision()])
    return url


def _bare(cluster: Cluster) -> str:
    _administer(cluster, f"DROP DATABASE IF EXISTS {_BARE}")
    _administer(cluster, f"CREATE DATABASE {_BARE}")
    return cluster.url(_BARE)


def _administer(cluster: Cluster, statement: str) -> None:
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute(statement.encode())


def _upgrade(url: str) -> None:
    database = open_database(url)
    upgrade(database)
    database.close()
