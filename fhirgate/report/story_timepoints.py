"""Each timepoint in words: the state and its reason, the response and its reason, and what moved."""

from collections.abc import Iterator

from fhirgate.oncology.assessment import LesionVerdict, TimepointAssessment
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.verdict import LesionStatus, TherapyStatus
from fhirgate.oncology.wording import listed, mm, percent_of, signed_percent
from fhirgate.report.columns import Paint, wrapped
from fhirgate.report.words import ESTRO_EORTC, QUALIFIERS, STATES, STATUSES, THERAPY, state_styles

INDENT = " " * 12
MOST_LESIONS = 12
"""More lesions than this that moved are counted, not listed; the table above has them."""

MOVED = (
    LesionStatus.PROGRESSING,
    LesionStatus.NEW,
    LesionStatus.NEW_EQUIVOCAL,
    LesionStatus.TREATED_INDETERMINATE,
    LesionStatus.NE,
    LesionStatus.EQUIVOCAL,
)
"""Statuses worth a line, in the order they are told."""


def timepoint_story(assessed: TimepointAssessment, width: int, paint: Paint) -> list[str]:
    """One timepoint in a few lines, the state first."""
    state = assessed.state.answer
    head = wrapped(
        f"{STATES[state]} [{state}], {on_line(assessed)}", width, f"{assessed.timepoint.date!s:10}  ", INDENT
    )
    lines = [paint(line, *state_styles(state)) for line in head]
    for text in details(assessed):
        lines += wrapped(text, width, INDENT, INDENT + "  ")
    return lines


def on_line(assessed: TimepointAssessment) -> str:
    """The therapy at a timepoint: line, day on it, agents."""
    line, status = assessed.line, THERAPY[assessed.therapy_status]
    if line is None or assessed.therapy_status is TherapyStatus.OFF:
        return status
    agents = " + ".join(agent.name for agent in line.agents)
    number = f"line {line.number}" if line.number else f"{line.setting.value} therapy"
    days = assessed.timepoint.date.least_days_since(ClinicalDate.of(line.start))
    day = f", day {days}" if days >= 0 else ""
    unsure = "" if assessed.therapy_status is TherapyStatus.ON else f", {status}"
    return f"{number} ({agents}){day}{unsure}"


def moved(assessed: TimepointAssessment) -> list[LesionVerdict]:
    """The lesions worth a line, the worst first."""
    found = [each for each in assessed.lesions if each.status in MOVED]
    return sorted(found, key=lambda each: MOVED.index(each.status))


def lesion_line(verdict: LesionVerdict) -> str:
    """What one lesion does and why, with what must be known of it."""
    notes = "".join(f"; {QUALIFIERS[each]}" for each in verdict.qualifiers)
    status = "" if verdict.status is LesionStatus.NE else f" {STATUSES[verdict.status]}"
    return f"{verdict.lesion.label}{status}: {verdict.because}{notes}"


def details(assessed: TimepointAssessment) -> Iterator[str]:
    """Why, then what else there is to tell: qualifiers, reasons, response, and what moved."""
    yield assessed.state.because
    yield from (f"{QUALIFIERS[each]} [{each}]" for each in assessed.qualifiers)
    yield from _reasons(assessed)
    yield from response_words(assessed)
    told = moved(assessed)
    yield from (lesion_line(each) for each in told[:MOST_LESIONS])
    if len(told) > MOST_LESIONS:
        yield f"and {len(told) - MOST_LESIONS} more such lesions"
    if assessed.estro_eortc:
        yield f"ESTRO/EORTC class: {ESTRO_EORTC[assessed.estro_eortc]} [{assessed.estro_eortc}]"


def _reasons(assessed: TimepointAssessment) -> Iterator[str]:
    """Reasons by code; their words only where the state's own do not hold them already."""
    for reason in assessed.reasons:
        said = reason.text in assessed.state.because
        yield f"reason {reason.code}" if said else f"reason {reason.code}: {reason.text}"


def response_words(assessed: TimepointAssessment) -> Iterator[str]:
    """The response and the sum of diameters, each with its reason."""
    response = assessed.response
    if response.overall is None:
        yield from _sum(assessed)
        return
    parts = [
        f"target {response.target.answer}" if response.target else "no target",
        f"non-target {response.non_target.answer}" if response.non_target else "no non-target",
        "new lesion" if response.new_lesions else "no new lesion",
    ]
    irecist = f"; iRECIST {assessed.irecist}" if assessed.irecist else ""
    yield f"RECIST 1.1 {response.overall.answer}: {', '.join(parts)}{irecist}"
    yield from _sum(assessed)
    for name, verdict in (("target", response.target), ("non-target", response.non_target)):
        # The numbers of a sum stand in the line above; what else a rule says is told.
        if verdict is not None and not verdict.because.startswith("sum "):
            yield f"{name} {verdict.answer}: {verdict.because}"


def _sum(assessed: TimepointAssessment) -> Iterator[str]:
    current = assessed.sum_of_diameters
    if current is None:
        return
    if assessed.baseline and assessed.response.overall is None:
        yield f"baseline sum of target diameters {mm(current)}"
        return
    compared = [
        f"{signed_percent(percent_of(current - earlier, earlier))} against the {name} {mm(earlier)}"
        for name, earlier in (("baseline", assessed.baseline_sum), ("nadir", assessed.nadir))
        if earlier is not None
    ]
    yield f"sum of target diameters {mm(current)}" + (f": {listed(compared)}" if compared else "")
