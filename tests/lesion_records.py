"""FHIR JSON about lesions for tests of parsing, with defaults for everything a test does not speak of."""

from collections.abc import Iterable
from typing import Any

from fhirgate.mapping.parse.entries import entries
from fhirgate.mapping.parse.patients import split_by_patient
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.sightings import parse_sightings
from fhirgate.mapping.parse.studies import Studies, parse_studies
from fhirgate.mapping.vocabulary import STANDARD, Vocabulary
from fhirgate.oncology.finding import Finding
from fhirgate.oncology.lesion import Sighting

Json = dict[str, Any]
SCT = "http://snomed.info/sct"
LOINC = "http://loinc.org"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
UCUM = "http://unitsofmeasure.org"
TRIAL = "http://trial.example/codes"
LONG, SHORT = (SCT, "103339001"), (SCT, "103340004")
PATIENT = {"reference": "Patient/p"}


class Parsed:
    """What parsing makes of one patient's resources."""

    def __init__(self, resources: Iterable[Any], vocabulary: Vocabulary = STANDARD) -> None:
        self.record = record(*resources, vocabulary=vocabulary)
        self.studies: Studies = parse_studies(self.record)
        self.sightings: tuple[Sighting, ...] = parse_sightings(self.record, self.studies)

    @property
    def findings(self) -> list[Finding]:
        return self.record.findings

    @property
    def codes(self) -> list[str]:
        return sorted(each.code for each in self.findings)

    @property
    def only(self) -> Sighting:
        (sighting,) = self.sightings
        return sighting


def record(*resources: Any, vocabulary: Vocabulary = STANDARD) -> Record:
    """The record of the only patient of these resources."""
    findings: list[Finding] = []
    split = split_by_patient(entries(resources, findings), findings)
    ((patient, owned),) = split.of.items()
    return Record(patient, owned, split.shared, vocabulary)


def parsed(*resources: Any, vocabulary: Vocabulary = STANDARD) -> Parsed:
    """The sightings, studies and findings of these resources."""
    return Parsed(resources, vocabulary)


def concept(system: str = "", code: str = "", text: str = "") -> Json:
    """A CodeableConcept; a system without a code gives the text alone."""
    made: Json = {"coding": [{"system": system, "code": code}]} if code else {}
    return {**made, "text": text} if text else made


def quantity(value: Any, unit: str = "mm", **more: Any) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit, **more}


def observation(id: str = "o", code: Any = LONG, size: Any = None, **elements: Any) -> Json:
    """An Observation of 2024-03-01; elements set to None are left out."""
    made: Json = {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "subject": PATIENT,
        "code": concept(*code) if isinstance(code, tuple) else code,
        "effectiveDateTime": "2024-03-01",
    }
    if size is not None:
        made["valueQuantity"] = size if isinstance(size, dict) else quantity(size)
    return {name: value for name, value in {**made, **elements}.items() if value is not None}


def on_lesion(id: str = "o", code: Any = LONG, size: Any = None, lesion: str = "t1", **elements: Any) -> Json:
    """An Observation whose focus is a BodyStructure."""
    return observation(id, code, size, **{"focus": [{"reference": f"BodyStructure/{lesion}"}], **elements})


def structure(id: str = "t1", place: str = "liver", **elements: Any) -> Json:
    """A BodyStructure at a place named in words."""
    made: Json = {"resourceType": "BodyStructure", "id": id, "patient": PATIENT, "location": {"text": place}}
    return {name: value for name, value in {**made, **elements}.items() if value is not None}


def component(code: Any, size: Any = None, **elements: Any) -> Json:
    made: Json = {"code": concept(*code) if isinstance(code, tuple) else code, **elements}
    if size is not None:
        made["valueQuantity"] = size if isinstance(size, dict) else quantity(size)
    return made


def says(word: str) -> Json:
    """A value that is a word."""
    return {"valueCodeableConcept": {"text": word}}


def study(id: str = "s1", on: str = "2024-03-01", modality: str = "CT", **elements: Any) -> Json:
    return {
        "resourceType": "ImagingStudy",
        "id": id,
        "status": "available",
        "subject": PATIENT,
        "started": on,
        "modality": [{"system": DCM, "code": modality}],
        **elements,
    }


def report(id: str = "r1", **elements: Any) -> Json:
    return {
        "resourceType": "DiagnosticReport",
        "id": id,
        "status": "final",
        "subject": PATIENT,
        "category": [concept("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD")],
        "code": {"text": "CT thorax"},
        "effectiveDateTime": "2024-03-01",
        **elements,
    }
