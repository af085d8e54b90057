"""The sum of target diameters, with the sums at which a response or a progression begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from fhirgate.charts import style
from fhirgate.charts.frame import Frame, middle
from fhirgate.charts.labels import spread, width
from fhirgate.charts.looks import REFERENCE, Look
from fhirgate.charts.marks import (
    Json,
    heading,
    nice_ticks,
    paper_behind,
    size_axis,
    stroke,
    strokes,
    symbols,
    time_axis,
    word,
    words,
)
from fhirgate.charts.panel import Box, Panel, scan_lines
from fhirgate.oncology.assessment import Assessment, TimepointAssessment
from fhirgate.oncology.criteria.recist_1_1 import (
    PARTIAL_RESPONSE_FACTOR,
    PROGRESSION_FACTOR,
    PROGRESSION_INCREASE,
)
from fhirgate.oncology.millimetres import Millimetres, exact
from fhirgate.oncology.wording import mm

_HEAD = 40
_BOTTOM = 160
_BELOW = 10
_AIR = 1.06
_PROGRESSION_DASH = (9, 3)
_RESPONSE_DASH = (2, 3)
_COMPLETE = Look(
    shape="circle", size=60, fill=style.INK, stroke=style.PAPER, line=0.8, means="sum of target diameters"
)
_INCOMPLETE = Look(
    shape=style.CROSS_OUT, size=90, fill=style.PAPER, stroke=style.SOFT, line=1.6, means="not evaluable"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The sums [mm] from which a timepoint was progression, and up to which partial response."""

    progression: Decimal | None
    response: Decimal | None


def limits_at(assessed: TimepointAssessment) -> Limits:
    """The limits a timepoint was judged by, from the nadir and the baseline before it."""
    nadir, baseline = assessed.nadir, assessed.baseline_sum
    grown = None if nadir is None else max(PROGRESSION_FACTOR * nadir, nadir + PROGRESSION_INCREASE)
    return Limits(
        progression=grown,
        response=None if baseline is None else PARTIAL_RESPONSE_FACTOR * baseline,
    )


def sum_panel(assessment: Assessment, frame: Frame) -> Panel | None:
    """Sums, limits and gaps; None when no timepoint has a sum."""
    timepoints = assessment.timepoints
    sums = [each.sum_of_diameters for each in timepoints if each.sum_of_diameters is not None]
    if not sums:
        return None
    limits = [limits_at(each) for each in timepoints]
    shown = [*sums, *(each for limit in limits for each in (limit.progression, limit.response) if each)]
    box = Box(top=_HEAD, bottom=_BOTTOM, most=max(float(max(shown)) * _AIR, 1))
    ticks = [each for each in nice_ticks(box.most, 4) if each <= box.most]
    x, y = time_axis(frame), size_axis(box.most, ticks, box.bottom, box.top)
    numbers = list(_numbers(timepoints, frame, box))
    grown = [(each.progression, style.GROWING) for each in limits]
    shrunk = [(each.response, style.TREATED) for each in limits]
    layers = (
        scan_lines(assessment, frame, 20, _BOTTOM + _BELOW),
        strokes(_limit_rows(timepoints, grown), _PROGRESSION_DASH, x, y),
        strokes(_limit_rows(timepoints, shrunk), _RESPONSE_DASH, x, y),
        strokes(_links(timepoints), None, x, y),
        paper_behind(numbers, align="center"),
        symbols(_marks(timepoints), x, y),
        symbols(_nadirs(timepoints), x, y),
        *words(numbers, align="center"),
        *_labels(timepoints[-1], limits[-1], box),
        *heading("Sum of target diameters [mm]", "with the overall response by RECIST 1.1"),
    )
    missing = any(_gap(each) for each in timepoints)
    signs = (
        _COMPLETE,
        *((_INCOMPLETE,) if missing else ()),
        *((REFERENCE,) if _nadirs(timepoints) else ()),
    )
    return Panel(height=_BOTTOM + _BELOW, layers=layers, signs=signs)


def _gap(assessed: TimepointAssessment) -> bool:
    """Whether a sum was due and is not complete."""
    return assessed.sum_of_diameters is None and assessed.baseline_sum is not None


def _day(assessed: TimepointAssessment) -> str:
    return middle(assessed.timepoint.date).isoformat()


def _limit_rows(
    timepoints: Sequence[TimepointAssessment], limits: Sequence[tuple[Decimal | None, str]]
) -> Iterator[Json]:
    """A limit from the timepoint before to the one it judged."""
    for (before, each), (value, colour) in zip(pairwise(timepoints), limits[1:], strict=True):
        if value is not None:
            ends = {"date": _day(before), "date2": _day(each), "mm": float(value), "mm2": float(value)}
            yield {**ends, "stroke": colour, "line": 1.6}


def _links(timepoints: Sequence[TimepointAssessment]) -> Iterator[Json]:
    """From a sum to the next one, where no timepoint between is incomplete."""
    for before, each in pairwise(timepoints):
        if before.sum_of_diameters is not None and each.sum_of_diameters is not None:
            yield {
                "date": _day(before),
                "date2": _day(each),
                "mm": float(before.sum_of_diameters),
                "mm2": float(each.sum_of_diameters),
                "stroke": style.INK,
                "line": 2,
            }


def _marks(timepoints: Sequence[TimepointAssessment]) -> Iterator[Json]:
    for each in timepoints:
        day = str(each.timepoint.date)
        if each.sum_of_diameters is not None:
            says = f"sum of diameters {day}, {mm(each.sum_of_diameters)}{_response(each)}"
            yield {"date": _day(each), "mm": float(each.sum_of_diameters), "says": says, **_COMPLETE.row()}
        elif _gap(each):
            says = f"sum of diameters {day}, not complete{_response(each)}"
            yield {"date": _day(each), "mm": 0, "says": says, **_INCOMPLETE.row()}


def _response(assessed: TimepointAssessment) -> str:
    overall = assessed.response.overall
    return f", overall response {overall.answer}" if overall else ""


def _nadirs(timepoints: Sequence[TimepointAssessment]) -> list[Json]:
    """A ring around the sum that the latest is compared with."""
    nadir = timepoints[-1].nadir
    found = [each for each in timepoints[:-1] if nadir is not None and each.sum_of_diameters == nadir]
    return [{"date": _day(found[-1]), "mm": float(nadir or 0), **REFERENCE.row()}] if found else []


def _numbers(timepoints: Sequence[TimepointAssessment], frame: Frame, box: Box) -> Iterator[Json]:
    """The sums above their points, with the overall response where both fit: the latest first, none touching."""
    taken: list[tuple[float, float]] = []
    for each in reversed(timepoints):
        overall = each.response.overall
        response = f" {overall.answer}" if overall else ""
        number = "" if each.sum_of_diameters is None else exact(each.sum_of_diameters)
        x, y = frame.x_of(each.timepoint.date), box.y(float(each.sum_of_diameters or 0))
        for text in (f"{number}{response}".strip(), number):
            half = width(text) / 2 + 3
            if text and all(x + half <= low or x - half >= high for low, high in taken):
                taken.append((x - half, x + half))
                yield word(x, y - 16, text)
                break


def _labels(latest: TimepointAssessment, limits: Limits, box: Box) -> Iterator[Json]:
    """What the latest timepoint was judged by, at the right, spread so that no two touch."""
    now = latest.sum_of_diameters
    wanted = [
        (limits.progression, "progression from", style.GROWING),
        (limits.response, "partial response up to", style.TREATED),
        (latest.nadir, "nadir", style.SOFT),
        (now, "now", style.INK),
    ]
    found = [
        (box.y(float(value)), f"{text} {mm(Millimetres(value))}", ink)
        for value, text, ink in wanted
        if value is not None
    ]
    if _gap(latest):
        found.append((box.bottom, "now not complete", style.INK))
    found.sort()
    centres = spread(
        [y for y, _, _ in found],
        [style.LINE] * len(found),
        box.top - style.LINE,
        box.bottom + style.LINE / 2,
    )
    placed = list(zip(found, centres, strict=True))
    leaders = (
        stroke(style.PLOT, y, style.PLOT + 20, centre, colour=style.QUIET, line=0.8)
        for (y, _, _), centre in placed
    )
    yield strokes(leaders, style.DOTS)
    yield from words(
        word(style.PLOT + 26, centre, text, fill=ink, bold=text.startswith("now"))
        for (_, text, ink), centre in placed
    )
