"""Dates as search compares them: every date is a span of time, as long as what it leaves open.

https://hl7.org/fhir/R4/search.html#date. A search value without a zone is taken in UTC, as a server's own.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<fraction>\.\d{1,9})?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_LAST = datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """From the start up to, and without, the end."""

    start: datetime
    end: datetime

    def within(self, other: "Span") -> bool:
        """Whether all of it lies in another."""
        return other.start <= self.start and self.end <= other.end


def span(text: str) -> Span:
    """The time that a date leaves open. Raises ValueError for what is no date."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError("not a date of FHIR")
    zone = _zone(found["zone"])
    part = {name: int(found[name]) for name in ("month", "day", "hour", "minute", "second") if found[name]}
    start = datetime(int(found["year"]), part.pop("month", 1), part.pop("day", 1), **part, tzinfo=zone)
    if found["fraction"]:
        # Finer than a microsecond is not told apart.
        micro = int(found["fraction"][1:].ljust(6, "0")[:6])
        start = start.replace(microsecond=micro)
        return Span(start, start + timedelta(microseconds=1))
    return Span(start, _end(start, found))


def _zone(text: str | None) -> timezone:
    if text in (None, "Z"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:6])))


def _end(start: datetime, found: re.Match[str]) -> datetime:
    if found["second"]:
        return start + timedelta(seconds=1)
    if found["minute"]:
        return start + timedelta(minutes=1)
    if found["day"]:
        return start + timedelta(days=1)
    if found["month"]:
        return (start + timedelta(days=31)).replace(day=1)
    return start.replace(year=start.year + 1)


def span_of(value: Any) -> Span | None:
    """Of an element: a date, a date with time, or a Period; None when it is none of them."""
    try:
        if isinstance(value, str):
            return span(value)
        if isinstance(value, Mapping) and ("start" in value or "end" in value):
            start = span(value["start"]).start if "start" in value else _FIRST
            end = span(value["end"]).end if "end" in value else _LAST
            return Span(start, end)
    except (ValueError, TypeError, OverflowError):
        return None
    return None


def _gt(held: Span, asked: Span) -> bool:
    return held.end > asked.end


def _lt(held: Span, asked: Span) -> bool:
    return held.start < asked.start


COMPARISONS: Mapping[str, Callable[[Span, Span], bool]] = {
    "eq": lambda held, asked: held.within(asked),
    "ne": lambda held, asked: not held.within(asked),
    "gt": _gt,
    "lt": _lt,
    "ge": lambda held, asked: _gt(held, asked) or held.within(asked),
    "le": lambda held, asked: _lt(held, asked) or held.within(asked),
    "sa": lambda held, asked: held.start >= asked.end,
    "eb": lambda held, asked: held.end <= asked.start,
}
"""By prefix: what is held against what is asked. `ap` (about) is not offered."""
