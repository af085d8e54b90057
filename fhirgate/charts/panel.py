"""One part of the picture: its height and its layers, standing on the shared time axis."""

from dataclasses import dataclass

from fhirgate.charts.frame import Frame
from fhirgate.charts.looks import Look
from fhirgate.charts.marks import Json, stroke, strokes
from fhirgate.charts.style import FAINT, PLOT, QUIET
from fhirgate.oncology.assessment import Assessment

AXIS = 24
"""Height of the names of months [px]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Layers from the bottom up, in a box of this height [px]; `signs` are what the key must explain."""

    height: int
    layers: tuple[Json, ...]
    signs: tuple[Look, ...] = ()
    notes: tuple[str, ...] = ()

    def spec(self) -> Json:
        """As a view of a vertical concatenation."""
        return {"width": PLOT, "height": self.height, "layer": list(self.layers)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where sizes are drawn: from zero at `bottom` [px] to `most` [mm] at `top` [px]."""

    top: float
    bottom: float
    most: float

    def y(self, mm: float) -> float:
        """Where a size lies [px]."""
        return round(self.bottom - mm * (self.bottom - self.top) / self.most, 2)


def scan_lines(assessment: Assessment, frame: Frame, top: float, bottom: float) -> Json:
    """A faint upright line at every timepoint, a stronger one at a baseline: they tie the panels together."""
    return strokes(
        stroke(
            frame.x_of(each.timepoint.date),
            top,
            frame.x_of(each.timepoint.date),
            bottom,
            colour=QUIET if each.baseline else FAINT,
            line=1,
        )
        for each in assessment.timepoints
    )
