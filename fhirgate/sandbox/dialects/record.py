"""A story as one patient's resources, in its dialect or in another one."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from fhirgate.sandbox.codes import ICD_10_CM, ICD_10_GM
from fhirgate.sandbox.dialects import dicom_sr, mcode, mii, plain, tracker
from fhirgate.sandbox.dialects.body_structures import body_structure
from fhirgate.sandbox.dialects.shared import (
    Resource,
    bone_count,
    condition,
    imaging_study,
    patient,
    report,
)
from fhirgate.sandbox.dialects.therapy import given, local_treatment
from fhirgate.sandbox.story import SeenLesion, Story

Written = list[tuple[int, Resource]]

LESIONS: dict[str, Callable[[Story, SeenLesion], Written]] = {
    "plain": plain.observations,
    "mcode": mcode.observations,
    "tracker": tracker.observations,
    "dicom-sr": dicom_sr.observations,
    "dicom-sr-r5": partial(dicom_sr.observations, r5=True),
    "mii": mii.observations,
}
"""How each dialect writes the readings of a lesion."""

WITH_STRUCTURES = ("plain", "mcode", "tracker", "mii")
"""Dialects whose lesions are R4 BodyStructures."""


def write_record(story: Story, dialect: str = "") -> list[Resource]:
    """The resources of a story, in a fixed order."""
    dialect = dialect or story.dialect
    german = dialect == "mii"
    written = [each for lesion in story.lesions for each in _readings(story, lesion, LESIONS[dialect])]
    results: dict[int, list[str]] = {}
    for position, each in written:
        results.setdefault(position, []).append(each["id"])
    return [
        patient(story),
        *(
            condition(story, each, number + 1, ICD_10_GM if german else ICD_10_CM)
            for number, each in enumerate(story.cancers)
        ),
        *_structures(story, dialect),
        *(imaging_study(story, scan, position) for position, scan in enumerate(story.scans)),
        *(each for _, each in written),
        *(bone_count(story, each, number + 1) for number, each in enumerate(story.bone_counts)),
        *(
            report(story, scan, position, results.get(position, []))
            for position, scan in enumerate(story.scans)
        ),
        *(mii.therapy(story) if german else _therapy(story)),
        *(local_treatment(story, each, number + 1) for number, each in enumerate(story.local)),
    ]


def _readings(story: Story, lesion: SeenLesion, writer: Callable[[Story, SeenLesion], Written]) -> Written:
    """A lesion's readings, and those of the second reader under ids of their own."""
    first = writer(story, lesion)
    if not lesion.second_reader:
        return first
    again = writer(
        replace(story, reader="Practitioner/reader-2"), replace(lesion, readings=lesion.second_reader)
    )
    return [*first, *((position, _renamed(each)) for position, each in again)]


def _renamed(observation: Resource) -> Resource:
    """The same Observation under the second reader's id; its members are renamed with it."""
    renamed = {**observation, "id": f"{observation['id']}-b"}
    if "hasMember" in renamed:
        renamed["hasMember"] = [{"reference": f"{each['reference']}-b"} for each in renamed["hasMember"]]
    return renamed


def as_bundle(resources: Iterable[Resource]) -> Resource:
    """A collection Bundle of the resources, with their URLs on a synthetic server."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "fullUrl": f"https://ehr.example/fhir/{each['resourceType']}/{each['id']}",
                "resource": each,
            }
            for each in resources
        ],
    }


def _structures(story: Story, dialect: str) -> list[Resource]:
    if dialect in WITH_STRUCTURES:
        return [body_structure(story, lesion) for lesion in story.lesions]
    if dialect == "dicom-sr-r5":
        return [dicom_sr.tracked_structure(story, lesion) for lesion in story.lesions]
    treated = {each.lesion for each in story.local}
    return [body_structure(story, lesion) for lesion in story.lesions if lesion.label in treated]


def _therapy(story: Story) -> list[Resource]:
    return [
        resource for number, each in enumerate(story.given) for resource in given(story, each, number + 1)
    ]
