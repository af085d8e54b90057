"""Lesions as BodyStructure resources, which plain and mCODE records point to."""

from fhirgate.sandbox.codes import SNOMED
from fhirgate.sandbox.dialects.shared import (
    Resource,
    body_site,
    concept,
    lesion_name,
    patient_reference,
    resource,
    side_of,
)
from fhirgate.sandbox.story import SeenLesion, Story


def structure_id(story: Story, lesion: SeenLesion) -> str:
    """The id of a lesion's BodyStructure."""
    return f"{story.slug}-{lesion_name(lesion)}"


def structure_reference(story: Story, lesion: SeenLesion) -> Resource:
    """The reference to a lesion's BodyStructure."""
    return {"reference": f"BodyStructure/{structure_id(story, lesion)}"}


def morphology(lesion: SeenLesion) -> Resource:
    """What grows there: the primary tumour itself, or malignant disease."""
    if lesion.primary:
        return concept(SNOMED, "86049000", "Malignant neoplasm, primary")
    return concept(SNOMED, "1240414004", "Malignant neoplasm")


def body_structure(story: Story, lesion: SeenLesion) -> Resource:
    """A lesion, one resource kept over time (mCODE Tumor)."""
    side = side_of(lesion.where)
    return resource(
        "BodyStructure",
        structure_id(story, lesion),
        identifier=[
            {
                "use": "usual",
                "system": "https://pacs.example/lesion",
                "value": f"{story.slug}/{lesion.label}",
            }
        ],
        active=True,
        morphology=morphology(lesion),
        location=body_site(lesion.where, lesion.detail),
        locationQualifier=[side] if side else None,
        description=lesion.label,
        patient=patient_reference(story),
    )
