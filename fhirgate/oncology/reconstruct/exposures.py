"""Exposures as recorded become one exposure per agent and period, with the strongest evidence and all sources.

An order, a dispense and a statement of one therapy are one exposure. An order adds its sources, and the reason
it was stopped, to stronger evidence near it, but never dates: an order is not an exposure (domain §7.2, step 1).
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from fhirgate.oncology.clinical_date import ClinicalDate, add_days
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.source import Sources, joined
from fhirgate.oncology.therapy import Agent, Evidence, Exposure, Intent
from fhirgate.oncology.value import value

STRENGTH = tuple(Evidence)
"""Evidence, strongest first."""


@value
class Period:
    """One exposure as known on the date of judgement; all days inclusive.

    `last` is the last day of exposure known, `surely_last` the same at its earliest when the end is a partial
    date. `reach` is the end of the supply where that is later.
    """

    exposure: Exposure
    first: date
    last: date
    surely_last: date
    reach: date

    @property
    def agent(self) -> Agent:
        """What was given."""
        return self.exposure.agent

    @property
    def open(self) -> bool:
        """Whether nothing says that it ended."""
        return is_open(self.exposure)


def counts(exposure: Exposure) -> bool:
    """Whether an exposure is systemic therapy of the cancer, not support of it (domain §7.2, step 2)."""
    return exposure.agent.treats and exposure.intent is not Intent.SUPPORTIVE


def is_open(exposure: Exposure) -> bool:
    """Whether nothing says that an exposure ended."""
    return exposure.end is None and not exposure.ended


def last_day(exposure: Exposure, as_of: date) -> date:
    """The last day of exposure known: the end, else the day the exposure was last asserted, else `as_of`.

    A partial end reaches to its last day (FHIR R4 Period.end). A dispense without an end lasts as its supply. Of a
    therapy that is recorded as ended but not when, only the first day is known.
    """
    if exposure.end is None and exposure.ended:
        return exposure.start.earliest
    until = exposure.end or exposure.asserted_on
    if until is None and exposure.evidence is Evidence.DISPENSED:
        until = exposure.supplied_until
    known = as_of if until is None else min(until.latest, as_of)
    return max(known, exposure.start.earliest)


def supply_end(exposure: Exposure) -> date:
    """The last day of the supply, the first of all days without one.

    A supply says nothing when the record gives the day on which the therapy ended.
    """
    dated_end = exposure.ended and exposure.end not in (None, exposure.start)
    return date.min if exposure.supplied_until is None or dated_end else exposure.supplied_until.latest


def clean_exposures(
    exposures: Iterable[Exposure], *, as_of: date, order_days: int, findings: list[Finding]
) -> tuple[Period, ...]:
    """Systemic therapy known on `as_of`, merged, in order of start and agent.

    An order up to `order_days` from stronger evidence of its agent is dominated by it.
    """
    of_agent: dict[str, list[Period]] = defaultdict(list)
    for exposure in exposures:
        if counts(exposure) and exposure.start.earliest <= as_of:
            of_agent[exposure.agent.name].append(_known(exposure, as_of, findings))
        elif exposure.intent is Intent.SUPPORTIVE and exposure.agent.treats:
            findings.append(_supportive(exposure))
    merged = [period for periods in of_agent.values() for period in _one_agent(periods, order_days)]
    return tuple(sorted(merged, key=lambda each: (each.first, each.agent.name, each.last)))


def _known(exposure: Exposure, as_of: date, findings: list[Finding]) -> Period:
    end = exposure.end
    if end is not None and end.earliest > as_of:
        exposure = replace(exposure, end=None, ended=False, stop_reason=None, asserted_on=None)
    elif end is not None and end.surely_before(exposure.start):
        findings.append(_ends_before_start(exposure))
        exposure = replace(exposure, end=exposure.start)
    elif end is None and exposure.ended:
        findings.append(_end_unknown(exposure))
    return _period(exposure, as_of)


def _period(exposure: Exposure, as_of: date) -> Period:
    last = last_day(exposure, as_of)
    end = exposure.end
    reach = max(last, supply_end(exposure))
    surely = last if end is None else max(min(end.earliest, as_of), exposure.start.earliest)
    return Period(
        exposure=exposure, first=exposure.start.earliest, last=last, surely_last=surely, reach=reach
    )


def _one_agent(periods: Sequence[Period], order_days: int) -> list[Period]:
    """The periods of one agent: what was taken, merged; then the orders that stand alone."""
    ordered = [each for each in periods if each.exposure.evidence is Evidence.ORDERED_ONLY]
    taken = _merged([each for each in periods if each.exposure.evidence is not Evidence.ORDERED_ONLY])
    if not ordered or not taken:
        return taken or _merged(ordered)
    alone = [order for order in sorted(ordered, key=_by_day) if not _dominated(order, taken, order_days)]
    return taken + _merged(alone)


def _dominated(order: Period, taken: list[Period], order_days: int) -> bool:
    """Whether stronger evidence lies in or near the order, which is then noted there."""
    first = bisect_left(taken, add_days(order.first, -order_days), key=lambda each: each.last)
    final = bisect_right(taken, add_days(order.last, order_days), key=lambda each: each.first) - 1
    if first > final:
        return False
    taken[first] = _with_sources(taken[first], order)
    if order.exposure.ended and not taken[final].open and order.last >= taken[final].last:
        before = taken[final].exposure
        after = replace(before, ended=True, stop_reason=before.stop_reason or order.exposure.stop_reason)
        taken[final] = replace(_with_sources(taken[final], order), exposure=after)
    return True


def _with_sources(period: Period, order: Period) -> Period:
    exposure, given = period.exposure, order.exposure
    return replace(
        period,
        exposure=replace(
            exposure,
            sources=joined(exposure.sources, given.sources),
            intent=exposure.intent or given.intent,
            fixed_duration=exposure.fixed_duration or given.fixed_duration,
        ),
    )


def _merged(periods: Iterable[Period]) -> list[Period]:
    """Periods of one agent with overlapping ones made one, by start; no two share a day."""
    groups: list[list[Period]] = []
    last = date.min
    for period in sorted(periods, key=_by_day):
        if groups and period.first <= last:
            groups[-1].append(period)
        else:
            groups.append([period])
        last = max(last, period.last)
    return [group[0] if len(group) == 1 else _union(group) for group in groups]


def _by_day(period: Period) -> tuple[date, date, int, date, Sources, str]:
    """By start, the exact and the strong first; the rest only so that order of input is never meaning."""
    exposure = period.exposure
    rank = STRENGTH.index(exposure.evidence)
    words = f"{exposure.intent} {exposure.stop_reason} {exposure.supplied_until} {exposure.asserted_on}"
    return (period.first, exposure.start.latest, rank, period.last, exposure.sources, words)


def _union(group: Sequence[Period]) -> Period:
    """One exposure of several that overlap. What is said at its end is said by those that reach it."""
    last = max(each.last for each in group)
    going_on = [each for each in group if each.open and not _closed_later(each, group)]
    final = going_on or [each for each in group if not each.open and each.last == last]
    by_strength = sorted(group, key=lambda each: STRENGTH.index(each.exposure.evidence))
    supplies = [each.exposure.supplied_until for each in group if each.exposure.supplied_until]
    reasons = sorted({each.exposure.stop_reason for each in final if each.exposure.stop_reason})
    intents = [each.exposure.intent for each in by_strength if each.exposure.intent]
    exposure = replace(
        by_strength[0].exposure,
        start=_start(group),
        end=None if going_on else _end(final),
        asserted_on=_asserted(going_on, group),
        ended=not going_on and any(each.exposure.ended for each in final),
        stop_reason=reasons[0] if reasons else None,
        supplied_until=max(supplies, key=lambda each: (each.latest, each.earliest), default=None),
        intent=intents[0] if intents else None,
        on_hold=any(each.exposure.on_hold for each in final),
        fixed_duration=any(each.exposure.fixed_duration for each in group),
        sources=joined(*(each.exposure.sources for each in group)),
    )
    return Period(
        exposure=exposure,
        first=exposure.start.earliest,
        last=last,
        surely_last=max(each.surely_last for each in group),
        reach=max(last, supply_end(exposure)),
    )


def _closed_later(period: Period, group: Iterable[Period]) -> bool:
    """Whether another resource says that the therapy ended, after this one was last asserted."""
    if period.exposure.asserted_on is None:
        return False
    return any(each.exposure.ended and not each.open and each.last >= period.last for each in group)


def _start(group: Sequence[Period]) -> ClinicalDate:
    """The earliest start; a partial one gives way to the first exact day that it allows."""
    start = group[0].exposure.start
    exact = (each.exposure.start for each in group if each.exposure.start.is_day)
    return next((day for day in exact if day.overlaps(start)), start)


def _end(final: Sequence[Period]) -> ClinicalDate | None:
    """The most exact of the ends that lie last."""
    ends = (each.exposure.end for each in final if each.exposure.end)
    return max(ends, key=lambda each: (each.latest, each.earliest), default=None)


def _asserted(going_on: Sequence[Period], group: Sequence[Period]) -> ClinicalDate | None:
    """When the therapy was last known to go on; None when that was true as the record was read."""
    said = [each.exposure.asserted_on for each in going_on or group]
    if going_on and None in said:
        return None
    known = [each for each in said if each is not None]
    known += [ClinicalDate.of(each.last) for each in group if going_on and not each.open]
    return max(known, key=lambda each: (each.latest, each.earliest), default=None)


def _supportive(exposure: Exposure) -> Finding:
    return Finding(
        code="THERAPY_SUPPORTIVE",
        severity=Severity.INFORMATION,
        text=f"{exposure.agent.name} from {exposure.start} was given as supportive care and is in no line of therapy",
        source=exposure.sources[0] if exposure.sources else None,
    )


def _end_unknown(exposure: Exposure) -> Finding:
    return Finding(
        code="THERAPY_END_UNKNOWN",
        severity=Severity.WARNING,
        text=f"{exposure.agent.name} from {exposure.start} is recorded as ended, but not when; only its first day is"
        " used; the date of its end would settle it",
        source=exposure.sources[0] if exposure.sources else None,
    )


def _ends_before_start(exposure: Exposure) -> Finding:
    return Finding(
        code="THERAPY_ENDS_BEFORE_START",
        severity=Severity.WARNING,
        text=f"{exposure.agent.name} is recorded from {exposure.start} to {exposure.end}, which is before it began;"
        " only the first day is used; the right end would settle it",
        source=exposure.sources[0] if exposure.sources else None,
    )
