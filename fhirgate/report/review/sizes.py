"""The sizes over all timepoints: what the picture shows, as a table."""

from collections.abc import Callable, Sequence

from fhirgate.oncology.assessment import Assessment, LesionVerdict, TimepointAssessment
from fhirgate.oncology.lesion import Measurement
from fhirgate.oncology.millimetres import Millimetres, exact
from fhirgate.oncology.timepoint import Lesion
from fhirgate.oncology.verdict import LesionStatus
from fhirgate.oncology.wording import count
from fhirgate.report.columns import plain
from fhirgate.report.lesion_json import roles_of
from fhirgate.report.review.compared import compared_with, reading
from fhirgate.report.review.lesions import MARKS
from fhirgate.report.review.parts import SizeCell, Sizes, SizesRow
from fhirgate.report.story_lesions import (
    name_of,
    shown_lesions,
    shown_timepoints,
    sum_change,
    therapy_at,
)
from fhirgate.report.words import ROLES, STATES, STATUSES

_UNREMARKABLE = frozenset({LesionStatus.STABLE, LesionStatus.BASELINE})
"""Statuses that the size alone says well enough."""


def sizes(assessment: Assessment) -> Sizes | None:
    """The table, targets first; None without any timepoint."""
    columns = shown_timepoints(assessment.timepoints)
    if not columns:
        return None
    roles, order = roles_of(assessment), list(ROLES)
    lesions = sorted(shown_lesions(assessment.lesions, columns), key=lambda each: order.index(roles[each.id]))
    verdicts = [{each.lesion.id: each for each in column.lesions} for column in columns]
    return Sizes(
        dates=tuple(str(each.timepoint.date) for each in columns),
        rows=(
            *(_row(each, ROLES[roles[each.id]], columns, verdicts) for each in lesions),
            *_conclusions(columns),
        ),
        left_out=tuple(_left_out(assessment, len(columns), len(lesions))),
    )


def _left_out(assessment: Assessment, columns: int, lesions: int) -> list[str]:
    hidden = {
        "earlier timepoint": len(assessment.timepoints) - columns,
        "lesion": len(assessment.lesions) - lesions,
    }
    return [f"{count(number, noun)} not shown here" for noun, number in hidden.items() if number]


def _row(
    lesion: Lesion,
    role: str,
    columns: Sequence[TimepointAssessment],
    verdicts: Sequence[dict[str, LesionVerdict]],
) -> SizesRow:
    measured = [each.timepoint.measurements.get(lesion.id) for each in columns]
    judged = [at for at, found in enumerate(verdicts) if lesion.id in found]
    reference = compared_with(verdicts[judged[-1]][lesion.id], columns[: judged[-1]]) if judged else None
    cells = tuple(
        _cell(measured[at], verdicts[at].get(lesion.id), reference is not None and measured[at] is reference)
        for at in range(len(columns))
    )
    return SizesRow(name=f"{plain(name_of(lesion))} ({role})", cells=cells)


def _cell(measured: Measurement | None, verdict: LesionVerdict | None, is_reference: bool) -> SizeCell:
    status = verdict.status if verdict else None
    text = reading(measured) if measured else ("NE" if status is LesionStatus.NE else "")
    if status is None or status in _UNREMARKABLE:
        return SizeCell(text=text, is_reference=is_reference)
    return SizeCell(text=text, status=STATUSES[status], mark=MARKS[status], is_reference=is_reference)


def _exact(size: Millimetres | None) -> str:
    return "" if size is None else exact(size)


def _conclusions(columns: Sequence[TimepointAssessment]) -> list[SizesRow]:
    """What was concluded of each timepoint; what says nothing anywhere is left out."""

    def row(name: str, of: Callable[[TimepointAssessment], str]) -> SizesRow:
        cells = tuple(SizeCell(text=plain(of(column))) for column in columns)
        return SizesRow(name=name, cells=cells, is_conclusion=True)

    rows = (
        row("Sum of targets", lambda each: _exact(each.sum_of_diameters)),
        row("Sum against baseline", lambda each: sum_change(each, each.baseline_sum)),
        row("Sum against nadir", lambda each: sum_change(each, each.nadir)),
        row("RECIST 1.1", lambda each: each.response.overall.answer.value if each.response.overall else ""),
        row("iRECIST", lambda each: each.irecist.value if each.irecist else ""),
        row("Systemic therapy", therapy_at),
        row("State", lambda each: STATES[each.state.answer]),
    )
    return [each for each in rows if any(cell.text for cell in each.cells)]
