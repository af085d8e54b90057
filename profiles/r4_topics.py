"""Subscription topics as R4 carries them: a Basic with the R5 elements as cross-version extensions.

R5 Subscriptions Backport 1.2.0: R4 has no SubscriptionTopic. The R5 JSON in `r5/` is the source; each element
becomes an extension `http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.<element>`.
"""

from typing import Any

Json = dict[str, Any]

ROOT = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic"

_TYPES = {
    "url": "Uri",
    "version": "String",
    "name": "String",
    "title": "String",
    "experimental": "Boolean",
    "date": "DateTime",
    "description": "Markdown",
    "resource": "Uri",
    "supportedInteraction": "Code",
    "fhirPathCriteria": "String",
    "filterParameter": "String",
    "filterDefinition": "Uri",
    "revInclude": "String",
    "modifier": "Code",
    "event": "CodeableConcept",
}
"""The FHIR type of each element we use; one that is not here stops the build."""


def as_basic(topic: Json) -> Json:
    """The topic as an R4 Basic."""
    told = [name for name in topic if name not in ("resourceType", "id", "status")]
    return {
        "resourceType": "Basic",
        "id": topic["id"],
        "extension": [
            _extension(f"{ROOT}.{name}", name, each) for name in told for each in _listed(topic[name])
        ],
        "modifierExtension": [{"url": f"{ROOT}.status", "valueCode": topic["status"]}],
        "code": {
            "coding": [{"system": "http://hl7.org/fhir/fhir-types", "code": "SubscriptionTopic"}],
        },
    }


def _extension(url: str, name: str, value: Any) -> Json:
    if isinstance(value, dict) and name not in _TYPES:
        inner = [_extension(part, part, each) for part in value for each in _listed(value[part])]
        return {"url": url, "extension": inner}
    return {"url": url, f"value{_TYPES[name]}": value}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
