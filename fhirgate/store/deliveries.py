"""The messages of a channel as a log with a cursor: what comes next, what became of it, where the cursor stands.

A channel's `next_number` is its first message that waits, or the number behind its last. Everything here works on
channels that the transaction has locked.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, null, select, update

from fhirgate.services.ports import Delivery, DeliveryState, Lease, VersionName
from fhirgate.store.leases import NOBODY
from fhirgate.store.tables import Instant, channel, message

LONGEST_ERROR = 500
"""Characters of an error that are kept."""
IS_DEAD = message.c.state == DeliveryState.DEAD
_THESE = channel.c.name.in_(bindparam("names", expanding=True))
_FIRST_WAITING = (
    select(message.c.number)
    .where(
        message.c.channel == channel.c.name,
        message.c.number >= channel.c.next_number,
        message.c.state == DeliveryState.WAITING,
    )
    .order_by(message.c.number)
    .limit(1)
    .scalar_subquery()
)
_NEXT = (
    select(message)
    .join(channel, channel.c.name == message.c.channel)
    .where(
        _THESE,
        message.c.number >= channel.c.next_number,
        message.c.number < channel.c.next_number + bindparam("share"),
        message.c.state == DeliveryState.WAITING,
    )
    .order_by(message.c.channel, message.c.number)
)
_COUNT_ATTEMPT = (
    update(message)
    .where(message.c.channel == bindparam("of_channel"), message.c.number == bindparam("of_number"))
    .values(attempts=message.c.attempts + 1)
)
_SETTLE = (
    update(message)
    .where(
        message.c.channel == bindparam("of_channel"),
        message.c.number.between(bindparam("first"), bindparam("last")),
        message.c.state == DeliveryState.WAITING,
    )
    .values(
        attempts=message.c.attempts + case((message.c.number == bindparam("counted"), 0), else_=1),
        state=bindparam("new_state"),
        settled_at=bindparam("at"),
        error=bindparam("why"),
    )
)
_TELL_FATE = (
    update(message)
    .where(message.c.channel == bindparam("of_channel"), message.c.number == bindparam("of_number"))
    .values(fate=bindparam("told"))
)
_FRESH = {"state": DeliveryState.WAITING, "attempts": 0, "settled_at": None, "error": ""}
_CURSOR = func.coalesce(_FIRST_WAITING, channel.c.last_number + 1)
_MOVE = update(channel).where(_THESE).values(next_number=_CURSOR)
_GIVE_BACK = (
    update(channel)
    .where(_THESE)
    .values(
        next_number=_CURSOR,
        worker=NOBODY,
        due_at=case((_FIRST_WAITING.is_(None), null()), else_=bindparam("now", type_=Instant)),
    )
)


def next_deliveries(connection: Connection, names: list[str], share: int) -> dict[str, list[Delivery]]:
    """The next messages of each channel; each first one counts as tried, for a worker may die of it."""
    found: dict[str, list[Delivery]] = {}
    for row in connection.execute(_NEXT, {"names": names, "share": share}):
        of_channel = found.setdefault(row.channel, [])
        of_channel.append(delivery_of(row, tried_now=not of_channel))
    heads = [{"of_channel": name, "of_number": each[0].number} for name, each in found.items()]
    connection.execute(_COUNT_ATTEMPT, heads)
    return found


def outcome_rows(
    lease: Lease, numbers: Sequence[int], state: DeliveryState, settled_at: datetime | None, why: str
) -> list[dict[str, Any]]:
    """What became of deliveries, a row for each run of numbers.

    The first delivery of a lease was counted as tried when it was claimed.
    """
    if not numbers or not set(numbers) <= {each.number for each in lease.deliveries}:
        raise ValueError("only deliveries of the lease can be settled by it")
    same = {
        "of_channel": lease.channel,
        "counted": lease.deliveries[0].number,
        "new_state": state,
        "at": settled_at,
        "why": why[:LONGEST_ERROR],
    }
    return [{**same, "first": first, "last": last} for first, last in _runs(numbers)]


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and last of each row of numbers without a gap."""
    ordered = sorted(numbers)
    first = ordered[0]
    for before, following in pairwise([*ordered, ordered[-1] + 2]):
        if following > before + 1:
            yield first, before
            first = following


def write_outcomes(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write what became of deliveries."""
    connection.execute(_SETTLE, rows)


def write_fates(connection: Connection, of_channel: str, fates: Mapping[int, str]) -> None:
    """Write what a destination did with the deliveries of a channel."""
    rows = [{"of_channel": of_channel, "of_number": number, "told": told} for number, told in fates.items()]
    if rows:
        connection.execute(_TELL_FATE, rows)


def move_cursors(
    connection: Connection, staying: Sequence[str], leaving: Sequence[str], now: datetime
) -> None:
    """Point channels at their first message that waits, or behind their last; end the leases of the leaving.

    A channel with more to deliver goes behind all that are due already.
    """
    if staying:
        connection.execute(_MOVE, {"names": staying})
    if leaving:
        connection.execute(_GIVE_BACK, {"names": leaving, "now": now})


def revive_dead(
    connection: Connection, names: Sequence[str], now: datetime, number: int | None = None
) -> bool:
    """Owe again what was given up in these channels, all of it or one message; whether there was any.

    A channel that is leased, or waits for its next attempt, keeps its time.
    """
    # Locked before their messages, as everywhere.
    lines = select(channel).where(channel.c.name.in_(names)).order_by(channel.c.name).with_for_update()
    revived = False
    for row in connection.execute(lines).all():
        these = (message.c.channel == row.name) & IS_DEAD
        if number is not None:
            these &= message.c.number == number
        first = connection.execute(select(func.min(message.c.number)).where(these)).scalar_one()
        if first is None:
            continue
        connection.execute(update(message).where(these).values(_FRESH))
        back = {"next_number": min(row.next_number, first), "due_at": row.due_at or now}
        connection.execute(update(channel).where(channel.c.name == row.name).values(back))
        revived = True
    return revived


def lease_of(row: Row[Any], deliveries: Sequence[Delivery]) -> Lease:
    """The lease that was just taken on a channel."""
    return Lease(
        channel=row.name,
        kind=row.kind,
        target=row.target,
        token=row.token,
        until=row.due_at,
        deliveries=tuple(deliveries),
    )


def delivery_of(row: Row[Any], *, tried_now: bool = False) -> Delivery:
    """The delivery in a row of the outbox."""
    return Delivery(
        channel=row.channel,
        number=row.number,
        about=tuple(VersionName.parse(each) for each in row.about.split()),
        created_at=row.created_at,
        attempts=row.attempts + tried_now,
        state=DeliveryState(row.state),
        settled_at=row.settled_at,
        error=row.error,
        fate=row.fate,
    )
