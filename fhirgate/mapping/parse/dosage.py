"""When a dosage starts and ends: Timing with bounds, events and counts (Dosage, R4 and R5)."""

from dataclasses import dataclass
from decimal import Decimal

from fhirgate.mapping.datatypes import Raw, date, item, number, quantity, text, texts
from fhirgate.oncology.clinical_date import ClinicalDate, add_days, by_date

_DAYS = {
    "d": 1,
    "day": 1,
    "days": 1,
    "wk": 7,
    "week": 7,
    "weeks": 7,
    "mo": 30,
    "month": 30,
    "months": 30,
    "a": 365,
}
"""Days of a unit of time; a month counts 30 days, as in supply durations."""
_HOURS = frozenset({"h", "min", "s"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When the dosages of one order begin and end; `counted` when a number of doses is prescribed."""

    start: ClinicalDate | None = None
    end: ClinicalDate | None = None
    counted: bool = False


def span_of(dosages: tuple[Raw, ...]) -> Span:
    """The time from the first start to the last end of all dosages; the end only if every one has an end."""
    spans = [_one(each) for each in dosages]
    starts = [each.start for each in spans if each.start]
    ends = [each.end for each in spans if each.end]
    return Span(
        start=min(starts, key=by_date) if starts else None,
        end=max(ends, key=by_date) if spans and len(ends) == len(spans) else None,
        counted=any(each.counted for each in spans),
    )


def days_in(amount: object) -> int | None:
    """Whole days of a Duration or of a Quantity in a unit of time; None when it has none."""
    found = quantity(amount)
    if found is None:
        return None
    unit = found.unit.casefold()
    if unit in _HOURS:
        return 1
    days = _DAYS.get(unit)
    return int(found.value * days) if days else None


def later(start: ClinicalDate, days: int) -> ClinicalDate:
    """The date `days` after another, as precise as that one."""
    first = add_days(start.earliest, days)
    if start.is_day:
        return ClinicalDate.of(first)
    if len(start.text) == len("2024-05"):
        return ClinicalDate.parse(f"{first.year:04}-{first.month:02}")
    return ClinicalDate.parse(f"{first.year:04}")


def _one(dosage: Raw) -> Span:
    timing = item(dosage, "timing")
    repeat = item(timing, "repeat")
    bounds = item(repeat, "boundsPeriod")
    events = sorted(filter(None, (date(each) for each in texts(timing, "event"))), key=by_date)
    start = date(bounds.get("start")) or (events[0] if events else None)
    end = date(bounds.get("end"))
    doses = _doses(repeat)
    if end is None and start is not None:
        days = _bound_days(repeat)
        if days is None and doses is not None:
            days = _days_of_doses(repeat, doses)
        if days is not None:
            end = later(start, days)
        elif events and not repeat:
            end = events[-1]
    return Span(start=start, end=end, counted=doses is not None and doses > 1)


def _doses(repeat: Raw) -> int | None:
    amount = number(repeat.get("countMax")) or number(repeat.get("count"))
    return int(amount) if amount is not None and amount >= 1 else None


def _bound_days(repeat: Raw) -> int | None:
    """Days from the first to the last day of bounds given as a duration or a range of durations."""
    duration = days_in(repeat.get("boundsDuration"))
    if duration is None:
        duration = days_in(item(repeat, "boundsRange").get("high"))
    return None if duration is None else max(duration - 1, 0)


def _days_of_doses(repeat: Raw, doses: int) -> int | None:
    """Days from the first to the last of a number of doses."""
    if doses == 1:
        return 0
    period, unit = number(repeat.get("period")), text(repeat, "periodUnit")
    frequency = number(repeat.get("frequency")) or Decimal(1)
    if period is None or (unit not in _DAYS and unit not in _HOURS):
        return None
    days = period * _DAYS[unit] if unit in _DAYS else Decimal(1)
    return int((doses - 1) * days / frequency)
