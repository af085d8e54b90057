"""The lesions that were never measured (bone metastases, mostly): a row of signs each."""

from collections.abc import Iterator, Sequence

from fhirgate.charts import style
from fhirgate.charts.frame import Frame, middle
from fhirgate.charts.labels import shortened, width
from fhirgate.charts.looks import INKS, TREATMENT, look_of, plain_look
from fhirgate.charts.marks import Json, heading, place, stroke, strokes, symbols, time_axis, word, words
from fhirgate.charts.panel import Panel, scan_lines
from fhirgate.charts.says import says_point, says_treatment
from fhirgate.charts.trajectory import Emphasis, Trajectory
from fhirgate.charts.words import STATUSES
from fhirgate.oncology.assessment import Assessment

_HEAD = 30
_ROW = 17


def seen_panel(assessment: Assessment, drawn: Sequence[Trajectory], frame: Frame) -> Panel:
    """One row for each lesion, those to look at first; `drawn` is not empty."""
    ordered = sorted(drawn, key=lambda each: (-each.emphasis, each.name, each.lesion.id))
    bottom = _HEAD + _ROW * (len(ordered) - 1) + 12
    placed = [(each, _HEAD + _ROW * row) for row, each in enumerate(ordered)]
    layers = (
        scan_lines(assessment, frame, _HEAD - 12, bottom),
        strokes(_threads(placed, frame)),
        symbols(_marks(placed), time_axis(frame), place("y")),
        *_labels(placed),
        *heading("Lesions without a size"),
    )
    signs = tuple(plain_look(each, point) for each in ordered for point in each.points)
    treated = tuple(TREATMENT for each in ordered if each.treatments)
    return Panel(height=bottom, layers=layers, signs=signs + treated)


def _threads(placed: Sequence[tuple[Trajectory, float]], frame: Frame) -> Iterator[Json]:
    """A thin line from the first to the last sign of a row."""
    for each, y in placed:
        yield stroke(frame.x_of(each.points[0].on), y, frame.x_of(each.last.on), y, colour=style.FAINT)


def _marks(placed: Sequence[tuple[Trajectory, float]]) -> Iterator[Json]:
    for each, y in placed:
        for point in each.points:
            yield {
                "lesion": each.lesion.id,
                "date": middle(point.on).isoformat(),
                "y": y,
                "says": says_point(each, point),
                **look_of(each, point).row(),
            }
        for treatment in each.treatments:
            yield {
                "lesion": each.lesion.id,
                "date": middle(treatment.started_on).isoformat(),
                "y": y,
                "says": says_treatment(each, treatment),
                **TREATMENT.row(),
            }


def _labels(placed: Sequence[tuple[Trajectory, float]]) -> Iterator[Json]:
    signs, texts = [], []
    for each, y in placed:
        loud = each.emphasis is not Emphasis.QUIET
        status = f": {STATUSES[each.last.status]}" if each.last.status else ""
        room = style.RIGHT - 32 - width(status, bold=loud)
        text = f"{shortened(each.name, room, bold=loud)}{status}"
        signs.append({"x": style.PLOT + 17, "y": y, **look_of(each, each.last).row()})
        texts.append(
            {
                **word(style.PLOT + 26, y, text, fill=INKS[each.emphasis], bold=loud),
                "lesion": each.lesion.id,
            }
        )
    yield symbols(signs, place("x"), place("y"))
    yield from words(texts)
