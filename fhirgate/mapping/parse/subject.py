"""Whom a resource is about: a patient by some name, nobody, or somebody else.

A name is a URL, or `identifier:` with system and value where only an identifier is given: in a logical
reference, a search ("Patient?identifier=...", as in transactions) or a contained Patient.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs

from fhirgate.mapping.datatypes import Raw, first, item, items, local_name, reference, references, text
from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.remembered import remembered

ELEMENTS = ("subject", "patient", "individual", "for")
"""Elements that name the patient, by type of resource."""


def owners_of(entries: Iterable[Entry]) -> Iterator[tuple[str | None, Entry]]:
    """Every entry after the name of the patient it belongs to, which is empty when it names nobody, None when
    somebody else."""
    named = remembered(lambda target: _named(first(target), {}))
    return ((_owner(each, named), each) for each in entries)


def owner_of(entry: Entry) -> str | None:
    """The name of the patient one entry belongs to."""
    return next(owners_of((entry,)))[0]


def _owner(entry: Entry, named: Callable[[Any], str | None]) -> str | None:
    raw = entry.resource
    if raw.get("resourceType") == "Patient":
        return _absolute(f"Patient/{text(raw, 'id')}" if text(raw, "id") else entry.full_url, entry)
    for element in ELEMENTS:
        if element not in raw:
            continue
        name = _named(item(raw, element), raw) if "contained" in raw else named(raw[element])
        if name is None or (name and "focus" in raw and _focused_elsewhere(raw, name)):
            return None
        if name:
            return _absolute(name, entry)
    return ""


def identifier_name(identifier: Raw) -> str:
    """An identifier as a name; empty when it has no value."""
    value = text(identifier, "value")
    return f"identifier:{text(identifier, 'system')}|{value}" if value else ""


def _named(target: Raw, within: Raw) -> str | None:
    name = reference(target)
    if name.startswith("#"):
        inside = [each for each in items(within, "contained") if text(each, "id") == name[1:]]
        return _contained(inside[0]) if inside else ""
    if not name:
        kind = text(target, "type").rpartition("/")[2]
        return identifier_name(item(target, "identifier")) if kind in ("", "Patient") else None
    if "?" in name:
        return _searched(name)
    return name if local_name(name)[0] in ("", "Patient") else None


def _contained(person: Raw) -> str | None:
    if text(person, "resourceType") != "Patient":
        return None
    return min(filter(None, map(identifier_name, items(person, "identifier"))), default="")


def _searched(name: str) -> str | None:
    """A search for a patient, by the identifier it asks for where it asks for one."""
    kind, _, query = name.partition("?")
    if kind.rpartition("/")[2] != "Patient":
        return None
    found = parse_qs(query).get("identifier", [])
    if len(found) != 1:
        return name
    system, _, value = found[0].rpartition("|")
    return f"identifier:{system}|{value}"


def _focused_elsewhere(raw: Raw, name: str) -> bool:
    """Whether an Observation in this patient's record is about a donor, a spouse or a fetus (R4 Observation.focus)."""
    focused = [local_name(each) for each in references(raw, "focus")]
    others = [id_ for kind, id_ in focused if kind == "Patient"]
    return any(kind == "RelatedPerson" for kind, _ in focused) or any(
        each != local_name(name)[1] for each in others
    )


def _absolute(name: str, entry: Entry) -> str:
    """A reference made absolute by the base of the resource it stands in, where that is known."""
    if "/_history/" in name or name.endswith("/"):
        name = name.split("/_history/", 1)[0].rstrip("/")
    server = entry.server if name.startswith("Patient/") else ""
    return f"{server}/{name}" if server else name
