"""The few kinds of layers the picture is made of, as Vega-Lite (https://vega.github.io/vega-lite/docs/).

Marks of facts sit on the axes, by `date` and by `mm` or `y` [px]; labels and rules sit at places [px] worked out
before.
A row with `says` is read out and shown on hover; layers without are decoration and hidden from readers of the screen.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from fhirgate.charts.frame import Frame
from fhirgate.charts.labels import width
from fhirgate.charts.style import INK, LEFT, PAPER, PLOT, SOFT, TEXT

Json = dict[str, Any]
Row = Mapping[str, object]


def milliseconds(day: date) -> int:
    """A day as Vega counts time."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def time_axis(frame: Frame, axis: Json | None = None) -> Json:
    """The x channel of what is drawn by date."""
    ends = [milliseconds(frame.begin), milliseconds(frame.end)]
    return {
        "field": "date",
        "type": "temporal",
        "scale": {"type": "utc", "domain": ends, "range": [0, PLOT], "nice": False},
        "axis": axis,
    }


def month_axis(frame: Frame, offset: int) -> Json:
    """Names of months, so many pixels above the lower edge of the panel."""
    return {
        "values": [milliseconds(each) for each in frame.ticks()],
        "format": "%b %Y",
        "grid": False,
        "title": None,
        "offset": -offset,
        "labelFlush": False,
        "labelOverlap": False,
    }


def month_layer(frame: Frame, offset: int) -> Json:
    """Names of months under a panel that has nothing else by date."""
    row = {"date": frame.begin.isoformat(), "y": 0, "shape": "circle", "size": 1, "line": 0}
    clear = {"fill": "transparent", "stroke": "transparent"}
    return symbols([{**row, **clear}], time_axis(frame, month_axis(frame, offset)), place("y"))


def size_axis(most: float, ticks: Sequence[float], bottom: float, top: float) -> Json:
    """The y channel of what is drawn by millimetres, zero at the bottom."""
    return {
        "field": "mm",
        "type": "quantitative",
        "scale": {"domain": [0, most], "range": [bottom, top], "nice": False},
        "axis": {"values": list(ticks), "title": None, "grid": True, "domain": False, "ticks": False},
    }


def place(field: str) -> Json:
    """A channel in pixels."""
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def _as_is(field: str, kind: str = "nominal") -> Json:
    return {"field": field, "type": kind, "scale": None}


def _layer(mark: Json, rows: Iterable[Row], encoding: Json) -> Json:
    values = [dict(each) for each in rows]
    spoken = any("says" in each for each in values)
    if spoken:
        encoding = {**encoding, "description": {"field": "says", "type": "nominal"}}
    return {"data": {"values": values}, "mark": {**mark, "aria": spoken}, "encoding": encoding}


def symbols(rows: Iterable[Row], x: Json, y: Json) -> Json:
    """Marks with a shape, size, fill, stroke and line width of their own."""
    return _layer(
        {"type": "point", "opacity": 1},
        rows,
        {
            "x": x,
            "y": y,
            "shape": _as_is("shape"),
            "size": _as_is("size", "quantitative"),
            "fill": _as_is("fill"),
            "stroke": _as_is("stroke"),
            "strokeWidth": _as_is("line", "quantitative"),
        },
    )


def strokes(
    rows: Iterable[Row], dash: Sequence[int] | None = None, x: Json | None = None, y: Json | None = None
) -> Json:
    """Straight strokes with a colour and width of their own; in pixels unless axes are given."""
    by_date, by_size = x is not None, y is not None
    mark: Json = {"type": "rule", "strokeCap": "round" if dash is None else "butt", "opacity": 1}
    if dash is not None:
        mark["strokeDash"] = list(dash)
    return _layer(
        mark,
        rows,
        {
            "x": x or place("x"),
            "x2": {"field": "date2" if by_date else "x2"},
            "y": y or place("y"),
            "y2": {"field": "mm2" if by_size else "y2"},
            "stroke": _as_is("stroke"),
            "strokeWidth": _as_is("line", "quantitative"),
        },
    )


def boxes(rows: Iterable[Row], dash: Sequence[int] | None = None) -> Json:
    """Rectangles in pixels with a fill and a stroke of their own."""
    mark: Json = {"type": "rect", "opacity": 1}
    if dash is not None:
        mark["strokeDash"] = list(dash)
    return _layer(
        mark,
        rows,
        {
            "x": place("x"),
            "x2": {"field": "x2"},
            "y": place("y"),
            "y2": {"field": "y2"},
            "fill": _as_is("fill"),
            "stroke": _as_is("stroke"),
        },
    )


def words(rows: Iterable[Row], *, align: str = "left", angle: int = 0) -> list[Json]:
    """Texts in pixels, on their middle line; the bold ones in a layer of their own."""
    every = list(rows)
    layers = []
    for bold in (False, True):
        chosen = [each for each in every if each["bold"] is bold]
        mark: Json = {"type": "text", "align": align, "baseline": "middle", "angle": angle, "fontSize": TEXT}
        if bold:
            mark["fontWeight"] = "bold"
        encoding = {
            "x": place("x"),
            "y": place("y"),
            "text": {"field": "text", "type": "nominal"},
            "fill": _as_is("fill"),
        }
        if chosen:
            layers.append(_layer(mark, chosen, encoding))
    return layers


def word(x: float, y: float, text: str, *, fill: str = INK, bold: bool = False) -> Json:
    """One row of `words`."""
    return {
        "x": round(x, 2),
        "y": round(y, 2),
        "text": text,
        "fill": fill,
        "bold": bold,
    }


def paper_behind(rows: Iterable[Json], *, align: str = "left") -> Json:
    """White boxes behind texts, so that lines do not run through them."""
    boxed = []
    for each in rows:
        wide = width(each["text"], bold=each["bold"])
        x = each["x"] - (wide / 2 if align == "center" else 0)
        ends = {"x": x - 2, "x2": x + wide + 2, "y": each["y"] - 7, "y2": each["y"] + 7}
        boxed.append({**ends, "fill": PAPER, "stroke": PAPER})
    return boxes(boxed)


def heading(text: str, more: str = "") -> list[Json]:
    """What a panel shows, at its upper left; `more` in softer ink behind it."""
    rows = [word(-LEFT, 9, text, bold=True)]
    if more:
        rows.append(word(width(text, bold=True) + 8 - LEFT, 9, more, fill=SOFT))
    return words(rows)


def stroke(x: float, y: float, x2: float, y2: float, *, colour: str, line: float = 1) -> Json:
    """One row of `strokes` in pixels."""
    return {
        "x": round(x, 2),
        "y": round(y, 2),
        "x2": round(x2, 2),
        "y2": round(y2, 2),
        "stroke": colour,
        "line": line,
    }


def nice_ticks(most: float, about: int) -> list[float]:
    """Round numbers from zero to just above `most`."""
    step = next(
        size * 10**power for power in range(12) for size in (1, 2, 5) if most <= size * 10**power * about
    )
    count = int(-(-most // step)) or 1
    return [step * each for each in range(count + 1)]
