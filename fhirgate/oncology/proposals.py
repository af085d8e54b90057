"""The things that can be proposed, each in a sentence with its lesions or agents.

None is an order. Which of them belong to a state is said in `follow_up`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from fhirgate.oncology.assessment import Assessment, LesionVerdict, TimepointAssessment
from fhirgate.oncology.clinical_date import ClinicalDate, add_days
from fhirgate.oncology.therapy import Agent, Exposure, LineOfTherapy
from fhirgate.oncology.timepoint import StudyAt
from fhirgate.oncology.verdict import IResponse, LesionStatus, Qualifier
from fhirgate.oncology.wording import listed, mm, signed_mm, signed_percent

CONFIRM_AFTER_WEEKS = 4
CONFIRM_WITHIN_WEEKS = 8
"""When unconfirmed progression on a checkpoint inhibitor is confirmed. Source: iRECIST, Seymour 2017."""
BRAIN_MRI_WITHIN_DAYS = 90
"""How recent a brain MRI must be not to be proposed again. Our choice."""
SAME_REGIMEN_DAYS = 42
"""An agent last given longer than this before the newest of its line has been dropped (our choice: two cycles)."""
CONTRIBUTOR_PERCENT = 20
"""Least growth of a lesion that contributes to a growing sum [%]. Our choice."""


class ProposalKind(StrEnum):
    """What is proposed."""

    BOARD = "tumour board"
    LOCAL_THERAPY = "assessment for local therapy"
    CONTINUE = "continue systemic therapy"
    CONFIRM = "confirmation scan"
    BIOPSY = "biopsy"
    BRAIN_MRI = "brain MRI"
    REIMAGE = "imaging after local therapy"
    NEXT_LINE = "next-line therapy"
    OBSERVE = "observation"
    REPEAT_IMAGING = "repeat imaging"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One thing to consider: what, in a sentence, for which lesions or with which agents."""

    kind: ProposalKind
    text: str
    lesions: tuple[LesionVerdict, ...] = ()
    agents: tuple[Agent, ...] = ()


def around_local_therapy(assessment: Assessment, now: TimepointAssessment) -> tuple[Proposal, ...]:
    """What goes with local therapy of the lesions concerned; lesions treated since the scan are not proposed again."""
    concerned = lesions_concerned(now)
    done = tuple(each for each in concerned if _treated_since(assessment, now, each))
    open_lesions = tuple(each for each in concerned if each not in done)
    found = (
        board(concerned),
        _local_therapy(open_lesions),
        _confirm(now),
        _continue(assessment, now),
        _biopsy(open_lesions),
        _brain_mri(assessment),
        _reimage(done),
        Proposal(kind=ProposalKind.NEXT_LINE, text="Alternative: next-line systemic therapy."),
        Proposal(
            kind=ProposalKind.OBSERVE, text="Alternative: observation with imaging at a short interval."
        ),
    )
    return tuple(each for each in found if each is not None)


def imaging_again(now: TimepointAssessment) -> Proposal:
    """Imaging once more, and what it has to settle."""
    when = f", {_confirmation_window(now)}" if on_ici(now) else ""
    text = f"Repeat imaging in the same technique{when}. To be settled: {now.state.because}."
    return Proposal(kind=ProposalKind.REPEAT_IMAGING, text=text)


def lesions_concerned(now: TimepointAssessment) -> tuple[LesionVerdict, ...]:
    """The lesions a proposal is about: progressing and new ones.

    When only the sum has grown, those with at least 20 % growth, else any that grew; at the first
    documentation of metastases, where nothing can progress yet, all that are visible.
    """
    active = _those(now, lambda each: each.status in (LesionStatus.PROGRESSING, LesionStatus.NEW))
    if active:
        return active
    if Qualifier.SLD_PD_NO_LESION_PD not in now.qualifiers:
        return metastases(now)
    return _those(now, lambda each: (each.change_percent or 0) >= CONTRIBUTOR_PERCENT) or _those(
        now, lambda each: (each.change or 0) > 0
    )


def metastases(now: TimepointAssessment) -> tuple[LesionVerdict, ...]:
    """The visible lesions that are not the primary."""
    return _those(now, lambda each: each.visible and not each.lesion.identity.primary)


def described(each: LesionVerdict) -> str:
    """A lesion with its label, organ, size and change."""
    site = str(each.lesion.site)
    parts = [site] if site != each.lesion.label else []
    parts.append(mm(each.value))
    if each.status is LesionStatus.NEW:
        parts.append("new")
    elif each.change is not None and each.reference is not None:
        growth = f"{signed_mm(each.change)}, {signed_percent(each.change_percent)}"
        parts.append(f"{growth} from {mm(each.reference)}")
    return f"{each.lesion.label} ({', '.join(parts)})"


def on_ici(now: TimepointAssessment) -> bool:
    """Whether growth may be pseudo-progression: on a checkpoint inhibitor and not confirmed."""
    return now.line is not None and now.line.has_ici and now.irecist is not IResponse.ICPD


def current_agents(line: LineOfTherapy, as_of: date) -> tuple[Agent, ...]:
    """The agents of a line that are still given: dropped and substituted ones are left out."""
    last: dict[Agent, date] = {}
    for exposure in line.exposures:
        last[exposure.agent] = max(last.get(exposure.agent, date.min), _last_day(exposure, as_of))
    if not last:
        return line.agents
    since = add_days(max(last.values()), -SAME_REGIMEN_DAYS)
    given = [each for each in line.all_agents if last.get(each, date.min) >= since]
    return tuple(each for each in given if not _replaced(each, given, last))


def _last_day(exposure: Exposure, as_of: date) -> date:
    if exposure.end is not None:
        return exposure.end.latest
    if exposure.asserted_on is not None:
        return max(exposure.asserted_on.latest, exposure.start.latest)
    return as_of


def _replaced(agent: Agent, given: list[Agent], last: dict[Agent, date]) -> bool:
    """Whether a later agent of its interchange group has taken its place."""
    return any(
        other.interchange_group == agent.interchange_group and last[other] > last[agent]
        for other in given
        if agent.interchange_group
    )


def _those(now: TimepointAssessment, wanted: Callable[[LesionVerdict], bool]) -> tuple[LesionVerdict, ...]:
    return tuple(each for each in now.lesions if wanted(each))


def _treated_since(assessment: Assessment, now: TimepointAssessment, each: LesionVerdict) -> bool:
    scan = now.timepoint.last_date.latest
    return any(
        scan <= given.started_on.latest and given.started_on.earliest <= assessment.as_of
        for given in each.lesion.local_treatments
    )


def board(lesions: tuple[LesionVerdict, ...]) -> Proposal:
    """The tumour board, about these lesions."""
    names = listed(described(each) for each in lesions)
    text = f"Present at the multidisciplinary tumour board: {names}."
    return Proposal(kind=ProposalKind.BOARD, text=text, lesions=lesions)


def _local_therapy(lesions: tuple[LesionVerdict, ...]) -> Proposal | None:
    if not lesions:
        return None
    text = "Radiation-oncology, interventional or surgical assessment for local ablative therapy"
    return Proposal(
        kind=ProposalKind.LOCAL_THERAPY,
        text=f"{text}; feasibility not assessed by software.",
        lesions=lesions,
    )


def _confirm(now: TimepointAssessment) -> Proposal | None:
    if not on_ici(now):
        return None
    text = f"Confirmation scan {_confirmation_window(now)}: growth on a checkpoint inhibitor can be"
    return Proposal(kind=ProposalKind.CONFIRM, text=f"{text} pseudo-progression.")


def _confirmation_window(now: TimepointAssessment) -> str:
    weeks = f"{CONFIRM_AFTER_WEEKS} to {CONFIRM_WITHIN_WEEKS} weeks after the scan of {now.timepoint.date}"
    if not now.timepoint.date.is_day:
        return weeks
    first, last = (
        now.timepoint.date.earliest + timedelta(weeks=number)
        for number in (CONFIRM_AFTER_WEEKS, CONFIRM_WITHIN_WEEKS)
    )
    return f"{weeks} ({first} to {last})"


def _continue(assessment: Assessment, now: TimepointAssessment) -> Proposal | None:
    line = now.line
    if line is None or (line.end is not None and line.end <= assessment.as_of):
        return None
    agents = current_agents(line, assessment.as_of)
    names = listed(each.name for each in agents)
    hold = ", recorded as on hold" if Qualifier.ON_HOLD in now.qualifiers else ""
    text = f"Continue the current systemic therapy meanwhile, if tolerated: {names}{hold}."
    return Proposal(kind=ProposalKind.CONTINUE, text=text, agents=agents)


def _biopsy(lesions: tuple[LesionVerdict, ...]) -> Proposal | None:
    if not lesions:
        return None
    text = "Option: biopsy or molecular re-profiling of a progressing lesion."
    return Proposal(kind=ProposalKind.BIOPSY, text=text, lesions=lesions)


def _brain_mri(assessment: Assessment) -> Proposal | None:
    """None when a recent one is known. The text holds no date of judgement: that would make it new every day."""
    last = max(_brain_mris(assessment), key=lambda each: each.earliest, default=None)
    if last is None:
        return Proposal(kind=ProposalKind.BRAIN_MRI, text="Brain MRI if indicated: none is recorded.")
    if last.earliest >= add_days(assessment.as_of, -BRAIN_MRI_WITHIN_DAYS):
        return None
    text = (
        f"Brain MRI if indicated: the last one recorded is of {last}, more than {BRAIN_MRI_WITHIN_DAYS} days"
    )
    return Proposal(kind=ProposalKind.BRAIN_MRI, text=f"{text} before the date of judgement.")


def _brain_mris(assessment: Assessment) -> Iterator[ClinicalDate]:
    """When MRI covered the brain, by its stated region or by a lesion measured there."""
    cns = {each.id for each in assessment.lesions if each.site.cns}
    for each in (judged.timepoint for judged in assessment.timepoints):
        found = [study.taken_on for study in each.studies if _is_mri(study.modality) and _covers_brain(study)]
        found += [m.taken_on for id, m in each.measurements.items() if id in cns and _is_mri(m.modality)]
        yield from (taken_on for taken_on in found if taken_on.earliest <= assessment.as_of)


def _is_mri(modality: str) -> bool:
    return modality.upper().startswith("MR") or "magnetic resonance" in modality.lower()


def _covers_brain(study: StudyAt) -> bool:
    return any(word in region.lower() for region in study.body for word in ("brain", "head", "cran"))


def _reimage(done: tuple[LesionVerdict, ...]) -> Proposal:
    text = "Imaging of all known lesions after local therapy, in the technique of the earlier scans."
    if done:
        text += f" Treated since the scan: {listed(described(each) for each in done)}."
    return Proposal(kind=ProposalKind.REIMAGE, text=text, lesions=done)
