"""Launches that wait for their callback, and those that were let in, for all processes (`LaunchStore`).

A state and the id of a launch are kept as digests, so that who reads the database can use neither; everything else
but the instants is sealed (`sealing`). A state is single use because its row is deleted and read in one statement:
of two that delete it at once, the database tells only one that there was a row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Row, delete, insert, or_, select, update

from fhirgate.services.callers import digest_of
from fhirgate.services.launches import LaunchSession, PendingLaunch
from fhirgate.services.ports import Clock
from fhirgate.store.engine import Database
from fhirgate.store.sealing import SealingKeys
from fhirgate.store.tables import launch_pending as pending_table
from fhirgate.store.tables import launch_session as session_table

_Kept = TypeVar("_Kept")
_ENCODER = msgspec.json.Encoder()
_PENDING = msgspec.json.Decoder(PendingLaunch)
_SESSION = msgspec.json.Decoder(LaunchSession)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlLaunches:
    """`LaunchStore` in a database."""

    database: Database
    keys: SealingKeys
    clock: Clock = field(repr=False)

    def put_pending(self, state: str, pending: PendingLaunch) -> None:
        """See `LaunchStore.put_pending`."""
        name, ends_at = digest_of(state), _utc(pending.ends_at)
        key, sealed = self.keys.seal(_ENCODER.encode(pending), _bound("launch_pending", name, ends_at))
        row = {"state_sha256": name, "ends_at": ends_at, "key": key, "sealed": sealed}
        with self.database.writing() as connection:
            # Anybody can begin a launch: what nobody finished does not pile up.
            connection.execute(delete(pending_table).where(pending_table.c.ends_at <= self.clock()))
            connection.execute(insert(pending_table), row)

    def take_pending(self, state: str) -> PendingLaunch | None:
        """See `LaunchStore.take_pending`."""
        name = digest_of(state)
        taken = delete(pending_table).where(pending_table.c.state_sha256 == name).returning(*pending_table.c)
        with self.database.writing() as connection:
            row = connection.execute(taken).one_or_none()
        if row is None or row.ends_at <= self.clock():
            return None
        value = self.keys.open(row.key, row.sealed, _bound("launch_pending", name, row.ends_at))
        return _read(_PENDING, value)

    def put_session(self, session: LaunchSession) -> None:
        """See `LaunchStore.put_session`."""
        row = {"id_sha256": digest_of(session.launch.id), **self._sealed(session)}
        with self.database.writing() as connection:
            connection.execute(insert(session_table), row)

    def read_session(self, launch_id: str) -> LaunchSession | None:
        """See `LaunchStore.read_session`."""
        wanted = select(session_table).where(session_table.c.id_sha256 == digest_of(launch_id))
        with self.database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None or row.ends_at <= self.clock():
            return None
        return _read(_SESSION, self.keys.open(row.key, row.sealed, _bound_to(row)))

    def lease_renewal(self, launch_id: str, version: int, until: datetime) -> bool:
        """See `LaunchStore.lease_renewal`."""
        leased = session_table.c.renewing_until
        is_free = or_(leased.is_(None), leased <= self.clock())
        return self._change(launch_id, version, {"renewing_until": _utc(until)}, is_free)

    def release_renewal(self, launch_id: str, version: int) -> None:
        """See `LaunchStore.release_renewal`."""
        self._change(launch_id, version, {"renewing_until": None})

    def replace_session(self, session: LaunchSession) -> bool:
        """See `LaunchStore.replace_session`."""
        return self._change(session.launch.id, session.version - 1, self._sealed(session))

    def delete_session(self, launch_id: str) -> bool:
        """See `LaunchStore.delete_session`."""
        gone = delete(session_table).where(session_table.c.id_sha256 == digest_of(launch_id))
        with self.database.writing() as connection:
            return connection.execute(gone).rowcount > 0

    def expire(self) -> int:
        """See `LaunchStore.expire`."""
        now = self.clock()
        with self.database.writing() as connection:
            return sum(
                connection.execute(delete(each).where(each.c.ends_at <= now)).rowcount
                for each in (pending_table, session_table)
            )

    def _sealed(self, session: LaunchSession) -> dict[str, Any]:
        name, ends_at = digest_of(session.launch.id), _utc(session.launch.ends_at)
        bound = _bound("launch_session", name, ends_at, session.version)
        key, sealed = self.keys.seal(_ENCODER.encode(session), bound)
        return {
            "version": session.version,
            "ends_at": ends_at,
            "renewing_until": None,
            "key": key,
            "sealed": sealed,
        }

    def _change(
        self, launch_id: str, version: int, values: Mapping[str, Any], *conditions: ColumnElement[bool]
    ) -> bool:
        """Whether the session was there, in this version."""
        is_it = (session_table.c.id_sha256 == digest_of(launch_id), session_table.c.version == version)
        with self.database.writing() as connection:
            changed = update(session_table).where(*is_it, *conditions).values(**values)
            return connection.execute(changed).rowcount > 0


def _bound_to(row: Row[Any]) -> Sequence[str]:
    """The plain columns of a session; who renews it until when changes without a new seal, and opens nothing."""
    return _bound("launch_session", row.id_sha256, row.ends_at, row.version)


def _bound(table: str, name: str, ends_at: datetime, version: int = 0) -> Sequence[str]:
    return (table, name, ends_at.isoformat(timespec="microseconds"), str(version))


def _utc(instant: datetime) -> datetime:
    """As it is read back."""
    return instant.astimezone(UTC)


def _read(decoder: "msgspec.json.Decoder[_Kept]", value: bytes | None) -> "_Kept | None":
    """The value; None when it was written in a form of an earlier fhirgate, or its key is out of use."""
    try:
        return None if value is None else decoder.decode(value)
    except msgspec.ValidationError:
        return None
