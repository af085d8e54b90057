"""The progression state at every timepoint: a ribbon, and its words with the date above."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, product

from fhirgate.charts import style
from fhirgate.charts.frame import Frame
from fhirgate.charts.labels import clean, spread, width, wrapped
from fhirgate.charts.marks import Json, boxes, place, stroke, strokes, symbols, word, words
from fhirgate.charts.panel import Panel
from fhirgate.charts.words import LOOKS, STATES, Tone, state_words
from fhirgate.oncology.assessment import Assessment, TimepointAssessment
from fhirgate.oncology.verdict import State

_STEM = 16
_RIBBON = 26
_ROOMS = (104, 80)
"""How wide the words of a state may be [px]; narrow where wide ones do not fit."""
_GAP = 10
_FARTHEST = 90
"""A label may stand this far [px] from its timepoint before the next arrangement is tried."""
_LAST = 24
"""The state to act on is never narrower than this [px], however recent."""
_LOW, _HIGH = -style.LEFT, style.PLOT + style.RIGHT
_MOST = int((_HIGH - _LOW) / style.LINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The words of one timepoint, or of several with the same state: where they point, and their centre [px]."""

    states: tuple[TimepointAssessment, ...]
    lines: tuple[str, ...]
    at: float
    centre: float
    wide: float


def state_panel(assessment: Assessment, frame: Frame) -> Panel:
    """Ribbon and words; of very many changes the latest have words. There is at least one timepoint."""
    timepoints = assessment.timepoints
    labels, upright = arranged(timepoints, frame)
    high = _words_height(labels, upright)
    ribbon = high + _STEM
    middle = ribbon + _RIBBON / 2
    ends = _ends(assessment, frame)
    layers = (
        strokes(_stems(labels, high, ribbon)),
        boxes(_blocks(timepoints, ends, middle, dashed=False)),
        boxes(
            [*_blocks(timepoints, ends, middle, dashed=True), *_silence(ends[-1], frame, middle)], style.DASH
        ),
        symbols(_ticks(timepoints, frame, middle), place("x"), place("y")),
        *(_upright(labels, high) if upright else _level(labels, high)),
    )
    shown = sum(len(each.states) for each in labels)
    hidden = len(timepoints) - shown
    notes = (f"The first {hidden} timepoints have no words for want of room.",) if hidden else ()
    return Panel(height=int(ribbon + _RIBBON + 4), layers=layers, notes=notes)


def arranged(timepoints: Sequence[TimepointAssessment], frame: Frame) -> tuple[list[Label], bool]:
    """Labels that do not overlap, and whether they stand upright.

    Each timepoint its own while they fit near their places; else one for each run of the same state; else the runs
    upright, of very many the latest.
    """
    each_its_own = [[each] for each in timepoints]
    runs = [list(run) for _, run in groupby(timepoints, key=lambda each: each.state.answer)]
    for groups, room in product((each_its_own, runs), _ROOMS):
        labels = _placed([_lines(group, room) for group in groups], groups, frame, upright=False)
        if _near(labels):
            return labels, False
    runs = runs[-_MOST:]
    return _placed([(_one_line(group),) for group in runs], runs, frame, upright=True), True


def _placed(
    texts: Sequence[tuple[str, ...]],
    groups: Sequence[Sequence[TimepointAssessment]],
    frame: Frame,
    *,
    upright: bool,
) -> list[Label]:
    points = [[frame.x_of(each.timepoint.date) for each in group] for group in groups]
    at = [(each[0] + each[-1]) / 2 for each in points]
    wide = [
        float(style.LINE) if upright else max(width(line, bold=True) for line in lines) + _GAP
        for lines in texts
    ]
    centres = spread(at, wide, _LOW, _HIGH)
    return [
        Label(states=tuple(group), lines=lines, at=x, centre=centre, wide=size)
        for group, lines, x, centre, size in zip(groups, texts, at, centres, wide, strict=True)
    ]


def _near(labels: Sequence[Label]) -> bool:
    """Whether every label stands near its place, and all of them within the picture."""
    fits = sum(each.wide for each in labels) <= _HIGH - _LOW
    return fits and all(abs(each.centre - each.at) <= _FARTHEST for each in labels)


def _lines(group: Sequence[TimepointAssessment], room: float) -> tuple[str, ...]:
    """Date and state, in short lines; of several scans their number and the first date."""
    several = (f"{len(group)} scans from",) if len(group) > 1 else ()
    said = wrapped(STATES[group[0].state.answer][0], room, 4, bold=True)
    return (*several, str(group[0].timepoint.date), *(each.replace("- ", "") for each in said))


def _one_line(group: Sequence[TimepointAssessment]) -> str:
    several = f" ({len(group)} scans)" if len(group) > 1 else ""
    return f"{group[0].timepoint.date}{several} {state_words(group[0].state.answer)}"


def _words_height(labels: Sequence[Label], upright: bool) -> int:
    if upright:
        return int(max(width(each.lines[0], bold=True) for each in labels)) + 4
    return style.LINE * max(len(each.lines) for each in labels)


def _ink(state: State) -> str:
    return style.INK if STATES[state][1] in (Tone.OLIGO, Tone.WIDE, Tone.OPEN) else style.SOFT


def _level(labels: Sequence[Label], high: int) -> Iterator[Json]:
    """Lines of text that end just above the ribbon."""
    rows = []
    for each in labels:
        top = high - style.LINE * len(each.lines)
        for number, line in enumerate(each.lines):
            y = top + style.LINE * (number + 0.5)
            dated = number < (2 if len(each.states) > 1 else 1)
            ink = style.SOFT if dated else _ink(each.states[0].state.answer)
            rows.append(word(each.centre, y, line, fill=ink, bold=not dated))
    yield from words(rows, align="center")


def _upright(labels: Sequence[Label], high: int) -> Iterator[Json]:
    rows = [
        word(each.centre, high - 2, each.lines[0], fill=_ink(each.states[0].state.answer), bold=_loud(each))
        for each in labels
    ]
    yield from words(rows, angle=-90)


def _loud(label: Label) -> bool:
    return STATES[label.states[0].state.answer][1] in (Tone.OLIGO, Tone.WIDE, Tone.OPEN)


def _stems(labels: Sequence[Label], high: int, ribbon: float) -> Iterator[Json]:
    for each in labels:
        yield stroke(each.centre, high + 2, each.at, ribbon, colour=style.QUIET)


def _ends(assessment: Assessment, frame: Frame) -> list[tuple[float, float]]:
    """From each timepoint to the next; the last to the date of judgement, or not far when it is too old by then."""
    xs = [frame.x_of(each.timepoint.date) for each in assessment.timepoints]
    least = xs[-1] + _LAST
    latest = least if assessment.current.stale else max(frame.x(frame.as_of), least)
    return list(zip(xs, [*xs[1:], latest], strict=True))


def _blocks(
    timepoints: Sequence[TimepointAssessment],
    ends: Sequence[tuple[float, float]],
    middle: float,
    *,
    dashed: bool,
) -> Iterator[Json]:
    """The ribbon: what is known until somebody looks again."""
    for each, (x, x2) in zip(timepoints, ends, strict=True):
        look = LOOKS[STATES[each.state.answer][1]]
        if look.dashed is dashed:
            says = f"{each.timepoint.date}, {state_words(each.state.answer)}: {clean(each.state.because)}"
            yield {**_block(x, max(x2, x + 2), middle, look.height), "fill": look.fill, "says": says}


def _silence(last: tuple[float, float], frame: Frame, middle: float) -> Iterator[Json]:
    """An empty outline over the time for which the last imaging is too old."""
    if frame.x(frame.as_of) > last[1]:
        says = f"no imaging until {frame.as_of}"
        yield {**_block(last[1], frame.x(frame.as_of), middle, 8), "fill": style.PAPER, "says": says}


def _block(x: float, x2: float, middle: float, height: int) -> Json:
    ends = {"x": x, "x2": x2, "y": middle - height / 2, "y2": middle + height / 2}
    return {**ends, "stroke": style.SOFT}


def _ticks(timepoints: Sequence[TimepointAssessment], frame: Frame, middle: float) -> Iterator[Json]:
    """A sign on the ribbon at each timepoint; a triangle for progression, a question left open hollow."""
    for each in timepoints:
        tone = STATES[each.state.answer][1]
        yield {
            "x": frame.x_of(each.timepoint.date),
            "y": middle,
            "shape": "triangle-up" if tone in (Tone.OLIGO, Tone.WIDE) else "circle",
            "size": 60 if tone in (Tone.OLIGO, Tone.WIDE) else 36,
            "fill": style.PAPER if tone is Tone.OPEN else style.INK,
            "stroke": style.INK if tone is not Tone.WIDE else style.PAPER,
            "line": 1.2,
        }
