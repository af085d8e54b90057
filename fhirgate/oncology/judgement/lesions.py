"""What every lesion does at every timepoint of a course."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from fhirgate.oncology.assessment import LesionVerdict
from fhirgate.oncology.clinical_date import ClinicalDate, add_days, add_months, whole_months
from fhirgate.oncology.criteria.lesion_status import LESION_STATUS, LesionFacts
from fhirgate.oncology.criteria.pet import unlabelled_rise, uptake_progressed
from fhirgate.oncology.criteria.rule import first_match
from fhirgate.oncology.criteria.sum_of_diameters import gone
from fhirgate.oncology.judgement.growth import growth_probability, nadir_not_sustained, technique_differs
from fhirgate.oncology.judgement.lesion_at import LesionAt, merged, resected
from fhirgate.oncology.judgement.newness import Newness, Novelty
from fhirgate.oncology.judgement.past import Past, Reference
from fhirgate.oncology.lesion import Change, Kind, Measurement, Role
from fhirgate.oncology.policy import Policy
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.reconstruct.history import History
from fhirgate.oncology.site import LUNG
from fhirgate.oncology.source import Sources, joined
from fhirgate.oncology.therapy import LocalTreatment, Modality
from fhirgate.oncology.timepoint import Lesion, Timepoint
from fhirgate.oncology.verdict import LesionStatus, Qualifier
from fhirgate.oncology.wording import mm

IRRADIATION = frozenset({Modality.SBRT, Modality.RADIOTHERAPY, Modality.BRACHYTHERAPY})


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
        self.site = lesion.site
        self.role = role
        self.policy = policy
        self.newness = newness
        self.past = Past()
        self.restarted: set[str] = set()
        self.begun: set[str] = set()
        self.joined: dict[str, Measurement] = {}
        self.stated: Measurement | None = None
        """The last statement of unequivocal progression on the course, unless the lesion has gone since."""

    def walk(self) -> Iterator[tuple[int, LesionAt]]:
        """The lesion at each followed timepoint where it is expected."""
        followed = frozenset(self.course.followed)
        for position in range(self.course.followed[-1] + 1):
            timepoint = self.timepoints[position]
            measurement = timepoint.measurements.get(self.lesion.id)
            if measurement is not None:
                self._join(position)
            self._treat(timepoint, measurement)
            if position in followed:
                self._look_back(timepoint)
                judged = self._judge(position, timepoint, measurement)
                if judged is not None:
                    yield position, judged
            if measurement is not None:
                self._remember(position, measurement)

    def _treat(self, timepoint: Timepoint, measurement: Measurement | None) -> None:
        """Once a local treatment has begun, the last size before it is what the next ones are compared with."""
        if not self.lesion.local_treatments:
            return
        day = measurement.taken_on if measurement is not None else timepoint.last_date
        begun = {each.id for each in self._treatments_before(day)} - self.begun
        if begun:
            self.begun |= begun
            self.past.keep_last()

    def _look_back(self, timepoint: Timepoint) -> None:
        """Without a line baseline, only so many days count."""
        if not self.course.has_line_baseline:
            days = self.policy.imaging.no_baseline_lookback_days
            self.past.forget_before(add_days(timepoint.date.earliest, -days))

    def _join(self, position: int) -> None:
        """Once it has coalesced with others, its earlier sizes are those of all of them together."""
        for other, measurement in self.newness.merged_into(self.lesion.id, position):
            if other not in self.joined and measurement.size is not None:
                self.joined[other] = measurement
                self.past.enlarge(measurement.size)

    def _expected(self, timepoint: Timepoint) -> bool:
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
        if self.stated is not None and measurement.kind is Kind.ABSENT:
            self.stated = None
        elif measurement.change is not None and position > self.course.baseline:
            self.stated = measurement if measurement.change is Change.UNEQUIVOCAL else self.stated

    def _treatments_before(self, day: ClinicalDate) -> tuple[LocalTreatment, ...]:
        given = self.lesion.local_treatments
        return tuple(each for each in given if each.started_on.surely_before(day)) if given else ()

    def _judge(self, position: int, timepoint: Timepoint, measurement: Measurement | None) -> LesionAt | None:
        """The lesion at a timepoint; None where nothing of it is expected."""
        novelty = self.newness.at(self.lesion, position)
        if measurement is None:
            if not self._expected(timepoint):
                return None
            resection = self._resection_since_seen(timepoint)
            if resection is not None:
                return resected(self.lesion, resection, novelty)
        elif not self.past.seen and novelty is None and _nothing_there(self.lesion, measurement):
            return None
        mass = self.newness.mass_of(self.lesion.id, position)
        if measurement is not None and mass:
            return merged(self.lesion, measurement, self.newness.label_of(mass))
        return self._compared(timepoint, measurement, novelty)

    def _compared(
        self, timepoint: Timepoint, measurement: Measurement | None, novelty: Novelty | None
    ) -> LesionAt:
        """The lesion against its own past."""
        day = measurement.taken_on if measurement is not None else timepoint.last_date
        treatments = self._treatments_before(day)
        reference = self.past.reference(self.policy.lesion.reference_mode)
        facts = self._facts(measurement, reference, _months_since(treatments, day.earliest))
        stated = self._still_stated(measurement, treatments) if novelty is None else None
        if stated is not None:
            facts = replace(facts, change=Change.UNEQUIVOCAL)
        verdict = first_match(LESION_STATUS, facts)
        status, rule, because = verdict.answer, verdict.rule, verdict.because
        if stated is not None:
            because = (
                f"unequivocal progression was stated {stated.taken_on}, and nothing since that it went back"
            )
        if novelty is not None and _still_new(status, novelty, facts):
            status = LesionStatus.NEW if novelty.definite else LesionStatus.NEW_EQUIVOCAL
            rule, because = novelty.rule, novelty.because
        judged = LesionVerdict(
            lesion=self.lesion,
            status=status,
            value=facts.value,
            reference=facts.reference,
            rule=rule,
            because=because,
            qualifiers=self._qualifiers(measurement, reference, status),
            visible=facts.visible,
            sources=joined(
                *self._sources(measurement, reference, treatments),
                novelty.sources if novelty else (),
                stated.sources if stated else (),
            ),
        )
        return LesionAt(
            verdict=judged,
            novelty=novelty,
            treated=bool(treatments),
            irradiated=any(each.modality in IRRADIATION for each in treatments),
            growth=1.0 if stated is not None else self._growth(measurement, reference, status),
            increased=_said_to_increase(measurement, novelty),
            pet_only=self._pet_only(measurement, novelty),
        )

    def _sources(
        self,
        measurement: Measurement | None,
        reference: Reference | None,
        treatments: Iterable[LocalTreatment],
    ) -> Iterator[Sources]:
        """Every resource with a number or a date that the verdict may name."""
        compared = (reference.measured, reference.began) if reference else ()
        uptakes = (self.past.lowest_sul, self.past.lowest_suv)
        for each in (measurement, *compared, *uptakes, *self.joined.values(), *treatments):
            if each is not None:
                yield each.sources

    def _still_stated(
        self, measurement: Measurement | None, treatments: Iterable[LocalTreatment]
    ) -> Measurement | None:
        """The statement of progression that stands for a lesion followed by words: it lasts like a size does.

        It ends with a size, an absence, a reader who now is not sure, or a local treatment.
        """
        if self.stated is None or measurement is None or measurement.kind is not Kind.PRESENT:
            return None
        if measurement.change not in (None, Change.INCREASED):
            return None
        said_on = self.stated.taken_on
        treated = any(not each.started_on.surely_before(said_on) for each in treatments)
        return None if treated else self.stated

    def _resection_since_seen(self, timepoint: Timepoint) -> LocalTreatment | None:
        """The operation after which the lesion was never seen again."""
        seen_on = self.past.last_on if not self.past.absent_last else None
        operations = [
            each
            for each in self._treatments_before(timepoint.last_date)
            if each.modality is Modality.SURGERY
            and (seen_on is None or not seen_on.surely_after(each.started_on))
        ]
        return operations[-1] if operations else None

    def _facts(
        self, measurement: Measurement | None, reference: Reference | None, treated_months_ago: int | None
    ) -> LesionFacts:
        policy = self.policy.lesion
        in_lung = self.site.organ == LUNG
        return LesionFacts(
            kind=measurement.kind if measurement else None,
            value=measurement.size if measurement else None,
            baseline=reference.baseline if reference else None,
            reference=reference.size if reference else None,
            reference_on=str(reference.measured.taken_on) if reference else "",
            node=self.site.node,
            change=measurement.change if measurement else None,
            uptake_progressed=measurement is not None
            and uptake_progressed(self.past.uptake, measurement.uptake),
            judged_by_words=self.role is Role.NON_TARGET,
            measured_before=self.past.measured,
            absent_before=self.past.absent_last,
            treated_months_ago=treated_months_ago,
            treated_window_months=(
                policy.treated_window_lung_months if in_lung else policy.treated_window_other_months
            ),
        )

    def _qualifiers(
        self, measurement: Measurement | None, reference: Reference | None, status: LesionStatus
    ) -> tuple[Qualifier, ...]:
        if measurement is None or reference is None:
            return ()
        progressing = status is LesionStatus.PROGRESSING
        size = measurement.size
        found = []
        if progressing and size is not None and nadir_not_sustained(size, reference):
            found.append(Qualifier.NADIR_NOT_SUSTAINED)
        if technique_differs(reference.measured, measurement):
            found.append(Qualifier.MIXED_TECHNIQUE)
        if progressing and self.past.absent_last:
            found.append(Qualifier.REAPPEARED)
        return tuple(found)

    def _growth(
        self, measurement: Measurement | None, reference: Reference | None, status: LesionStatus
    ) -> float | None:
        if measurement is None or status in _OPEN_ENDED:
            return None
        if measurement.change is Change.UNEQUIVOCAL:
            return 1.0
        if reference is None:
            return 0.0
        mode = self.policy.lesion.reference_mode
        return growth_probability(measurement, reference, self.past, mode, node=self.site.node)

    def _pet_only(self, measurement: Measurement | None, novelty: Novelty | None) -> bool:
        if measurement is None:
            return False
        if novelty is not None and novelty.pet_only:
            return True
        return unlabelled_rise(self.past.uptake, measurement.uptake)


_OPEN_ENDED = (LesionStatus.NE, LesionStatus.TREATED_INDETERMINATE, LesionStatus.NEW_EQUIVOCAL)
"""Statuses of which nobody can say how likely growth is."""

_SETTLED = frozenset(
    {
        LesionStatus.ABSENT,
        LesionStatus.RESPONDING,
        LesionStatus.TREATED_CONTROLLED,
        LesionStatus.TREATED_INDETERMINATE,
        LesionStatus.PROGRESSING,
    }
)
"""What a lesion that is new on the course may be called later, instead of new."""


def _still_new(status: LesionStatus, novelty: Novelty, facts: LesionFacts) -> bool:
    """Whether a lesion that is new on the course is called so: as long as it is there and does not shrink."""
    if novelty.first_here:
        return True
    there = facts.kind not in (None, Kind.NOT_EVALUABLE)
    return there and status not in _SETTLED


def _said_to_increase(measurement: Measurement | None, novelty: Novelty | None) -> bool:
    """Whether the reader says in words that it has grown, or grown further."""
    said = measurement.change if measurement is not None else None
    if said is None:
        return False
    return said is Change.INCREASED or (novelty is None and said is Change.UNEQUIVOCAL)


def _nothing_there(lesion: Lesion, measurement: Measurement) -> bool:
    """Whether a lesion that was never seen is still not there."""
    return measurement.kind is Kind.NOT_EVALUABLE or (
        measurement.kind is Kind.ABSENT and not lesion.local_treatments
    )


def _end(treatment: LocalTreatment) -> date:
    return (treatment.ended_on or treatment.started_on).latest


def _months_since(treatments: tuple[LocalTreatment, ...], day: date) -> int | None:
    return min(whole_months(_end(each), day) for each in treatments) if treatments else None
