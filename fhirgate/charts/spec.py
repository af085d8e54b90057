"""The whole picture as one Vega-Lite specification: state, lesions, sum and therapy on one time axis, then the key."""

from collections.abc import Iterator

from fhirgate.charts import style
from fhirgate.charts.fitting import Fitting, fitting, loudest
from fhirgate.charts.frame import Frame, frame_of
from fhirgate.charts.key_panel import key_panel
from fhirgate.charts.lesion_panel import lesion_panel
from fhirgate.charts.marks import Json, boxes
from fhirgate.charts.panel import Panel
from fhirgate.charts.seen_panel import seen_panel
from fhirgate.charts.state_panel import state_panel
from fhirgate.charts.sum_panel import sum_panel
from fhirgate.charts.telling import subtitle, title
from fhirgate.charts.therapy_panel import therapy_panel
from fhirgate.charts.trajectory import trajectories
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.wording import count

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_BETWEEN = 8


def chart_spec(assessment: Assessment) -> Json:
    """The specification of the picture of an assessment; equal assessments give equal specifications."""
    panels = list(_panels(fitting(assessment)))
    views = [each.spec() for each in panels]
    views[0]["layer"].insert(0, _whole_width())
    return {
        "$schema": SCHEMA,
        "background": style.PAPER,
        "padding": style.PADDING,
        "title": {
            "text": title(assessment),
            "subtitle": subtitle(assessment),
            "anchor": "start",
            "frame": "bounds",
            "fontSize": style.TITLE,
            "subtitleFontSize": style.HEADING,
            "subtitleColor": style.INK,
            "subtitleLineHeight": 17,
            "subtitlePadding": 6,
            "color": style.INK,
            "offset": 14,
        },
        "vconcat": views,
        "bounds": "flush",
        "spacing": _BETWEEN,
        "config": {
            "font": style.FONT,
            "view": {"stroke": None},
            "axis": {
                "labelFontSize": style.TEXT,
                "labelColor": style.SOFT,
                "gridColor": style.GRID,
                "domainColor": style.QUIET,
                "tickColor": style.QUIET,
            },
        },
    }


def _panels(fits: Fitting) -> Iterator[Panel]:
    """From top to bottom; parts that have nothing to show are left out."""
    assessment = fits.assessment
    frame = frame_of(assessment)
    everything = trajectories(assessment)
    drawn = loudest(everything, fits.most_lesions)
    sized = [each for each in drawn if each.visible]
    seen = [each for each in drawn if not each.visible]
    panels: list[Panel] = []
    if assessment.timepoints:
        panels.append(state_panel(assessment, frame))
    if sized:
        panels.append(lesion_panel(assessment, sized, frame))
    if seen:
        panels.append(seen_panel(assessment, seen, frame))
    sums = sum_panel(assessment, frame)
    if sums is not None:
        panels.append(sums)
    panels.append(therapy_panel(assessment, frame))
    yield from panels
    notes = [note for each in panels for note in each.notes]
    signs = [sign for each in panels for sign in each.signs]
    yield key_panel(signs, [*notes, *fits.notes, *_notes(assessment, frame, len(everything) - len(drawn))])


def _notes(assessment: Assessment, frame: Frame, hidden: int) -> Iterator[str]:
    dates = [each.timepoint.date for each in assessment.timepoints]
    dates += [
        found.taken_on for each in assessment.timepoints for found in each.timepoint.measurements.values()
    ]
    dates += [each.started_on for lesion in assessment.lesions for each in lesion.local_treatments]
    if hidden:
        yield f"{count(hidden, 'more lesion')} not shown."
    if not all(each.is_day for each in dates):
        yield "A date known only to the month or year is drawn at its middle, with a bar over the days it may be."
    if frame.cut_short:
        yield f"The time axis ends before {frame.as_of}, the date of judgement."
    policy = f"rules {assessment.rules_version}, policy {assessment.policy}"
    yield f"Decision support, not validated for clinical use; {policy}."


def _whole_width() -> Json:
    """Nothing to see: it holds the picture to its full width whatever is in it."""
    ends = {"x": 1 - style.LEFT, "x2": style.PLOT + style.RIGHT - 1, "y": 0, "y2": 1}
    return boxes([{**ends, "fill": "transparent", "stroke": "transparent"}])
