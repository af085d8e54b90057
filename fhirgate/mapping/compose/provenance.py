"""Where a result comes from, as an R4 Provenance: software, rules, a site's policy, and every resource read.

https://hl7.org/fhir/R4/provenance.html. One for each writing; it names its results and never stands alone.
"""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from fhirgate import __version__
from fhirgate.mapping.canonical import (
    PRESET_POLICY,
    PROVENANCE_IDENTIFIERS,
    PROVENANCE_PROFILE,
    RULES_POLICY,
    SITE_POLICY,
)
from fhirgate.mapping.compose.codes import ASSEMBLER, CREATE, FHIRGATE, TREATMENT, UPDATE
from fhirgate.mapping.compose.elements import DEVICE, Json, coding, concept, device, machine_meta
from fhirgate.mapping.compose.identity import Identity, provenance_identity
from fhirgate.mapping.compose.occasion import Occasion
from fhirgate.mapping.compose.xhtml import element, narrative, sentences
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.policy import Policy
from fhirgate.oncology.source import Source
from fhirgate.oncology.wording import count

_UNKNOWN = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def compose_provenance(
    assessment: Assessment,
    policy: Policy,
    occasion: Occasion,
    targets: Sequence[Identity],
    used: Sequence[Json],
) -> Json:
    """The Provenance of the results `targets`, made from the references `used`."""
    this = provenance_identity(targets[0], assessment, occasion)
    entities = list(_entities(used, occasion.former_result))
    return {
        "resourceType": "Provenance",
        "id": this.id,
        "meta": machine_meta(PROVENANCE_PROFILE, FHIRGATE, coding(PROVENANCE_IDENTIFIERS, this.key)),
        "text": _text(assessment, policy, occasion, entities),
        "contained": [device()],
        "target": [{"reference": each.url} for each in targets],
        **recorded(occasion),
        "policy": policies(assessment, policy),
        "reason": [concept(TREATMENT)],
        "activity": concept(UPDATE if occasion.again else CREATE),
        "agent": [{"type": concept(ASSEMBLER), "who": {"reference": DEVICE}}],
        "entity": entities,
    }


def recorded(occasion: Occasion) -> Json:
    """The moment of writing; said to be unknown when nothing is written, for none may be invented."""
    if occasion.instant:
        return {"recorded": occasion.instant}
    return {"_recorded": {"extension": [{"url": _UNKNOWN, "valueCode": "unknown"}]}}


def policies(assessment: Assessment, policy: Policy) -> list[str]:
    """The rules, the preset and the site's choices that the result was made under, each with its version."""
    return [
        f"{RULES_POLICY}/{quote(assessment.rules_version)}",
        f"{PRESET_POLICY}/{quote(assessment.preset)}",
        f"{SITE_POLICY}/{quote(policy.name, safe='')}/{quote(policy.version, safe='')}",
    ]


def _entities(used: Iterable[Json], former: Source | None) -> Iterable[Json]:
    for each in used:
        is_former = former is not None and each.get("reference") == str(former)
        yield {"role": "revision" if is_former else "source", "what": dict(each)}


def _text(assessment: Assessment, policy: Policy, occasion: Occasion, used: Sequence[Json]) -> Json:
    when = f" at {occasion.instant}" if occasion.instant else ""
    return narrative(
        element(
            "p", f"Made by fhirgate {__version__}{when}, from {count(len(used), 'resource')} of the record."
        ),
        sentences(
            (
                f"Rules version {assessment.rules_version}, criteria {assessment.preset}",
                f"Site policy {policy.name}, version {policy.version}",
                f"Judged with what was known on {assessment.as_of}",
            )
        ),
    )
