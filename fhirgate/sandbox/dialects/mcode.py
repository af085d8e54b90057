"""mCODE 4: LOINC 21889-1 with the dimensions as components in centimetres, focus on the Tumor."""

from decimal import Decimal

from fhirgate.sandbox.codes import LOINC, SNOMED, UCUM
from fhirgate.sandbox.dialects.body_structures import structure_reference
from fhirgate.sandbox.dialects.shared import (
    Resource,
    concept,
    lesion_name,
    patient_reference,
    resource,
    study_id,
)
from fhirgate.sandbox.story import NOT_SEEN, WORDS, SeenLesion, Story, size

LONGEST, FURTHER = "33728-7", "33729-5"
METHODS = {"CT": ("77477000", "Computed tomography"), "MR": ("113091000", "Magnetic resonance imaging")}


def observations(story: Story, lesion: SeenLesion) -> list[tuple[int, Resource]]:
    """Every reading of a lesion, each with the position of its scan.

    A node's short axis is the further dimension, beside a longer one; a word stands as the tumour's state.
    """
    found = []
    for position, scan in enumerate(story.scans):
        reading = lesion.at(position)
        if reading == NOT_SEEN:
            continue
        amount = size(reading)
        method = METHODS.get(scan.modality)
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
                    code=concept(LOINC, "21889-1", "Size Tumor"),
                    subject=patient_reference(story),
                    focus=[structure_reference(story, lesion)],
                    effectiveDateTime=scan.on,
                    performer=[{"reference": story.reader}],
                    method=concept(SNOMED, *method) if method else None,
                    partOf=[{"reference": f"ImagingStudy/{study_id(story, position)}"}],
                    component=_dimensions(lesion, amount) if amount is not None else None,
                    **({} if amount is not None else _word(lesion, reading)),
                ),
            )
        )
    return found


def _dimensions(lesion: SeenLesion, amount: Decimal) -> list[Resource]:
    if lesion.node:
        return [_dimension(LONGEST, amount + 4), _dimension(FURTHER, amount)]
    return [_dimension(LONGEST, amount)]


def _dimension(code: str, amount: Decimal) -> Resource:
    return {
        "code": concept(LOINC, code),
        "valueQuantity": {"value": amount / 10, "unit": "cm", "system": UCUM, "code": "cm"},
    }


def _word(lesion: SeenLesion, reading: str) -> Resource:
    if reading == "NE":
        return {"dataAbsentReason": {"text": lesion.note or "not evaluable"}}
    return {"valueCodeableConcept": {"text": WORDS[reading]}}
