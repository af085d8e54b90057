"""The story of one patient for a terminal: where they stand and why, then how it came to that."""

from collections.abc import Iterable

from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.verdict import Qualifier
from fhirgate.oncology.wording import count
from fhirgate.report.columns import Paint, wrapped
from fhirgate.report.now import NOT_VALIDATED, milestones, numbers, settled, stale_words
from fhirgate.report.story_doubts import how_sure, notes_on_the_data, open_questions
from fhirgate.report.story_lesions import MOST_COLUMNS, lesions_over_time
from fhirgate.report.story_support import supporting
from fhirgate.report.story_therapy import diagnoses, lines_of_therapy, local_treatments
from fhirgate.report.story_timepoints import on_line, timepoint_story
from fhirgate.report.words import QUALIFIERS, STATES, state_styles

LEAST_WIDTH = 60
_HEAD = " " * 5


def tell(assessment: Assessment, *, width: int = 100, colour: bool = False) -> str:
    """The whole story in lines of at most `width` columns (at least 60), with ANSI colour on request."""
    paint, columns = Paint(colour), max(width, LEAST_WIDTH)
    sections = {
        "Diagnoses": diagnoses(assessment.diagnoses, columns),
        "Lesions over time": lesions_over_time(assessment, columns, paint),
        "Lines of therapy": lines_of_therapy(assessment.lines, columns) or ["none recorded"],
        "Local treatment": local_treatments(assessment.lesions, columns),
        "Supporting findings": supporting(assessment, columns),
        "Timepoints": _timepoints(assessment, columns, paint),
        "Best response and first progression": [
            line for text in milestones(assessment) for line in wrapped(text, columns)
        ],
        "Could not be judged, and what would settle it": open_questions(assessment, columns, paint)
        or ["nothing is left open"],
        "How sure the labels are, given measurement error alone": how_sure(assessment.timepoints, columns),
        f"Notes on the data ({count(len(assessment.findings), 'finding')})": notes_on_the_data(
            assessment.findings, columns, paint
        ),
    }
    lines = _headline(assessment, columns, paint)
    for title, body in sections.items():
        if body:
            lines += ["", paint(title.upper(), "bold", "blue"), *body]
    return "\n".join([*lines, "", *wrapped(NOT_VALIDATED, columns)]) + "\n"


def _headline(assessment: Assessment, width: int, paint: Paint) -> list[str]:
    """Who, as of when, by which rules; then the state to act on and why."""
    reader = f" · reader {assessment.reader}" if assessment.reader else ""
    by = f"preset {assessment.preset} · rules {assessment.rules_version} · policy {assessment.policy}{reader}"
    lines = [paint(line, "bold") for line in wrapped(f"PATIENT {assessment.patient.id}", width)]
    lines += wrapped(f"as of {assessment.as_of} · {by}", width)
    lines.append(paint("═" * width, "dim"))
    return lines + _now(assessment, width, paint)


def _now(assessment: Assessment, width: int, paint: Paint) -> list[str]:
    current, assessed = assessment.current, assessment.current.assessed
    state = f"{STATES[current.state]} [{current.state}]"
    styles = state_styles(current.state)
    lines = [paint(line, *styles) for line in wrapped(state, width, "NOW  ", _HEAD)]
    lines += _stale(assessment, width, paint)
    if assessed is not None:
        when = f"imaging of {assessed.timepoint.date}, {on_line(assessed)}"
        lines += _lines([when, assessed.state.because, *numbers(assessed)], width)
    lines += _lines((QUALIFIERS[each] for each in current.qualifiers if each is not Qualifier.STALE), width)
    return lines + [paint(line, "yellow") for line in _lines(settled(current), width)]


def _lines(texts: Iterable[str], width: int) -> list[str]:
    return [line for text in texts for line in wrapped(text, width, _HEAD, f"{_HEAD}  ")]


def _stale(assessment: Assessment, width: int, paint: Paint) -> list[str]:
    text = stale_words(assessment)
    return [paint(line, "bold", "yellow") for line in _lines([text], width)] if text else []


def _timepoints(assessment: Assessment, width: int, paint: Paint) -> list[str]:
    told = assessment.timepoints
    hidden = max(0, len(told) - MOST_COLUMNS)
    lines = (
        wrapped(f"{count(hidden, 'earlier timepoint')} not told here; the JSON has all", width)
        if hidden
        else []
    )
    for assessed in told[hidden:]:
        lines += timepoint_story(assessed, width, paint)
    return lines
