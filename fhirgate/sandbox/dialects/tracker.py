"""A tumour tracker or trial export: CDISC words in code systems of its own, one Observation for each test."""

from decimal import Decimal

from fhirgate.sandbox.codes import UCUM
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

SYSTEM = "https://tracker.example/code"
ROLES = {"target": "TARGET", "nonTarget": "NON-TARGET", "new": "NEW"}


def observations(story: Story, lesion: SeenLesion) -> list[tuple[int, Resource]]:
    """The identification of a lesion at its first scan, and every reading, each with the position of its scan."""
    found: list[tuple[int, Resource]] = []
    for position in range(len(story.scans)):
        reading = lesion.at(position)
        if reading == NOT_SEEN:
            continue
        name = f"{story.slug}-{lesion_name(lesion)}-{position + 1}"
        if not found and lesion.role:
            found.append((position, _identified(story, lesion, position, f"{name}-id")))
        found.append((position, _read(story, lesion, position, name)))
    return found


def _identified(story: Story, lesion: SeenLesion, position: int, name: str) -> Resource:
    return _observation(
        story,
        lesion,
        position,
        name,
        code=concept(SYSTEM, "TUMIDENT", "Tumor Identification"),
        valueCodeableConcept=concept(SYSTEM, ROLES[lesion.role]),
    )


def _read(story: Story, lesion: SeenLesion, position: int, name: str) -> Resource:
    reading = lesion.at(position)
    amount = size(reading)
    code = (
        concept(SYSTEM, "SDIAM" if lesion.node else "LDIAM")
        if amount is not None
        else concept(SYSTEM, "TUMSTATE")
    )
    return _observation(story, lesion, position, name, code=code, **_value(lesion, reading, amount))


def _observation(story: Story, lesion: SeenLesion, position: int, name: str, **elements: object) -> Resource:
    return resource(
        "Observation",
        name,
        status="final",
        subject=patient_reference(story),
        focus=[structure_reference(story, lesion)],
        effectiveDateTime=story.scans[position].on,
        performer=[{"reference": story.reader}],
        partOf=[{"reference": f"ImagingStudy/{study_id(story, position)}"}],
        **elements,
    )


def _value(lesion: SeenLesion, reading: str, amount: Decimal | None) -> Resource:
    if amount is not None:
        return {"valueQuantity": {"value": amount, "unit": "mm", "system": UCUM, "code": "mm"}}
    if reading == "NE":
        return {"dataAbsentReason": {"text": lesion.note or "not evaluable"}}
    return {"valueCodeableConcept": concept(SYSTEM, WORDS[reading].upper())}
