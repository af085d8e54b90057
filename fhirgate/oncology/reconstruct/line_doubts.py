"""What partial dates leave open about lines of therapy: the other readings of the same dates, tried out."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from fhirgate.oncology.clinical_date import ClinicalDate, add_days
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.reconstruct.exposures import Period
from fhirgate.oncology.reconstruct.line_rules import Move, Start, decide
from fhirgate.oncology.wording import listed


def doubt_on_move(period: Period, start: Start, move: Move) -> Finding | None:
    """A finding when another reading of a partial date does something else to the line."""
    given = period.exposure.start
    furthest = start.line.furthest()
    if furthest is None:
        return None  # the first therapy opens a line on whatever day it starts
    surely = furthest.surely_last if furthest.reach == furthest.last else furthest.reach
    if given.is_day and start.line.start.is_day and surely == start.line_reach:
        return None
    days = {given.earliest, given.latest}
    starts = {start.line.start.earliest, start.line.start.latest}
    others = {
        decide(replace(start, day=day, line_start=first, line_reach=reach)).answer
        for day, first, reach in product(days, starts, {surely, start.line_reach})
    }
    other = sorted(each.value for each in others if _differ(each, move))
    if not other:
        return None
    text = (
        f"{period.agent.name} from {given} {move.value}, or {listed(other, 'or')}: that depends on dates recorded"
        f" without a day; {listed(_data(period, start, furthest))} would settle it"
    )
    return _imprecise(period, text)


def doubt_on_setting(period: Period, index: ClinicalDate | None, tolerance_days: int) -> Finding | None:
    """A finding when it is open whether an exposure began before the first metastasis, less the tolerance."""
    given = period.exposure.start
    if index is None or (given.is_day and index.is_day):
        return None
    surely_palliative = given.earliest >= add_days(index.latest, -tolerance_days)
    surely_curative = given.latest < add_days(index.earliest, -tolerance_days)
    if surely_palliative or surely_curative:
        return None
    text = (
        f"whether {period.agent.name} from {given} began before the metastatic disease of {index} is open;"
        " the exact dates of both would settle it"
    )
    return _imprecise(period, text)


def doubt_on_segment(day: ClinicalDate) -> Finding | None:
    """A finding when the first day of a segment is not exact."""
    if day.is_day:
        return None
    return Finding(
        code="THERAPY_DATES_IMPRECISE",
        severity=Severity.WARNING,
        text=f"local treatment of {day} opens a segment of the line on the first day possible;"
        " the exact date of its first fraction would settle it",
    )


def _differ(one: Move, other: Move) -> bool:
    """Whether two moves make different lines; how a drug joins makes none."""
    return one is not other and (one.opens or other.opens or Move.RESUME in (one, other))


def _data(period: Period, start: Start, furthest: Period) -> Iterator[str]:
    """The dates without a day that the move hangs on."""
    if not period.exposure.start.is_day:
        yield f"the exact start of {period.agent.name}"
    if not start.line.start.is_day:
        yield f"the exact start of the line of {start.line.start}"
    end = furthest.exposure.end
    if end is not None and not end.is_day:
        yield f"the exact end of {furthest.agent.name} ({end})"


def _imprecise(period: Period, text: str) -> Finding:
    return Finding(
        code="THERAPY_DATES_IMPRECISE",
        severity=Severity.WARNING,
        text=text,
        source=period.exposure.sources[0] if period.exposure.sources else None,
    )
