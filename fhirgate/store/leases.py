"""Leases on the rows of a table: a row is taken by one worker, until an instant, under a token.

`due_at` says when a row may next be taken: when there is work again, or when its lease ends. So a worker that
died needs no one to clean up after it. The token counts the claims; a worker that holds an older one is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select, update

NOBODY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Who leases, from when, until when."""

    worker: str
    now: datetime
    until: datetime


def take_due(
    connection: Connection, rows: Table, conditions: Sequence[ColumnElement[bool]], term: Term, most: int
) -> list[Row[Any]]:
    """Lease the rows that have been due longest and that no other claim has locked.

    PostgreSQL skips locked rows. SQLite ignores the clause: there the whole transaction is alone. As a plain
    subquery PostgreSQL might evaluate it twice and take too many; as a common table expression it does not.
    """
    (key,) = rows.primary_key.columns
    due = (
        select(key)
        .where(rows.c.due_at <= term.now, *conditions)
        .order_by(rows.c.due_at, key)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = (
        update(rows)
        .where(key.in_(select(*due.c)))
        .values(worker=term.worker, due_at=term.until, token=rows.c.token + 1)
        .returning(*rows.c)
    )
    return sorted(connection.execute(taken), key=lambda row: row._mapping[key])


def still_held(connection: Connection, rows: Table, tokens: Mapping[str, int]) -> set[str]:
    """Which of several rows, locked, are still leased under their tokens."""
    (key,) = rows.primary_key.columns
    wanted = select(key, rows.c.token).where(key.in_(tokens), rows.c.worker != NOBODY)
    locked = connection.execute(wanted.order_by(key).with_for_update())
    return {name for name, token in locked if tokens[name] == token}


def is_held(connection: Connection, rows: Table, key: str, token: int) -> bool:
    """Whether one row, locked, is still leased under this token."""
    return bool(still_held(connection, rows, {key: token}))


def change(connection: Connection, rows: Table, key: str, **values: Any) -> None:
    """Write values into a row that this transaction has locked."""
    (column,) = rows.primary_key.columns
    connection.execute(update(rows).where(column == key).values(**values))
