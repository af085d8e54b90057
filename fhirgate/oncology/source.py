"""Where a fact comes from: a resource, by type, id and version."""

from dataclasses import dataclass


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


def joined(*groups: Sources) -> Sources:
    """All sources of the groups, each once, in order of type, id and version."""
    unique = {source for group in groups for source in group}
    return tuple(sorted(unique, key=lambda each: (each.type, each.id, each.version)))
