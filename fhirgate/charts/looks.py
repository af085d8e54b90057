"""What the marks of a lesion look like: shape and fill by what it does, small and grey where it does nothing."""

from dataclasses import dataclass

from fhirgate.charts import style
from fhirgate.charts.trajectory import Emphasis, Point, Trajectory
from fhirgate.oncology.lesion import Kind
from fhirgate.oncology.verdict import LesionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A symbol: Vega shape, area [px²], fill, stroke, width of the stroke [px], and its meaning for the key."""

    shape: str
    size: int
    fill: str
    stroke: str
    line: float
    means: str

    def row(self) -> dict[str, object]:
        """As part of a row of `marks.symbols`."""
        return {
            "shape": self.shape,
            "size": self.size,
            "fill": self.fill,
            "stroke": self.stroke,
            "line": self.line,
        }


COLOURS = {
    Emphasis.QUIET: style.QUIET,
    Emphasis.UNSURE: style.UNSURE,
    Emphasis.TREATED: style.TREATED,
    Emphasis.NEW: style.NEW,
    Emphasis.GROWING: style.GROWING,
}
WIDTHS = {
    Emphasis.QUIET: 1.2,
    Emphasis.UNSURE: 1.8,
    Emphasis.TREATED: 2.4,
    Emphasis.NEW: 3.2,
    Emphasis.GROWING: 3.2,
}
INKS = {**COLOURS, Emphasis.QUIET: style.SOFT}
"""Colours of text, dark enough to read."""


def _full(shape: str, size: int, colour: str, means: str) -> Look:
    return Look(shape=shape, size=size, fill=colour, stroke=style.PAPER, line=0.8, means=means)


def _open(shape: str, size: int, colour: str, means: str) -> Look:
    return Look(shape=shape, size=size, fill=style.PAPER, stroke=colour, line=1.6, means=means)


_BY_STATUS = {
    LesionStatus.PROGRESSING: _full("triangle-up", 130, style.GROWING, "progressing"),
    LesionStatus.NEW: _full("diamond", 150, style.NEW, "new"),
    LesionStatus.NEW_EQUIVOCAL: _open("diamond", 110, style.NEW, "perhaps new"),
    LesionStatus.EQUIVOCAL: _open("triangle-up", 70, style.UNSURE, "equivocal change"),
    LesionStatus.TREATED_INDETERMINATE: _open(
        "triangle-up", 100, style.TREATED, "change after local treatment, perhaps its effect"
    ),
}
TREATMENT = _full("cross", 130, style.TREATED, "local treatment")
REFERENCE = Look(
    shape="circle",
    size=190,
    fill="transparent",
    stroke=style.INK,
    line=1.3,
    means="size the latest is compared with (nadir)",
)


_HOLLOW = {
    Kind.NOT_EVALUABLE: (style.CROSS_OUT, 90, "not evaluable"),
    Kind.ABSENT: ("circle", 46, "gone (0 mm)"),
    Kind.TOO_SMALL: ("triangle-down", 46, "too small to measure (counts 5 mm)"),
}


def look_of(trajectory: Trajectory, point: Point) -> Look:
    """The symbol of one lesion at one timepoint."""
    special = _BY_STATUS.get(point.status) if point.status else None
    if special is not None and point.kind is not Kind.NOT_EVALUABLE:
        return special
    return _by_kind(point, COLOURS[trajectory.emphasis], node=trajectory.lesion.site.node)


def plain_look(trajectory: Trajectory, point: Point) -> Look:
    """The same in the colour of a lesion that does nothing, for the key."""
    look = look_of(trajectory, point)
    if look in _BY_STATUS.values():
        return look
    return _by_kind(point, style.SOFT, node=trajectory.lesion.site.node)


def _by_kind(point: Point, colour: str, *, node: bool) -> Look:
    """By what was read, where the status asks for no sign of its own."""
    if point.kind in _HOLLOW:
        return _open(*_HOLLOW[point.kind][:2], colour, _HOLLOW[point.kind][2])
    if point.mm is None:
        if point.kind is Kind.MERGED:
            return _open("triangle-right", 70, colour, "merged into another lesion")
        return Look(
            shape=style.TICK, size=121, fill=style.PAPER, stroke=colour, line=2.4, means="seen, no size given"
        )
    if node:
        return _full("square", 40, colour, "lymph node (short axis)")
    return _full("circle", 40, colour, "lesion (long axis)")
