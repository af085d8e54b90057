"""The resources in memory: every version of each is kept, and none is ever changed."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from fhirgate.sandbox.ehr.table import KINDS

Json = dict[str, Any]
Name = tuple[str, str]
"""Type and id."""


@dataclass(frozen=True, slots=True)
class Version:
    """A resource as it was once stored."""

    resource: Json
    number: int
    at: datetime

    @property
    def name(self) -> Name:
        """Type and id."""
        return self.resource["resourceType"], self.resource["id"]

    @property
    def local(self) -> str:
        """Type and id as a reference has them."""
        return "/".join(self.name)

    @property
    def etag(self) -> str:
        """As HTTP has its version."""
        return f'W/"{self.number}"'


class Records:
    """What the server holds; used by many threads."""

    def __init__(self, resources: Iterable[Json], clock: Callable[[], datetime]) -> None:
        """Raises ValueError for a resource that cannot be served: of an unknown type, without an id, or twice."""
        self._clock = clock
        self._lock = threading.RLock()
        self._of_kind: dict[str, dict[str, tuple[Version, ...]]] = {kind: {} for kind in KINDS}
        for each in resources:
            self._load(each)

    def _load(self, resource: Json) -> None:
        kind, id_ = resource.get("resourceType"), resource.get("id")
        if kind not in self._of_kind or not isinstance(id_, str):
            raise ValueError(f"a resource of type {kind!r} with id {id_!r} cannot be served")
        if id_ in self._of_kind[kind]:
            raise ValueError(f"{kind}/{id_} is there twice")
        self._store(resource, kind, id_, ())

    def current(self, name: Name) -> Version | None:
        """The newest version; None when there is no such resource."""
        held = self.versions(name)
        return held[-1] if held else None

    def versions(self, name: Name) -> tuple[Version, ...]:
        """Every version, the oldest first."""
        kind, id_ = name
        with self._lock:
            return self._of_kind.get(kind, {}).get(id_, ())

    def all(self, kind: str) -> list[Version]:
        """The newest version of every resource of a type, in the order in which they came."""
        with self._lock:
            return [each[-1] for each in self._of_kind[kind].values()]

    def add(self, name: Name, resource: Json) -> Version:
        """A new resource, under an id of ours (`new_id`)."""
        with self._lock:
            return self._store(resource, *name, ())

    def replace(self, name: Name, resource: Json) -> Version:
        """A new version of a resource that is there."""
        with self._lock:
            return self._store(resource, *name, self.versions(name))

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that is done within happens, or nothing of it; others wait."""
        with self._lock:
            before = {kind: dict(held) for kind, held in self._of_kind.items()}
            try:
                yield
            except BaseException:
                self._of_kind = before
                raise

    def _store(self, resource: Json, kind: str, id_: str, before: tuple[Version, ...]) -> Version:
        number, now = len(before) + 1, self._clock().astimezone(UTC)
        meta = {**resource.get("meta", {}), "versionId": str(number), "lastUpdated": instant(now)}
        rest = {name: value for name, value in resource.items() if name not in ("resourceType", "id", "meta")}
        version = Version({"resourceType": kind, "id": id_, "meta": meta, **rest}, number, now)
        self._of_kind[kind][id_] = (*before, version)
        return version


def new_id() -> str:
    """An id that no resource has."""
    return uuid4().hex


def instant(moment: datetime) -> str:
    """As FHIR writes an instant."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
