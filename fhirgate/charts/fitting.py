"""What of an assessment fits a picture: the latest of very many timepoints and treatments, the loudest of the lesions.

The renderer holds the whole process while it draws, about 0.1 ms for each mark: a record made to be long must not stop
the service. No patient met so far comes near these bounds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fhirgate.charts.frame import middle
from fhirgate.charts.trajectory import Trajectory
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.timepoint import Lesion
from fhirgate.oncology.wording import count

MOST_TIMEPOINTS = 120
"""More would lie closer than 5 px."""
MOST_LESIONS = 60
"""More lesions than this do not fit a page: those that do something are shown first."""
MOST_POINTS = 3000
"""Lesions times timepoints; more timepoints leave room for fewer lesions, but always for some."""
MOST_TREATMENTS = 8
"""Of one lesion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """An assessment as far as it is drawn, and what was left out of it."""

    assessment: Assessment
    notes: tuple[str, ...]

    @property
    def most_lesions(self) -> int:
        """How many lesions there is room for."""
        return min(MOST_LESIONS, MOST_POINTS // max(len(self.assessment.timepoints), 1))


def fitting(assessment: Assessment) -> Fitting:
    """The assessment without what is too much to draw; the same one when nothing is."""
    hidden = max(len(assessment.timepoints) - MOST_TIMEPOINTS, 0)
    treatments = sum(max(len(each.local_treatments) - MOST_TREATMENTS, 0) for each in assessment.lesions)
    if not hidden and not treatments:
        return Fitting(assessment=assessment, notes=())
    lesions = tuple(_latest_treatments(each) for each in assessment.lesions)
    return Fitting(
        assessment=replace(assessment, timepoints=assessment.timepoints[hidden:], lesions=lesions),
        notes=tuple(_notes(hidden, treatments)),
    )


def loudest(everything: Sequence[Trajectory], most: int) -> list[Trajectory]:
    """As many lesions, those that do something first; in the order given."""
    kept = {each.lesion.id for each in sorted(everything, key=lambda each: -each.emphasis)[:most]}
    return [each for each in everything if each.lesion.id in kept]


def _latest_treatments(lesion: Lesion) -> Lesion:
    ordered = sorted(lesion.local_treatments, key=lambda each: (middle(each.started_on), each.id))
    return replace(lesion, local_treatments=tuple(ordered[-MOST_TREATMENTS:]))


def _notes(timepoints: int, treatments: int) -> Iterator[str]:
    if timepoints:
        yield f"{count(timepoints, 'earlier timepoint')} not shown."
    if treatments:
        yield f"{count(treatments, 'earlier local treatment')} not shown."
