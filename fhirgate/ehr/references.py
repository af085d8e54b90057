"""Resources that others refer to and no search brought, read by id: each once, together, and not without end.

Only what becomes facts is read: drugs wherever they are named, and who or what made an observation. A
resource of the patient's own is read where the search of its type did not bring everything or is not offered.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from fhirgate.ehr.search_plan import TYPES
from fhirgate.mapping.datatypes import local_name

MOST_READ = 200
"""References followed for one patient."""
MOST_ROUNDS = 3
"""A PractitionerRole names a Practitioner, a combination its ingredients; deeper is nothing we read."""

_READERS = frozenset({"Practitioner", "PractitionerRole", "Device", "DeviceMetric", "Organization"})
_WITH_READERS = frozenset({"Observation", "DiagnosticReport", "ImagingStudy", "PractitionerRole"})
Name = tuple[str, str]
"""Type and id."""


def wanted(
    resources: Iterable[Mapping[str, Any]],
    here: Collection[Name],
    bases: Collection[str],
    complete: Collection[str],
) -> list[Name]:
    """What these resources refer to and is not here, each once, in the order of type and id.

    `bases` are the addresses by which the server is known, and `complete` are the types of which it gave everything
    it has for the patient.
    """
    found: set[Name] = set()
    for resource in resources:
        holder = resource.get("resourceType")
        for reference in references(resource):
            name = _name(reference, bases)
            if name is None or name in here:
                continue
            kind = name[0]
            if (
                kind == "Medication"
                or (kind in _READERS and holder in _WITH_READERS)
                or (kind in TYPES and kind not in complete)
            ):
                found.add(name)
    return sorted(found)


def references(value: Any) -> Iterator[str]:
    """Every literal reference inside a resource."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "reference" and isinstance(inner, str):
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def _name(reference: str, bases: Collection[str]) -> Name | None:
    """Type and id of a reference to this server; None for another server's, contained and logical ones."""
    whole = reference.split("/_history/", 1)[0]
    kind, id_ = local_name(whole)
    name = f"{kind}/{id_}"
    if not kind or not whole.endswith(name):
        return None
    base = whole.removesuffix(name).rstrip("/")
    return (kind, id_) if not base or base in bases else None
