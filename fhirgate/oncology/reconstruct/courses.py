"""Which timepoint is judged on which line, and from which baseline.

A line's baseline is the image nearest to its start, up to 42 days before and 7 days after (RECIST 1.1 §4.1 asks
for at most four weeks before; the wider window is our choice). The baseline of a new line is also the last
follow-up of the line before, and is judged on that one.
"""

from collections.abc import Sequence
from datetime import date

from fhirgate.oncology.clinical_date import ClinicalDate, add_days
from fhirgate.oncology.policy import ImagingPolicy
from fhirgate.oncology.therapy import LineOfTherapy
from fhirgate.oncology.timepoint import Timepoint
from fhirgate.oncology.value import value


@value
class Course:
    """A run of timepoints judged on one line (or before any line) from one baseline.

    `baseline` and `followed` are positions in the list of timepoints. `has_line_baseline` is False when no
    image lies near the start of the line, and the oldest one within the look-back must do.
    """

    line: LineOfTherapy | None
    baseline: int
    followed: tuple[int, ...]
    has_line_baseline: bool

    def start(self, timepoints: Sequence[Timepoint]) -> ClinicalDate:
        """The start of treatment: that of the line, else the date of the baseline."""
        return ClinicalDate.of(self.line.start) if self.line else timepoints[self.baseline].date


def lay_courses(
    timepoints: Sequence[Timepoint], lines: Sequence[LineOfTherapy], policy: ImagingPolicy
) -> tuple[Course, ...]:
    """The courses of a history, by date; every timepoint is followed in at most one.

    The first timepoint of all is followed in none: there is nothing before it.
    """
    if not timepoints:
        return ()
    starts = sorted(lines, key=lambda line: (line.start, line.number is not None, line.number or 0))
    baselines = {id(line): _baseline(timepoints, line, policy) for line in starts}
    owner = [_line_of(position, timepoints, starts, baselines) for position in range(len(timepoints))]
    courses = []
    for line in [None, *starts]:
        followed = tuple(position for position, owned in enumerate(owner) if owned is line and position > 0)
        baseline = baselines[id(line)] if line is not None else None
        if not followed:
            continue
        courses.append(
            Course(
                line=line,
                baseline=baseline if baseline is not None else _oldest(timepoints, followed[0], line, policy),
                followed=followed,
                has_line_baseline=baseline is not None,
            )
        )
    return tuple(sorted(courses, key=lambda course: course.followed[0]))


def line_baselines(
    timepoints: Sequence[Timepoint], lines: Sequence[LineOfTherapy], policy: ImagingPolicy
) -> frozenset[int]:
    """Positions of the timepoints that are the baseline of a line, or the first of all."""
    found = (_baseline(timepoints, line, policy) for line in lines)
    first = {0} if timepoints else set()
    return frozenset(first.union(position for position in found if position is not None))


def _baseline(timepoints: Sequence[Timepoint], line: LineOfTherapy, policy: ImagingPolicy) -> int | None:
    """Position of the image nearest to the start of a line within its window; the earlier of two as near."""
    first = add_days(line.start, -policy.line_baseline_before_days)
    last = add_days(line.start, policy.line_baseline_after_days)
    near = [
        (abs((each.date.earliest - line.start).days), position)
        for position, each in enumerate(timepoints)
        if first <= each.date.earliest and each.date.latest <= last
    ]
    return min(near)[1] if near else None


def _line_of(
    position: int,
    timepoints: Sequence[Timepoint],
    starts: Sequence[LineOfTherapy],
    baselines: dict[int, int | None],
) -> LineOfTherapy | None:
    """The line a timepoint is judged on: the last that has started, but not one that it is the baseline of."""
    day: date = timepoints[position].date.earliest
    owned = None
    for line in starts:
        baseline = baselines[id(line)]
        begun = line.start <= day if baseline is None else position > baseline
        if begun:
            owned = line
    return owned


def _oldest(
    timepoints: Sequence[Timepoint], first: int, line: LineOfTherapy | None, policy: ImagingPolicy
) -> int:
    """Without a line baseline: the oldest timepoint within the look-back; before any line, the very first."""
    if line is None:
        return 0
    since = add_days(timepoints[first].date.earliest, -policy.no_baseline_lookback_days)
    return next(
        (position for position in range(first) if timepoints[position].date.latest >= since),
        max(first - 1, 0),
    )
