"""DICOM SR (TID 1500): a measurement group for each lesion and scan, a numeric item as its member.

R4 as the earlier drafts write it (tracking identifiers on the Observation), or R5 as the guide's ballot does
(`bodyStructure` with a typed identifier).
"""

from decimal import Decimal
from typing import Any

from fhirgate.sandbox.codes import DICOM, SNOMED, UCUM
from fhirgate.sandbox.dialects.body_structures import morphology
from fhirgate.sandbox.dialects.shared import (
    Resource,
    baseline_role,
    body_site,
    concept,
    lesion_name,
    patient_reference,
    resource,
    side_of,
    study_id,
)
from fhirgate.sandbox.story import NOT_SEEN, WORDS, SeenLesion, Story, size

TRACKING = "http://hl7.org/fhir/uv/dicom-sr/CodeSystem/dicom-identifier-type"


def observations(story: Story, lesion: SeenLesion, *, r5: bool = False) -> list[tuple[int, Resource]]:
    """Every measurement group and its members, each with the position of its scan."""
    found = []
    for position in range(len(story.scans)):
        reading = lesion.at(position)
        if reading != NOT_SEEN:
            found += [(position, each) for each in _group(story, lesion, position, reading, r5=r5)]
    return found


def tracked_structure(story: Story, lesion: SeenLesion) -> Resource:
    """The R5 BodyStructure of a lesion, identified by label and UID."""
    where = lesion.where
    structure: dict[str, Any] = {"structure": body_site(where, lesion.detail)}
    if side := side_of(where):
        structure["laterality"] = side
    return resource(
        "BodyStructure",
        f"{story.slug}-{lesion_name(lesion)}",
        identifier=[
            {"type": concept(DICOM, "112039", "Tracking Identifier"), "value": lesion.label},
            {"type": concept(DICOM, "112040", "Tracking Unique Identifier"), "value": _uid(story, lesion)},
        ],
        morphology=morphology(lesion),
        includedStructure=[structure],
        patient=patient_reference(story),
    )


def _group(story: Story, lesion: SeenLesion, position: int, reading: str, *, r5: bool) -> list[Resource]:
    scan, amount = story.scans[position], size(reading)
    name = f"{story.slug}-{lesion_name(lesion)}-{position + 1}"
    role = baseline_role(lesion.role)
    shared: dict[str, Any] = {
        "status": "final",
        "subject": patient_reference(story),
        "effectiveDateTime": scan.on,
        "performer": [{"reference": story.reader}],
        "partOf": [{"reference": f"ImagingStudy/{study_id(story, position)}"}],
    }
    identity: dict[str, Any]
    if r5:
        identity = {"bodyStructure": {"reference": f"BodyStructure/{story.slug}-{lesion_name(lesion)}"}}
    else:
        identity = {
            "identifier": [
                {"type": concept(TRACKING, "tracking-uid"), "value": f"urn:oid:{_uid(story, lesion)}"},
                {"type": concept(TRACKING, "tracking-id"), "value": lesion.label},
            ],
            "bodySite": body_site(lesion.where, lesion.detail),
        }
    members = [_role_item(name, shared, role)] if role else []
    members.append(_item(name, shared, lesion, reading, amount))
    group = resource(
        "Observation",
        name,
        category=[concept(DICOM, "125007", "Measurement Group")],
        code=concept(SNOMED, "276214006", "Findings category type"),
        **shared,
        **identity,
        hasMember=[{"reference": f"Observation/{each['id']}"} for each in members],
    )
    return [group, *members]


def _item(name: str, shared: Resource, lesion: SeenLesion, reading: str, amount: Decimal | None) -> Resource:
    axis = ("103340004", "Short axis") if lesion.node else ("103339001", "Long axis")
    if amount is not None:
        value: Resource = {"valueQuantity": {"value": amount, "unit": "mm", "system": UCUM, "code": "mm"}}
    elif reading == "NE":
        value = {"dataAbsentReason": {"text": lesion.note or "not evaluable"}}
    else:
        value = {"valueCodeableConcept": {"text": WORDS[reading]}}
    return resource("Observation", f"{name}-size", code=concept(SNOMED, *axis), **shared, **value)


def _role_item(name: str, shared: Resource, role: Resource) -> Resource:
    return resource(
        "Observation",
        f"{name}-role",
        code=concept(DICOM, "112016", "Baseline Category"),
        **shared,
        valueCodeableConcept=role,
    )


def _uid(story: Story, lesion: SeenLesion) -> str:
    return f"2.25.{int.from_bytes(f'{story.slug}{lesion.label}'.encode()[-14:], 'big')}"
