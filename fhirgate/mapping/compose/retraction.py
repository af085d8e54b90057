"""Taking a result back or putting it aside: the resource stays, says so, and says nothing else any more.

Both work on the resource as it was written, for the assessment that made it may be wrong or gone. A result is
never deleted: whoever has read it must find out.
"""

from collections.abc import Iterable

from fhirgate.mapping.canonical import PROVENANCE_IDENTIFIERS, PROVENANCE_PROFILE, STATES
from fhirgate.mapping.compose.codes import ASSEMBLER, FHIRGATE, TREATMENT, UPDATE
from fhirgate.mapping.compose.elements import DEVICE, Json, coding, concept, device, machine_meta, notes
from fhirgate.mapping.compose.identity import retraction_identity
from fhirgate.mapping.compose.occasion import Occasion
from fhirgate.mapping.compose.provenance import recorded
from fhirgate.mapping.compose.xhtml import element, narrative
from fhirgate.oncology.source import Source

CONCLUSIONS = {
    "RiskAssessment": frozenset({"prediction", "extension"}),
    "CarePlan": frozenset({"activity"}),
    "Observation": frozenset({"valueCodeableConcept", "component"}),
}
"""What a retracted resource no longer says, by type."""
RETRACTED = "Retracted, not to be used: "
REVOKED = "No longer proposed: "
"""How the first note of what we took back, or put aside, begins: no person's act reads so."""


def retract(resource: Json, why: str) -> Json:
    """A result of ours as `entered-in-error`: no conclusion, no state to search it by, and why in words.

    Raises KeyError for a type of resource that is not a result.
    """
    silent = CONCLUSIONS[resource["resourceType"]] | {"note", "text"}
    said = f"{RETRACTED}{why}"
    kept = {name: value for name, value in resource.items() if name not in silent}
    tags = [each for each in resource["meta"]["tag"] if each["system"] != STATES]
    told = {"meta": {**resource["meta"], "tag": tags}, "status": "entered-in-error", "note": notes([said])}
    if "title" in kept:
        told["title"] = "Retracted proposal"
    return _with_text(kept | told, said)


def revoke(plan: Json, why: str) -> Json:
    """A CarePlan of ours that another one replaced, or that was declined: `revoked`, its options still readable."""
    said = f"{REVOKED}{why}"
    return _with_text({**plan, "status": "revoked", "note": [*notes([said]), *plan["note"]]}, said)


def compose_retraction_provenance(
    targets: Iterable[Source], policies: Iterable[str], why: str, occasion: Occasion
) -> Json:
    """The Provenance of taking results back: what they were in the version taken back, and why."""
    former = list(targets)
    this = retraction_identity(former, occasion)
    return {
        "resourceType": "Provenance",
        "id": this.id,
        "meta": machine_meta(PROVENANCE_PROFILE, FHIRGATE, coding(PROVENANCE_IDENTIFIERS, this.key)),
        "text": narrative(element("p", f"Result taken back: {why}")),
        "contained": [device()],
        "target": [{"reference": f"{each.type}/{each.id}"} for each in former],
        **recorded(occasion),
        "policy": list(policies),
        "reason": [concept(TREATMENT)],
        "activity": concept(UPDATE),
        "agent": [{"type": concept(ASSEMBLER), "who": {"reference": DEVICE}}],
        "entity": [{"role": "revision", "what": {"reference": str(each)}} for each in former],
    }


def _with_text(resource: Json, said: str) -> Json:
    """The resource with its narrative behind `meta`, where a reader expects it."""
    text = narrative(element("p", element("b", said)))
    rest = {
        name: value for name, value in resource.items() if name not in ("resourceType", "id", "meta", "text")
    }
    head = {name: resource[name] for name in ("resourceType", "id", "meta")}
    return {**head, "text": text, **rest}
