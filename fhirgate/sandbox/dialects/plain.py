"""Plain radiology: one Observation for each size, SNOMED axis, valueQuantity in mm, a BodyStructure behind it.

Roles by DICOM's baseline category, states by the words every trial export uses.
"""

from decimal import Decimal

from fhirgate.sandbox.codes import DICOM, SNOMED, UCUM
from fhirgate.sandbox.dialects.body_structures import structure_reference
from fhirgate.sandbox.dialects.shared import (
    Resource,
    baseline_role,
    body_site,
    concept,
    lesion_name,
    patient_reference,
    resource,
    study_id,
)
from fhirgate.sandbox.story import NOT_SEEN, WORDS, SeenLesion, Story, size

LONG, SHORT = ("103339001", "Long axis"), ("103340004", "Short axis")


def observations(story: Story, lesion: SeenLesion) -> list[tuple[int, Resource]]:
    """Every reading of a lesion, each with the position of its scan."""
    found = []
    for position, scan in enumerate(story.scans):
        reading = lesion.at(position)
        if reading == NOT_SEEN:
            continue
        amount = size(reading)
        role = baseline_role(lesion.role) if position == _first(lesion) else None
        found.append(
            (
                position,
                resource(
                    "Observation",
                    f"{story.slug}-{lesion_name(lesion)}-{position + 1}",
                    status="final",
                    category=[
                        concept("http://terminology.hl7.org/CodeSystem/observation-category", "imaging")
                    ],
                    code=concept(SNOMED, *(SHORT if lesion.node else LONG)),
                    subject=patient_reference(story),
                    effectiveDateTime=scan.on,
                    performer=[{"reference": story.reader}],
                    partOf=[{"reference": f"ImagingStudy/{study_id(story, position)}"}],
                    bodySite={
                        **body_site(lesion.where, lesion.detail),
                        "extension": [
                            {
                                "url": "http://hl7.org/fhir/StructureDefinition/bodySite",
                                "valueReference": structure_reference(story, lesion),
                            }
                        ],
                    },
                    component=[_role(role)] if role else None,
                    **_value(lesion, reading, amount),
                ),
            )
        )
    return found


def _first(lesion: SeenLesion) -> int:
    readings = lesion.readings.split()
    return next(position for position, reading in enumerate(readings) if reading != NOT_SEEN)


def _role(role: Resource) -> Resource:
    return {"code": concept(DICOM, "112016", "Baseline Category"), "valueCodeableConcept": role}


def _value(lesion: SeenLesion, reading: str, amount: Decimal | None) -> Resource:
    if amount is not None:
        return {"valueQuantity": {"value": amount, "unit": "mm", "system": UCUM, "code": "mm"}}
    if reading == "NE":
        words = lesion.note or "not evaluable"
        return {
            "dataAbsentReason": concept(
                "http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown", text=words
            )
        }
    return {"valueCodeableConcept": {"text": WORDS[reading]}}
