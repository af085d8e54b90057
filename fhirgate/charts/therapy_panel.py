"""Lines of systemic therapy as bars: number and agents above, segments within, an arrow while it lasts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fhirgate.charts import style
from fhirgate.charts.frame import Frame
from fhirgate.charts.labels import clean, shortened, width
from fhirgate.charts.marks import (
    Json,
    boxes,
    heading,
    month_layer,
    paper_behind,
    place,
    stroke,
    strokes,
    symbols,
    word,
    words,
)
from fhirgate.charts.panel import AXIS, Panel, scan_lines
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.therapy import Evidence, LineOfTherapy, Setting
from fhirgate.oncology.wording import count

_HEAD = 26
_ROW = 34
_BAR = 12
_MOST = 12
_PLAIN = {"shape": "triangle-right", "size": 110, "fill": style.THERAPY, "stroke": style.THERAPY, "line": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One line of therapy in its row: from `x` to `x2` known exposure, on to `x3` as far as it goes on [px]."""

    line: LineOfTherapy
    y: float
    x: float
    x2: float
    x3: float
    text: str
    before: bool
    """Whether it began before the axis does."""

    @property
    def open(self) -> bool:
        """Whether it still goes on."""
        return self.line.end is None

    @property
    def hollow(self) -> bool:
        """Whether it is drawn without filling: curative intent, or nothing shows that the drug was received."""
        return self.line.setting is Setting.CURATIVE or self.line.evidence is Evidence.ORDERED_ONLY


def therapy_panel(assessment: Assessment, frame: Frame) -> Panel:
    """A row for each line, the first on top; of very many the latest."""
    lines = assessment.lines[-_MOST:]
    bars = [_bar(line, row, frame) for row, line in enumerate(lines)]
    bottom = _HEAD + _ROW * max(len(bars), 1) + 2
    layers: tuple[Json, ...] = (
        scan_lines(assessment, frame, _HEAD - 6, bottom),
        boxes(_known(bars, hollow=False)),
        boxes(_known(bars, hollow=True), style.DASH),
        strokes(_going_on(bars), style.DASH),
        strokes(_cuts(bars, frame)),
        symbols(_arrows(bars), place("x"), place("y")),
        *words(_letters(bars, frame), align="center"),
        paper_behind(_texts(bars)),
        *words(_texts(bars)),
        *heading("Systemic therapy"),
    )
    if assessment.lines or assessment.timepoints:
        layers = (*layers, month_layer(frame, AXIS))
    hidden = len(assessment.lines) - len(lines)
    notes = (f"{count(hidden, 'earlier line')} of therapy not shown.",) if hidden else ()
    return Panel(height=bottom + AXIS, layers=layers, notes=notes + _notes(bars))


def line_text(line: LineOfTherapy, frame: Frame) -> str:
    """Number and agents of a line; its start where the axis does not show it, how it is known where that is weak."""
    name = f"Line {line.number}" if line.number else line.setting.value.capitalize()
    agents = " + ".join(clean(agent.name) for agent in line.agents) or "agent not known"
    more = [
        f"then {' + '.join(clean(agent.name) for agent in line.maintenance)}" if line.maintenance else "",
        f"since {line.start}" if line.start < frame.begin and line.end is None else "",
        f"{line.start} to {line.end}" if line.start < frame.begin and line.end else "",
        "ordered only" if line.evidence is Evidence.ORDERED_ONLY else "",
    ]
    return ", ".join([f"{name}: {agents}", *(each for each in more if each)])


def _bar(line: LineOfTherapy, row: int, frame: Frame) -> Bar:
    until = line.end or frame.as_of
    known = min(line.last_exposure, until)
    return Bar(
        line=line,
        y=_HEAD + _ROW * row,
        x=frame.x(line.start),
        x2=max(frame.x(known), frame.x(line.start) + 3),
        x3=frame.x(until),
        text=line_text(line, frame),
        before=line.start < frame.begin,
    )


def _middle(bar: Bar) -> float:
    return bar.y + 16 + _BAR / 2


def _known(bars: Sequence[Bar], *, hollow: bool) -> Iterator[Json]:
    for each in bars:
        if each.hollow is hollow:
            line = each.line
            end = f"to {line.end}" if line.end else f"ongoing, last known {line.last_exposure}"
            yield {
                "x": each.x,
                "x2": each.x2,
                "y": each.y + 16,
                "y2": each.y + 16 + _BAR,
                "fill": style.PAPER if hollow else style.THERAPY,
                "stroke": style.THERAPY,
                "says": f"{each.text}, from {line.start} {end}",
            }


def _going_on(bars: Sequence[Bar]) -> Iterator[Json]:
    """From the last known exposure to the end of the line, or to now."""
    for each in bars:
        if each.x3 > each.x2:
            yield stroke(each.x2, _middle(each), each.x3, _middle(each), colour=style.THERAPY, line=2)


def _arrows(bars: Sequence[Bar]) -> Iterator[Json]:
    for each in bars:
        if each.open:
            yield {**_PLAIN, "x": max(each.x3, each.x2) + 4, "y": _middle(each)}
        if each.before:
            yield {**_PLAIN, "shape": "triangle-left", "x": each.x - 4, "y": _middle(each)}


def _spans(bar: Bar, frame: Frame) -> list[tuple[str, float, float]]:
    """The segments of a line [px], when there are several."""
    if len(bar.line.segments) < 2:
        return []
    ends: list[tuple[str, date, date]] = [
        (each.label, each.start, (each.end + timedelta(days=1)) if each.end else frame.as_of)
        for each in bar.line.segments
    ]
    return [(label, frame.x(start), frame.x(end)) for label, start, end in ends]


def _cuts(bars: Sequence[Bar], frame: Frame) -> Iterator[Json]:
    """White cuts between segments."""
    for each in bars:
        for _, start, _ in _spans(each, frame)[1:]:
            yield stroke(start, each.y + 14, start, each.y + 18 + _BAR, colour=style.PAPER, line=4)


def _letters(bars: Sequence[Bar], frame: Frame) -> Iterator[Json]:
    """The letter of a segment within it, where there is room."""
    for each in bars:
        for label, start, end in _spans(each, frame):
            low, high = max(start, each.x), min(end, each.x2)
            if high - low >= width(label, bold=True) + 4:
                ink = style.INK if each.hollow else style.PAPER
                yield word((low + high) / 2, _middle(each), label, fill=ink, bold=True)


def _texts(bars: Sequence[Bar]) -> Iterator[Json]:
    """Above each bar, moved left where it would leave the picture."""
    room = style.PLOT + style.RIGHT - 4
    for each in bars:
        text = shortened(each.text, room)
        x = min(each.x, room - width(text))
        yield word(x, each.y + 7, text)
    if not bars:
        yield word(0, _HEAD + 10, "No line of therapy known", fill=style.SOFT)


def _notes(bars: Sequence[Bar]) -> tuple[str, ...]:
    found = []
    if any(each.open and each.x3 > each.x2 for each in bars):
        found.append("A therapy bar is dashed from the last known exposure on.")
    if any(each.hollow for each in bars):
        found.append("A hollow therapy bar: curative setting, or ordered only.")
    return tuple(found)
