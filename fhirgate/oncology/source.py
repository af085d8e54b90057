"""Where a fact comes from: a resource, by type, id and version."""

from dataclasses import dataclass
from operator import attrgetter


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One resource of the record, as received."""

    type: str
    id: str
    version: str = ""

    def __str__(self) -> str:
        """A FHIR reference, version-specific where the server gave a version."""
        where = f"{self.type}/{self.id}"
        return f"{where}/_history/{self.version}" if self.version else where


Sources = tuple[Source, ...]
_BY_NAME = attrgetter("type", "id", "version")


def joined(*groups: Sources) -> Sources:
    """All sources of the groups, each once, in order of type, id and version."""
    unique = set().union(*groups)
    return tuple(unique) if len(unique) < 2 else tuple(sorted(unique, key=_BY_NAME))
