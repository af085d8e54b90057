"""German MII shapes: a systemic therapy Procedure with its MedicationStatements, ATC, the course by compartments.

The MII oncology module 2025 has no lesion sizes; a German site that measures does so as plain Observations with
its own words, which is what is written here.
"""

from typing import Any

from fhirgate.sandbox.codes import SNOMED
from fhirgate.sandbox.dialects import plain
from fhirgate.sandbox.dialects.shared import Resource, concept, patient_reference, resource
from fhirgate.sandbox.dialects.therapy import given
from fhirgate.sandbox.story import SeenLesion, Story

BASE = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko"
OUTCOME = {"progression": "P", "completed": "E", "toxicity": "A"}
COURSE = {
    "OLIGOPROGRESSION": "P",
    "SYSTEMIC_PROGRESSION": "P",
    "LIMITED_PROGRESSION": "P",
    "STABLE_DISEASE": "K",
    "OLIGOPERSISTENCE": "K",
    "PARTIAL_RESPONSE": "T",
}


def observations(story: Story, lesion: SeenLesion) -> list[tuple[int, Resource]]:
    """The readings of a lesion as plain Observations whose code carries German words too."""
    written = plain.observations(story, lesion)
    for _, each in written:
        each["code"]["text"] = "Kurzachsendurchmesser" if lesion.node else "Längster Durchmesser"
    return written


def therapy(story: Story) -> list[Resource]:
    """Each drug as a therapy Procedure and the statement that is part of it, and the course of disease."""
    found: list[Resource] = []
    for number, each in enumerate(story.given):
        name = f"{story.slug}-systemtherapie-{number + 1}"
        period = {"start": each.start} | ({"end": each.end} if each.end else {})
        elements: dict[str, Any] = {
            "status": "completed" if each.end else "in-progress",
            "category": concept(SNOMED, "18629005", "Administration of drug or medicament"),
            "code": concept(f"{BASE}/CodeSystem/mii-cs-onko-therapie-typ", "ZS", "Zielgerichtete Substanzen"),
            "subject": patient_reference(story),
            "performedPeriod": period,
            "extension": [
                {
                    "url": f"{BASE}/StructureDefinition/mii-ex-onko-systemische-therapie-intention",
                    "valueCodeableConcept": concept(
                        f"{BASE}/CodeSystem/mii-cs-onko-intention", "P", "palliativ"
                    ),
                }
            ],
        }
        if each.stopped_for in OUTCOME:
            elements["outcome"] = concept(
                f"{BASE}/CodeSystem/mii-cs-onko-therapie-ende-grund", OUTCOME[each.stopped_for]
            )
        found.append(resource("Procedure", name, **elements))
        for statement in given(story, each, number + 1, atc=True):
            found.append({**statement, "partOf": [{"reference": f"Procedure/{name}"}]})
    return [*found, *_course(story)]


def _course(story: Story) -> list[Resource]:
    return [
        resource(
            "Observation",
            f"{story.slug}-verlauf-{number + 1}",
            status="final",
            code=concept(SNOMED, "396432002", "Status of regression of tumor"),
            subject=patient_reference(story),
            effectiveDateTime=on,
            valueCodeableConcept=concept(
                f"{BASE}/CodeSystem/mii-cs-onko-verlauf-gesamtbeurteilung", COURSE[state]
            ),
        )
        for number, (on, state) in enumerate(story.expect.items())
        if state in COURSE
    ]
