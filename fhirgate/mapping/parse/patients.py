"""Whose resources they are: one group for each patient, never mixed.

A patient is known by the logical id. Where one source holds the same id from several servers (absolute
references under different base URLs), these are different patients and are told apart by their URLs.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fhirgate.mapping.datatypes import items, local_name, text
from fhirgate.mapping.parse.entries import Entry, content_name, name_of
from fhirgate.mapping.parse.subject import identifier_name, owners_of
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.source import Source

PERSONAL = frozenset(
    {
        "Patient",
        "Observation",
        "Condition",
        "Procedure",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "MedicationDispense",
        "ImagingStudy",
        "DiagnosticReport",
        "BodyStructure",
        "BodySite",
        "Specimen",
        "ServiceRequest",
    }
)
"""Types we read that belong to one patient; others without a subject are shared (Medication, Practitioner)."""

UNKNOWN_PATIENT = "unknown"
"""Id of the patient of a record that names none."""


_PRINTABLE = re.compile(r"(urn:oid:)?[A-Za-z0-9._-]{1,64}|(https?:/|Patient)/[^\s?]+")
"""What a name without a type may be to be shown as it is."""


@dataclass(slots=True)
class Split:
    """Entries by patient id; `shared` belong to nobody and may be referred to by everyone."""

    of: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    shared: list[Entry] = field(default_factory=list)


def split_by_patient(received: Iterable[Entry], findings: list[Finding]) -> Split:
    """The resources of each patient. What cannot be given to anybody is reported and left out."""
    split = Split()
    unowned: list[Entry] = []
    elsewhere: list[Entry] = []
    owned: list[tuple[str, Entry]] = []
    for name, entry in owners_of(received):
        if name:
            owned.append((name, entry))
        elif entry.resource.get("resourceType") in PERSONAL:
            (elsewhere if name is None else unowned).append(entry)
        else:
            split.shared.append(entry)
    keys = _keys([name for name, _ in owned], _meanings(owned))
    for name, entry in owned:
        split.of[keys[name]].append(entry)
    many = bool(unowned) and _several(split, unowned)
    if unowned and not many:
        split.of[next(iter(split.of), UNKNOWN_PATIENT)].extend(unowned)
    findings += [(_left_out if many else _assumed)(kind, names) for kind, names in _by_kind(unowned)]
    findings += [_elsewhere(kind, names) for kind, names in _by_kind(elsewhere)]
    return split


def _keys(names: Iterable[str], meant: Mapping[str, frozenset[str]]) -> Mapping[str, str]:
    """The id of the patient that each name stands for; `meant` are the Patients that other names mean."""
    parts = {name: local_name(name) for name in dict.fromkeys(names)}
    bases: dict[str, set[str]] = defaultdict(set)
    for name, (kind, id_) in parts.items():
        if kind and name.startswith("http"):
            bases[id_].add(name)
    ids = {name: _id(name, kind, id_, several=len(bases[id_]) > 1) for name, (kind, id_) in parts.items()}
    found: dict[str, str] = {}
    for name in parts:
        patients = meant.get(name, frozenset({name}))
        # What several Patients share means none of them.
        found[name] = ids[min(patients)] if len(patients) == 1 else _digest(name)
    return found


def _id(name: str, kind: str, id_: str, *, several: bool) -> str:
    """An id that can be printed: an identifier may be a medical record number, and a search may hold a name."""
    if name.startswith("identifier:"):
        return _digest(name)
    if not kind:
        bare = name.removeprefix("urn:uuid:")
        return bare if _PRINTABLE.fullmatch(bare) else _digest(name)
    return name if several and name.startswith("http") else id_


def _digest(name: str) -> str:
    kind = "identifier" if name.startswith("identifier:") else "reference"
    return f"{kind}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _meanings(owned: Iterable[tuple[str, Entry]]) -> Mapping[str, frozenset[str]]:
    """The Patients of the source that an identifier or the URL of an entry means.

    A URL that ends with another id than the Patient's own means nothing.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for name, entry in owned:
        if not _is_patient(entry):
            continue
        if entry.full_url and local_name(entry.full_url)[1] in ("", text(entry.resource, "id")):
            found[entry.full_url].add(name)
        for each in filter(None, map(identifier_name, items(entry.resource, "identifier"))):
            found[each].add(name)
    return {key: frozenset(names) for key, names in found.items()}


def _several(split: Split, unowned: Iterable[Entry]) -> bool:
    """Whether more than one patient is there to whom what names nobody could belong."""
    strangers = {content_name(each.resource) for each in unowned if _is_patient(each)}
    known = sum(map(_is_patient, next(iter(split.of.values()), ())))
    return len(split.of) > 1 or len(strangers) + bool(known) > 1


def _is_patient(entry: Entry) -> bool:
    return entry.resource.get("resourceType") == "Patient"


def _by_kind(entries: Iterable[Entry]) -> list[tuple[str, list[str]]]:
    """The names of entries, for each type of resource, both in order."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in entries:
        found[text(each.resource, "resourceType")].add(name_of(each))
    return [(kind, sorted(names)) for kind, names in sorted(found.items())]


def _assumed(kind: str, names: list[str]) -> Finding:
    return Finding(
        code="SUBJECT_ASSUMED",
        severity=Severity.WARNING,
        text=f"{len(names)} {kind} resource(s) name no patient; they are taken as the only patient's of this source",
        path="subject",
        source=Source(kind, names[0]),
    )


def _left_out(kind: str, names: list[str]) -> Finding:
    return Finding(
        code="SUBJECT_MISSING",
        severity=Severity.ERROR,
        text=f"{len(names)} {kind} resource(s) name no patient and the source holds several; they were left out",
        path="subject",
        source=Source(kind, names[0]),
    )


def _elsewhere(kind: str, names: list[str]) -> Finding:
    return Finding(
        code="SUBJECT_IS_SOMEONE_ELSE",
        severity=Severity.WARNING,
        text=f"{len(names)} {kind} resource(s) are about a group, a device, a relative or a donor; they were left out",
        path="subject",
        source=Source(kind, names[0]),
    )
