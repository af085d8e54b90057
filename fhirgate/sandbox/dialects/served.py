"""A record as a hospital's server hands it out: the same facts among everything else a real resource carries.

Profiles, narrative, identifiers, encounters, displays, dates of entry, series and notes: more than half of the
bytes of a record, and nothing of it changes what happened to the patient. Benchmarks and laws need it.
"""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from fhirgate.sandbox.codes import DICOM
from fhirgate.sandbox.dialects.shared import Resource, concept

SERVER = "https://ehr.example"
UPDATED = "2026-06-03T07:41:12.000+02:00"
CORE = "http://hl7.org/fhir/us/core/StructureDefinition"
IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"

DISPLAYS = {
    "HTEST": "test health data",
    "active": "Active",
    "confirmed": "Confirmed",
    "encounter-diagnosis": "Encounter Diagnosis",
    "imaging": "Imaging",
    "RAD": "Radiology",
    "CT": "Computed Tomography",
    "MR": "Magnetic Resonance",
    "PT": "Positron emission tomography",
}
"""Names of codes that the dialects write without one."""
PROFILES = {
    "Patient": "us-core-patient",
    "Condition": "us-core-condition-encounter-diagnosis",
    "Observation": "us-core-observation-clinical-result",
    "DiagnosticReport": "us-core-diagnosticreport-note",
    "Procedure": "us-core-procedure",
    "MedicationRequest": "us-core-medicationrequest",
}
NOT_NARRATED = ("meta", "identifier", "extension", "category", "component", "result")
SERIES = (
    ("Topogram", 2),
    ("Axial portal venous 3.0 mm soft tissue", 212),
    ("Axial 1.0 mm lung", 384),
    ("Coronal reformation", 96),
)
"""Description and number of images of the series of a scan."""


def as_served(resources: Iterable[Resource]) -> list[Resource]:
    """The resources with what a server adds, in their order; the same input gives the same output."""
    return [_served(each) for each in resources]


def _served(given: Resource) -> Resource:
    kind, id_ = given["resourceType"], given["id"]
    own = {name: _displayed(value) for name, value in given.items() if name not in ("resourceType", "id")}
    added = _ADDED[kind](given) if kind in _ADDED else {}
    return {
        "resourceType": kind,
        "id": id_,
        **own,
        "meta": _meta(kind, own["meta"]),
        "text": {"status": "generated", "div": _narrative(kind, id_, own)},
        **added,
    }


def _meta(kind: str, meta: Resource) -> Resource:
    """The same version, with the rest a server knows of it."""
    profile = {"profile": [f"{CORE}/{PROFILES[kind]}"]} if kind in PROFILES else {}
    return {**meta, "lastUpdated": UPDATED, "source": f"{SERVER}/source#42", **profile}


def _displayed(value: Any) -> Any:
    """The value with a display for every code and reference that has none."""
    if isinstance(value, list):
        return [_displayed(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: _displayed(each) for name, each in value.items()}
    if isinstance(code := value.get("code"), str) and code in DISPLAYS:
        found.setdefault("display", DISPLAYS[code])
    if str(value.get("reference", "")).startswith(("Patient/", "Practitioner/")):
        kind, name = value["reference"].split("/")
        found.setdefault("display", f"Synthetic {kind.lower()} {name}")
    return found


def _narrative(kind: str, id_: str, elements: Resource) -> str:
    """The elements as a table, as servers that generate narrative write it."""
    rows = "".join(
        f"<tr><td><b>{name}</b></td><td>{escape(_in_words(value))}</td></tr>"
        for name, value in elements.items()
        if name not in NOT_NARRATED
    )
    return (
        f'<div xmlns="http://www.w3.org/1999/xhtml"><p class="res-header-id"><b>{kind}</b> {id_}</p>'
        f'<table class="grid">{rows}</table></div>'
    )


def _in_words(value: Any) -> str:
    """A value in the words a table shows."""
    if isinstance(value, list):
        return ", ".join(_in_words(each) for each in value)
    if not isinstance(value, dict):
        return str(value)
    told = ("text", "coding", "display", "reference", "value", "start", "code")
    return next((_in_words(value[name]) for name in told if name in value), "")


def _identifier(given: Resource, code: str, name: str) -> Resource:
    return {
        "use": "official",
        "type": concept(IDENTIFIER_TYPES, code, name, name),
        "system": f"{SERVER}/{code.lower()}",
        "value": f"{code}-{given['id']}",
        "assigner": {"display": "Synthetic hospital"},
    }


def _visit(given: Resource) -> Resource:
    """The encounter and the identifier every clinical resource has."""
    return {
        "identifier": [*given.get("identifier", ()), _identifier(given, "FILL", "Filler Identifier")],
        "encounter": {
            "reference": f"Encounter/visit-{given['id']}",
            "display": "Outpatient encounter",
        },
    }


def _patient(given: Resource) -> Resource:
    return {
        "identifier": [_identifier(given, "MR", "Medical record number")],
        "active": True,
        "communication": [{"language": concept("urn:ietf:bcp:47", "en", "English", "English")}],
        "managingOrganization": {"reference": "Organization/hospital", "display": "Synthetic hospital"},
    }


def _condition(given: Resource) -> Resource:
    return {**_visit(given), "recordedDate": given["onsetDateTime"], "note": [_note("Seen in clinic.")]}


def _observation(given: Resource) -> Resource:
    return {**_visit(given), **_issued(given), "note": [_note("Measured on the axial series.")]}


def _issued(given: Resource) -> Resource:
    """When it was released: in the afternoon of its day, where the day is known."""
    day = given["effectiveDateTime"]
    return {"issued": f"{day}T16:20:05.000+01:00"} if len(day) == len("2024-05-17") else {}


def _report(given: Resource) -> Resource:
    return {
        **_visit(given),
        **_issued(given),
        "performer": [{"reference": "Organization/radiology", "display": "Department of radiology"}],
        "conclusion": "Comparison with the previous examination; for sizes see the measurements.",
    }


def _study(given: Resource) -> Resource:
    series = [
        _series(given, number, description, images)
        for number, (description, images) in enumerate(SERIES, start=1)
    ]
    return {
        **_visit(given),
        "numberOfSeries": len(series),
        "numberOfInstances": sum(images for _, images in SERIES),
        "series": series,
    }


def _series(given: Resource, number: int, description: str, images: int) -> Resource:
    uid = f"{given['identifier'][0]['value'].removeprefix('urn:oid:')}.{number}"
    modality = given["modality"][0]["code"]
    return {
        "uid": uid,
        "number": number,
        "modality": {"system": DICOM, "code": modality, "display": DISPLAYS.get(modality, modality)},
        "description": description,
        "numberOfInstances": images,
        "endpoint": [{"reference": "Endpoint/dicomweb", "display": "DICOMweb"}],
    }


def _medication(given: Resource) -> Resource:
    dosage = {"text": "as prescribed", "route": concept("http://snomed.info/sct", "26643006", "Oral route")}
    return {"identifier": _visit(given)["identifier"], "dosage": [dosage]}


def _note(words: str) -> Resource:
    return {"authorString": "Synthetic author", "text": words}


_ADDED: dict[str, Callable[[Resource], Resource]] = {
    "Patient": _patient,
    "Condition": _condition,
    "Observation": _observation,
    "DiagnosticReport": _report,
    "ImagingStudy": _study,
    "MedicationStatement": _medication,
    "Procedure": _visit,
}
