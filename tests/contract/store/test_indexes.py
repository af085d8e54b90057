"""What is asked often is answered from an index, on both databases: no question reads a whole table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from store_records import NOON, HandClock, risk, to_write_back

from fhirgate.services.ports import PatientKey, Place, Search
from fhirgate.store.engine import Database
from fhirgate.store.jobs import SqlJobs
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults

AFTER = Place(recorded_at=NOON, sequence=1)
TYPE = "RiskAssessment"
BY_UPDATE = "ix_resource_type_recorded_at_sequence"
BY_STATE = "ix_resource_type_state_recorded_at_sequence"
BY_PATIENT = "ix_resource_server_patient_type_recorded_at_sequence"
SEARCHES = [
    (BY_UPDATE, Search(type=TYPE)),
    (BY_UPDATE, Search(type=TYPE, since=NOON, before=NOON + timedelta(days=1))),
    (BY_STATE, Search(type=TYPE, state="state 3")),
    (BY_PATIENT, Search(type=TYPE, patient=PatientKey(server="north", id="p1"))),
]


@pytest.fixture
def filled(results: SqlResults, database: Database) -> SqlResults:
    """Enough for a planner to see a difference. SQLite has no statistics until someone asks for them."""
    results.keep([risk(f"p{each}", f"state {each % 40}") for each in range(2000)])
    if database.engine.dialect.name == "postgresql":
        with database.writing() as connection:
            connection.exec_driver_sql("ANALYZE")
    return results


@contextmanager
def _statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        if statement.split(maxsplit=1)[0] in ("SELECT", "UPDATE", "WITH"):
            seen.append((statement, parameters[0] if many else parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def _plans(database: Database, act: Callable[[], object]) -> list[str]:
    """How the database would answer each statement of an act, if its tables were large."""
    with _statements(database) as seen:
        act()
    is_sqlite = database.engine.dialect.name == "sqlite"
    plans = []
    with database.writing() as connection:
        if not is_sqlite:
            # Small tables are read whole, and rightly.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in seen:
            explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
            rows = connection.exec_driver_sql(explain + statement, parameters)
            plans.append("\n".join(str(row[-1]) for row in rows))
    assert plans
    return plans


def _reads_a_whole_table(plan: str) -> bool:
    return any(
        f"{scan} {table}" in plan
        for scan in ("SCAN", "Seq Scan on")
        for table in ("resource", "resource_version", "message", "channel", "job")
        if f"{scan} {table} USING" not in plan
    )


@pytest.mark.parametrize(("index", "wanted"), SEARCHES)
@pytest.mark.parametrize("after", [None, AFTER])
def test_a_search_follows_an_index_and_in_sqlite_the_one_made_for_it(
    filled: SqlResults, database: Database, kind: str, index: str, wanted: Search, after: Place | None
) -> None:
    (plan,) = _plans(database, lambda: filled.search(wanted, after))

    assert "ix_resource_" in plan
    if kind == "sqlite":
        assert index in plan
        assert "TEMP B-TREE" not in plan


def test_a_resource_is_read_without_reading_a_whole_table(results: SqlResults, database: Database) -> None:
    def read() -> None:
        results.read(risk().name)
        results.read(risk().name, 1)
        results.find(TYPE, risk().identifier)
        results.history(risk().name)

    assert not any(map(_reads_a_whole_table, _plans(database, read)))


def test_keeping_and_telling_reads_no_whole_table(results: SqlResults, database: Database) -> None:
    def keep() -> None:
        for state in ("stable", "stable", "oligoprogression"):
            results.keep([risk(state=state)], [to_write_back(risk())])

    assert not any(map(_reads_a_whole_table, _plans(database, keep)))


def test_a_worker_reads_no_whole_table(
    results: SqlResults, outbox: SqlOutbox, jobs: SqlJobs, database: Database, clock: HandClock
) -> None:
    def work() -> None:
        results.keep(
            [risk(f"p{each}") for each in range(3)], [to_write_back(risk("p1")), to_write_back(risk("p2"))]
        )
        jobs.add("j1", "assessment", "{}")
        job = jobs.claim("w")
        assert job is not None
        jobs.finish(job, ())
        (lease,) = outbox.claim("w")
        outbox.done(lease, [1])
        outbox.postpone(lease, 2, clock.now, "later")
        outbox.dead()
        outbox.revive(lease.channel, 1)

    assert not any(map(_reads_a_whole_table, _plans(database, work)))
