"""What a lesion is compared with: its earlier sizes on the course, kept so that each step costs little.

The reference is the nadir since the baseline of the line unless the policy says otherwise. Without a line
baseline only the look-back counts. After local treatment the reference restarts at the first image some
months later (our choice): what the treatment did in between is not growth or response.
"""

from bisect import bisect_right, insort
from collections import deque
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.lesion import Kind, Measurement, Uptake
from fhirgate.oncology.millimetres import ZERO, Millimetres
from fhirgate.oncology.policy import ReferenceMode
from fhirgate.oncology.value import value


class Earlier(NamedTuple):
    """One earlier size; ordered by size, then by when it was seen: one position holds one measurement."""

    size: Decimal
    position: int
    measurement: Measurement


@value
class Reference:
    """What a size is compared with: the reference, and the size at the start of the course [mm].

    `measured` and `began` are the measurements the two come from.
    """

    size: Millimetres
    measured: Measurement
    baseline: Millimetres
    began: Measurement
    second_lowest: Millimetres | None
    number: int


@dataclass(slots=True)
class Past:
    """Earlier measurements of one lesion on one course, in order.

    `before_course` is the last size from before the course, used only when the course itself has none yet.
    `lowest_sul` and `lowest_suv` carry the lowest uptake so far, each metric for itself.
    """

    entries: deque[Earlier] = field(default_factory=deque)
    ordered: list[Earlier] = field(default_factory=list)
    before_course: Earlier | None = None
    seen: bool = False
    measured: bool = False
    absent_last: bool = False
    lowest_sul: Measurement | None = None
    lowest_suv: Measurement | None = None
    sizes_due: bool = False
    uptake_due: bool = False
    last_on: ClinicalDate | None = None
    last_position: int = -1

    def add(self, measurement: Measurement, position: int, *, on_course: bool = True) -> None:
        """Remember a measurement."""
        if measurement.kind is Kind.NOT_EVALUABLE:
            return
        self.last_on, self.last_position = measurement.taken_on, position
        self.absent_last = measurement.kind is Kind.ABSENT
        self.seen = self.seen or not self.absent_last
        if measurement.uptake is not None and on_course:
            self._add_uptake(measurement, measurement.uptake)
        if measurement.size is None:
            return
        if self.sizes_due:
            self._forget_sizes()
        self.measured = self.measured or measurement.size > ZERO
        entry = Earlier(measurement.size, position, measurement)
        if on_course:
            self.entries.append(entry)
            insort(self.ordered, entry)
        else:
            self.before_course = entry

    def keep_last(self) -> None:
        """A local treatment has begun: what it does is told against the size it was given at, not a lower one
        from before the lesion grew."""
        if len(self.entries) > 1:
            self.entries = deque([self.entries[-1]])
            self.ordered = [self.entries[-1]]

    def restart(self) -> None:
        """From here on a local treatment has taken effect: the next size and uptake replace all earlier ones."""
        self.sizes_due = self.uptake_due = True

    @property
    def uptake(self) -> Uptake | None:
        """The lowest uptake so far; None when there was none."""
        if self.lowest_sul is None and self.lowest_suv is None:
            return None
        sul, suv = _uptake_of(self.lowest_sul), _uptake_of(self.lowest_suv)
        return Uptake(sul_peak=sul.sul_peak if sul else None, suv_max=suv.suv_max if suv else None)

    def _add_uptake(self, measurement: Measurement, now: Uptake) -> None:
        if self.uptake_due:
            self.lowest_sul = self.lowest_suv = None
            self.uptake_due = False
        before = self.uptake or Uptake()
        if now.sul_peak is not None and (before.sul_peak is None or now.sul_peak < before.sul_peak):
            self.lowest_sul = measurement
        if now.suv_max is not None and (before.suv_max is None or now.suv_max < before.suv_max):
            self.lowest_suv = measurement

    def _forget_sizes(self) -> None:
        self.entries.clear()
        self.ordered.clear()
        self.before_course = None
        self.sizes_due = False

    def enlarge(self, size: Millimetres) -> None:
        """Add the size [mm] of a lesion that has coalesced with this one to every earlier size."""
        self.entries = deque(each._replace(size=each.size + size) for each in self.entries)
        self.ordered = sorted(self.entries)
        if self.before_course:
            self.before_course = self.before_course._replace(size=self.before_course.size + size)

    def forget_before(self, day: date) -> None:
        """Drop sizes from before the look-back."""
        while self.entries and self.entries[0].measurement.taken_on.latest < day:
            gone = self.entries.popleft()
            del self.ordered[bisect_right(self.ordered, gone) - 1]
        if self.before_course and self.before_course.measurement.taken_on.latest < day:
            self.before_course = None

    def reference(self, mode: ReferenceMode) -> Reference | None:
        """What the next size is compared with, or None when there is nothing."""
        if not self.entries:
            only = self.before_course
            return _reference(only, only, None, 1) if only is not None else None
        lowest = self.ordered[0]
        second = self.ordered[1] if len(self.ordered) > 1 else None
        if mode is ReferenceMode.PREVIOUS:
            chosen = self.entries[-1]
        elif second is not None and mode is ReferenceMode.SECOND_LOWEST:
            chosen = second
        else:
            chosen = lowest
        return _reference(chosen, self.entries[0], second, len(self.entries))


def _uptake_of(measurement: Measurement | None) -> Uptake | None:
    return measurement.uptake if measurement else None


def _reference(chosen: Earlier, first: Earlier, second: Earlier | None, number: int) -> Reference:
    return Reference(
        size=Millimetres(chosen.size),
        measured=chosen.measurement,
        baseline=Millimetres(first.size),
        began=first.measurement,
        second_lowest=Millimetres(second.size) if second is not None else None,
        number=number,
    )
