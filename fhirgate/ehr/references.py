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
_OF_THE_PATIENT = frozenset(TYPES)
_HOLD_NONE = frozenset({"meta", "text", "coding", "valueQuantity", "identifier"})
"""Elements without a reference to anything that is followed; the assigner of an identifier is no reader."""
Name = tuple[str, str]
"""Type and id."""
Mention = tuple[str, str, str]
"""Type and id, and the address of the server they are on; empty for the one that holds what mentions them."""


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
    return not_here({found for each in resources for found in mentions(each)}, here, bases, complete)


def not_here(
    mentioned: Iterable[Mention], here: Collection[Name], bases: Collection[str], complete: Collection[str]
) -> list[Name]:
    """`wanted`, of what was found to be mentioned."""
    return sorted(
        {
            (kind, id_)
            for kind, id_, base in mentioned
            if (kind not in complete or kind not in _OF_THE_PATIENT)
            and (not base or base in bases)
            and (kind, id_) not in here
        }
    )


def mentions(resource: Mapping[str, Any]) -> set[Mention]:
    """What a resource refers to that may be worth reading; contained and logical references are not."""
    followed = _OF_THE_PATIENT | {"Medication"}
    if resource.get("resourceType") in _WITH_READERS:
        followed |= _READERS
    found: set[Mention] = set()
    for reference in set(references(resource)):
        whole = reference.split("/_history/", 1)[0]
        kind, id_ = local_name(whole)
        name = f"{kind}/{id_}"
        if kind in followed and whole.endswith(name):
            found.add((kind, id_, whole.removesuffix(name).rstrip("/")))
    return found


def references(value: Any) -> Iterator[str]:
    """Every literal reference inside a value of JSON."""
    # A loop, and only into what can hold one: a long record has a hundred thousand values.
    rest = [value]
    while rest:
        each = rest.pop()
        if isinstance(each, dict):
            for key, inner in each.items():
                kind = inner.__class__
                if kind is str:
                    if key == "reference":
                        yield inner
                elif (kind is dict or kind is list) and key not in _HOLD_NONE:
                    rest.append(inner)
        elif isinstance(each, list):
            rest += each
