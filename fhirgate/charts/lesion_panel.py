"""The lesions that were measured: a line each, in millimetres, with a label at its end."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from fhirgate.charts import style
from fhirgate.charts.events import event_layers, events
from fhirgate.charts.frame import Frame, middle
from fhirgate.charts.labels import shortened, spread, width
from fhirgate.charts.looks import COLOURS, INKS, REFERENCE, TREATMENT, WIDTHS, Look, look_of, plain_look
from fhirgate.charts.marks import (
    Json,
    heading,
    month_axis,
    nice_ticks,
    place,
    size_axis,
    stroke,
    strokes,
    symbols,
    time_axis,
    word,
    words,
)
from fhirgate.charts.panel import AXIS, Box, Panel, scan_lines
from fhirgate.charts.says import CHANGING, end_labels, says_point, says_treatment
from fhirgate.charts.trajectory import Emphasis, Point, Trajectory
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.lesion import Kind

_HEAD = 22
_LEAST = 230
_AIR = 1.06
"""Room above the largest size."""
_LABEL_X = style.PLOT + 26
_ROOM = style.RIGHT - 28


def lesion_panel(assessment: Assessment, drawn: Sequence[Trajectory], frame: Frame) -> Panel:
    """Lines of the lesions that were there with a size, the loudest on top; `drawn` is not empty."""
    above, lanes_high = events(assessment, drawn, frame)
    most = max(max(point.mm or 0 for each in drawn for point in each.sized) * _AIR, 1)
    ticks = [each for each in nice_ticks(most, 6) if each <= most]
    top = _HEAD + lanes_high + 8
    bottom = top + max(_LEAST, style.LINE * len(drawn) + 10)
    box = Box(top=top, bottom=bottom, most=most)
    ordered = sorted(drawn, key=lambda each: (each.emphasis, each.name, each.lesion.id))
    x, y = time_axis(frame, month_axis(frame, AXIS)), size_axis(box.most, ticks, bottom, top)
    placed = [(each, point, at) for each in ordered for point, at in levels(each)]
    layers = (
        scan_lines(assessment, frame, _HEAD, bottom),
        *event_layers(above, bottom),
        strokes(_leaders(drawn, frame, box), style.DOTS),
        strokes(_links(ordered, gaps=True), style.DASH, x, y),
        strokes(_links(ordered, gaps=False), None, x, y),
        strokes(_doubts(placed), None, x, y),
        symbols((_mark(*each) for each in placed), x, y),
        symbols(_references(ordered), x, y),
        symbols(_treated(ordered), x, y),
        *_end_labels(drawn, box),
        *heading("Lesions [mm]", "long axis; lymph nodes: short axis"),
    )
    return Panel(height=int(bottom + AXIS), layers=layers, signs=_signs(ordered))


def levels(trajectory: Trajectory) -> Iterator[tuple[Point, float]]:
    """Every point with the height to draw it at [mm]: its size, or for a gap the line between its neighbours.

    What was seen without a size lies between sizes at which it was there: only an absent lesion is at zero.
    """
    sized, visible = trajectory.sized, trajectory.visible
    for point in trajectory.points:
        if point.mm is not None:
            yield point, point.mm
        else:
            known = sized if point.kind is Kind.NOT_EVALUABLE else visible
            yield point, _between(known, middle(point.on).toordinal())


def _between(sized: Sequence[Point], day: int) -> float:
    """The height of the line at a day [mm]; before its first and after its last size it stays level."""
    known = [(middle(each.on).toordinal(), each.mm or 0.0) for each in sized]
    before = [each for each in known if each[0] <= day]
    after = [each for each in known if each[0] > day]
    if not before or not after:
        return before[-1][1] if before else after[0][1]
    (day1, low), (day2, high) = before[-1], after[0]
    return round(low + (high - low) * (day - day1) / (day2 - day1), 2)


def _links(ordered: Sequence[Trajectory], *, gaps: bool) -> Iterator[Json]:
    """From each size to the next, whole where nothing lies between; with `gaps`, the rest, through what has none."""
    for each in ordered:
        placed = list(levels(each))
        for (point, at), (following, then) in pairwise(placed):
            whole = point.mm is not None and following.mm is not None
            if whole is not gaps:
                yield {
                    "lesion": each.lesion.id,
                    "date": middle(point.on).isoformat(),
                    "mm": at,
                    "date2": middle(following.on).isoformat(),
                    "mm2": then,
                    "stroke": COLOURS[each.emphasis],
                    "line": WIDTHS[each.emphasis],
                }


def _doubts(placed: Sequence[tuple[Trajectory, Point, float]]) -> Iterator[Json]:
    """A bar over all days that a date known to the month or year may be."""
    for each, point, at in placed:
        if not point.on.is_day:
            yield {
                "date": point.on.earliest.isoformat(),
                "date2": point.on.latest.isoformat(),
                "mm": at,
                "mm2": at,
                "stroke": COLOURS[each.emphasis],
                "line": 1,
            }


def _mark(trajectory: Trajectory, point: Point, at: float) -> Json:
    return {
        "lesion": trajectory.lesion.id,
        "date": middle(point.on).isoformat(),
        "mm": at,
        "says": says_point(trajectory, point),
        **look_of(trajectory, point).row(),
    }


def _references(ordered: Sequence[Trajectory]) -> Iterator[Json]:
    """A ring around the size that a changing lesion is compared with."""
    for each in ordered:
        found = each.compared_with() if each.last.status in CHANGING else None
        if found is not None:
            yield {
                "date": middle(found.on).isoformat(),
                "mm": found.mm,
                **REFERENCE.row(),
                "stroke": COLOURS[each.emphasis],
            }


def _treated(ordered: Sequence[Trajectory]) -> Iterator[Json]:
    for each in ordered:
        for treatment in each.treatments:
            day = middle(treatment.started_on)
            yield {
                "lesion": each.lesion.id,
                "date": day.isoformat(),
                "mm": _between(each.visible, day.toordinal()),
                "says": says_treatment(each, treatment),
                **TREATMENT.row(),
            }


def _rows(drawn: Sequence[Trajectory], box: Box) -> list[tuple[Trajectory, float, float]]:
    """Each lesion with the height of its last point and that of its label [px], from the top."""
    ends = sorted(
        ((each, box.y(list(levels(each))[-1][1])) for each in drawn),
        key=lambda pair: (pair[1], pair[0].name, pair[0].lesion.id),
    )
    centres = spread([y for _, y in ends], [style.LINE] * len(ends), box.top - 4, box.bottom + style.LINE / 2)
    return [(each, y, centre) for (each, y), centre in zip(ends, centres, strict=True)]


def _leaders(drawn: Sequence[Trajectory], frame: Frame, box: Box) -> Iterator[Json]:
    """From each line's last point level to the edge, and on to its label."""
    for each, y, label in _rows(drawn, box):
        yield stroke(frame.x_of(each.last.on) + 5, y, style.PLOT, y, colour=style.QUIET, line=0.8)
        yield stroke(style.PLOT, y, style.PLOT + 10, label, colour=style.QUIET, line=0.8)


def _end_labels(drawn: Sequence[Trajectory], box: Box) -> Iterator[Json]:
    """A sign and the words for each lesion, in rows that never touch."""
    signs, texts = [], []
    for each, _, y in _rows(drawn, box):
        loud = each.emphasis is not Emphasis.QUIET
        text = label_text(each, _ROOM)
        signs.append({"x": style.PLOT + 17, "y": y, **look_of(each, each.last).row()})
        texts.append(
            {**word(_LABEL_X, y, text, fill=INKS[each.emphasis], bold=loud), "lesion": each.lesion.id}
        )
    yield symbols(signs, place("x"), place("y"))
    yield from words(texts)


def label_text(trajectory: Trajectory, room: float) -> str:
    """Name and reading in one line no wider than the room [px]; the name gives way last but one."""
    bold = trajectory.emphasis is not Emphasis.QUIET
    for value in end_labels(trajectory):
        text = f"{trajectory.name}: {value}"
        if width(text, bold=bold) <= room:
            return text
    return f"{shortened(trajectory.name, room - width(value, bold=bold) - 8, bold=bold)}: {value}"


def _signs(ordered: Sequence[Trajectory]) -> tuple[Look, ...]:
    found = [plain_look(each, point) for each in ordered for point in each.points]
    found += [REFERENCE for _ in _references(ordered)]
    found += [TREATMENT for each in ordered if each.treatments]
    return tuple(found)
