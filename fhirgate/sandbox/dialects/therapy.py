"""Systemic and local therapy of a story, by the resource types real servers tell it in."""

from typing import Any

from fhirgate.sandbox.codes import ATC, DRUGS, RXNORM, SNOMED
from fhirgate.sandbox.dialects.body_structures import structure_reference
from fhirgate.sandbox.dialects.shared import Resource, concept, patient_reference, resource
from fhirgate.sandbox.story import Given, Local, Story

STOPPED = {
    "progression": ("266721009", "No response to treatment"),
    "toxicity": ("407563006", "Treatment not tolerated"),
}
INTENTS = {"adjuvant": "373846009", "palliative": "363676003", "curative": "373808002"}
INTENT = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-procedure-intent"
TARGET = "http://hl7.org/fhir/StructureDefinition/procedure-targetBodyStructure"
MODALITY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-modality-and-technique"
DOSE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-dose-delivered-to-volume"


def medication(drug: str, *, atc: bool) -> Resource:
    """A drug by RxNorm ingredient or ATC, whichever the dialect uses and the agent list has."""
    rxcui, atc_code = DRUGS[drug]
    if atc or not rxcui:
        return concept(ATC, atc_code, text=drug)
    return concept(RXNORM, rxcui, text=drug)


def given(story: Story, each: Given, number: int, *, atc: bool = False) -> list[Resource]:
    """The resources that tell of one drug."""
    shared: dict[str, Any] = {
        "medicationCodeableConcept": medication(each.drug, atc=atc),
        "subject": patient_reference(story),
    }
    if each.intent:
        shared["extension"] = [{"url": INTENT, "valueCodeableConcept": concept(SNOMED, INTENTS[each.intent])}]
    if each.stopped_for in STOPPED:
        shared["statusReason"] = [concept(SNOMED, *STOPPED[each.stopped_for])]
    name = f"{story.slug}-{each.drug}-{number}"
    return _WRITERS[each.carried_by](name, each, shared)


def _statement(name: str, each: Given, shared: Resource) -> list[Resource]:
    period = {"start": each.start} | ({"end": each.end} if each.end else {})
    status = "active" if not each.end else "stopped" if each.stopped_for in STOPPED else "completed"
    return [resource("MedicationStatement", name, status=status, **shared, effectivePeriod=period)]


def _administrations(name: str, each: Given, shared: Resource) -> list[Resource]:
    shared = {key: value for key, value in shared.items() if key != "statusReason"}
    return [
        resource(
            "MedicationAdministration",
            f"{name}-{number + 1}",
            status="completed",
            **shared,
            effectiveDateTime=day,
        )
        for number, day in enumerate(each.days())
    ]


def _request(name: str, each: Given, shared: Resource) -> list[Resource]:
    reason = shared.get("statusReason")
    shared = {**shared, **({"statusReason": reason[0]} if reason else {})}
    bounds = {"start": each.start} | ({"end": each.end} if each.end else {})
    return [
        resource(
            "MedicationRequest",
            name,
            status="stopped" if reason else "completed" if each.end else "active",
            intent="order",
            **shared,
            authoredOn=each.start,
            dosageInstruction=[{"timing": {"repeat": {"boundsPeriod": bounds}}}],
        )
    ]


def _dispenses(name: str, each: Given, shared: Resource) -> list[Resource]:
    return [
        resource(
            "MedicationDispense",
            f"{name}-{number + 1}",
            status="completed",
            medicationCodeableConcept=shared["medicationCodeableConcept"],
            subject=shared["subject"],
            whenHandedOver=day,
            daysSupply={
                "value": each.every,
                "unit": "days",
                "system": "http://unitsofmeasure.org",
                "code": "d",
            },
        )
        for number, day in enumerate(each.days())
    ]


_WRITERS = {
    "MedicationStatement": _statement,
    "MedicationAdministration": _administrations,
    "MedicationRequest": _request,
    "MedicationDispense": _dispenses,
}


def local_treatment(story: Story, each: Local, number: int) -> Resource:
    """A local treatment of one lesion."""
    lesion = next(found for found in story.lesions if found.label == each.lesion)
    target = {"url": TARGET, "valueReference": structure_reference(story, lesion)}
    shared: dict[str, Any] = {
        "status": "completed",
        "subject": patient_reference(story),
        "performedPeriod": {"start": each.on, "end": each.on},
    }
    name = f"{story.slug}-local-{number}"
    if each.kind == "SURGERY":
        code = concept(SNOMED, "65801008", "Excision", f"Resection of {lesion.label}")
        return resource("Procedure", name, extension=[target], code=code, **shared)
    technique = {
        "url": MODALITY,
        "extension": [
            {"url": "modality", "valueCodeableConcept": concept(SNOMED, "1156506007")},
            {
                "url": "technique",
                "valueCodeableConcept": concept(SNOMED, "395096001", "Stereotactic radiotherapy"),
            },
        ],
    }
    dose = {
        "url": DOSE,
        "extension": [
            {"url": "volume", "valueReference": structure_reference(story, lesion)},
            {
                "url": "totalDoseDelivered",
                "valueQuantity": {
                    "value": each.dose * 100,
                    "unit": "cGy",
                    "system": "http://unitsofmeasure.org",
                    "code": "cGy",
                },
            },
            {"url": "fractionsDelivered", "valueUnsignedInt": each.fractions},
        ],
    }
    return resource(
        "Procedure",
        name,
        extension=[target, technique, dose],
        code=concept(SNOMED, "1217123003", "Radiotherapy course of treatment"),
        **shared,
    )
