"""The small parts that all our resources share: codings, references, notes, the device that speaks."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from fhirgate import __version__
from fhirgate.mapping.canonical import BASE, CODES_VERSION, PRESETS, PROFILES_VERSION, RULES
from fhirgate.oncology.chart import Patient
from fhirgate.oncology.diagnosis import Diagnosis
from fhirgate.oncology.source import Source

Json = dict[str, Any]
"""A FHIR element or resource as it will be written."""

DEVICE = "#fhirgate"

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""A FHIR id, and the underscore that some servers put into theirs."""
_ABSOLUTE = re.compile(r"https?://\S+|urn:oid:[0-9.]+")
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""What no FHIR string may hold, and what turns the direction of the words around it."""
_MARKDOWN = re.compile(r"[\\<\[]|(?<=:)//|(?<=www)\.", re.IGNORECASE)
"""Beginnings of a link, an image, HTML or an escape."""
_DEFUSED = re.compile(r"\\(.)")


def coding(system: str, code: str, display: str = "", version: str = "") -> Json:
    """A Coding; parts that are empty are left out."""
    parts = {"system": system, "version": version, "code": code, "display": display}
    return {name: value for name, value in parts.items() if value}


def concept(*codings: Json, text: str = "") -> Json:
    """A CodeableConcept; never empty as long as it is given a coding or a text."""
    found: Json = {"coding": [dict(each) for each in codings]} if codings else {}
    return found | ({"text": plain(text)} if text else {})


def reference(source: Source, *, versioned: bool = True) -> Json:
    """A Reference to a resource of the record, by the version that was read or as it stands.

    One that no server could resolve, because the record gave no FHIR id, says only what it was.
    """
    if not _ID.fullmatch(source.id):
        return {"type": source.type, "display": f"{source.type} that has no FHIR id in the record"}
    where = f"{source.type}/{source.id}"
    versioned = versioned and _ID.fullmatch(source.version) is not None
    return {"reference": f"{where}/_history/{source.version}" if versioned else where}


def subject(patient: Patient) -> Json:
    """The patient, by logical id and nothing else: by its URL where the source holds the id of several servers."""
    if _ABSOLUTE.fullmatch(patient.id):
        return {"reference": patient.id}
    if _ID.fullmatch(patient.id):
        return {"reference": f"Patient/{patient.id}"}
    return {"type": "Patient", "identifier": {"value": plain(patient.id)}}


def conditions(diagnoses: Iterable[Diagnosis]) -> list[Json]:
    """References to the diagnoses that are Conditions of the record."""
    return [reference(each.source, versioned=False) for each in diagnoses if each.source.type == "Condition"]


def plain(text: str) -> str:
    """Words of the record and ours in one line, as FHIR strings want it: nothing in them steers who shows them."""
    return " ".join(_STEERING.sub(" ", text).split())


def notes(texts: Iterable[str]) -> list[Json]:
    """Annotations. They are Markdown: what could become a link, an image or HTML there is defused."""
    return [{"text": _MARKDOWN.sub(r"\\\g<0>", plain(text))} for text in texts]


def words_of(note: Mapping[str, Any]) -> str:
    """What a note of ours says, without what defuses it: every backslash in it was put there by `notes`."""
    return _DEFUSED.sub(r"\1", note["text"])


def device() -> Json:
    """The software that made the result, contained in it."""
    return {
        "resourceType": "Device",
        "id": DEVICE.removeprefix("#"),
        "deviceName": [{"name": "fhirgate", "type": "model-name"}],
        "version": [{"value": __version__}],
    }


OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
DEVICE_ASSERTED = coding(OBSERVATION_VALUE, "DEVAST", "device asserted")
AI_ASSERTED = coding(OBSERVATION_VALUE, "AIAST", "artificial intelligence asserted")
"""HL7 AI Transparency on FHIR, newer than R4's bundled code system; sent beside DEVAST, never alone."""


def preset_coding(preset: str) -> Json:
    """The criteria a result was judged by."""
    return coding(PRESETS, preset, version=CODES_VERSION)


def rules_coding(rules_version: str) -> Json:
    """The version of the rules a result was judged by."""
    return coding(RULES, rules_version)


def machine_meta(profile: str, *tags: Json) -> Json:
    """Meta of a machine's result: its profile, where it came from, how far to trust it, what to search it by."""
    return {
        "profile": [f"{profile}|{PROFILES_VERSION}"],
        "source": BASE,
        "security": [dict(DEVICE_ASSERTED), dict(AI_ASSERTED)],
        "tag": [dict(each) for each in tags],
    }
