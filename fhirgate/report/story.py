"""The story of one patient for a terminal: where they stand and why, then how it came to that."""

from collections.abc import Iterable, Iterator

from fhirgate.oncology.assessment import Assessment, Current, TimepointAssessment
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.verdict import Qualifier, Response
from fhirgate.oncology.wording import count
from fhirgate.report.columns import Paint, wrapped
from fhirgate.report.story_doubts import how_sure, notes_on_the_data, open_questions
from fhirgate.report.story_lesions import MOST_COLUMNS, lesions_over_time
from fhirgate.report.story_support import supporting
from fhirgate.report.story_therapy import diagnoses, lines_of_therapy, local_treatments
from fhirgate.report.story_timepoints import lesion_line, moved, on_line, timepoint_story
from fhirgate.report.words import QUALIFIERS, STATES, state_styles

LEAST_WIDTH = 60
NOT_VALIDATED = (
    "Decision support for a tumour board: not medical advice, not clinically validated. "
    "Whether a lesion can be treated locally is not assessed."
)
MOST_NUMBERS = 5

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
        "Best response and first progression": _milestones(assessment, columns),
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
        lines += _lines([when, assessed.state.because, *_numbers(assessed)], width)
    lines += _lines((QUALIFIERS[each] for each in current.qualifiers if each is not Qualifier.STALE), width)
    return lines + [paint(line, "yellow") for line in _lines(_settled(current), width)]


def _settled(current: Current) -> Iterator[str]:
    """What is open now and what would settle it; what the lines above say already is not repeated."""
    said = current.assessed.state.because if current.assessed else ""
    for reason in current.reasons:
        if reason.resolved_by and reason.code != Qualifier.STALE:
            open_point = "" if reason.text in said else f"{reason.text} "
            yield f"{open_point}→ {reason.resolved_by}"
        elif current.assessed is None:
            yield reason.text


def _numbers(assessed: TimepointAssessment) -> list[str]:
    """The lesions that decide, with their numbers."""
    told = moved(assessed)
    more = [f"and {len(told) - MOST_NUMBERS} more such lesions"] if len(told) > MOST_NUMBERS else []
    return [lesion_line(each) for each in told[:MOST_NUMBERS]] + more


def _lines(texts: Iterable[str], width: int) -> list[str]:
    return [line for text in texts for line in wrapped(text, width, _HEAD, f"{_HEAD}  ")]


def _stale(assessment: Assessment, width: int, paint: Paint) -> list[str]:
    assessed = assessment.current.assessed
    if not assessment.current.stale or assessed is None:
        return []
    days = ClinicalDate.of(assessment.as_of).least_days_since(assessed.timepoint.last_date)
    text = f"STALE: the last imaging is {count(days, 'day')} old, too old to act on"
    return [paint(line, "bold", "yellow") for line in _lines([text], width)]


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


def _milestones(assessment: Assessment, width: int) -> list[str]:
    best, event = assessment.best_overall, assessment.first_progression
    lines: list[str] = []
    if best.unconfirmed is not None and best.confirmed is not None:
        unconfirmed, confirmed = (
            _on(best.unconfirmed, best.unconfirmed_on),
            _on(best.confirmed, best.confirmed_on),
        )
        lines += wrapped(f"best overall response {unconfirmed}; with confirmation {confirmed}", width)
    lines += [line for flag in best.flags for line in wrapped(QUALIFIERS[flag], width)]
    if event is not None:
        on = f" on line {event.line}" if event.line else ""
        lines += wrapped(f"first progression {event.date}{on}: {event.cause}", width)
    return lines


def _on(response: Response, day: ClinicalDate | None) -> str:
    return f"{response} on {day}" if day else response.value
