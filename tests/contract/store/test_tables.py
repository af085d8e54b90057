"""The tables are those of the migrations, and a database says what it needs before it is used."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from databases import empty_url
from sqlalchemy import insert, inspect, select, text, update
from sqlalchemy.exc import StatementError
from store_records import HandClock, risk

from fhirgate.errors import ConfigurationError, StoreError
from fhirgate.services.job_ports import JobStatus
from fhirgate.services.ports import DeliveryState, Search
from fhirgate.store import engine
from fhirgate.store.engine import Database, open_database
from fhirgate.store.results import SqlResults
from fhirgate.store.tables import ledger, metadata
from fhirgate.store.upgrade import MIGRATIONS, current_revision, newest_revision, require_current, upgrade


@pytest.fixture
def empty(kind: str, tmp_path: Path) -> Database:
    return open_database(empty_url(kind, tmp_path))


def test_the_migrations_make_the_tables_the_code_works_with(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize(("table", "states"), [("message", DeliveryState), ("job", JobStatus)])
def test_the_database_allows_the_states_of_the_code_and_no_other(
    database: Database, table: str, states: type[StrEnum]
) -> None:
    with database.reading() as connection:
        (check,) = inspect(connection).get_check_constraints(table)

    assert set(re.findall(r"'(\w+)'", check["sqltext"])) == set(states)


def test_a_database_that_was_not_set_up_says_how(empty: Database, clock: HandClock) -> None:
    assert current_revision(empty) is None
    for ask in (
        lambda: require_current(empty),
        lambda: SqlResults(database=empty, clock=clock).keep([risk()]),
        lambda: SqlResults(database=empty, clock=clock).search(Search(type="RiskAssessment")),
    ):
        with pytest.raises(ConfigurationError, match="fhirgate db upgrade"):
            ask()
    empty.close()


def test_an_upgraded_database_is_current_and_upgrading_it_again_changes_nothing(
    empty: Database, clock: HandClock
) -> None:
    upgrade(empty)
    SqlResults(database=empty, clock=clock).keep([risk()])
    upgrade(empty)

    require_current(empty)
    assert current_revision(empty) == newest_revision()
    assert SqlResults(database=empty, clock=clock).read(risk().name) is not None
    empty.close()


def test_processes_that_upgrade_at_once_do_it_once(empty: Database) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: upgrade(empty), range(3)))

    require_current(empty)
    empty.close()


def test_the_tables_of_a_later_fhirgate_are_left_alone(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for use in (upgrade, require_current):
        with pytest.raises(ConfigurationError, match="9999 of a later fhirgate"):
            use(database)


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001

    with pytest.raises(StatementError, match="without a time zone"), database.writing() as connection:
        connection.execute(insert(ledger), {"name": "x", "last_sequence": 0, "last_at": naive})


def test_a_transaction_that_raises_leaves_nothing(database: Database, clock: HandClock) -> None:
    def write_and_fail() -> None:
        with database.writing() as connection:
            connection.execute(insert(ledger), {"name": "x", "last_sequence": 0, "last_at": clock()})
            raise KeyError

    with pytest.raises(KeyError):
        write_and_fail()

    with database.reading() as connection:
        assert connection.execute(select(ledger.c.name)).scalars().all() == ["results"]


def test_a_writer_that_waited_too_long_is_told_to_try_again_and_readers_never_wait(
    url: str, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    database, other = open_database(url), open_database(url)
    results = SqlResults(database=other, clock=clock)

    with database.writing() as connection:
        connection.execute(update(ledger).values(last_sequence=9))
        with pytest.raises(StoreError, match="too busy") as told:
            results.keep([risk()])
        assert results.search(Search(type="RiskAssessment")) == ()
    assert told.value.retry

    results.keep([risk()])
    assert results.search(Search(type="RiskAssessment"))[0].sequence == 10
    database.close()
    other.close()


def test_the_first_revision_can_be_undone(empty: Database) -> None:
    upgrade(empty)

    with empty.writing() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]

    upgrade(empty)
    require_current(empty)
    empty.close()
