"""RECIST 1.1 along one course: sums, nadir, responses, best response."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fhirgate.oncology.assessment import BestOverallResponse, RecistResponse
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.criteria.best_overall import Dated, best_overall_response, confirmed_partial
from fhirgate.oncology.criteria.recist_1_1 import (
    NON_TARGET,
    NORMAL_NODE_BELOW,
    OVERALL,
    TARGET,
    NonTargetFacts,
    OverallFacts,
    TargetFacts,
)
from fhirgate.oncology.criteria.rule import first_match
from fhirgate.oncology.criteria.sum_of_diameters import SumOfDiameters, gone, merged_away, sum_of_diameters
from fhirgate.oncology.judgement.lesion_at import LesionAt
from fhirgate.oncology.judgement.roles import Roles
from fhirgate.oncology.lesion import Change, Kind, Role
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.policy import Policy, ResponsePolicy
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.reconstruct.history import History
from fhirgate.oncology.source import Sources, joined
from fhirgate.oncology.timepoint import Lesion, Timepoint
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import LesionStatus, Response, Verdict


@value
class ResponseAt:
    """RECIST at one followed timepoint: the sum, what it is compared with, and the response."""

    sum: SumOfDiameters
    has_targets: bool
    nadir: Millimetres | None
    baseline: Millimetres | None
    response: RecistResponse

    @property
    def overall(self) -> Response:
        """The overall response."""
        return self.response.overall.answer if self.response.overall else Response.NE

    @property
    def sum_of_diameters(self) -> Millimetres | None:
        """The sum [mm]; None when it is not complete or there is no target."""
        return self.sum.complete if self.has_targets else None


@dataclass(slots=True)
class _Confirmation:
    """Whether a partial response has been confirmed; keeps only those that still can be."""

    run: list[Dated] = field(default_factory=list)
    confirmed: bool = False

    def add(self, visit: Dated, policy: ResponsePolicy) -> None:
        """Take in the next target response."""
        if self.confirmed:
            return
        if visit.response not in (Response.CR, Response.PR, Response.NE):
            self.run.clear()
            return
        self.run.append(visit)
        while sum(each.response is Response.NE for each in self.run) > policy.not_evaluable_between:
            self.run.pop(0)
        self.confirmed = confirmed_partial(self.run, policy)


@dataclass(slots=True)
class _SoFar:
    """The lesions that count on a course, and what accumulates along it; `sources` are of baseline and nadir."""

    targets: list[Lesion]
    others: list[Lesion]
    baseline: Millimetres | None
    nadir: Millimetres | None
    nadir_on: str
    sources_of_baseline: Sources
    sources_of_nadir: Sources
    confirmation: _Confirmation = field(default_factory=_Confirmation)
    complete_before: bool = False


def follow_response(
    history: History,
    course: Course,
    roles: Roles,
    lesions_at: Mapping[int, Sequence[LesionAt]],
    policy: Policy,
) -> dict[int, ResponseAt]:
    """RECIST at every followed timepoint of a course, by position."""
    targets = [lesion for lesion in history.lesions if roles.of.get(lesion.id) is Role.TARGET]
    others = [lesion for lesion in history.lesions if roles.of.get(lesion.id) is Role.NON_TARGET]
    start = history.timepoints[course.baseline]
    first = sum_of_diameters(targets, start.measurements)
    size = first.complete if targets else None
    so_far = _SoFar(targets, others, size, size, str(start.date), first.sources, first.sources)
    found: dict[int, ResponseAt] = {}
    followed = frozenset(course.followed)
    for position in range(course.baseline + 1, course.followed[-1] + 1):
        timepoint = history.timepoints[position]
        left = _left_assessment(targets, start, timepoint)
        total = sum_of_diameters(targets, timepoint.measurements, left)
        if position in followed:
            found[position] = _respond(timepoint, total, lesions_at[position], so_far, policy)
        if targets and total.complete is not None and (so_far.nadir is None or total.complete < so_far.nadir):
            so_far.nadir, so_far.nadir_on = total.complete, str(timepoint.date)
            so_far.sources_of_nadir = total.sources
    return found


def _left_assessment(targets: Sequence[Lesion], start: Timepoint, now: Timepoint) -> list[str]:
    """Targets treated locally since the baseline: they have left the RECIST assessment."""
    return [
        lesion.id
        for lesion in targets
        if any(
            each.started_on.surely_before(now.date) and not each.started_on.surely_before(start.date)
            for each in lesion.local_treatments
        )
    ]


def _respond(
    timepoint: Timepoint,
    total: SumOfDiameters,
    lesions_at: Sequence[LesionAt],
    so_far: _SoFar,
    policy: Policy,
) -> ResponseAt:
    target = _target_response(total, so_far, policy) if so_far.targets else None
    non_target = _non_target_response(so_far.others, timepoint) if so_far.others else None
    new = tuple(each for each in lesions_at if is_recist_new(each))
    facts = OverallFacts(
        target=target.answer if target else None,
        non_target=non_target.answer if non_target else None,
        new_lesions=bool(new),
    )
    parts = [each.sources for each in (target, non_target) if each is not None]
    overall = first_match(OVERALL, facts, joined(*parts, *(each.verdict.sources for each in new)))
    nadir, baseline = so_far.nadir, so_far.baseline
    if target:
        visit = Dated(date=timepoint.last_date, response=target.answer)
        so_far.confirmation.add(visit, policy.response)
    so_far.complete_before = so_far.complete_before or overall.answer is Response.CR
    return ResponseAt(
        sum=total,
        has_targets=bool(so_far.targets),
        nadir=nadir,
        baseline=baseline,
        response=RecistResponse(target=target, non_target=non_target, new_lesions=bool(new), overall=overall),
    )


def _target_response(total: SumOfDiameters, so_far: _SoFar, policy: Policy) -> Verdict[Response]:
    persists = policy.response.confirmed_pr_persists
    facts = TargetFacts(
        current=total.total,
        missing=total.missing,
        baseline=so_far.baseline,
        nadir=so_far.nadir,
        nadir_on=so_far.nadir_on,
        all_gone=total.all_gone,
        some_visible=total.some_visible,
        overall_complete_before=so_far.complete_before,
        partial_confirmed_before=persists and so_far.confirmation.confirmed,
    )
    sources = joined(total.sources, so_far.sources_of_baseline, so_far.sources_of_nadir)
    return first_match(TARGET, facts, sources)


def _non_target_response(others: Sequence[Lesion], timepoint: Timepoint) -> Verdict[Response]:
    unequivocal, missing, persisting, sources = [], [], [], []
    for lesion in others:
        measurement = timepoint.measurements.get(lesion.id)
        sources.append(measurement.sources if measurement else ())
        if measurement is None or measurement.kind is Kind.NOT_EVALUABLE:
            missing.append(lesion.label)
        elif measurement.change is Change.UNEQUIVOCAL:
            unequivocal.append(lesion.label)
        elif not gone(lesion, measurement) and not merged_away(measurement):
            persisting.append(lesion.label)
    facts = NonTargetFacts(
        unequivocal=tuple(unequivocal), missing=tuple(missing), persisting=tuple(persisting)
    )
    return first_match(NON_TARGET, facts, joined(*sources))


def is_recist_new(at: LesionAt) -> bool:
    """Whether a lesion counts as a new lesion of RECIST: definitely new and there, or a node become disease."""
    if at.novelty is not None:
        return at.novelty.definite and at.verdict.visible and at.verdict.status is not LesionStatus.NE
    was_normal = (
        at.lesion.site.node and at.verdict.reference is not None and at.verdict.reference < NORMAL_NODE_BELOW
    )
    return was_normal and at.verdict.status is LesionStatus.PROGRESSING


def best_on(
    responses: Sequence[tuple[ClinicalDate, Response]], start: ClinicalDate, policy: Policy
) -> BestOverallResponse:
    """The best overall response among dated responses of one course."""
    dated = [Dated(date=on, response=response) for on, response in responses]
    return best_overall_response(dated, start, policy.response)
