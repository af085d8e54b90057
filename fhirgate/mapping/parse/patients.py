"""Whose resources they are: one group for each patient, never mixed.

A patient is known by the logical id. Where one source holds the same id from several servers (absolute
references under different base URLs), these are different patients and are told apart by their URLs.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fhirgate.mapping.datatypes import item, items, local_name, reference, text
from fhirgate.mapping.parse.entries import Entry, name_of
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


@dataclass(slots=True)
class Split:
    """Entries by patient id; `shared` belong to nobody and may be referred to by everyone."""

    of: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    shared: list[Entry] = field(default_factory=list)


def split_by_patient(received: Iterable[Entry], findings: list[Finding]) -> Split:
    """The resources of each patient. What cannot be given to anybody is reported and left out."""
    split = Split()
    unowned: list[Entry] = []
    owned: list[tuple[str, Entry]] = []
    for entry in received:
        name = _owner(entry)
        if name:
            owned.append((name, entry))
        elif entry.resource.get("resourceType") in PERSONAL:
            unowned.append(entry)
        else:
            split.shared.append(entry)
    keys = _keys([name for name, _ in owned], _by_identifier(owned))
    for name, entry in owned:
        split.of[keys[name]].append(entry)
    _place_unowned(split, unowned, findings)
    return split


def _owner(entry: Entry) -> str:
    """The name of the patient a resource belongs to: a URL, or an identifier; empty when there is none."""
    raw = entry.resource
    if raw.get("resourceType") == "Patient":
        return _absolute(f"Patient/{text(raw, 'id')}" if text(raw, "id") else entry.full_url, entry.full_url)
    for element in ("subject", "patient", "individual", "for"):
        if element not in raw:
            continue
        found = item(raw, element)
        name = reference(found)
        if name.startswith("#"):
            name = ""
        if name and (local_name(name)[0] in ("", "Patient")):
            return _absolute(name, entry.full_url)
        identifier = item(found, "identifier")
        if text(identifier, "value"):
            return f"identifier:{text(identifier, 'system')}|{text(identifier, 'value')}"
    return ""


def _absolute(name: str, full_url: str) -> str:
    """A reference made absolute by the base of the resource it stands in, where that is known."""
    name = name.split("/_history/", 1)[0].rstrip("/")
    if name.startswith("Patient/") and full_url.startswith("http") and local_name(full_url)[0]:
        return full_url.rsplit("/", 2)[0] + "/" + name
    return name


def _keys(names: Iterable[str], meant: Mapping[str, str]) -> Mapping[str, str]:
    """The id of the patient that each name stands for; `meant` are the names that other names mean."""
    parts = {name: local_name(name) for name in dict.fromkeys(names)}
    bases: dict[str, set[str]] = defaultdict(set)
    for name, (kind, id_) in parts.items():
        if kind and name.startswith("http"):
            bases[id_].add(name)
    ids = {name: _id(name, kind, id_, several=len(bases[id_]) > 1) for name, (kind, id_) in parts.items()}
    return {name: ids[meant.get(name, name)] for name in parts}


def _id(name: str, kind: str, id_: str, *, several: bool) -> str:
    """An id that can be printed: an identifier may be a medical record number."""
    if name.startswith("identifier:"):
        return f"identifier-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    if not kind:
        return name.removeprefix("urn:uuid:")
    return name if several and name.startswith("http") else id_


def _by_identifier(owned: Iterable[tuple[str, Entry]]) -> Mapping[str, str]:
    """Names that mean a Patient resource of the source by its identifier or the URL of its entry; an identifier
    that two Patients share means neither."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, entry in owned:
        if entry.resource.get("resourceType") != "Patient":
            continue
        if entry.full_url:
            found[entry.full_url].add(name)
        for each in items(entry.resource, "identifier"):
            if text(each, "value"):
                found[f"identifier:{text(each, 'system')}|{text(each, 'value')}"].add(name)
    return {key: next(iter(names)) for key, names in found.items() if len(names) == 1}


def _place_unowned(split: Split, unowned: list[Entry], findings: list[Finding]) -> None:
    """Give what names no patient to the only one there is; report it once per type."""
    many = len(split.of) > 1
    if unowned and not many:
        split.of[next(iter(split.of), UNKNOWN_PATIENT)].extend(unowned)
    named = sorted({(text(each.resource, "resourceType"), name_of(each)) for each in unowned})
    for kind in sorted({kind for kind, _ in named}):
        names = [name for each, name in named if each == kind]
        findings.append(_left_out(kind, names) if many else _assumed(kind, names))


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
