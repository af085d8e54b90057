"""Lesions as they are drawn: where each was seen, how big, what it did, and what was done to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from fhirgate.charts.frame import middle
from fhirgate.charts.labels import clean
from fhirgate.oncology.assessment import Assessment, LesionVerdict, TimepointAssessment
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.lesion import Kind, Measurement
from fhirgate.oncology.therapy import LocalTreatment
from fhirgate.oncology.timepoint import Lesion
from fhirgate.oncology.verdict import LesionStatus


class Emphasis(IntEnum):
    """How much a lesion asks to be looked at; what is higher is drawn on top."""

    QUIET = 0
    UNSURE = 1
    TREATED = 2
    NEW = 3
    GROWING = 4


_EMPHASIS = {
    LesionStatus.PROGRESSING: Emphasis.GROWING,
    LesionStatus.NEW: Emphasis.NEW,
    LesionStatus.NEW_EQUIVOCAL: Emphasis.NEW,
    LesionStatus.TREATED_CONTROLLED: Emphasis.TREATED,
    LesionStatus.TREATED_INDETERMINATE: Emphasis.TREATED,
    LesionStatus.EQUIVOCAL: Emphasis.UNSURE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One lesion at one timepoint; `measured` None when the scan was expected to show it and says nothing."""

    on: ClinicalDate
    measured: Measurement | None
    verdict: LesionVerdict | None

    @property
    def kind(self) -> Kind:
        """What the reading is."""
        return self.measured.kind if self.measured else Kind.NOT_EVALUABLE

    @property
    def status(self) -> LesionStatus | None:
        """What the lesion does there."""
        return self.verdict.status if self.verdict else None

    @property
    def mm(self) -> float | None:
        """Its size for drawing [mm]."""
        if self.measured is None or self.measured.size is None or self.kind is Kind.NOT_EVALUABLE:
            return None
        return float(self.measured.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """One lesion over time; the first point is its first sighting. Never empty.

    `current` is False when the latest timepoint says nothing of it and need not.
    """

    lesion: Lesion
    points: tuple[Point, ...]
    treatments: tuple[LocalTreatment, ...] = ()
    current: bool = True

    @property
    def sized(self) -> tuple[Point, ...]:
        """The points that have a size."""
        return tuple(each for each in self.points if each.mm is not None)

    @property
    def visible(self) -> tuple[Point, ...]:
        """The points with a size at which it was there; without any, it has no line."""
        return tuple(each for each in self.sized if each.kind is not Kind.ABSENT)

    @property
    def last(self) -> Point:
        """Its latest point."""
        return self.points[-1]

    @property
    def emphasis(self) -> Emphasis:
        """How much it asks to be looked at now."""
        now = _EMPHASIS.get(self.last.status, Emphasis.QUIET) if self.last.status else Emphasis.QUIET
        return max(now, Emphasis.TREATED) if self.treatments else now

    @property
    def name(self) -> str:
        """Label and place, each said once."""
        label, site = clean(self.lesion.label), clean(str(self.lesion.site))
        return label if site.casefold() in label.casefold() else f"{label} {site}"

    def compared_with(self) -> Point | None:
        """The earlier point whose size the latest is compared with (the nadir, by default)."""
        verdict = self.last.verdict
        if verdict is None or verdict.reference is None:
            return None
        found = [
            each for each in self.sized[:-1] if each.measured and each.measured.size == verdict.reference
        ]
        return found[-1] if found else None


def trajectories(assessment: Assessment) -> list[Trajectory]:
    """Every lesion that any timepoint tells of, by label; the order in the record changes nothing."""
    verdicts = [{each.lesion.id: each for each in at.lesions} for at in assessment.timepoints]
    scans = tuple(zip(assessment.timepoints, verdicts, strict=True))
    found = (_trajectory(lesion, scans) for lesion in assessment.lesions)
    return sorted((each for each in found if each), key=lambda each: (each.name, each.lesion.id))


_Scans = Sequence[tuple[TimepointAssessment, Mapping[str, LesionVerdict]]]


def _trajectory(lesion: Lesion, scans: _Scans) -> Trajectory | None:
    placed = list(_points(lesion, scans))
    if not placed:
        return None
    return Trajectory(
        lesion=lesion,
        points=tuple(point for _, point in placed),
        treatments=tuple(
            sorted(lesion.local_treatments, key=lambda each: (middle(each.started_on), each.id))
        ),
        current=placed[-1][0] == len(scans) - 1,
    )


def _points(lesion: Lesion, scans: _Scans) -> Iterator[tuple[int, Point]]:
    """From the first sighting on: a lesion said to be absent before it was ever there is not yet drawn.

    A timepoint that was not expected to show the lesion and does not is no point.
    """
    seen = False
    for position, (assessed, verdicts) in enumerate(scans):
        measured = assessed.timepoint.measurements.get(lesion.id)
        verdict = verdicts.get(lesion.id)
        seen = seen or (measured is not None and measured.kind is not Kind.ABSENT)
        if not seen:
            continue
        if measured is not None:
            yield position, Point(on=measured.taken_on, measured=measured, verdict=verdict)
        elif verdict is not None and verdict.status is LesionStatus.NE:
            yield position, Point(on=assessed.timepoint.date, measured=None, verdict=verdict)
