"""Proposals as CarePlan activities: `detail` only (cpl-3), so that nothing orderable is created."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fhirgate.mapping.compose import codes
from fhirgate.mapping.compose.elements import Json, concept, plain, reference
from fhirgate.oncology.assessment import Assessment, LesionVerdict
from fhirgate.oncology.proposals import Proposal, ProposalKind, described
from fhirgate.oncology.source import Sources
from fhirgate.oncology.therapy import Agent
from fhirgate.oncology.wording import listed

REASON_TYPES = frozenset({"Condition", "Observation", "DiagnosticReport", "DocumentReference"})
"""What CarePlan.activity.detail.reasonReference may point to."""


LOCAL_THERAPY = "Assessment for local ablative therapy"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind of proposal is written: the kind of request it would become, its code, its words."""

    kind: str
    text: str
    coding: Json | None = None


_SHAPES: dict[ProposalKind, Shape] = {
    ProposalKind.BOARD: Shape("Task", "Multidisciplinary tumour board", codes.TUMOUR_BOARD),
    ProposalKind.LOCAL_THERAPY: Shape("ServiceRequest", LOCAL_THERAPY, codes.STEREOTACTIC_RADIOTHERAPY),
    ProposalKind.CONTINUE: Shape("MedicationRequest", "Continue the current systemic therapy"),
    ProposalKind.CONFIRM: Shape("ServiceRequest", "Confirmation scan"),
    ProposalKind.BIOPSY: Shape(
        "ServiceRequest", "Biopsy or molecular re-profiling of a progressing lesion", codes.BIOPSY
    ),
    ProposalKind.BRAIN_MRI: Shape("ServiceRequest", "Brain MRI", codes.MRI),
    ProposalKind.REIMAGE: Shape("ServiceRequest", "Imaging after local therapy"),
    ProposalKind.NEXT_LINE: Shape("MedicationRequest", "Next-line systemic therapy"),
    ProposalKind.OBSERVE: Shape("ServiceRequest", "Observation", codes.ACTIVE_SURVEILLANCE),
    ProposalKind.REPEAT_IMAGING: Shape("ServiceRequest", "Repeat imaging"),
}

_SCANS = frozenset({ProposalKind.CONFIRM, ProposalKind.REIMAGE, ProposalKind.REPEAT_IMAGING})


def activities(assessment: Assessment, proposals: Iterable[Proposal]) -> list[Json]:
    """One activity for each proposal; local therapy has one for each lesion, to be taken up one by one."""
    return [{"detail": detail} for each in proposals for detail in _details(assessment, each)]


def _details(assessment: Assessment, proposal: Proposal) -> Iterator[Json]:
    if proposal.kind is not ProposalKind.LOCAL_THERAPY:
        yield _detail(assessment, proposal, proposal.lesions, proposal.text)
        return
    for lesion in proposal.lesions:
        yield _detail(assessment, proposal, (lesion,), f"{described(lesion)}: {proposal.text}")


def _detail(
    assessment: Assessment, proposal: Proposal, lesions: tuple[LesionVerdict, ...], text: str
) -> Json:
    shape = _SHAPES[proposal.kind]
    code = _scan(assessment) if proposal.kind in _SCANS else shape.coding or _therapy(proposal.agents)
    reasons = [reference(source) for source in _reasons(lesions)]
    return {
        "kind": shape.kind,
        "code": concept(*([code] if code else []), text=shape.text),
        **({"reasonReference": reasons} if reasons else {}),
        "status": "not-started",
        **_product(proposal.agents),
        "description": plain(text),
    }


def _product(agents: tuple[Agent, ...]) -> Json:
    """The current drugs, by name: as one concept, because no code stands for a regimen."""
    if not agents:
        return {}
    return {"productCodeableConcept": concept(text=listed(agent.name for agent in agents))}


def _therapy(agents: tuple[Agent, ...]) -> Json | None:
    """What kind of therapy it is, when all agents are of one kind."""
    found = [codes.THERAPY_BY_CLASS.get(agent.drug_class) for agent in agents]
    return found[0] if found and all(each == found[0] for each in found) else None


def _scan(assessment: Assessment) -> Json:
    """The technique of the last scan, when it was one technique."""
    now = assessment.current.assessed
    studies = now.timepoint.studies if now else ()
    found = {_TECHNIQUES.get(study.modality.upper(), "") for study in studies}
    return _BY_TECHNIQUE.get(next(iter(found)), codes.IMAGING) if len(found) == 1 else codes.IMAGING


_TECHNIQUES = {"CT": "CT", "MR": "MR", "MRI": "MR", "PT": "PT", "PET": "PT", "PET/CT": "PT", "PET-CT": "PT"}
_BY_TECHNIQUE = {"CT": codes.CT, "MR": codes.MRI, "PT": codes.PET}


def _reasons(lesions: Iterable[LesionVerdict]) -> Sources:
    """The observations of the lesions a proposal is about."""
    return tuple(
        sorted({source for each in lesions for source in each.sources if source.type in REASON_TYPES})
    )
