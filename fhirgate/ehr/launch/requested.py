"""What a launch asks for: contract C3, written as the server reads scopes."""

from fhirgate.ehr.scopes import Scopes
from fhirgate.ehr.search_plan import TYPES
from fhirgate.ehr.smart_discovery import SmartConfiguration
from fhirgate.services.ehr_server import LaunchEntry
from fhirgate.services.launches import Flow

READ = ("Patient", *TYPES, "Medication", "Practitioner")
"""Types the token is asked to read where the entry names no scopes; each by its name, never a wildcard."""
_CONTEXT = {Flow.EHR: "launch", Flow.STANDALONE: "launch/patient"}


def scopes_for(entry: LaunchEntry, flow: Flow, told: SmartConfiguration) -> Scopes:
    """What to ask for. The scope that brings the patient belongs to the flow, whatever the entry names."""
    if entry.scopes:
        named = Scopes.of(" ".join(entry.scopes))
        others = tuple(each for each in named.others if each != "launch")
        return Scopes(clinical=named.clinical, others=(_CONTEXT[flow], *_without(others, _CONTEXT[flow])))
    identity = ("openid", "fhirUser") if _knows_people(told) else ()
    # A session that can be renewed while the clinician works; offline access is for the site to ask for.
    online = ("online_access",) if "permission-online" in told.capabilities else ()
    read = Scopes.for_types(READ, context="patient")
    return Scopes(clinical=read.clinical, others=(_CONTEXT[flow], *identity, *online))


def _knows_people(told: SmartConfiguration) -> bool:
    """Whether it tells who the person is; a server that lists no capabilities is asked."""
    return not told.capabilities or "sso-openid-connect" in told.capabilities


def _without(words: tuple[str, ...], one: str) -> tuple[str, ...]:
    return tuple(each for each in words if each != one)
