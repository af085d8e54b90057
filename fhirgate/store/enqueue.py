"""Messages into the outbox, within the transaction that keeps what they are about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, literal_column, select, update

from fhirgate.services.ports import DeliveryState, Kept, Message, ResourceName, VersionName
from fhirgate.store.deliveries import revive_dead
from fhirgate.store.leases import NOBODY
from fhirgate.store.tables import Instant, channel, message
from fhirgate.store.versions import in_parts

_INSERT_CHANNEL = insert(channel)
_INSERT_MESSAGE = insert(message).values(
    channel=bindparam("channel"),
    number=bindparam("number"),
    about=bindparam("about"),
    created_at=bindparam("created_at", type_=Instant),
    attempts=literal_column("0"),
    state=literal_column(f"'{DeliveryState.WAITING}'"),
    error=literal_column("''"),
)
_LENGTHEN = (
    update(channel)
    .where(channel.c.name == bindparam("of_name"))
    .values(
        last_number=bindparam("new_last"),
        # A channel that is leased, or waits for its next attempt, keeps its time.
        due_at=func.coalesce(channel.c.due_at, bindparam("now", type_=Instant)),
    )
)


@dataclass(frozen=True, slots=True)
class _Told:
    """A message as it will be written: its versions' names, and whether one of them is new."""

    message: Message
    about: str
    is_news: bool


def enqueue(
    connection: Connection,
    messages: Sequence[Message],
    kept: Mapping[ResourceName, Kept | None],
    now: datetime,
) -> None:
    """Put the messages at the ends of their channels, except those that say what was said there already."""
    revive_dead(connection, sorted({each.channel for each in messages if each.revives}), now)
    told = [each for each in (_told(wanted, kept) for wanted in messages) if each.about]
    standing = _standing(connection, {each.about for each in told if not each.is_news})
    lines: dict[str, list[_Told]] = {}
    for each in told:
        key = (each.message.channel, each.about)
        if key not in standing:
            standing.add(key)
            lines.setdefault(each.message.channel, []).append(each)
    _append(connection, lines, now)


def _told(wanted: Message, kept: Mapping[ResourceName, Kept | None]) -> _Told:
    if not wanted.about or not kept.keys() >= set(wanted.about):
        raise ValueError("a message is about resources kept in the same transaction")
    found = [each for each in map(kept.get, wanted.about) if each is not None]
    return _Told(wanted, " ".join(str(each.name) for each in found), any(each.is_new for each in found))


def _standing(connection: Connection, abouts: set[str]) -> set[tuple[str, str]]:
    """The channels in which these versions wait or were delivered."""
    found: set[tuple[str, str]] = set()
    for some in in_parts(sorted(abouts)):
        wanted = select(message.c.channel, message.c.about).where(
            message.c.about.in_(some), message.c.state != DeliveryState.DEAD
        )
        found.update((row.channel, row.about) for row in connection.execute(wanted))
    return found


def _append(connection: Connection, lines: dict[str, list[_Told]], now: datetime) -> None:
    last = _locked(connection, lines)
    new_channels, longer, rows = [], [], []
    for name, told in sorted(lines.items()):
        first = last.get(name, 0) + 1
        rows += [_message_row(each, number, now) for number, each in enumerate(told, first)]
        until = first + len(told) - 1
        if name in last:
            longer.append({"of_name": name, "new_last": until, "now": now})
        else:
            new_channels.append(_channel_row(told[0].message, until, now))
    for statement, values in (
        (_INSERT_CHANNEL, new_channels),
        (_LENGTHEN, longer),
        (_INSERT_MESSAGE, rows),
    ):
        if values:
            connection.execute(statement, values)


def append_again(
    connection: Connection, name: str, abouts: Iterable[tuple[VersionName, ...]], now: datetime
) -> None:
    """Put messages about these versions at the end of a channel, whatever was said there before."""
    this = select(channel.c.last_number).where(channel.c.name == name).with_for_update()
    last = connection.execute(this).scalar_one()
    rows = [
        {"channel": name, "number": number, "about": " ".join(map(str, about)), "created_at": now}
        for number, about in enumerate(abouts, last + 1)
    ]
    connection.execute(_LENGTHEN, [{"of_name": name, "new_last": last + len(rows), "now": now}])
    connection.execute(_INSERT_MESSAGE, rows)


def _locked(connection: Connection, lines: dict[str, list[_Told]]) -> dict[str, int]:
    """The last number of each channel that is there, locked against workers until the transaction ends."""
    last = {}
    for some in in_parts(sorted(lines)):
        wanted = select(channel).where(channel.c.name.in_(some)).order_by(channel.c.name).with_for_update()
        for row in connection.execute(wanted):
            last[row.name] = row.last_number
            for each in lines[row.name]:
                _check_same(each.message, row.kind, row.target)
    for told in lines.values():
        for each in told:
            _check_same(each.message, told[0].message.kind, told[0].message.target)
    return last


def _check_same(wanted: Message, kind: str, target: str) -> None:
    if (wanted.kind, wanted.target) != (kind, target):
        raise ValueError("a channel has one kind of message and one target")


def _channel_row(first: Message, last_number: int, now: datetime) -> dict[str, Any]:
    return {
        "name": first.channel,
        "kind": first.kind,
        "target": first.target,
        "last_number": last_number,
        "next_number": 1,
        "due_at": now,
        "worker": NOBODY,
        "token": 0,
    }


def _message_row(told: _Told, number: int, now: datetime) -> dict[str, Any]:
    return {
        "channel": told.message.channel,
        "number": number,
        "about": told.about,
        "created_at": now,
    }
