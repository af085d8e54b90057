"""The store beside the bare driver doing the same: rows into the same tables, and a queue drained by fifties.

    pytest tests/benchmarks/test_store.py --benchmark-only

The number in parentheses is the ratio within the run. The goal is at most 2: half the rate of the bare database.
"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from databases import BOTH, fresh_url
from sqlalchemy import Table, select
from store_records import HandClock, risk, to_write_back

from fhirgate.store.engine import Database, open_database
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults
from fhirgate.store.tables import channel, message, resource, resource_version

RESULTS = 500
CHANNELS = 20
ROUNDS = {"rounds": 5, "warmup_rounds": 1}
RATIONALE = "Two of nine lesions grow by a fifth and five millimetres over their nadir; seven hold. " * 90
COMPOSED = [risk(f"p{number}", rationale=RATIONALE) for number in range(RESULTS)]
MESSAGES = [to_write_back(each, channel=f"c{number % CHANNELS}") for number, each in enumerate(COMPOSED)]
TABLES = (resource, resource_version, channel, message)
Rows = dict[str, list[tuple[Any, ...]]]


class _Bench:
    """A database of one kind, made anew for each round, for us or for the bare driver."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self._folder = folder
        self._opened: list[Any] = []

    def close(self) -> None:
        while self._opened:
            self._opened.pop().close()

    def _url(self) -> str:
        self.close()
        for each in self._folder.glob("fhirgate.db*"):
            each.unlink()
        return fresh_url(self.kind, self._folder)

    def ours(self) -> Database:
        self._opened.append(open_database(self._url()))
        return self._opened[-1]

    def bare(self) -> Any:
        """A connection of the driver itself, with the settings of ours."""
        url = self._url()
        if self.kind == "sqlite":
            opened: Any = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                opened.execute(f"PRAGMA {setting}")
        else:
            opened = psycopg.connect(url)
        self._opened.append(opened)
        return opened

    def rows(self) -> Rows:
        """What the store writes for the whole batch, as the bare driver takes it."""
        database = self.ours()
        SqlResults(database=database, clock=HandClock()).keep(COMPOSED, MESSAGES)
        with database.reading() as connection:
            rows = {each.name: [tuple(row) for row in connection.execute(select(each))] for each in TABLES}
        return {name: [self._plain(row) for row in table] for name, table in rows.items()}

    def _plain(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.kind == "postgresql":
            return row
        return tuple(each.isoformat() if hasattr(each, "isoformat") else each for each in row)

    @property
    def mark(self) -> str:
        return "?" if self.kind == "sqlite" else "%s"

    def insert(self, table: Table) -> str:
        return f"INSERT INTO {table.name} VALUES ({', '.join([self.mark] * len(table.columns))})"  # noqa: S608

    def in_transaction(self, bare: Any, act: Callable[[Any], Any]) -> Any:
        cursor = bare.cursor()
        if self.kind == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        answer = act(cursor)
        bare.commit()
        cursor.close()
        return answer

    def write(self, bare: Any, rows: Rows) -> None:
        def insert_all(cursor: Any) -> None:
            for table in TABLES:
                cursor.executemany(self.insert(table), rows[table.name])
            cursor.execute("UPDATE ledger SET last_sequence = 1")

        self.in_transaction(bare, insert_all)


@pytest.fixture(params=BOTH)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[_Bench]:
    made = _Bench(str(request.param), tmp_path)
    yield made
    made.close()


def _keeping(bench: _Bench) -> str:
    size = len(COMPOSED[0].body) // 1024
    return f"keep {RESULTS} results of {size} KB and a delivery each, {bench.kind}"


def _draining(bench: _Bench) -> str:
    return f"claim and settle {RESULTS} deliveries by fifties, {bench.kind}"


def test_keep_with_the_bare_driver(benchmark: Any, bench: _Bench) -> None:
    benchmark.group = _keeping(bench)
    rows = bench.rows()

    benchmark.pedantic(bench.write, setup=lambda: ((bench.bare(), rows), {}), **ROUNDS)


def test_keep_with_the_store(benchmark: Any, bench: _Bench) -> None:
    benchmark.group = _keeping(bench)

    def keep(results: SqlResults) -> int:
        return sum(1 for each in results.keep(COMPOSED, MESSAGES) if each and each.is_new)

    def empty() -> Any:
        return (SqlResults(database=bench.ours(), clock=HandClock()),), {}

    assert benchmark.pedantic(keep, setup=empty, **ROUNDS) == RESULTS


def test_drain_with_the_bare_driver(benchmark: Any, bench: _Bench) -> None:
    """The plainest queue there is: fifty rows are taken, committed, marked as done, committed."""
    benchmark.group = _draining(bench)
    rows = bench.rows()
    lock = "" if bench.kind == "sqlite" else "FOR UPDATE SKIP LOCKED"
    take = f"""UPDATE message SET attempts = 1 WHERE (channel, number) IN (
        SELECT channel, number FROM message WHERE state = 'waiting' AND attempts = 0
        ORDER BY channel, number LIMIT 50 {lock}) RETURNING channel, number, about"""  # noqa: S608
    settle = f"UPDATE message SET state = 'done' WHERE channel = {bench.mark} AND number = {bench.mark}"  # noqa: S608

    def full() -> Any:
        bare = bench.bare()
        bench.write(bare, rows)
        return (bare,), {}

    def drain(bare: Any) -> int:
        settled = 0
        while taken := bench.in_transaction(bare, lambda cursor: cursor.execute(take).fetchall()):
            keys = [row[:2] for row in taken]
            bench.in_transaction(bare, lambda cursor, keys=keys: cursor.executemany(settle, keys))
            settled += len(taken)
        return settled

    assert benchmark.pedantic(drain, setup=full, **ROUNDS) == RESULTS


@pytest.mark.parametrize("channels", [1, CHANNELS])
def test_drain_with_the_store(benchmark: Any, bench: _Bench, channels: int) -> None:
    benchmark.group = _draining(bench)

    def full() -> Any:
        database = bench.ours()
        messages = [
            to_write_back(each, channel=f"c{number % channels}") for number, each in enumerate(COMPOSED)
        ]
        SqlResults(database=database, clock=HandClock()).keep(COMPOSED, messages)
        return (SqlOutbox(database=database, clock=HandClock()),), {}

    def drain(outbox: SqlOutbox) -> int:
        settled = 0
        while leases := outbox.claim("w"):
            made = [(lease, [each.number for each in lease.deliveries]) for lease in leases]
            assert outbox.done_all(made) == ()
            settled += sum(len(numbers) for _, numbers in made)
        return settled

    assert benchmark.pedantic(drain, setup=full, **ROUNDS) == RESULTS
