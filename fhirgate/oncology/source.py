"""Where a fact comes from: a resource, by type, id and version."""

from typing import NamedTuple


class Source(NamedTuple):
    """One resource of the record, as received; ordered by type, id and version."""

    type: str
    id: str
    version: str = ""

    def __str__(self) -> str:
        """A FHIR reference, version-specific where the server gave a version."""
        where = f"{self.type}/{self.id}"
        return f"{where}/_history/{self.version}" if self.version else where


Sources = tuple[Source, ...]


def joined(*groups: Sources) -> Sources:
    """All sources of the groups, each once, in order of type, id and version."""
    if len(groups) == 1 and len(groups[0]) < 2:
        return groups[0]
    unique = set().union(*groups)
    return tuple(unique) if len(unique) < 2 else tuple(sorted(unique))
