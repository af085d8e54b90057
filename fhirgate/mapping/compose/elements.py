"""The small parts that all our resources share: codings, references, notes, the device that speaks."""

from collections.abc import Iterable
from typing import Any

from fhirgate import __version__
from fhirgate.mapping.canonical import BASE, CODES_VERSION, PRESETS, RULES
from fhirgate.oncology.chart import Patient
from fhirgate.oncology.diagnosis import Diagnosis
from fhirgate.oncology.source import Source

Json = dict[str, Any]
"""A FHIR element or resource as it will be written."""

DEVICE = "#fhirgate"


def coding(system: str, code: str, display: str = "", version: str = "") -> Json:
    """A Coding; parts that are empty are left out."""
    parts = {"system": system, "version": version, "code": code, "display": display}
    return {name: value for name, value in parts.items() if value}


def concept(*codings: Json, text: str = "") -> Json:
    """A CodeableConcept; never empty as long as it is given a coding or a text."""
    found: Json = {"coding": [dict(each) for each in codings]} if codings else {}
    return found | ({"text": plain(text)} if text else {})


def reference(source: Source, *, versioned: bool = True) -> Json:
    """A Reference to a resource of the record, by the version that was read or as it stands."""
    return {"reference": str(source) if versioned else f"{source.type}/{source.id}"}


def subject(patient: Patient) -> Json:
    """The patient, by logical id and nothing else."""
    return {"reference": f"Patient/{patient.id}"}


def conditions(diagnoses: Iterable[Diagnosis]) -> list[Json]:
    """References to the diagnoses that are Conditions of the record."""
    return [reference(each.source, versioned=False) for each in diagnoses if each.source.type == "Condition"]


def plain(text: str) -> str:
    """Words of the record and ours in one line, as FHIR strings want it."""
    return " ".join(text.split())


def notes(texts: Iterable[str]) -> list[Json]:
    """Annotations. They are Markdown: what could become a link, an image or HTML there is defused."""
    return [{"text": plain(text).replace("<", r"\<").replace("[", r"\[")} for text in texts]


def device() -> Json:
    """The software that made the result, contained in it."""
    return {
        "resourceType": "Device",
        "id": DEVICE.removeprefix("#"),
        "deviceName": [{"name": "fhirgate", "type": "model-name"}],
        "version": [{"value": __version__}],
    }


def preset_coding(preset: str) -> Json:
    """The criteria a result was judged by."""
    return coding(PRESETS, preset, version=CODES_VERSION)


def rules_coding(rules_version: str) -> Json:
    """The version of the rules a result was judged by."""
    return coding(RULES, rules_version)


def meta(*tags: Json, security: Iterable[Json]) -> Json:
    """Meta of a machine's result: where it came from, how far it is to be trusted, what to search it by."""
    return {
        "source": BASE,
        "security": [dict(each) for each in security],
        "tag": [dict(each) for each in tags],
    }
