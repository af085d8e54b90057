"""Deliveries that are owed: leased by channel, made in order, settled or given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from fhirgate.services.ports import (
    LEASE,
    MOST_CLAIMED,
    Backlog,
    Clock,
    Delivery,
    DeliveryState,
    Lease,
    VersionName,
)
from fhirgate.store.deliveries import (
    IS_DEAD,
    delivery_of,
    lease_of,
    move_cursors,
    next_deliveries,
    outcome_rows,
    revive_dead,
    write_fates,
    write_outcomes,
)
from fhirgate.store.engine import Database
from fhirgate.store.enqueue import append_again
from fhirgate.store.leases import NOBODY, Term, change, is_held, still_held, take_due
from fhirgate.store.tables import channel, message

NO_FATES: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlOutbox:
    """`Outbox` in a database."""

    database: Database
    clock: Clock = field(repr=False)
    lease: timedelta = LEASE

    def claim(
        self,
        worker: str,
        kinds: Sequence[str] = (),
        channel_name: str = "",
        most: int = MOST_CLAIMED,
        most_channels: int = MOST_CLAIMED,
    ) -> tuple[Lease, ...]:
        """See `Outbox.claim`."""
        conditions: list[ColumnElement[bool]] = [channel.c.kind.in_(kinds)] if kinds else []
        if channel_name:
            conditions.append(channel.c.name == channel_name)
        with self.database.writing() as connection:
            now = self.clock()
            term = Term(worker=worker, now=now, until=now + self.lease)
            taken = take_due(connection, channel, conditions, term, min(most, most_channels))
            if not taken:
                return ()
            share = max(1, most // len(taken))
            deliveries = next_deliveries(connection, [row.name for row in taken], share)
            return tuple(lease_of(row, deliveries[row.name]) for row in taken)

    def extend(self, lease: Lease) -> bool:
        """See `Outbox.extend`."""
        with self.database.writing() as connection:
            mine = is_held(connection, channel, lease.channel, lease.token)
            if mine:
                change(connection, channel, lease.channel, due_at=self.clock() + self.lease)
        return mine

    def done(self, lease: Lease, numbers: Sequence[int], fates: Mapping[int, str] | None = None) -> bool:
        """See `Outbox.done`."""
        return not self._settle([(lease, numbers)], DeliveryState.DONE, "", fates or {})

    def done_all(self, made: Sequence[tuple[Lease, Sequence[int]]]) -> tuple[Lease, ...]:
        """See `Outbox.done_all`."""
        return self._settle(made, DeliveryState.DONE, "")

    def bury(self, lease: Lease, number: int, why: str) -> bool:
        """See `Outbox.bury`."""
        return not self._settle([(lease, [number])], DeliveryState.DEAD, why)

    def postpone(self, lease: Lease, number: int, until: datetime, why: str) -> bool:
        """See `Outbox.postpone`."""
        rows = outcome_rows(lease, [number], DeliveryState.WAITING, None, why)
        with self.database.writing() as connection:
            mine = is_held(connection, channel, lease.channel, lease.token)
            if mine:
                write_outcomes(connection, rows)
                change(connection, channel, lease.channel, due_at=until, worker=NOBODY)
        return mine

    def release(self, lease: Lease) -> bool:
        """See `Outbox.release`."""
        with self.database.writing() as connection:
            mine = is_held(connection, channel, lease.channel, lease.token)
            if mine:
                move_cursors(connection, [], [lease.channel], self.clock())
        return mine

    def repeat(self, lease: Lease) -> None:
        """See `Outbox.repeat`."""
        with self.database.writing() as connection:
            append_again(connection, lease.channel, [each.about for each in lease.deliveries], self.clock())

    def _settle(
        self,
        made: Sequence[tuple[Lease, Sequence[int]]],
        state: DeliveryState,
        why: str,
        fates: Mapping[int, str] = NO_FATES,
    ) -> tuple[Lease, ...]:
        with self.database.writing() as connection:
            holding = still_held(connection, channel, {lease.channel: lease.token for lease, _ in made})
            now = self.clock()
            rows: list[dict[str, Any]] = []
            staying: list[str] = []
            leaving: list[str] = []
            for lease, numbers in made:
                of_lease = outcome_rows(lease, numbers, state, now, why)
                if lease.channel in holding:
                    rows += of_lease
                    is_last = lease.deliveries[-1].number in numbers
                    (leaving if is_last else staying).append(lease.channel)
            if rows:
                write_outcomes(connection, rows)
                write_fates(connection, made[0][0].channel, fates)
                move_cursors(connection, staying, leaving, now)
        return tuple(lease for lease, _ in made if lease.channel not in holding)

    def hasten(self, channel_name: str) -> int:
        """See `Outbox.hasten`."""
        this = channel.c.name == channel_name
        owed = select(channel.c.last_number - channel.c.next_number + 1).where(this)
        with self.database.writing() as connection:
            now = self.clock()
            is_early = (channel.c.worker == NOBODY) & (channel.c.due_at > now)
            connection.execute(update(channel).where(this, is_early).values(due_at=now))
            return connection.execute(owed).scalar_one_or_none() or 0

    def find(self, channel_name: str, number: int) -> Delivery | None:
        """See `Outbox.find`."""
        wanted = select(message).where(message.c.channel == channel_name, message.c.number == number)
        with self.database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else delivery_of(row)

    def about(self, channel_name: str, versions: Sequence[VersionName]) -> tuple[Delivery, ...]:
        """See `Outbox.about`."""
        wanted = (
            select(message)
            .where(message.c.channel == channel_name, message.c.about.in_(map(str, versions)))
            .order_by(message.c.number)
        )
        with self.database.reading() as connection:
            return tuple(delivery_of(row) for row in connection.execute(wanted))

    def dead(self, channel_name: str = "", most: int = MOST_CLAIMED) -> tuple[Delivery, ...]:
        """See `Outbox.dead`."""
        wanted = select(message).where(IS_DEAD)
        if channel_name:
            wanted = wanted.where(message.c.channel == channel_name)
        wanted = wanted.order_by(message.c.channel, message.c.number).limit(most)
        with self.database.reading() as connection:
            return tuple(delivery_of(row) for row in connection.execute(wanted))

    def revive(self, channel_name: str, number: int) -> bool:
        """See `Outbox.revive`."""
        with self.database.writing() as connection:
            return revive_dead(connection, [channel_name], self.clock(), number)

    def backlog(self) -> tuple[Backlog, ...]:
        """See `Outbox.backlog`."""
        owed = channel.c.last_number - channel.c.next_number + 1
        head = (message.c.channel == channel.c.name) & (message.c.number == channel.c.next_number)
        waiting = (
            select(
                channel.c.kind, func.sum(owed).label("waiting"), func.min(message.c.created_at).label("at")
            )
            .join(message, head, isouter=True)
            .group_by(channel.c.kind)
            .order_by(channel.c.kind)
        )
        dead = (
            select(channel.c.kind, func.count().label("dead"))
            .join(message, message.c.channel == channel.c.name)
            .where(IS_DEAD)
            .group_by(channel.c.kind)
        )
        with self.database.reading() as connection:
            given_up = {row.kind: row.dead for row in connection.execute(dead)}
            return tuple(
                Backlog(
                    kind=row.kind,
                    waiting=int(row.waiting),
                    dead=given_up.get(row.kind, 0),
                    oldest_at=row.at,
                )
                for row in connection.execute(waiting)
            )
