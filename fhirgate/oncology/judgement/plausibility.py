"""What a person stated on the course of disease, compared with our judgement; never overriding it."""

from collections.abc import Iterable, Sequence

from fhirgate.oncology.assessment import TimepointAssessment
from fhirgate.oncology.chart import Chart, Course, CourseStatement
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.verdict import State

NEAR_DAYS = 30
"""A statement is about the timepoint at most this many days before or after it. Our choice."""

_PROGRESSED = frozenset(
    {
        State.OLIGOPROGRESSION,
        State.LIMITED_PROGRESSION,
        State.SYSTEMIC_PROGRESSION,
        State.OLIGORECURRENCE,
        State.SYSTEMIC_RECURRENCE,
    }
)
_HELD = frozenset(
    {
        State.COMPLETE_RESPONSE,
        State.PARTIAL_RESPONSE,
        State.STABLE_DISEASE,
        State.OLIGOPERSISTENCE,
        State.OFF_THERAPY_STABLE,
        State.NED,
    }
)
_WORSE = frozenset({Course.PROGRESSION, Course.RECURRENCE})
_NOT_WORSE = frozenset({Course.COMPLETE_RESPONSE, Course.PARTIAL_RESPONSE, Course.IMPROVED, Course.STABLE})


def course_disagreements(chart: Chart, timepoints: Sequence[TimepointAssessment]) -> tuple[Finding, ...]:
    """A finding for each statement that says the opposite of the state at its timepoint."""
    return tuple(_disagreements(chart.courses, timepoints))


def _disagreements(
    statements: Iterable[CourseStatement], timepoints: Sequence[TimepointAssessment]
) -> Iterable[Finding]:
    for stated in statements:
        near = [
            (abs(stated.stated_on.least_days_since(each.timepoint.date)), position)
            for position, each in enumerate(timepoints)
        ]
        if not near or min(near)[0] > NEAR_DAYS:
            continue
        each = timepoints[min(near)[1]]
        state = each.state.answer
        if (stated.course in _WORSE and state in _HELD) or (
            stated.course in _NOT_WORSE and state in _PROGRESSED
        ):
            yield Finding(
                code="COURSE_DISAGREES",
                severity=Severity.WARNING,
                text=f"the record states {stated.course} on {stated.stated_on}, the measurements of"
                f" {each.timepoint.date} give {state}; both are shown, neither overrides the other",
                source=stated.source,
            )
