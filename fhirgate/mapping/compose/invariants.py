"""What R4 and our own contract demand of a resource we write, beyond what the models check.

Required codes, ras-1, ras-2, cpl-3, dom-3, reference targets and the rules of our output contract.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fhirgate.mapping.datatypes import UCUM

Json = Mapping[str, Any]

RETRACTED = "entered-in-error"

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_REFERENCE = re.compile(
    r"(?:https?://\S+/)?([A-Z][A-Za-z]+)/[A-Za-z0-9._-]{1,64}(/_history/[A-Za-z0-9._-]{1,64})?"
)
_ABSOLUTE = ("#", "urn:uuid:", "urn:oid:", "http://", "https://")

_RISK_STATUSES = frozenset({"preliminary", "cancelled", RETRACTED})
"""Those of observation-status that a machine may say."""
_PLAN_STATUSES = frozenset({"draft", "revoked", RETRACTED})
_ROLES = frozenset({"source", "revision"})
_DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'
_KINDS = frozenset({"ServiceRequest", "MedicationRequest", "Task", "Appointment"})
_CATEGORIES = frozenset({"negligible", "low", "moderate", "high"})
_TARGETS = {
    "subject": frozenset({"Patient"}),
    "condition": frozenset({"Condition"}),
    "addresses": frozenset({"Condition"}),
    "focus": frozenset({"Condition"}),
    "derivedFrom": frozenset({"DocumentReference", "ImagingStudy", "Observation"}),
    "replaces": frozenset({"CarePlan"}),
    "reasonReference": frozenset({"Condition", "Observation", "DiagnosticReport", "DocumentReference"}),
}


def problems(resource: Json) -> tuple[str, ...]:
    """What is wrong with a composed resource, in words; empty when nothing is."""
    kind = resource.get("resourceType")
    own = _OWN.get(str(kind))
    if own is None:
        return (f"{kind} is not a resource we write",)
    return tuple(_everywhere(resource)) + tuple(own(resource))


def _everywhere(resource: Json) -> Iterator[str]:
    if not _ID.fullmatch(str(resource.get("id", ""))):
        yield "id is missing or not a FHIR id"
    if resource.get("resourceType") != "Bundle":
        yield from _contained(resource)
        yield from _described(resource)
    yield from _walk(resource, str(resource.get("resourceType")))


def _contained(resource: Json) -> Iterator[str]:
    """dom-3: what is contained is referred to, and a local reference has its target in the same resource."""
    inside = {f"#{each.get('id')}" for each in resource.get("contained", ())}
    named = {each for each in _references(resource) if each.startswith("#")}
    yield from (f"contained {each} is not referred to" for each in sorted(inside - named))
    yield from (f"{each} is not contained" for each in sorted(named - inside))


def _described(resource: Json) -> Iterator[str]:
    """Every result says which profile it follows, in which version, and can be read by people."""
    if not all("|" in each for each in resource.get("meta", {}).get("profile", ("",))):
        yield "meta.profile is missing or without version"
    text = resource.get("text", {})
    if text.get("status") != "generated" or not str(text.get("div", "")).startswith(_DIV):
        yield "text is missing or not generated XHTML"


def _references(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _walk(value: object, path: str) -> Iterator[str]:
    """Nothing empty, every coding with system and code, every reference of a form and to a type allowed."""
    if value is None or (isinstance(value, str | list | Mapping) and not value):
        yield f"{path} is empty"
    elif isinstance(value, Mapping):
        yield from _reference(value, path)
        for name, each in value.items():
            if name == "coding":
                yield from _codings(each, f"{path}.coding")
            yield from _walk(each, f"{path}.{name}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _walk(each, f"{path}[{number}]")


def _codings(codings: Sequence[Json], path: str) -> Iterator[str]:
    for each in codings:
        if not (each.get("system") and each.get("code")):
            yield f"{path} without system or code"


def _reference(value: Json, path: str) -> Iterator[str]:
    text = value.get("reference")
    match = _REFERENCE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        if isinstance(text, str) and not text.startswith(_ABSOLUTE):
            yield f"{path}: {text} is not a FHIR reference"
        return
    field = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2]
    allowed = _TARGETS.get(field)
    if allowed and match[1] not in allowed:
        yield f"{path} may not point to {match[1]}"


def _risk_assessment(resource: Json) -> Iterator[str]:
    if resource.get("status") not in _RISK_STATUSES:
        yield f"status {resource.get('status')} is not one a machine may say"
    required = ("identifier", "method", "code", "subject", "occurrenceDateTime", "performer", "basis")
    yield from (f"{name} is missing" for name in required if not resource.get(name))
    yield from _concludes(resource, "prediction")
    for unused in ("relativeRisk", "mitigation", "parent"):
        if unused in resource:
            yield f"{unused} is never written"
    for number, each in enumerate(resource.get("prediction", ())):
        yield from (f"prediction[{number}]: {text}" for text in _prediction(each))


def _concludes(resource: Json, name: str) -> Iterator[str]:
    """A retracted result concludes nothing; every other one does."""
    retracted = resource.get("status") == RETRACTED
    if retracted and name in resource:
        yield f"{name} in a retracted result"
    elif not retracted and not resource.get(name):
        yield f"{name} is missing"


def _prediction(prediction: Json) -> Iterator[str]:
    yield from (f"{name} is missing" for name in ("outcome", "rationale") if name not in prediction)
    for unused in ("relativeRisk", "whenRange"):
        if unused in prediction:
            yield f"{unused} is never written"
    yield from _period(prediction.get("whenPeriod"), "whenPeriod")
    yield from _probability(prediction)
    risk = prediction.get("qualitativeRisk", {})
    for each in risk.get("coding", ()):
        if each.get("code") not in _CATEGORIES:
            yield f"qualitativeRisk {each.get('code')} is never said"


def _period(period: Json | None, name: str) -> Iterator[str]:
    if not period or not period.get("start") or not period.get("end"):
        yield f"{name} is missing or open"
    elif str(period["start"]) > str(period["end"]):
        yield f"{name} ends before it starts"


def _probability(prediction: Json) -> Iterator[str]:
    """ras-1 and ras-2: a percentage from 0 to 100, or a range of them in UCUM %."""
    number = prediction.get("probabilityDecimal")
    span = prediction.get("probabilityRange")
    if number is not None and span is not None:
        yield "probability[x] given twice"
    if number is not None and not 0 <= number <= 100:
        yield "ras-2: a probability is a percentage from 0 to 100"
    if span is None:
        return
    ends = [span.get("low"), span.get("high")]
    if any(not each or each.get("system") != UCUM or each.get("code") != "%" for each in ends):
        yield "ras-1: both ends of a probability range are in UCUM %"
    elif not 0 <= ends[0]["value"] <= ends[1]["value"] <= 100:
        yield "ras-1: a probability range runs from 0 to 100 at most"


def _care_plan(resource: Json) -> Iterator[str]:
    if resource.get("status") not in _PLAN_STATUSES or resource.get("intent") != "proposal":
        yield "a machine's plan is a draft and a proposal"
    yield from _concludes(resource, "activity")
    required = (
        "identifier",
        "category",
        "title",
        "subject",
        "created",
        "author",
        "supportingInfo",
        "note",
    )
    yield from (f"{name} is missing" for name in required if not resource.get(name))
    yield from _period(resource.get("period"), "period")
    for unused in ("goal", "careTeam"):
        if unused in resource:
            yield f"{unused} is never written"
    for number, each in enumerate(resource.get("activity", ())):
        yield from (f"activity[{number}]: {text}" for text in _activity(each))


def _activity(activity: Json) -> Iterator[str]:
    """cpl-3: reference or detail; ours is always detail."""
    if "reference" in activity:
        yield "cpl-3: a reference where only a detail is written"
    detail = activity.get("detail")
    if not detail:
        yield "cpl-3: detail is missing"
        return
    if detail.get("status") != "not-started":
        yield "nothing proposed has started"
    if detail.get("kind") not in _KINDS:
        yield f"kind {detail.get('kind')} is not one we propose"
    if "doNotPerform" in detail:
        yield "doNotPerform is never written"
    yield from (f"{name} is missing" for name in ("code", "description") if not detail.get(name))


def _observation(resource: Json) -> Iterator[str]:
    if resource.get("status") not in ("preliminary", RETRACTED):
        yield f"status {resource.get('status')} is not one a machine may say"
    required = ("identifier", "category", "code", "subject", "method", "device", "note")
    yield from (f"{name} is missing" for name in required if not resource.get(name))
    yield from _concludes(resource, "valueCodeableConcept")
    if not (resource.get("effectiveDateTime") or resource.get("effectivePeriod")):
        yield "effective[x] is missing"


def _provenance(resource: Json) -> Iterator[str]:
    required = ("target", "policy", "activity", "agent", "entity")
    yield from (f"{name} is missing" for name in required if not resource.get(name))
    if not (resource.get("recorded") or resource.get("_recorded")):
        yield "recorded is missing, and not said to be unknown"
    for each in resource.get("entity", ()):
        if each.get("role") not in _ROLES:
            yield f"entity role {each.get('role')} is never written"


def _bundle(resource: Json) -> Iterator[str]:
    if resource.get("type") != "collection":
        yield "type is not collection"
    entries = resource.get("entry", ())
    urls = [each.get("fullUrl") for each in entries]
    if len(set(urls)) != len(urls):
        yield "two entries have one fullUrl"
    for each in entries:
        if each.get("fullUrl") != f"urn:uuid:{each['resource'].get('id')}":
            yield "fullUrl and id of an entry differ"
        yield from problems(each["resource"])
    inner = {text for text in _references(resource) if text.startswith("urn:uuid:")}
    yield from (f"{text} is not in the Bundle" for text in sorted(inner - set(urls)))


_OWN: dict[str, Callable[[Json], Iterator[str]]] = {
    "RiskAssessment": _risk_assessment,
    "CarePlan": _care_plan,
    "Observation": _observation,
    "Provenance": _provenance,
    "Bundle": _bundle,
}
