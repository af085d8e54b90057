"""What every lesion does at every timepoint of a course."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from fhirgate.oncology.assessment import LesionVerdict
from fhirgate.oncology.clinical_date import ClinicalDate, add_days, add_months, whole_months
from fhirgate.oncology.criteria.lesion_status import LESION_STATUS, LesionFacts
from fhirgate.oncology.criteria.pet import unlabelled_rise, uptake_progressed
from fhirgate.oncology.criteria.recist_1_1 import grew
from fhirgate.oncology.criteria.rule import first_match
from fhirgate.oncology.criteria.sum_of_diameters import gone, merged_away
from fhirgate.oncology.criteria.target_selection import THIN_SLICE_UP_TO
from fhirgate.oncology.judgement.newness import Newness, Novelty
from fhirgate.oncology.judgement.past import Past, Reference
from fhirgate.oncology.lesion import Change, Kind, Measurement, Role, Uptake
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.policy import Policy, ReferenceMode
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.reconstruct.history import History
from fhirgate.oncology.site import LUNG
from fhirgate.oncology.source import joined
from fhirgate.oncology.therapy import LocalTreatment, Modality
from fhirgate.oncology.timepoint import Lesion, Timepoint
from fhirgate.oncology.uncertainty import (
    TOO_SMALL_SPREAD,
    Reading,
    probability_of_growth,
    probability_of_rise,
)
from fhirgate.oncology.verdict import LesionStatus, Qualifier
from fhirgate.oncology.wording import mm

IRRADIATION = frozenset({Modality.SBRT, Modality.RADIOTHERAPY, Modality.BRACHYTHERAPY})
PET = "PT"


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionAt:
    """One lesion at one timepoint: its verdict and what the state machine and the probabilities need besides.

    `growth` is the probability that it has truly grown; None where nothing can be said (not evaluated,
    equivocal new lesion, change after local treatment).
    """

    verdict: LesionVerdict
    novelty: Novelty | None = None
    treated: bool = False
    irradiated: bool = False
    growth: float | None = None
    merged: bool = False
    increased: bool = False
    """Whether the reader says in words that it has grown further."""
    pet_only: bool = False

    @property
    def lesion(self) -> Lesion:
        """The lesion."""
        return self.verdict.lesion

    @property
    def appears(self) -> bool:
        """Whether it is new and seen here for the first time."""
        return self.novelty is not None and self.novelty.first_here


def follow_lesions(
    history: History, course: Course, roles: Mapping[str, Role], policy: Policy
) -> dict[int, tuple[LesionAt, ...]]:
    """Every lesion expected at each followed timepoint of a course, by position, in the order of the history."""
    found: dict[int, list[LesionAt]] = {position: [] for position in course.followed}
    newness = Newness(history, course, policy.lesion)
    for lesion in history.lesions:
        follower = _Follower(history, course, lesion, roles.get(lesion.id), policy, newness)
        for position, judged in follower.walk():
            found[position].append(judged)
    return {position: tuple(judged) for position, judged in found.items()}


def lesions_at_start(timepoint: Timepoint, lesions: Mapping[str, Lesion]) -> tuple[LesionVerdict, ...]:
    """The lesions of a timepoint with nothing before it."""
    verdicts = []
    for lesion_id, measurement in timepoint.measurements.items():
        lesion = lesions[lesion_id]
        absent, unseen = gone(lesion, measurement), measurement.kind is Kind.NOT_EVALUABLE
        status = LesionStatus.NE if unseen else LesionStatus.ABSENT if absent else LesionStatus.BASELINE
        verdicts.append(
            LesionVerdict(
                lesion=lesion,
                status=status,
                value=measurement.size,
                reference=None,
                rule="lesion-first-seen",
                because=f"{mm(measurement.size)}, nothing earlier to compare with",
                visible=not absent,
                sources=measurement.sources,
            )
        )
    return tuple(verdicts)


class _Follower:
    """Walks one lesion along one course."""

    def __init__(
        self,
        history: History,
        course: Course,
        lesion: Lesion,
        role: Role | None,
        policy: Policy,
        newness: Newness,
    ) -> None:
        self.timepoints = history.timepoints
        self.course = course
        self.lesion = lesion
        self.role = role
        self.policy = policy
        self.newness = newness
        self.past = Past()
        self.restarted: set[str] = set()
        self.joined: set[str] = set()

    def walk(self) -> Iterator[tuple[int, LesionAt]]:
        """The lesion at each followed timepoint where it is expected."""
        followed = frozenset(self.course.followed)
        for position in range(self.course.followed[-1] + 1):
            timepoint = self.timepoints[position]
            measurement = timepoint.measurements.get(self.lesion.id)
            if position in followed:
                if not self.course.has_line_baseline:
                    lookback = -self.policy.imaging.no_baseline_lookback_days
                    self.past.forget_before(add_days(timepoint.date.earliest, lookback))
                if measurement is not None or self._expected(position, timepoint):
                    judged = self._judge(position, timepoint, measurement)
                    if judged is not None:
                        yield position, judged
            if measurement is not None:
                self._remember(position, measurement)

    def _expected(self, position: int, timepoint: Timepoint) -> bool:
        """Whether a lesion that is not mentioned should have been."""
        if not self.past.seen or self.past.last_on is None:
            return False
        if self.past.last_position >= self.course.baseline:
            return True
        return timepoint.date.least_days_since(self.past.last_on) <= self.policy.imaging.lesion_memory_days

    def _remember(self, position: int, measurement: Measurement) -> None:
        for treatment in self._treatments_before(measurement.taken_on):
            due = add_months(_end(treatment), self.policy.lesion.treated_reference_restart_months)
            if treatment.id not in self.restarted and measurement.taken_on.earliest >= due:
                self.restarted.add(treatment.id)
                self.past.restart()
        self.past.add(measurement, position, on_course=position >= self.course.baseline)

    def _treatments_before(self, day: ClinicalDate) -> tuple[LocalTreatment, ...]:
        return tuple(each for each in self.lesion.local_treatments if each.started_on.surely_before(day))

    def _judge(self, position: int, timepoint: Timepoint, measurement: Measurement | None) -> LesionAt | None:
        treatments = self._treatments_before(timepoint.last_date)
        resected = any(each.modality is Modality.SURGERY for each in treatments)
        novelty = self.newness.at(self.lesion, position)
        if measurement is None and resected:
            return self._resected(treatments)
        if (
            measurement is not None
            and not self.past.seen
            and novelty is None
            and _nothing_there(self.lesion, measurement)
        ):
            return None
        self._join(timepoint, measurement)
        reference = self.past.reference(self.policy.lesion.reference_mode)
        facts = self._facts(timepoint, measurement, reference, treatments)
        verdict = first_match(LESION_STATUS, facts)
        status, because = verdict.answer, verdict.because
        if novelty is not None:
            status, because = _as_new(status, because, novelty)
        judged = LesionVerdict(
            lesion=self.lesion,
            status=status,
            value=facts.value,
            reference=facts.reference,
            rule=verdict.rule if novelty is None else novelty.rule,
            because=because,
            qualifiers=self._qualifiers(facts, measurement, reference, status),
            visible=facts.kind is not Kind.ABSENT and not facts.is_normal_node,
            sources=joined(
                measurement.sources if measurement else (), reference.measured.sources if reference else ()
            ),
        )
        return LesionAt(
            verdict=judged,
            novelty=novelty,
            treated=bool(treatments),
            irradiated=any(each.modality in IRRADIATION for each in treatments),
            growth=self._growth(facts, measurement, reference, status),
            merged=measurement is not None and merged_away(measurement),
            increased=facts.change is Change.INCREASED
            or (novelty is None and facts.change is Change.UNEQUIVOCAL),
            pet_only=self._pet_only(measurement, novelty),
        )

    def _resected(self, treatments: tuple[LocalTreatment, ...]) -> LesionAt:
        last = treatments[-1]
        verdict = LesionVerdict(
            lesion=self.lesion,
            status=LesionStatus.TREATED_CONTROLLED,
            value=None,
            reference=None,
            rule="lesion-resected",
            because=f"resected {last.started_on}, not mentioned since",
            visible=False,
            sources=last.sources,
        )
        return LesionAt(verdict=verdict, treated=True, growth=0.0)

    def _join(self, timepoint: Timepoint, measurement: Measurement | None) -> None:
        """Once it has coalesced with others, its earlier sizes are those of all of them together."""
        if measurement is None:
            return
        for other, size in self.newness.merged_into(self.lesion.id, timepoint):
            if other not in self.joined:
                self.joined.add(other)
                self.past.enlarge(size)

    def _facts(
        self,
        timepoint: Timepoint,
        measurement: Measurement | None,
        reference: Reference | None,
        treatments: tuple[LocalTreatment, ...],
    ) -> LesionFacts:
        policy = self.policy.lesion
        in_lung = self.lesion.site.organ == LUNG
        return LesionFacts(
            kind=measurement.kind if measurement else None,
            value=measurement.size if measurement else None,
            baseline=reference.baseline if reference else None,
            reference=reference.size if reference else None,
            reference_on=str(reference.measured.taken_on) if reference else "",
            node=self.lesion.site.node,
            change=measurement.change if measurement else None,
            uptake_progressed=_uptake_progressed(self.past.uptakes, measurement),
            judged_by_words=self.role is Role.NON_TARGET,
            measured_before=self.past.measured,
            absent_before=self.past.absent_last,
            treated_months_ago=_months_since(treatments, timepoint.date.earliest),
            treated_window_months=(
                policy.treated_window_lung_months if in_lung else policy.treated_window_other_months
            ),
        )

    def _qualifiers(
        self,
        facts: LesionFacts,
        measurement: Measurement | None,
        reference: Reference | None,
        status: LesionStatus,
    ) -> tuple[Qualifier, ...]:
        if measurement is None or reference is None:
            return ()
        progressing = status is LesionStatus.PROGRESSING
        fragile = (
            progressing
            and facts.value is not None
            and reference.number >= 3
            and reference.second_lowest is not None
            and not grew(facts.value, reference.second_lowest)
        )
        found = {
            Qualifier.NADIR_NOT_SUSTAINED: fragile,
            Qualifier.MIXED_TECHNIQUE: _technique_differs(reference.measured, measurement),
            Qualifier.REAPPEARED: progressing and self.past.absent_last,
        }
        return tuple(qualifier for qualifier, holds in found.items() if holds)

    def _growth(
        self,
        facts: LesionFacts,
        measurement: Measurement | None,
        reference: Reference | None,
        status: LesionStatus,
    ) -> float | None:
        if status in (LesionStatus.NE, LesionStatus.TREATED_INDETERMINATE, LesionStatus.NEW_EQUIVOCAL):
            return None
        if facts.change is Change.UNEQUIVOCAL:
            return 1.0
        if measurement is None or facts.value is None or not facts.value or reference is None:
            return 0.0
        by_size = probability_of_growth(
            self._readings(reference),
            _reading(measurement, facts.value),
            same_reader=measurement.reader is not None and measurement.reader == reference.measured.reader,
            node=self.lesion.site.node,
            widened=_technique_differs(reference.measured, measurement) or _thick(measurement),
            mode=self.policy.lesion.reference_mode,
        )
        by_uptake = _uptake_probability(self.past.uptakes, measurement)
        return 1 - (1 - by_size) * (1 - by_uptake)

    def _readings(self, reference: Reference) -> list[Reading]:
        """The earlier readings that bear on the reference: the lowest ones, or the previous one."""
        own = _reading(reference.measured, reference.size)
        if self.policy.lesion.reference_mode is ReferenceMode.PREVIOUS or len(self.past.ordered) < 2:
            return [own]
        lowest = self.past.ordered[0]
        if (
            reference.size != lowest.size
            and self.policy.lesion.reference_mode is not ReferenceMode.SECOND_LOWEST
        ):
            return [own]
        return [_reading(each.measurement, Millimetres(each.size)) for each in self.past.ordered[:9]]

    def _pet_only(self, measurement: Measurement | None, novelty: Novelty | None) -> bool:
        if measurement is None:
            return False
        if novelty is not None and novelty.pet_only:
            return True
        before = self.past.uptakes
        return bool(before) and unlabelled_rise(_lowest_suv(before), measurement.uptake)


def _as_new(status: LesionStatus, because: str, novelty: Novelty) -> tuple[LesionStatus, str]:
    """The status of a lesion that is new on the course: new as long as it is there and does not shrink."""
    settled = (
        LesionStatus.ABSENT,
        LesionStatus.RESPONDING,
        LesionStatus.TREATED_CONTROLLED,
        LesionStatus.TREATED_INDETERMINATE,
        LesionStatus.PROGRESSING,
    )
    if not novelty.first_here and (status in settled or status is LesionStatus.NE):
        return status, because
    named = LesionStatus.NEW if novelty.definite else LesionStatus.NEW_EQUIVOCAL
    return named, novelty.because


def _nothing_there(lesion: Lesion, measurement: Measurement) -> bool:
    """Whether a lesion that was never seen is still not there."""
    return measurement.kind is Kind.NOT_EVALUABLE or (
        measurement.kind is Kind.ABSENT and not lesion.local_treatments
    )


def _end(treatment: LocalTreatment) -> date:
    return (treatment.ended_on or treatment.started_on).latest


def _months_since(treatments: tuple[LocalTreatment, ...], day: date) -> int | None:
    return min((whole_months(_end(each), day) for each in treatments), default=None)


def _thick(measurement: Measurement) -> bool:
    return measurement.slice_thickness is not None and measurement.slice_thickness > THIN_SLICE_UP_TO


def _technique_differs(before: Measurement, now: Measurement) -> bool:
    """Whether two sizes come from different modalities or slice thickness classes."""
    if before.modality and now.modality and before.modality != now.modality:
        return True
    both = before.slice_thickness is not None and now.slice_thickness is not None
    return both and _thick(before) != _thick(now)


def _reading(measurement: Measurement, size: Millimetres) -> Reading:
    spread = {Kind.TOO_SMALL: TOO_SMALL_SPREAD, Kind.ABSENT: 1.0}.get(measurement.kind)
    return Reading(value=size, spread=spread)


def _lowest_sul(uptakes: list[Uptake]) -> Uptake | None:
    peaks = [each.sul_peak for each in uptakes if each.sul_peak is not None]
    return Uptake(sul_peak=min(peaks)) if peaks else None


def _lowest_suv(uptakes: list[Uptake]) -> Uptake | None:
    maxima = [each.suv_max for each in uptakes if each.suv_max is not None]
    return Uptake(suv_max=min(maxima)) if maxima else None


def _uptake_progressed(earlier: list[Uptake], measurement: Measurement | None) -> bool:
    if measurement is None or measurement.uptake is None:
        return False
    return uptake_progressed(_lowest_sul(earlier), measurement.uptake)


def _uptake_probability(earlier: list[Uptake], measurement: Measurement) -> float:
    before, now = _lowest_sul(earlier), measurement.uptake
    if before is None or before.sul_peak is None or now is None or now.sul_peak is None:
        return 0.0
    return probability_of_rise(before.sul_peak, now.sul_peak)
