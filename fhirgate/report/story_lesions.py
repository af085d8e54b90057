"""Lesions over time as a table, with sums, response, therapy and state below on the same columns."""

from collections.abc import Callable, Sequence

from fhirgate.oncology.assessment import Assessment, LesionVerdict, TimepointAssessment
from fhirgate.oncology.lesion import Kind, Measurement, Role
from fhirgate.oncology.millimetres import Millimetres, exact
from fhirgate.oncology.timepoint import Lesion
from fhirgate.oncology.verdict import LesionStatus, TherapyStatus
from fhirgate.oncology.wording import count, percent_of, signed_percent
from fhirgate.report.columns import Paint, flowed, wrapped
from fhirgate.report.lesion_json import roles_of
from fhirgate.report.table import Cell, Row, laid_out
from fhirgate.report.words import MARKS, ROLES, SHORT_STATES, STATUSES, state_styles

MOST_COLUMNS = 24
"""More timepoints than this are not shown in full; the JSON has them all."""
MOST_ROWS = 60

_KINDS = {
    Kind.MEASURED: "",
    Kind.TOO_SMALL: "tsm",
    Kind.ABSENT: "0",
    Kind.PRESENT: "seen",
    Kind.NOT_EVALUABLE: "NE",
    Kind.SPLIT: "split",
    Kind.MERGED: "merged",
}
_STYLES: dict[LesionStatus, tuple[str, ...]] = {
    LesionStatus.PROGRESSING: ("bold", "red"),
    LesionStatus.NEW: ("bold", "red"),
    LesionStatus.RESPONDING: ("green",),
    LesionStatus.ABSENT: ("green",),
    LesionStatus.NE: ("yellow",),
    LesionStatus.EQUIVOCAL: ("yellow",),
    LesionStatus.NEW_EQUIVOCAL: ("yellow",),
    LesionStatus.TREATED_INDETERMINATE: ("yellow",),
}
_NADIR = "N"
_URGENT = frozenset(LesionStatus) - {
    LesionStatus.STABLE,
    LesionStatus.ABSENT,
    LesionStatus.RESPONDING,
    LesionStatus.BASELINE,
}


def lesions_over_time(assessment: Assessment, width: int, paint: Paint) -> list[str]:
    """The table with its legend and what was left out of it."""
    columns = shown_timepoints(assessment.timepoints)
    if not columns:
        return ["no timepoint"]
    roles = roles_of(assessment)
    order = list(Role)
    lesions = sorted(shown_lesions(assessment.lesions, columns), key=lambda each: order.index(roles[each.id]))
    verdicts = [{each.lesion.id: each for each in column.lesions} for column in columns]
    rows = [
        Row("", tuple(Cell(str(each.timepoint.date), styles=("bold",)) for each in columns)),
        Row("", tuple(Cell("baseline" if each.baseline else "") for each in columns)),
        *(_lesion_row(lesion, roles[lesion.id], columns, verdicts) for lesion in lesions),
        *_summary(columns),
    ]
    lines = laid_out(rows, width, paint)
    lines += flowed(_legend(rows), width)
    return lines + _left_out(assessment, len(columns), len(lesions), width)


def shown_timepoints(timepoints: Sequence[TimepointAssessment]) -> Sequence[TimepointAssessment]:
    """All timepoints, or the first and the latest of very many."""
    if len(timepoints) <= MOST_COLUMNS:
        return timepoints
    return (timepoints[0], *timepoints[1 - MOST_COLUMNS :])


def shown_lesions(lesions: Sequence[Lesion], columns: Sequence[TimepointAssessment]) -> Sequence[Lesion]:
    """All lesions, or of very many those that do something at the latest timepoint first."""
    if len(lesions) <= MOST_ROWS:
        return lesions
    urgent = {each.lesion.id for each in columns[-1].lesions if each.status in _URGENT}
    first = sorted(lesions, key=lambda each: each.id not in urgent)[:MOST_ROWS]
    chosen = {each.id for each in first}
    return [each for each in lesions if each.id in chosen]


def _left_out(assessment: Assessment, columns: int, rows: int, width: int) -> list[str]:
    hidden = {"timepoint": len(assessment.timepoints) - columns, "lesion": len(assessment.lesions) - rows}
    lines: list[str] = []
    for noun, number in hidden.items():
        if number:
            lines += wrapped(f"{count(number, f'more {noun}')} not shown here; the JSON has all", width)
    return lines


def _lesion_row(
    lesion: Lesion,
    role: Role,
    columns: Sequence[TimepointAssessment],
    verdicts: Sequence[dict[str, LesionVerdict]],
) -> Row:
    nadir = compared_with(lesion.id, columns, verdicts)
    cells = tuple(
        _cell(column.timepoint.measurements.get(lesion.id), verdicts[at].get(lesion.id), at == nadir)
        for at, column in enumerate(columns)
    )
    return Row(name_of(lesion), cells, ROLES[role], numbers=True)


def name_of(lesion: Lesion) -> str:
    """A lesion's label with its site, each said once."""
    site = str(lesion.site)
    return lesion.label if site.casefold() in lesion.label.casefold() else f"{lesion.label} {site}"


def compared_with(
    lesion: str, columns: Sequence[TimepointAssessment], verdicts: Sequence[dict[str, LesionVerdict]]
) -> int | None:
    """The column of the size that the latest one was compared with."""
    judged = [at for at, each in enumerate(verdicts) if lesion in each and each[lesion].reference is not None]
    if not judged:
        return None
    reference = verdicts[judged[-1]][lesion].reference
    for at in range(judged[-1] - 1, -1, -1):
        measurement = columns[at].timepoint.measurements.get(lesion)
        if measurement is not None and measurement.size == reference:
            return at
    return None


def _cell(measurement: Measurement | None, verdict: LesionVerdict | None, nadir: bool) -> Cell:
    value = reading_words(measurement) if measurement else ("NE" if _missing(verdict) else "")
    marks = [MARKS[verdict.status] if verdict else "", _NADIR if nadir else ""]
    return Cell(value, " ".join(filter(None, marks)), _STYLES.get(verdict.status, ()) if verdict else ())


def _missing(verdict: LesionVerdict | None) -> bool:
    return verdict is not None and verdict.status is LesionStatus.NE


def reading_words(measurement: Measurement) -> str:
    """What was read, in a word, a number [mm], or both."""
    word = _KINDS[measurement.kind]
    if measurement.size is None or measurement.kind in (Kind.TOO_SMALL, Kind.ABSENT):
        return word or "seen"
    return f"{word} {exact(measurement.size)}".strip()


def _summary(columns: Sequence[TimepointAssessment]) -> list[Row]:
    """What was concluded of each column; rows that say nothing anywhere are left out by the table."""

    def row(name: str, of: Callable[[TimepointAssessment], str]) -> Row:
        return Row(name, tuple(Cell(of(column)) for column in columns))

    sums = tuple(Cell("" if (size := each.sum_of_diameters) is None else exact(size)) for each in columns)
    return [
        Row("", tuple(Cell("─" * 10, styles=("dim",)) for _ in columns)),
        Row("Sum of targets", sums, numbers=True),
        row("Sum vs baseline", lambda each: sum_change(each, each.baseline_sum)),
        row("Sum vs nadir", lambda each: sum_change(each, each.nadir)),
        row("RECIST 1.1", lambda each: each.response.overall.answer.value if each.response.overall else ""),
        row("iRECIST", lambda each: each.irecist.value if each.irecist else ""),
        row("Systemic therapy", therapy_at),
        Row("State", tuple(_state(column) for column in columns)),
    ]


def sum_change(assessed: TimepointAssessment, earlier: Millimetres | None) -> str:
    """The change of the sum of diameters against an earlier one; empty where there is none to tell."""
    current = assessed.sum_of_diameters
    only_baseline = assessed.baseline and assessed.response.overall is None
    if current is None or earlier is None or only_baseline:
        return ""
    return signed_percent(percent_of(current - earlier, earlier))


def therapy_at(assessed: TimepointAssessment) -> str:
    """The line and segment of a timepoint, or that there is none, in a few letters."""
    if assessed.therapy_status is not TherapyStatus.ON:
        return assessed.therapy_status.value
    line = assessed.line
    if line is None or line.number is None:
        return "on"
    day = assessed.timepoint.date.earliest
    segment = next((s.label for s in line.segments if s.start <= day and (s.end is None or day <= s.end)), "")
    return f"line {line.number}{segment.removeprefix(str(line.number))}"


def _state(assessed: TimepointAssessment) -> Cell:
    state = assessed.state.answer
    return Cell(SHORT_STATES[state], styles=state_styles(state))


def _legend(rows: Sequence[Row]) -> list[str]:
    """What the signs that occur in the table mean."""
    signs = {sign for row in rows for cell in row.cells for sign in cell.mark.split()}
    words = {cell.value.split()[0] for row in rows for cell in row.cells if cell.value}
    parts = [f"{mark} {STATUSES[status]}" for status, mark in MARKS.items() if mark in signs]
    if _NADIR in signs:
        parts.append(f"{_NADIR} the size the latest is compared with")
    if "NE" in words:
        parts.append("NE not evaluable")
    if "tsm" in words:
        parts.append("tsm too small to measure, counts 5")
    *most, last = ["sizes in mm", *parts]
    return [*(f"{part} ·" for part in most), last]
