"""The systemic therapy a timepoint is judged on."""

from collections.abc import Sequence

from fhirgate.oncology.chart import Chart
from fhirgate.oncology.clinical_date import add_days, by_date
from fhirgate.oncology.policy import TherapyStatusPolicy
from fhirgate.oncology.progression.situation import OnLine
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.reconstruct.therapy_status import TherapyAt, therapy_status
from fhirgate.oncology.source import joined
from fhirgate.oncology.therapy import Agent, LineOfTherapy, Setting
from fhirgate.oncology.timepoint import Timepoint

BASELINE_AFTER_DAYS = 7
"""An image up to this many days after the start of a drug is still a baseline for it. Our choice."""


def on_line(
    timepoints: Sequence[Timepoint],
    position: int,
    course: Course | None,
    lines: Sequence[LineOfTherapy],
    chart: Chart,
    policy: TherapyStatusPolicy,
) -> tuple[OnLine, LineOfTherapy | None]:
    """Whether the patient is on therapy at a timepoint, and the line the timepoint belongs to.

    The line is that of the course the timepoint is judged on: the baseline image of a new line is the last
    follow-up of the line before.
    """
    timepoint = timepoints[position]
    at = therapy_status(timepoint.date, lines, chart.exposures, policy)
    line = _line_of(course, at)
    agents = _given_by(timepoint, line)
    on = OnLine(
        status=at.status,
        because=at.because,
        agents=agents,
        number=line.number if line else None,
        days=max((timepoint.date.earliest - line.start).days, 0) if line else None,
        adjuvant=line is not None and line.setting is Setting.CURATIVE,
        on_hold=at.on_hold,
        has_ici=any(agent.is_ici for agent in agents),
        ici_first_follow_up=line is not None and _first_on_ici(timepoints, position, line),
        sources=joined(at.sources, *[each.sources for each in line.exposures] if line else ()),
    )
    return on, line


def _line_of(course: Course | None, at: TherapyAt) -> LineOfTherapy | None:
    """The line of the course, else the one the patient is on."""
    return course.line if course is not None and course.line is not None else at.line


def _first_on_ici(timepoints: Sequence[Timepoint], position: int, line: LineOfTherapy) -> bool:
    """Whether no image between the start of the checkpoint inhibitor and this one has been judged before.

    The image before it is at latest the baseline: of a record that begins later, nobody can tell.
    """
    starts = [each.start for each in line.exposures if each.agent.is_ici]
    if not starts or not position:
        return False
    start = min(starts, key=by_date)
    return timepoints[position - 1].date.earliest <= add_days(start.latest, BASELINE_AFTER_DAYS)


def _given_by(timepoint: Timepoint, line: LineOfTherapy | None) -> tuple[Agent, ...]:
    """The agents of a line that had been given by a timepoint; all of them when it precedes every one."""
    if line is None:
        return ()
    begun = {each.agent.name for each in line.exposures if not each.start.surely_after(timepoint.date)}
    return tuple(each for each in line.all_agents if each.name in begun) or line.all_agents
