"""From anything received to charts: entries, patients, one record and one chart for each.

Findings: NO_PATIENT, TYPE_NOT_READ.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fhirgate.mapping.parse.bone_scan import parse_bone_scans
from fhirgate.mapping.parse.condition import parse_diagnoses
from fhirgate.mapping.parse.disease_status import parse_courses
from fhirgate.mapping.parse.entries import entries
from fhirgate.mapping.parse.exposures import parse_exposures
from fhirgate.mapping.parse.local_treatments import parse_local_treatments
from fhirgate.mapping.parse.patient import parse_patient
from fhirgate.mapping.parse.patients import UNKNOWN_PATIENT, split_by_patient
from fhirgate.mapping.parse.primary_tumour import with_primary
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.sightings import parse_sightings
from fhirgate.mapping.parse.spread import parse_spreads
from fhirgate.mapping.parse.studies import parse_studies
from fhirgate.mapping.parse.supporting import parse_supporting
from fhirgate.mapping.parse.without_facts import note_without_facts
from fhirgate.mapping.vocabulary import STANDARD, Vocabulary
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.finding import Finding, Severity, in_order

READ = frozenset(
    {
        "Patient", "Condition", "Observation", "DiagnosticReport", "ImagingStudy", "BodyStructure", "BodySite",
        "Specimen", "Procedure", "MedicationStatement", "MedicationRequest", "MedicationAdministration",
        "MedicationDispense", "Medication",
    }
)  # fmt: skip
"""Types whose content becomes facts."""
REFERRED = frozenset(
    {"Practitioner", "PractitionerRole", "Organization", "Device", "Location", "Group", "RelatedPerson"}
)
"""Types read only where a fact refers to them, as a reader's name."""


def parse_charts(received: Iterable[Any], vocabulary: Vocabulary = STANDARD) -> tuple[Chart, ...]:
    """One chart per patient, in order of id: resources, Bundles of them, or (resource, full URL) pairs.

    What is wrong with the source as a whole stands in every chart. A source that holds no patient's data, but
    something, gives one chart of an unknown patient that says so.
    """
    findings: list[Finding] = []
    split = split_by_patient(entries(received, findings), findings)
    if not split.of and (split.shared or findings):
        findings.append(_no_patient())
        split.of[UNKNOWN_PATIENT] = []
    return tuple(
        _chart(Record(patient, owned, split.shared, vocabulary), findings)
        for patient, owned in sorted(split.of.items())
    )


def _chart(record: Record, findings: Iterable[Finding]) -> Chart:
    diagnoses = parse_diagnoses(record)
    studies = parse_studies(record)
    sightings = with_primary(parse_sightings(record, studies), diagnoses)
    chart = Chart(
        patient=parse_patient(record),
        diagnoses=diagnoses,
        studies=studies.studies,
        sightings=sightings,
        exposures=parse_exposures(record, record.vocabulary.agents),
        local_treatments=parse_local_treatments(record),
        courses=parse_courses(record),
        spreads=parse_spreads(record, diagnoses),
        bone_scans=parse_bone_scans(record),
        supporting=parse_supporting(record),
    )
    _note_unread(record)
    note_without_facts(record, chart)
    return replace(chart, findings=in_order({*findings, *record.findings}))


def _note_unread(record: Record) -> None:
    of_patient, shared = record.types(), record.shared_types()
    for name in sorted((of_patient.keys() | shared.keys()) - READ - REFERRED):
        count = of_patient.get(name, 0) + shared.get(name, 0)
        are = "resource is" if count == 1 else "resources are"
        record.note("TYPE_NOT_READ", Severity.INFORMATION, f"{count} {name} {are} not read")


def _no_patient() -> Finding:
    return Finding(
        code="NO_PATIENT",
        severity=Severity.ERROR,
        text="the source holds no resource that belongs to a patient; nothing can be assessed",
    )
