"""Sentences for one mark: what is read out, shown on hover, or printed at a line's end. All numbers exact."""

from fhirgate.charts.labels import clean
from fhirgate.charts.trajectory import Point, Trajectory
from fhirgate.charts.words import STATUSES
from fhirgate.oncology.assessment import LesionVerdict
from fhirgate.oncology.lesion import Kind
from fhirgate.oncology.therapy import LocalTreatment
from fhirgate.oncology.verdict import LesionStatus
from fhirgate.oncology.wording import mm, signed_percent

_KINDS = {
    Kind.TOO_SMALL: "too small",
    Kind.ABSENT: "gone",
    Kind.PRESENT: "seen",
    Kind.NOT_EVALUABLE: "not evaluable",
    Kind.SPLIT: "split",
    Kind.MERGED: "merged",
}
_TOLD = {
    LesionStatus.NEW: "new",
    LesionStatus.NEW_EQUIVOCAL: "perhaps new",
    LesionStatus.PROGRESSING: "progressing",
    LesionStatus.TREATED_CONTROLLED: "treated",
    LesionStatus.TREATED_INDETERMINATE: "treated",
    LesionStatus.EQUIVOCAL: "equivocal",
}
"""Statuses worth a word at the end of a line."""


def reading(point: Point) -> str:
    """What was read at a point, in a word or a size."""
    if point.mm is None or point.measured is None or point.kind is Kind.ABSENT:
        return _KINDS.get(point.kind, "seen")
    size = mm(point.measured.size)
    return size if point.kind is Kind.MEASURED else f"{_KINDS[point.kind]}, {size}"


def says_point(trajectory: Trajectory, point: Point) -> str:
    """One point: lesion, date, size, status and why."""
    status = f", {STATUSES[point.status]}" if point.status else ""
    because = f": {clean(point.verdict.because)}" if point.verdict and point.verdict.because else ""
    read = reading(point)
    status = "" if status == f", {read}" else status
    return f"{trajectory.name}, {point.on}, {read}{status}{because}"


def says_treatment(trajectory: Trajectory, treatment: LocalTreatment) -> str:
    """One local treatment of one lesion."""
    return f"{treatment.modality} of {trajectory.name}, {treatment.started_on}"


def end_labels(trajectory: Trajectory) -> list[str]:
    """The latest reading of a lesion, of one to look at also what it does; from the fullest wording to the shortest."""
    last = trajectory.last
    shown = reading(last)
    told = _TOLD.get(last.status, "") if last.status else ""
    told = told or ("treated" if trajectory.treatments else "")
    when = "" if trajectory.current else f"on {last.on}"
    found = []
    for more in _changes(last.verdict) or ["" if told == shown else told, ""]:
        text = ", ".join(part for part in (shown, more, when) if part)
        found.append(text)
    return found


def _changes(verdict: LesionVerdict | None) -> list[str]:
    """The change of a lesion that changes, with and without what it is compared with."""
    if verdict is None or verdict.change_percent is None or verdict.status not in CHANGING:
        return []
    change = signed_percent(verdict.change_percent)
    return [f"{change} from {mm(verdict.reference).removesuffix(' mm')}", change]


CHANGING = frozenset({LesionStatus.PROGRESSING, LesionStatus.TREATED_INDETERMINATE, LesionStatus.EQUIVOCAL})
"""What is told with its change."""
