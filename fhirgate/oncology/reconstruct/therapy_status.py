"""Whether the patient is on systemic therapy on a day (domain §7.4).

Each exposure covers the days up to its end plus the time its effect lasts (cover) plus a grace, by route. An order
covers nothing unless the site says so: it is not an exposure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import assert_never

from fhirgate.oncology.clinical_date import ClinicalDate, add_days
from fhirgate.oncology.policy import TherapyStatusPolicy
from fhirgate.oncology.reconstruct.agent_kinds import Route, route_of
from fhirgate.oncology.reconstruct.exposures import counts, is_open, supply_end
from fhirgate.oncology.source import Sources, joined
from fhirgate.oncology.therapy import Evidence, Exposure, LineOfTherapy, LotRole, StopReason
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import TherapyStatus
from fhirgate.oncology.wording import count, listed


@value
class TherapyAt:
    """The therapy on a day: `line` is the one that was current then, None before the first."""

    status: TherapyStatus
    because: str
    on_hold: bool = False
    line: LineOfTherapy | None = None
    sources: Sources = ()


@value
class Cover:
    """One exposure as of a day: the last day it is known to have been given, the last day it covers.

    `last` None: recorded as taken when the record was read. `surely_begun` is False when a partial start leaves
    open whether it had begun.
    """

    exposure: Exposure
    last: date | None
    until: date
    surely_begun: bool

    @property
    def is_order(self) -> bool:
        """Whether nothing but an order speaks for it."""
        return self.exposure.evidence is Evidence.ORDERED_ONLY

    @property
    def stopped(self) -> bool:
        """Whether the record says that it ended."""
        given = self.exposure
        return given.ended or (given.end is not None and given.stop_reason is not None)


def therapy_status(
    day: ClinicalDate,
    lines: Sequence[LineOfTherapy],
    exposures: Iterable[Exposure],
    policy: TherapyStatusPolicy,
) -> TherapyAt:
    """The therapy on a day, from the line that was current then.

    On a partial date it is what it is on every day of it, else unknown.
    """
    begun = sorted(lines, key=lambda line: (line.start, line.number or 0), reverse=True)
    first = _not_surely_off(day.earliest, begun, exposures, policy)
    if day.is_day:
        return first
    last = _not_surely_off(day.latest, begun, exposures, policy)
    if first.status is last.status:
        return last
    because = f"{day} may lie on either side ({first.because}; {last.because}); the exact day would settle it"
    return replace(last, status=TherapyStatus.UNKNOWN, because=because, on_hold=False)


def _not_surely_off(
    day: date, lines: Sequence[LineOfTherapy], exposures: Iterable[Exposure], policy: TherapyStatusPolicy
) -> TherapyAt:
    """The therapy on a day; a drug for cancer that no list knows leaves open whether the patient is off therapy."""
    known = _on_day(day, lines, exposures, policy)
    if known.status is TherapyStatus.ON:
        return known
    begun = [e for e in exposures if e.agent.lot_role is LotRole.UNCLEAR and e.start.earliest <= day]
    covers = [cover for cover in (_cover(each, day, policy) for each in begun) if day <= cover.until]
    if not covers:
        return known
    because = (
        f"{_names(covers)} is given for cancer, and whether it is systemic therapy is not known (in no list of agents,"
        f" or blinded); its ingredient would settle it; {known.because}"
    )
    return replace(known, status=TherapyStatus.UNKNOWN, because=because, sources=_sources(covers))


def _on_day(
    day: date, lines: Sequence[LineOfTherapy], exposures: Iterable[Exposure], policy: TherapyStatusPolicy
) -> TherapyAt:
    """`lines` are the latest first."""
    begun = [line for line in lines if line.start <= day]
    if not begun:
        return _before_all(day, exposures)
    line, earlier = begun[0], begun[1:]
    covers = [_cover(each, day, policy) for each in line.exposures if each.start.earliest <= day]
    taken = [each for each in covers if each.surely_begun and (policy.accept_orders or not each.is_order)]
    on = [each for each in taken if day <= each.until]
    if on:
        return _on(day, line, on)
    doubtful = [each for each in covers if each not in taken and day <= each.until]
    if doubtful or not taken:
        # What is only ordered, or may have begun, does not end what was given before it.
        before = _on_day(day, earlier, exposures, policy) if earlier else None
        if before is not None and before.status is TherapyStatus.ON:
            return before
    if doubtful:
        return _unknown(line, doubtful, _doubt(day, doubtful))
    return _off(day, line, taken or covers, policy)


def _before_all(day: date, exposures: Iterable[Exposure]) -> TherapyAt:
    first = min((each.start.earliest for each in exposures if counts(each)), default=None)
    if first is None or first <= day:
        return TherapyAt(status=TherapyStatus.UNKNOWN, because="no systemic therapy is recorded")
    days = count((first - day).days, "day")
    return TherapyAt(
        status=TherapyStatus.OFF,
        because=f"the first systemic therapy recorded starts on {first}, {days} later",
    )


def _cover(exposure: Exposure, day: date, policy: TherapyStatusPolicy) -> Cover:
    last, until = _reach(exposure, policy)
    return Cover(
        exposure=exposure,
        last=last if last is None else min(last, day),
        until=until,
        surely_begun=exposure.start.latest <= day,
    )


def _reach(exposure: Exposure, policy: TherapyStatusPolicy) -> tuple[date | None, date]:
    """The last day an exposure is known to have been given, and the last day it covers."""
    cover, grace = _cover_and_grace(exposure, policy)
    supplied = supply_end(exposure)
    if exposure.end is not None:
        last = exposure.end.latest
        if exposure.stop_reason not in (None, StopReason.PROGRESSION):
            # Stopped for progression covers the image that showed it; any other reason ends it at once.
            return last, max(last, supplied)
        return last, add_days(max(add_days(last, cover), supplied), grace)
    asserted = exposure.asserted_on
    if exposure.ended:
        return exposure.start.earliest, add_days(exposure.start.earliest, cover + grace)
    if asserted is None:
        dispensed = exposure.evidence is Evidence.DISPENSED and supplied > date.min
        return (supplied, add_days(supplied, grace)) if dispensed else (None, date.max)
    if not exposure.on_hold:
        cover = max(cover, policy.oral_assertion_days)
    return asserted.latest, add_days(max(add_days(asserted.latest, cover), supplied), grace)


def _cover_and_grace(exposure: Exposure, policy: TherapyStatusPolicy) -> tuple[int, int]:
    """How many days an exposure outlasts its last dose, and the grace after that."""
    match route_of(exposure.agent):
        case Route.ORAL:
            single = exposure.end is not None and exposure.end == exposure.start
            if single and exposure.supplied_until is None:
                # One day of tablets, with no word on how many were given, says as little as an unknown route.
                return policy.unknown_cover_days, policy.unknown_grace_days
            return 0, policy.oral_grace_days
        case Route.INFUSION:
            return policy.infusion_cover_days, policy.infusion_grace_days
        case Route.DEPOT:
            return policy.depot_cover_days, policy.depot_grace_days
        case Route.UNKNOWN:
            return policy.unknown_cover_days, policy.unknown_grace_days
        case other:
            assert_never(other)


def _on(day: date, line: LineOfTherapy, on: Sequence[Cover]) -> TherapyAt:
    held = all(each.exposure.on_hold and (each.last is None or each.last < day) for each in on)
    days = [each.last for each in on if each.last is not None]
    last = "no end recorded" if len(days) < len(on) else f"last exposure {max(days)}"
    because = f"on {_names(on)} ({_called(line)}) since {line.start}, {last}{', on hold' if held else ''}"
    return TherapyAt(status=TherapyStatus.ON, because=because, on_hold=held, line=line, sources=_sources(on))


def _off(day: date, line: LineOfTherapy, given: Sequence[Cover], policy: TherapyStatusPolicy) -> TherapyAt:
    """Nothing covers the day: off, unless nothing says that therapy ended."""
    last = max(each.last or day for each in given)
    final = [each for each in given if (each.last or day) == last]
    before = f"{count((day - last).days, 'day')} before"
    stopped = any(each.stopped for each in final)
    orders = not policy.accept_orders and all(each.is_order for each in final)
    if orders and not stopped:
        return _unknown(line, final, _only_ordered(final))
    unending = _without_end(day, line, given)
    if unending is not None:
        return unending
    if (day - last).days > policy.silence_days and not stopped:
        because = (
            f"no exposure since {last}, {before}, and nothing says that therapy ended; a statement of its end, or of"
            " what is taken, would settle it"
        )
        return _unknown(line, final, because)
    what = f"the order of {_names(final)}" if orders else "last exposure"
    because = f"{what} ended {last}, {before}{_reason(final)}"
    return TherapyAt(status=TherapyStatus.OFF, because=because, line=line, sources=_sources(final))


def _without_end(day: date, line: LineOfTherapy, given: Sequence[Cover]) -> TherapyAt | None:
    """Unknown, when the last exposure to some agent has no end, or one without a date."""
    without = [each for each in _latest(given) if each.exposure.end is None]
    undated = [each for each in without if each.exposure.ended and not _ended_by(each, day)]
    if undated:
        because = f"the end of {_names(undated)} is recorded without a date; that date would settle it"
        return _unknown(line, undated, because)
    unending = [each for each in without if is_open(each.exposure) and not each.exposure.on_hold]
    if not unending:
        return None
    since = max(each.last or day for each in unending)
    because = (
        f"{_names(unending)}, last known to be taken on {since}, {count((day - since).days, 'day')} before, without an"
        " end; a later statement would settle it"
    )
    return _unknown(line, unending, because)


def _latest(given: Sequence[Cover]) -> list[Cover]:
    """The last exposure to each agent."""
    latest: dict[str, Cover] = {}
    for each in sorted(given, key=lambda each: each.last or date.max):
        latest[each.exposure.agent.name] = each
    return list(latest.values())


def _ended_by(cover: Cover, day: date) -> bool:
    """Whether a therapy of which only that it ended is known had been said to have ended by the day."""
    asserted = cover.exposure.asserted_on
    return asserted is not None and asserted.latest <= day


def _doubt(day: date, doubtful: Sequence[Cover]) -> str:
    """Why exposures that would cover the day do not decide it."""
    orders = [each for each in doubtful if each.is_order]
    if orders:
        return _only_ordered(orders)
    starts = listed(sorted({str(each.exposure.start) for each in doubtful}), "or")
    return f"{_names(doubtful)} began in {starts}, before or after {day} is not known; the exact start would settle it"


def _only_ordered(orders: Sequence[Cover]) -> str:
    one = len({each.exposure.agent.name for each in orders}) == 1
    return (
        f"{_names(orders)} {'is' if one else 'are'} only ordered; nothing shows that {'it was' if one else 'they were'}"
        " taken: an order is not an exposure; an administration, a dispense or a statement of intake would settle it"
    )


def _unknown(line: LineOfTherapy, covers: Sequence[Cover], because: str) -> TherapyAt:
    return TherapyAt(status=TherapyStatus.UNKNOWN, because=because, line=line, sources=_sources(covers))


def _reason(final: Sequence[Cover]) -> str:
    """Why the last exposures ended, as recorded."""
    reasons = sorted({each.exposure.stop_reason for each in final if each.exposure.stop_reason})
    if reasons:
        return f", stopped: {listed(each.value.lower().replace('_', ' ') for each in reasons)}"
    return ", on hold" if any(each.exposure.on_hold for each in final) else ""


def _called(line: LineOfTherapy) -> str:
    return f"line {line.number}" if line.number is not None else "curative setting"


def _names(covers: Iterable[Cover]) -> str:
    return listed(sorted({each.exposure.agent.name for each in covers}))


def _sources(covers: Iterable[Cover]) -> Sources:
    return joined(*(each.exposure.sources for each in covers))
