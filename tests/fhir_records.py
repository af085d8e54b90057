"""Small FHIR R4 records for tests of the doors: one synthetic patient on osimertinib with measured metastases."""

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]
SCT = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"

SCANS = ("2025-01-10", "2025-04-10", "2025-07-10")
AS_OF = "2025-07-20"
SITES = (("10200004", "Liver"), ("39607008", "Lung"), ("23451007", "Adrenal gland"), ("78961009", "Spleen"))


def concept(system: str, code: str, text: str = "") -> Json:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def quantity(value: Any, unit: str = "mm") -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def patient(id: str = "p1", **more: Any) -> Json:
    return {"resourceType": "Patient", "id": id, **more}


def cancer(of: str = "p1") -> Json:
    return {
        "resourceType": "Condition",
        "id": f"{of}-cancer",
        "subject": {"reference": f"Patient/{of}"},
        "code": concept(SCT, "254637007", "Non-small cell lung cancer"),
        "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
        "onsetDateTime": "2024-12-01",
    }


def therapy(of: str = "p1", start: str = "2025-01-15") -> Json:
    return {
        "resourceType": "MedicationStatement",
        "id": f"{of}-osimertinib",
        "status": "active",
        "subject": {"reference": f"Patient/{of}"},
        "medicationCodeableConcept": concept(RXNORM, "1721560", "osimertinib"),
        "effectivePeriod": {"start": start},
    }


def lesion(number: int, of: str = "p1") -> Json:
    code, text = SITES[number - 1]
    return {
        "resourceType": "BodyStructure",
        "id": f"{of}-lesion-{number}",
        "identifier": [{"system": "urn:example:lesions", "value": f"{of}-{number}"}],
        "patient": {"reference": f"Patient/{of}"},
        "morphology": concept(SCT, "1240414004", "Malignant neoplasm"),
        "location": concept(SCT, code, text),
    }


def size(number: int, on: str, value: Any, of: str = "p1", **more: Any) -> Json:
    """A tumour size of a lesion; `more` replaces elements of the Observation."""
    return {
        "resourceType": "Observation",
        "id": f"{of}-size-{number}-{on}",
        "status": "final",
        "code": concept(LOINC, "21889-1", "Size Tumor"),
        "subject": {"reference": f"Patient/{of}"},
        "focus": [{"reference": f"BodyStructure/{of}-lesion-{number}"}],
        "effectiveDateTime": on,
        "component": [
            {
                "code": concept(LOINC, "33728-7", "Size.maximum dimension in Tumor"),
                "valueQuantity": value if isinstance(value, dict) else quantity(value),
            }
        ],
        **more,
    }


GROWING = ((20, 20, 30), (30, 30, 30), (25, 25, 24), (40, 40, 40))
"""Sizes [mm] of four lesions on the three scans: the first grows, the others do not."""


def resources(of: str = "p1", sizes: Sequence[Sequence[Any]] = GROWING) -> list[Json]:
    found = [patient(of), cancer(of), therapy(of)]
    for number, history in enumerate(sizes, 1):
        found.append(lesion(number, of))
        found += [size(number, on, value, of) for on, value in zip(SCANS, history, strict=False)]
    return found


def bundle(*contents: Json, type: str = "collection") -> Json:
    entries = [
        {"fullUrl": f"http://ehr.example/{each['resourceType']}/{each.get('id')}", "resource": each}
        for each in contents
    ]
    return {"resourceType": "Bundle", "type": type, "entry": entries}


def record(of: str = "p1", sizes: Sequence[Sequence[Any]] = GROWING) -> Json:
    return bundle(*resources(of, sizes))
