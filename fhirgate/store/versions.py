"""What becomes of composed resources: a first version, the next one, or nothing because nothing new is said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from fhirgate.services.ports import Clock, Composed, Kept, ResourceName, VersionName
from fhirgate.store.content import content_sha256, read_body
from fhirgate.store.tables import ledger, resource, resource_version

RESULTS = "results"
"""The one row of the ledger."""
MOST_KEYS = 500
"""Keys in one question to the database."""

_IDENTITY = ("identifier_system", "identifier_value", "server", "patient", "preset")
_CHANGES = ("version", "sequence", "state", "recorded_at", "content_sha256")
_INSERT_RESOURCE = insert(resource)
_INSERT_VERSION = insert(resource_version)
_SUPERSEDE = (
    update(resource)
    .where(resource.c.type == bindparam("of_type"), resource.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGES})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digested:
    """A composed resource with what the store reads from its body."""

    composed: Composed
    status: str
    content_sha256: str
    sha256: str


@dataclass(slots=True, kw_only=True)
class Turn:
    """The right to write results until the transaction ends: no other writer has it at the same time."""

    at: datetime
    """The instant of everything recorded in this turn; never before that of an earlier turn."""
    sequence: int
    """The last one given out."""


@dataclass(slots=True, kw_only=True)
class _Work:
    """What is to be written, as rows."""

    new: dict[ResourceName, dict[str, Any]] = field(default_factory=dict)
    superseded: dict[ResourceName, dict[str, Any]] = field(default_factory=dict)
    versions: list[dict[str, Any]] = field(default_factory=list)
    news: set[ResourceName] = field(default_factory=set)


def digested(composed: Composed) -> Digested:
    """Read what the tables say beside the bytes. Raises ValueError when the body is another resource's."""
    body = read_body(composed.body)
    if (body.get("resourceType"), body.get("id")) != (composed.name.type, composed.name.id):
        raise ValueError("the body's type and id are not those it is to be kept under")
    return Digested(
        composed=composed,
        status=body.get("status", ""),
        content_sha256=content_sha256(body),
        sha256=sha256(composed.body).hexdigest(),
    )


def wait_turn(connection: Connection, clock: Clock) -> Turn:
    """Wait until every other writer of results is done. The clock is read after that."""
    mine = select(ledger).where(ledger.c.name == RESULTS).with_for_update()
    last = connection.execute(mine).one()
    return Turn(at=max(clock(), last.last_at), sequence=last.last_sequence)


def keep_versions(connection: Connection, ready: Sequence[Digested], turn: Turn) -> tuple[Kept | None, ...]:
    """Write the versions that say something new, and tell for each resource which version holds it now."""
    known = _known(connection, [each.composed.name for each in ready])
    work = _Work()
    kept: dict[int, Kept] = {}
    for index, each in sorted(enumerate(ready), key=lambda numbered: bool(numbered[1].composed.because_of)):
        reasons = each.composed.because_of
        if not reasons or each.composed.name in known or work.news & set(reasons):
            kept[index] = _keep(each, known, work, turn)
    if work.versions:
        _write(connection, work)
        connection.execute(
            update(ledger)
            .where(ledger.c.name == RESULTS)
            .values(last_sequence=turn.sequence, last_at=turn.at)
        )
    return tuple(kept.get(index) for index in range(len(ready)))


def _known(connection: Connection, names: Iterable[ResourceName]) -> dict[ResourceName, dict[str, Any]]:
    """The rows of the resources that are there already."""
    known = {}
    of_type: dict[str, list[str]] = {}
    for name in names:
        of_type.setdefault(name.type, []).append(name.id)
    for kind, ids in of_type.items():
        for some in in_parts(ids):
            wanted = select(resource).where(resource.c.type == kind, resource.c.id.in_(some))
            for row in connection.execute(wanted).mappings():
                known[ResourceName(kind, row["id"])] = dict(row)
    return known


def in_parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """Keys in portions that a statement can hold."""
    return (keys[start : start + MOST_KEYS] for start in range(0, len(keys), MOST_KEYS))


def _keep(ready: Digested, known: dict[ResourceName, dict[str, Any]], work: _Work, turn: Turn) -> Kept:
    """Decide about one resource; what is to be written goes into `work`."""
    name = ready.composed.name
    before = known.get(name)
    if before is not None:
        _check_same(before, ready.composed)
        if before["content_sha256"] == ready.content_sha256:
            return Kept(name=VersionName(name, before["version"]), is_new=False)
    version = before["version"] + 1 if before is not None else 1
    turn.sequence += 1
    work.news.add(name)
    row = _resource_row(ready, version, turn)
    work.versions.append(_version_row(ready, version, turn))
    if before is None or name in work.new:
        work.new[name] = row
    else:
        work.superseded[name] = row
    known[name] = row
    return Kept(name=VersionName(name, version), is_new=True)


def _check_same(before: Mapping[str, Any], composed: Composed) -> None:
    """A resource stays that of one patient, identifier and preset, or histories would be mixed."""
    if any(before[name] != value for name, value in _identity(composed).items()):
        raise ValueError("this id already stands for another identifier, patient or preset")


def _identity(composed: Composed) -> dict[str, str]:
    values = (
        composed.identifier.system,
        composed.identifier.value,
        composed.patient.server,
        composed.patient.id,
        composed.preset,
    )
    return dict(zip(_IDENTITY, values, strict=True))


def _resource_row(ready: Digested, version: int, turn: Turn) -> dict[str, Any]:
    composed = ready.composed
    return {
        "type": composed.name.type,
        "id": composed.name.id,
        **_identity(composed),
        "created_at": turn.at,
        "version": version,
        "sequence": turn.sequence,
        "state": composed.state,
        "recorded_at": turn.at,
        "content_sha256": ready.content_sha256,
    }


def _version_row(ready: Digested, version: int, turn: Turn) -> dict[str, Any]:
    composed = ready.composed
    return {
        "sequence": turn.sequence,
        "type": composed.name.type,
        "id": composed.name.id,
        "version": version,
        "state": composed.state,
        "status": ready.status,
        "as_of": composed.as_of,
        "recorded_at": turn.at,
        "sha256": ready.sha256,
        "body": composed.body,
    }


def _write(connection: Connection, work: _Work) -> None:
    if work.new:
        connection.execute(_INSERT_RESOURCE, list(work.new.values()))
    if work.superseded:
        connection.execute(
            _SUPERSEDE,
            [
                {"of_type": name.type, "of_id": name.id, **{f"new_{key}": row[key] for key in _CHANGES}}
                for name, row in work.superseded.items()
            ],
        )
    connection.execute(_INSERT_VERSION, work.versions)
