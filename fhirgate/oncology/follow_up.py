"""What could be proposed to the treating team in a state, with the evidence for and against.

Nothing here is an order and nothing is decided: feasibility of local therapy needs a radiation oncologist,
and no benefit is predicted for a person. Which proposals belong to a state is our choice.

No plan at all when the label is less likely than not, the last imaging is too old, the patient has died, or a
new line of therapy began after the scan: the proposal would be about a situation that is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from fhirgate.oncology.assessment import Assessment, TimepointAssessment
from fhirgate.oncology.diagnosis import Diagnosis, DiagnosisKind
from fhirgate.oncology.evidence import (
    ADJUVANT_READING,
    NO_INDIVIDUAL_BENEFIT,
    PSEUDOPROGRESSION,
    READING,
    Case,
    Side,
    evidence,
)
from fhirgate.oncology.policy import StatePolicy
from fhirgate.oncology.progression.presets import ESTRO_EORTC
from fhirgate.oncology.proposals import (
    Proposal,
    around_local_therapy,
    current_agents,
    imaging_again,
    lesions_concerned,
    metastases,
    on_ici,
)
from fhirgate.oncology.verdict import Qualifier, State
from fhirgate.oncology.wording import count

NOT_ASSESSED = (
    "Whether local therapy is feasible was not assessed by software: a radiation oncologist decides."
)
UNCONFIRMED = "Nothing is confirmed: no change of therapy is proposed."
TUMOUR_UNKNOWN = (
    "The tumour type is not known, or there are several: evidence by tumour type could not be chosen."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Proposals for one state, with what speaks for and against them and what they leave open."""

    title: str
    proposals: tuple[Proposal, ...]
    evidence_for: tuple[str, ...] = ()
    evidence_against: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


def propose(assessment: Assessment, policy: StatePolicy) -> FollowUp | None:
    """The proposals for the state to act on; None where the state allows no plan.

    OLIGOPROGRESSION: local therapy to be discussed; LIMITED_PROGRESSION the same where the site asks for it,
    under ESTRO_EORTC only; PROGRESSION_UNCONFIRMED: imaging again and nothing else; every other state: none.
    """
    now = assessment.current.assessed
    if now is None or _over(assessment, now):
        return None
    state = assessment.current.state
    if state is State.PROGRESSION_UNCONFIRMED:
        return _unconfirmed(assessment, now)
    limited = policy.propose_on_limited_progression and assessment.preset == ESTRO_EORTC.name
    if state is State.OLIGOPROGRESSION or (state is State.LIMITED_PROGRESSION and limited):
        return _local_therapy(assessment, now)
    return None


def primary_of(diagnoses: Iterable[Diagnosis]) -> Diagnosis | None:
    """The primary cancer, an active one if there is any; None when there is none or several.

    One tumour of one organ recorded more than once is one cancer: its earliest record stands for it.
    """
    primaries = [each for each in diagnoses if each.kind is DiagnosisKind.PRIMARY]
    candidates = [each for each in primaries if each.active] or primaries
    if len({(each.tumour, each.site.organ) for each in candidates}) != 1:
        return None
    return min(candidates, key=lambda each: (each.dated.earliest if each.dated else date.max, each.id))


def _over(assessment: Assessment, now: TimepointAssessment) -> bool:
    """Whether the scan's situation is not to be acted on, or has been acted on already."""
    patient, current = assessment.patient, assessment.current
    scan = now.timepoint.last_date.latest
    return (
        current.stale
        or patient.dead
        or patient.died_on is not None
        or Qualifier.LOW_CONFIDENCE in current.qualifiers
        or any(scan < line.start <= assessment.as_of for line in assessment.lines)
    )


def _unconfirmed(assessment: Assessment, now: TimepointAssessment) -> FollowUp:
    return FollowUp(
        title="unconfirmed progression, repeat imaging",
        proposals=(imaging_again(now),),
        evidence_for=(PSEUDOPROGRESSION,) if on_ici(now) else (),
        limits=(UNCONFIRMED, *_changed_since(assessment)),
    )


def _local_therapy(assessment: Assessment, now: TimepointAssessment) -> FollowUp:
    met = assessment.current.state is State.OLIGOPROGRESSION
    state = "oligoprogression" if met else "limited progression"
    lesions = count(len(lesions_concerned(now)), "lesion")
    case = _case(assessment, now)
    return FollowUp(
        title=f"{state}, local therapy of {lesions} to be discussed",
        proposals=around_local_therapy(assessment, now),
        evidence_for=evidence(case, Side.FOR, with_numbers=met),
        evidence_against=evidence(case, Side.AGAINST, with_numbers=met),
        limits=_limits(assessment, now, case),
    )


def _case(assessment: Assessment, now: TimepointAssessment) -> Case:
    primary = primary_of(assessment.diagnoses)
    agents = current_agents(now.line, assessment.as_of) if now.line else ()
    return Case(
        tumour=primary.tumour if primary else None,
        drug_classes=frozenset(each.drug_class for each in agents),
        subclasses=frozenset(each.subclass for each in agents),
        metastases=len(metastases(now)),
        adjuvant=Qualifier.SETTING_ADJUVANT in now.qualifiers,
    )


def _limits(assessment: Assessment, now: TimepointAssessment, case: Case) -> tuple[str, ...]:
    """What the proposals leave open, the general before the particular."""
    qualifiers = assessment.current.qualifiers
    unmet = f"Not every criterion of the preset is met, so no trial medians are quoted: {now.state.because}."
    particular = (
        (assessment.current.state is State.LIMITED_PROGRESSION, unmet),
        (case.tumour is None, TUMOUR_UNKNOWN),
        (on_ici(now), PSEUDOPROGRESSION),
        (
            Qualifier.CNS_REPORTED_SEPARATELY in qualifiers,
            "Lesions of the central nervous system are outside the preset's count.",
        ),
        (
            Qualifier.PREVIOUSLY_TREATED_LESION_PROGRESSING in qualifiers,
            "A progressing lesion had local therapy before: earlier dose has to be looked up.",
        ),
    )
    general = (NO_INDIVIDUAL_BENEFIT, NOT_ASSESSED, ADJUVANT_READING if case.adjuvant else READING)
    return (*general, *(text for holds, text in particular if holds), *_changed_since(assessment))


def _changed_since(assessment: Assessment) -> tuple[str, ...]:
    """A warning for imaging after the scan that no one has measured."""
    unmeasured = [each for each in assessment.current.reasons if each.code == "NEWER_IMAGING_NOT_MEASURED"]
    return tuple(f"{each.text[:1].upper()}{each.text[1:]}." for each in unmeasured)
