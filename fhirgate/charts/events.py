"""What happened between the scans, written above the lesions: local treatments, and which scan is a baseline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fhirgate.charts import style
from fhirgate.charts.frame import Frame, middle
from fhirgate.charts.labels import clean, lanes, shortened, width
from fhirgate.charts.marks import Json, paper_behind, stroke, strokes, word, words
from fhirgate.charts.trajectory import Trajectory
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.wording import listed

_FIRST_Y = 32
_MOST_LABELS = 4
MOST_EVENTS = 40
"""Each may need a lane of its own; the mark of a treatment is drawn in any case."""
_ROOM = 110
"""For the lesions of one text [px], so that it never leaves the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A text [px] with a stem down through the lesions; a baseline has its upright line already."""

    x: float
    y: float
    text: str
    treatment: bool


def events(
    assessment: Assessment, drawn: Sequence[Trajectory], frame: Frame
) -> tuple[tuple[Event, ...], int]:
    """The texts, placed in as many lanes as they need, and the height of all lanes [px]; of very many the latest."""
    found = sorted({*_treatments(drawn, frame), *_baselines(assessment, frame)})[-MOST_EVENTS:]
    at = lanes([x for x, _, _ in found], [width(text, bold=True) + 6 for _, text, _ in found])
    high = max(at, default=-1) + 1
    placed = tuple(
        Event(x=x, y=_FIRST_Y + style.LINE * (high - 1 - lane), text=text, treatment=treatment)
        for (x, text, treatment), lane in zip(found, at, strict=True)
    )
    return placed, high * style.LINE


def _treatments(drawn: Sequence[Trajectory], frame: Frame) -> Iterator[tuple[float, str, bool]]:
    """One text for all lesions treated alike on one day."""
    together: dict[tuple[str, str], list[str]] = {}
    xs: dict[tuple[str, str], float] = {}
    for each in drawn:
        for treatment in each.treatments:
            key = (str(treatment.started_on), treatment.modality.value)
            together.setdefault(key, []).append(clean(each.lesion.label))
            xs[key] = frame.x(middle(treatment.started_on))
    for (day, modality), labels in together.items():
        shown = labels if len(labels) <= _MOST_LABELS else [f"{len(labels)} lesions"]
        text = f"{modality} {shortened(listed(shown), _ROOM, bold=True)}, {day}"
        yield xs[(day, modality)], text, True


def _baselines(assessment: Assessment, frame: Frame) -> Iterator[tuple[float, str, bool]]:
    for each in assessment.timepoints:
        if each.baseline:
            yield frame.x_of(each.timepoint.date), "baseline", False


def event_layers(placed: Sequence[Event], bottom: float) -> list[Json]:
    """The texts and the stems of treatments."""
    treated = [each for each in placed if each.treatment]
    stems = [stroke(each.x, each.y - 6, each.x, bottom, colour=style.TREATED, line=1.2) for each in treated]
    texts = [
        word(
            each.x + 6,
            each.y,
            each.text,
            fill=style.TREATED if each.treatment else style.SOFT,
            bold=each.treatment,
        )
        for each in placed
    ]
    return [strokes(stems, style.DASH), paper_behind(texts), *words(texts)]
