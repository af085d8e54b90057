"""Proposals as an R4 CarePlan that orders nothing: `draft`, `proposal`, every activity `not-started`.

https://hl7.org/fhir/R4/careplan.html. Accepting it is a clinician's act that makes a new CarePlan.
"""

from collections.abc import Iterable, Iterator

from fhirgate.mapping.compose.activities import activities
from fhirgate.mapping.compose.basis import horizon
from fhirgate.mapping.compose.codes import AI_ASSERTED, ASSESS_PLAN, DEVICE_ASSERTED, FHIRGATE, PROPOSAL
from fhirgate.mapping.compose.elements import (
    DEVICE,
    Json,
    concept,
    conditions,
    device,
    meta,
    notes,
    plain,
    preset_coding,
    rules_coding,
    subject,
)
from fhirgate.mapping.compose.identity import Kind, identity
from fhirgate.mapping.compose.states import state_code
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.diagnosis import Diagnosis, DiagnosisKind
from fhirgate.oncology.follow_up import FollowUp, primary_of
from fhirgate.oncology.policy import Policy

NOT_AN_ORDER = "Proposal, not an order"


def compose_care_plan(assessment: Assessment, follow_up: FollowUp, policy: Policy) -> Json:
    """The CarePlan of the proposals; it points to the RiskAssessment of the same assessment.

    `period` ends when the scan it rests on is too old to act on.
    """
    this = identity(assessment, Kind.PLAN)
    addresses = conditions(_addressed(assessment.diagnoses))
    return {
        "resourceType": "CarePlan",
        "id": this.id,
        "meta": meta(
            state_code(assessment.current.state).coding,
            rules_coding(assessment.rules_version),
            preset_coding(assessment.preset),
            FHIRGATE,
            security=(DEVICE_ASSERTED, AI_ASSERTED),
        ),
        "contained": [device()],
        "identifier": [this.identifier],
        "status": "draft",
        "intent": "proposal",
        "category": [concept(ASSESS_PLAN), concept(PROPOSAL)],
        "title": plain(f"{NOT_AN_ORDER}: {follow_up.title}"),
        "description": f"{NOT_AN_ORDER}: options for the treating team, made by software from recorded data.",
        "subject": subject(assessment.patient),
        "period": {
            "start": assessment.as_of.isoformat(),
            "end": horizon(assessment, policy).isoformat(),
        },
        "created": assessment.as_of.isoformat(),
        "author": {"reference": DEVICE},
        **({"addresses": addresses} if addresses else {}),
        "supportingInfo": [{"reference": identity(assessment, Kind.RESULT).url}],
        "activity": activities(assessment, follow_up.proposals),
        "note": notes(_words(follow_up)),
    }


def _addressed(diagnoses: Iterable[Diagnosis]) -> list[Diagnosis]:
    """The primary, then the active metastases."""
    known = list(diagnoses)
    primary = primary_of(known)
    spread = [each for each in known if each.kind is DiagnosisKind.SECONDARY and each.active]
    return ([primary] if primary else []) + sorted(spread, key=lambda each: each.source)


def _words(follow_up: FollowUp) -> Iterator[str]:
    yield from (f"Evidence for: {text}" for text in follow_up.evidence_for)
    yield from (f"Evidence against: {text}" for text in follow_up.evidence_against)
    yield from follow_up.limits
