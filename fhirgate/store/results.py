"""Results: kept as the exact bytes composed with whom to tell of them, and read back by name or by search."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select, func, literal, select, tuple_

from fhirgate.services.ports import (
    Clock,
    Composed,
    Identifier,
    Kept,
    Message,
    PatientKey,
    Place,
    ResourceName,
    Search,
    Stored,
    VersionName,
)
from fhirgate.services.succession import Overtaken
from fhirgate.store.engine import Database
from fhirgate.store.enqueue import enqueue
from fhirgate.store.tables import Instant, resource, resource_version
from fhirgate.store.versions import digested, keep_versions, wait_turn

_of = resource.c
_at = resource_version.c
_SAME_RESOURCE = (_of.type == _at.type) & (_of.id == _at.id)
_IS_CURRENT = _of.sequence == _at.sequence
_VERSIONS = select(
    _of.type,
    _of.id,
    _of.identifier_system,
    _of.identifier_value,
    _of.server,
    _of.patient,
    _of.preset,
    _of.created_at,
    _at.version,
    _at.sequence,
    _at.state,
    _at.status,
    _at.as_of,
    _at.recorded_at,
    _at.sha256,
    _at.body,
).select_from(resource)
_CURRENT = _VERSIONS.join(resource_version, _IS_CURRENT)
_EVERY = _VERSIONS.join(resource_version, _SAME_RESOURCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlResults:
    """`ResultStore` in a database."""

    database: Database
    clock: Clock = field(repr=False)

    def keep(
        self, composed: Sequence[Composed], messages: Sequence[Message] = (), seen: int | None = None
    ) -> tuple[Kept | None, ...]:
        """See `ResultStore.keep`."""
        ready = [digested(each) for each in composed]
        with self.database.writing() as connection:
            turn = wait_turn(connection, self.clock)
            if seen is not None and any(
                _last_of(connection, each) != seen for each in {each.patient for each in composed}
            ):
                raise Overtaken
            kept = keep_versions(connection, ready, turn)
            names = [each.name for each in composed]
            enqueue(connection, messages, dict(zip(names, kept, strict=True)), turn.at)
        return kept

    def last_of(self, patient: PatientKey) -> int:
        """See `ResultStore.last_of`."""
        with self.database.reading() as connection:
            return _last_of(connection, patient)

    def read(self, name: ResourceName, version: int | None = None) -> Stored | None:
        """See `ResultStore.read`."""
        is_this = (_of.type == name.type) & (_of.id == name.id)
        if version is None:
            return self._one(_CURRENT.where(is_this))
        return self._one(_EVERY.where(is_this, _at.version == version))

    def find(self, resource_type: str, identifier: Identifier) -> Stored | None:
        """See `ResultStore.find`."""
        return self._one(
            _CURRENT.where(
                _of.type == resource_type,
                _of.identifier_system == identifier.system,
                _of.identifier_value == identifier.value,
            )
        )

    def history(self, name: ResourceName) -> tuple[Stored, ...]:
        """See `ResultStore.history`."""
        is_this = (_of.type == name.type) & (_of.id == name.id)
        return self._all(_EVERY.where(is_this).order_by(_at.version))

    def search(self, wanted: Search, after: Place | None = None, most: int = 50) -> tuple[Stored, ...]:
        """See `ResultStore.search`."""
        found = _narrowed(_CURRENT.where(_of.type == wanted.type), wanted)
        if after is not None:
            place = tuple_(literal(after.recorded_at, Instant), literal(after.sequence))
            found = found.where(tuple_(_of.recorded_at, _of.sequence) > place)
        elif wanted.since is not None:
            # Beside a place it would say nothing new, and SQLite would begin there for each page.
            found = found.where(_of.recorded_at >= wanted.since)
        return self._all(found.order_by(_of.recorded_at, _of.sequence).limit(most))

    def _one(self, wanted: Select[Any]) -> Stored | None:
        with self.database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else _stored(row)

    def _all(self, wanted: Select[Any]) -> tuple[Stored, ...]:
        with self.database.reading() as connection:
            return tuple(_stored(row) for row in connection.execute(wanted))


def _last_of(connection: Connection, patient: PatientKey) -> int:
    """The place of the last version of a patient's resources; 0 when there is none."""
    last = select(func.max(_of.sequence)).where(_of.server == patient.server, _of.patient == patient.id)
    return connection.execute(last).scalar_one() or 0


def _narrowed(found: Select[Any], wanted: Search) -> Select[Any]:
    if wanted.patient is not None:
        found = found.where(_of.server == wanted.patient.server, _of.patient == wanted.patient.id)
    if wanted.state:
        found = found.where(_of.state == wanted.state)
    if wanted.preset:
        found = found.where(_of.preset == wanted.preset)
    if wanted.before is not None:
        found = found.where(_of.recorded_at < wanted.before)
    return found


def _stored(row: Row[Any]) -> Stored:
    return Stored(
        name=VersionName(ResourceName(row.type, row.id), row.version),
        identifier=Identifier(system=row.identifier_system, value=row.identifier_value),
        patient=PatientKey(server=row.server, id=row.patient),
        state=row.state,
        preset=row.preset,
        as_of=row.as_of,
        status=row.status,
        created_at=row.created_at,
        recorded_at=row.recorded_at,
        sequence=row.sequence,
        sha256=row.sha256,
        body=bytes(row.body),
    )
