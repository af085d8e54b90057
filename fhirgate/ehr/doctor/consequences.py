"""What an assessment lacks when a server does not give a type of resource."""

from collections.abc import Mapping

ESSENTIAL = frozenset({"Patient", "Observation"})
"""Without these nothing can be judged."""
LOSSES: Mapping[str, str] = {
    "Patient": "whose record it is",
    "Condition": "the diagnosis, its spread at the start and its dates",
    "Observation": "every measured lesion, so nothing can be judged",
    "DiagnosticReport": "what reports conclude, and which observations belong to one scan",
    "Procedure": "surgery and radiotherapy, so that a treated lesion counts as untreated",
    "MedicationRequest": "systemic therapy that was ordered",
    "MedicationAdministration": "systemic therapy that was given",
    "MedicationStatement": "systemic therapy from a medication list",
    "MedicationDispense": "systemic therapy that was handed out",
    "BodyStructure": "the identity of lesions, which are then told apart by their places",
    "ImagingStudy": "which scans were made, and how",
    "Specimen": "where biopsies were taken",
    "Medication": "the names of drugs that are only referred to",
    "Practitioner": "who read a scan",
}
