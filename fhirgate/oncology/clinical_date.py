"""A date that knows how much it knows: year, month or day.

FHIR allows partial dates (https://hl7.org/fhir/R4/datatypes.html#date). A missing day is never invented:
``2024-05`` is the interval from the 1st to the 31st, and an order that would be a guess is no order.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from functools import lru_cache
from typing import Self

_LONGEST = 64
"""Characters of the longest date-time: nanoseconds and a zone make 35."""
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T.*)?)?)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ClinicalDate:
    """A calendar date with its precision; both ends of the interval are inclusive.

    >>> ClinicalDate.parse("2024-02").latest
    datetime.date(2024, 2, 29)
    """

    text: str
    earliest: date
    latest: date

    @classmethod
    def parse(cls, text: str) -> "ClinicalDate":
        """Read an ISO date, partial date or date-time; the time of day and its zone are dropped.

        The calendar day is the one written, in the zone it was written in: that is the day on the patient's
        chart. Raises ValueError for anything else, an impossible day included.
        """
        if len(text) > _LONGEST:
            raise ValueError("not an ISO date")
        return _parse(text)

    @classmethod
    def of(cls, day: date) -> "ClinicalDate":
        """The date that is exactly this day."""
        return _parse(day.isoformat())

    @property
    def is_day(self) -> bool:
        """Whether the calendar day is known."""
        return self.earliest == self.latest

    def surely_before(self, other: Self) -> bool:
        """Whether every day of this date lies before every day of the other."""
        return self.latest < other.earliest

    def surely_after(self, other: Self) -> bool:
        """Whether every day of this date lies after every day of the other."""
        return self.earliest > other.latest

    def overlaps(self, other: Self) -> bool:
        """Whether the two could be the same day."""
        return self.earliest <= other.latest and other.earliest <= self.latest

    def least_days_since(self, start: Self) -> int:
        """The fewest days that can lie between `start` and this date."""
        return (self.earliest - start.latest).days

    def most_days_since(self, start: Self) -> int:
        """The most days that can lie between `start` and this date."""
        return (self.latest - start.earliest).days

    def __str__(self) -> str:
        return self.text


def by_date(value: ClinicalDate) -> tuple[date, date]:
    """Sort key: by first possible day, the more precise date first when the first days are equal."""
    return (value.earliest, value.latest)


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or the last day of a shorter month; stays inside the calendar's range.

    >>> add_months(date(2023, 8, 31), 6)
    datetime.date(2024, 2, 29)
    """
    years, month0 = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month0 + 1
    if not MINYEAR <= year <= MAXYEAR:
        return date.max if months > 0 else date.min
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def add_days(day: date, days: int) -> date:
    """The day `days` later; stays inside the calendar's range."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


@lru_cache(maxsize=4096)
def _parse(text: str) -> ClinicalDate:
    match = _PARTIAL.fullmatch(text)
    if not match:
        raise ValueError("not an ISO date")
    year, month, day = match.groups()
    if day:
        exact = date(int(year), int(month), int(day))
        return ClinicalDate(exact.isoformat(), exact, exact)
    if month:
        first = date(int(year), int(month), 1)
        return ClinicalDate(text, first, first.replace(day=monthrange(first.year, first.month)[1]))
    return ClinicalDate(text, date(int(year), 1, 1), date(int(year), 12, 31))


def whole_months(start: date, end: date) -> int:
    """Whole calendar months from `start` to `end`, 0 when less than one has passed.

    >>> whole_months(date(2024, 1, 31), date(2024, 2, 29))
    1
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    return max(months - (end < add_months(start, months)), 0)
