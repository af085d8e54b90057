"""Medication and Procedure resources as an EHR gives them, with defaults for what a test does not speak of."""

from typing import Any

from fhirgate.mapping.parse.entries import entries
from fhirgate.mapping.parse.patients import split_by_patient
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.vocabulary import Vocabulary
from fhirgate.oncology.finding import Finding
from fhirgate.oncology.therapy import Exposure

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://fhir.de/CodeSystem/bfarm/atc"
SNOMED = "http://snomed.info/sct"
CPT = "http://www.ama-assn.org/go/cpt"
OPS = "http://fhir.de/CodeSystem/bfarm/ops"
MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition"

SUBJECT = {"reference": "Patient/p"}


def record_of(*resources: dict[str, Any], vocabulary: Vocabulary | None = None) -> Record:
    """The record of patient "p" from these resources."""
    found: list[Finding] = []
    split = split_by_patient(entries(resources, found), found)
    (only,) = split.of.items()
    return Record(only[0], only[1], split.shared, vocabulary or Vocabulary())


def concept(code: str = "", system: str = RXNORM, display: str = "", text: str = "") -> dict[str, Any]:
    """A CodeableConcept with one coding, or with words only."""
    made: dict[str, Any] = {}
    if code:
        made["coding"] = [{"system": system, "code": code, **({"display": display} if display else {})}]
    if text:
        made["text"] = text
    return made


def codings(*pairs: tuple[str, str, str]) -> dict[str, Any]:
    """A CodeableConcept with several codings (system, code, display)."""
    return {
        "coding": [{"system": system, "code": code, "display": display} for system, code, display in pairs]
    }


OSIMERTINIB = concept("1721560", display="osimertinib")


def resource(type: str, id: str, **elements: Any) -> dict[str, Any]:
    """A resource of patient "p"."""
    return {"resourceType": type, "id": id, "subject": SUBJECT, **elements}


def statement(id: str = "s", drug: dict[str, Any] | None = OSIMERTINIB, **elements: Any) -> dict[str, Any]:
    """A MedicationStatement, R4, active."""
    given = {} if drug is None else {"medicationCodeableConcept": drug}
    return resource("MedicationStatement", id, **{"status": "active", **given, **elements})


def order(id: str = "o", drug: dict[str, Any] = OSIMERTINIB, **elements: Any) -> dict[str, Any]:
    """A MedicationRequest, active."""
    return resource(
        "MedicationRequest",
        id,
        **{"status": "active", "intent": "order", "medicationCodeableConcept": drug, **elements},
    )


def administration(id: str = "a", drug: dict[str, Any] = OSIMERTINIB, **elements: Any) -> dict[str, Any]:
    """A MedicationAdministration, completed."""
    return resource(
        "MedicationAdministration",
        id,
        **{"status": "completed", "medicationCodeableConcept": drug, **elements},
    )


def dispense(id: str = "d", drug: dict[str, Any] = OSIMERTINIB, **elements: Any) -> dict[str, Any]:
    """A MedicationDispense, completed."""
    return resource(
        "MedicationDispense", id, **{"status": "completed", "medicationCodeableConcept": drug, **elements}
    )


def procedure(id: str = "x", code: dict[str, Any] | None = None, **elements: Any) -> dict[str, Any]:
    """A Procedure, completed on 2024-03-01 unless given otherwise."""
    when = (
        {}
        if any(each.startswith(("performed", "occurrence")) for each in elements)
        else {"performedDateTime": "2024-03-01"}
    )
    coded = {} if code is None else {"code": code}
    return resource("Procedure", id, **{"status": "completed", **coded, **when, **elements})


def intent(code: str) -> dict[str, Any]:
    """mCODE's intent extension."""
    return {"url": f"{MCODE}/mcode-procedure-intent", "valueCodeableConcept": concept(code, SNOMED)}


def mii(kind: str, name: str, code: str, table: str) -> dict[str, Any]:
    """An MII extension of a therapy ("systemische-therapie", "strahlentherapie", "operation")."""
    return {
        "url": f"{MII}/StructureDefinition/mii-ex-onko-{kind}-{name}",
        "valueCodeableConcept": concept(code, f"{MII}/CodeSystem/{table}"),
    }


def codes(record: Record) -> list[str]:
    """The codes of the findings so far."""
    return [each.code for each in record.findings]


def names(exposures: tuple[Exposure, ...]) -> list[str]:
    """The agents of exposures."""
    return [each.agent.name for each in exposures]
