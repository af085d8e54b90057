"""Proposals as an R4 CarePlan that orders nothing: `draft`, `proposal`, every activity `not-started`.

https://hl7.org/fhir/R4/careplan.html. Accepting it is a clinician's act that makes a new CarePlan.
"""

from collections.abc import Iterable, Iterator

from fhirgate.mapping.canonical import PLAN_PROFILE
from fhirgate.mapping.compose.activities import activities
from fhirgate.mapping.compose.basis import period
from fhirgate.mapping.compose.codes import ASSESS_PLAN, FHIRGATE, PROPOSAL
from fhirgate.mapping.compose.elements import (
    DEVICE,
    Json,
    concept,
    conditions,
    device,
    machine_meta,
    notes,
    plain,
    preset_coding,
    reference,
    rules_coding,
    subject,
)
from fhirgate.mapping.compose.identity import Kind, identity
from fhirgate.mapping.compose.narrative import plan_text
from fhirgate.mapping.compose.states import state_code
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.diagnosis import Diagnosis, DiagnosisKind
from fhirgate.oncology.follow_up import FollowUp, primary_of
from fhirgate.oncology.policy import Policy
from fhirgate.oncology.source import Source

NOT_AN_ORDER = "Proposal, not an order"


def compose_care_plan(
    assessment: Assessment,
    follow_up: FollowUp,
    policy: Policy,
    former: Source | None = None,
    tenant: str = "",
) -> Json:
    """The CarePlan of the proposals; it points to the RiskAssessment of the same assessment.

    `period` is that of the scan it rests on, until it is too old to act on. `former` is the proposal of an earlier scan
    that this one replaces; `tenant` is that of the `Occasion`.
    """
    this = identity(assessment, Kind.PLAN, tenant)
    addresses = conditions(_addressed(assessment.diagnoses))
    title = plain(f"{NOT_AN_ORDER}: {follow_up.title}")
    options, words = activities(assessment, follow_up.proposals), list(_words(follow_up))
    return {
        "resourceType": "CarePlan",
        "id": this.id,
        "meta": machine_meta(
            PLAN_PROFILE,
            state_code(assessment.current.state).coding,
            rules_coding(assessment.rules_version),
            preset_coding(assessment.preset),
            FHIRGATE,
        ),
        "text": plan_text(title, options, words),
        "contained": [device()],
        "identifier": [this.identifier],
        **({"replaces": [reference(former, versioned=False)]} if former else {}),
        "status": "draft",
        "intent": "proposal",
        "category": [concept(ASSESS_PLAN), concept(PROPOSAL)],
        "title": title,
        "description": f"{NOT_AN_ORDER}: options for the treating team, made by software from recorded data.",
        "subject": subject(assessment.patient),
        "period": period(assessment, policy),
        "created": assessment.as_of.isoformat(),
        "author": {"reference": DEVICE},
        **({"addresses": addresses} if addresses else {}),
        "supportingInfo": [{"reference": identity(assessment, Kind.RESULT, tenant).url}],
        "activity": options,
        "note": notes(words),
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
