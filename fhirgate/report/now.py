"""Where a patient stands and how it came to that, in sentences."""

from collections.abc import Iterator

from fhirgate.oncology.assessment import Assessment, Current, TimepointAssessment
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.verdict import Qualifier, Response
from fhirgate.oncology.wording import count
from fhirgate.report.story_timepoints import lesion_line, moved
from fhirgate.report.words import QUALIFIERS

NOT_VALIDATED = (
    "Decision support for a tumour board: not medical advice, not clinically validated. "
    "Whether a lesion can be treated locally is not assessed."
)
MOST_NUMBERS = 5


def settled(current: Current) -> Iterator[str]:
    """What is open now and what would settle it; what the state's own reason says already is not repeated."""
    said = current.assessed.state.because if current.assessed else ""
    for reason in current.reasons:
        if reason.resolved_by and reason.code != Qualifier.STALE:
            open_point = "" if reason.text in said else f"{reason.text} "
            yield f"{open_point}→ {reason.resolved_by}"
        elif current.assessed is None:
            yield reason.text


def numbers(assessed: TimepointAssessment) -> list[str]:
    """The lesions that decide, with their numbers."""
    told = moved(assessed)
    more = [f"and {len(told) - MOST_NUMBERS} more such lesions"] if len(told) > MOST_NUMBERS else []
    return [lesion_line(each) for each in told[:MOST_NUMBERS]] + more


def stale_words(assessment: Assessment) -> str:
    """That the last imaging is too old to act on; empty when it is not."""
    assessed = assessment.current.assessed
    if not assessment.current.stale or assessed is None:
        return ""
    days = ClinicalDate.of(assessment.as_of).least_days_since(assessed.timepoint.last_date)
    return f"STALE: the last imaging is {count(days, 'day')} old, too old to act on"


def milestones(assessment: Assessment) -> Iterator[str]:
    """Best response and first progression."""
    best, event = assessment.best_overall, assessment.first_progression
    if best.unconfirmed is not None and best.confirmed is not None:
        unconfirmed = _on(best.unconfirmed, best.unconfirmed_on)
        confirmed = _on(best.confirmed, best.confirmed_on)
        yield f"best overall response {unconfirmed}; with confirmation {confirmed}"
    yield from (QUALIFIERS[flag] for flag in best.flags)
    if event is not None:
        on = f" on line {event.line}" if event.line else ""
        yield f"first progression {event.date}{on}: {event.cause}"


def _on(response: Response, day: ClinicalDate | None) -> str:
    return f"{response} on {day}" if day else response.value
