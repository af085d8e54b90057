"""The CapabilityStatement, from the table that also makes the routes (https://hl7.org/fhir/R4/capabilitystatement.html)."""

from datetime import datetime
from typing import Any

from fhirgate import __version__
from fhirgate.sandbox.ehr.records import instant
from fhirgate.sandbox.ehr.table import KINDS, Interaction, Kind
from fhirgate.sandbox.ehr.urls import Urls

Json = dict[str, Any]
_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_VALIDATE = {
    "name": "validate",
    "definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate",
}
_SERVICES = "http://terminology.hl7.org/CodeSystem/restful-security-service"


def statement(urls: Urls, now: datetime) -> Json:
    """What this server can do."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "experimental": True,
        "date": instant(now),
        "kind": "instance",
        "software": {"name": "fhirgate sandbox", "version": __version__},
        "implementation": {"description": "A simulated EHR with synthetic patients", "url": urls.fhir},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "security": _security(urls),
                "resource": [_resource(each) for each in KINDS.values()],
                "interaction": [{"code": "transaction"}],
                "searchParam": [
                    {
                        "name": "_count",
                        "type": "number",
                        "documentation": "Resources on a page; an upper limit holds all the same.",
                    }
                ],
            }
        ],
    }


def _security(urls: Urls) -> Json:
    return {
        "extension": [
            {
                "url": _OAUTH_URIS,
                "extension": [
                    {"url": "authorize", "valueUri": urls.authorize},
                    {"url": "token", "valueUri": urls.token},
                ],
            }
        ],
        "service": [{"coding": [{"system": _SERVICES, "code": "SMART-on-FHIR"}]}],
        "description": "Every call but metadata and .well-known/smart-configuration needs a token.",
    }


def _resource(kind: Kind) -> Json:
    told: Json = {
        "type": kind.name,
        "interaction": [{"code": each.value} for each in kind.interactions],
        "versioning": "versioned",
        "readHistory": True,
        "updateCreate": False,
        "conditionalCreate": Interaction.CREATE in kind.interactions,
        "conditionalUpdate": False,
        "searchParam": [{"name": each.name, "type": each.by.value} for each in kind.parameters.values()],
    }
    return told | ({"operation": [_VALIDATE]} if kind.is_written else {})
