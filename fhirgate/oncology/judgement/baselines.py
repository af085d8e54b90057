"""What must be known about the baseline a line is judged from: that there is none, or that it is old.

A line's baseline is the image nearest to its start; RECIST 1.1 §4.1 asks for at most four weeks before, and the
policy's wider window is our choice. What is missing or late is said, never made up for in silence.
"""

from collections.abc import Sequence

from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.policy import ImagingPolicy
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.source import joined
from fhirgate.oncology.therapy import LineOfTherapy, Setting
from fhirgate.oncology.timepoint import Timepoint
from fhirgate.oncology.verdict import Reason
from fhirgate.oncology.wording import count, listed

FOUR_WEEKS = 28
"""Most days between the baseline image and the start of treatment. Source: RECIST 1.1 §4.1."""


def baseline_doubts(
    course: Course, timepoints: Sequence[Timepoint], policy: ImagingPolicy
) -> tuple[Reason, ...]:
    """The reason that goes with every state on a line without a baseline.

    A curative line begins without disease to image, so none is asked for.
    """
    line, used = course.line, timepoints[course.baseline]
    if line is None or line.setting is Setting.CURATIVE or course.has_line_baseline:
        return ()
    before, after = policy.line_baseline_before_days, policy.line_baseline_after_days
    return (
        Reason(
            code="NO_LINE_BASELINE",
            text=f"no image lies between {before} days before and {after} days after the start of {_named(line)} on"
            f" {line.start}: sizes are compared from {used.date} on, the oldest image of the last"
            f" {policy.no_baseline_lookback_days} days",
            resolved_by=f"measurements of an image near {line.start}",
            sources=joined(*(each.sources for each in used.measurements.values())),
        ),
    )


def baseline_findings(course: Course, timepoints: Sequence[Timepoint]) -> tuple[Finding, ...]:
    """The note that a line's baseline is older than RECIST 1.1 asks for."""
    line, used = course.line, timepoints[course.baseline]
    if line is None or not course.has_line_baseline:
        return ()
    days = (line.start - used.date.latest).days
    if days <= FOUR_WEEKS:
        return ()
    return (
        Finding(
            code="BASELINE_OVER_FOUR_WEEKS",
            severity=Severity.INFORMATION,
            text=f"the baseline {used.date} lies {count(days, 'day')} before the start of {_named(line)}; RECIST 1.1"
            f" asks for at most {FOUR_WEEKS}",
        ),
    )


def _named(line: LineOfTherapy) -> str:
    return listed(each.name for each in line.agents)
