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

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.lesion import Kind, Measurement, Uptake
from fhirgate.oncology.millimetres import ZERO, Millimetres
from fhirgate.oncology.policy import ReferenceMode


@dataclass(frozen=True, slots=True, order=True)
class Earlier:
    """One earlier size; ordered by size, then by when it was seen."""

    size: Decimal
    position: int
    measurement: Measurement = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a size is compared with: the reference, and the size at the start of the course [mm]."""

    size: Millimetres
    measured: Measurement
    baseline: Millimetres
    second_lowest: Millimetres | None
    number: int


@dataclass(slots=True)
class Past:
    """Earlier measurements of one lesion on one course, in order.

    `before_course` is the last size from before the course, used only when the course itself has none yet.
    """

    entries: deque[Earlier] = field(default_factory=deque)
    ordered: list[Earlier] = field(default_factory=list)
    before_course: Earlier | None = None
    seen: bool = False
    measured: bool = False
    absent_last: bool = False
    uptakes: list[Uptake] = field(default_factory=list)
    last_on: ClinicalDate | None = None
    last_position: int = -1

    def add(self, measurement: Measurement, position: int, *, on_course: bool = True) -> None:
        """Remember a measurement."""
        if measurement.kind is Kind.NOT_EVALUABLE:
            return
        self.last_on, self.last_position = measurement.taken_on, position
        self.seen = self.seen or measurement.kind is not Kind.ABSENT
        self.absent_last = measurement.kind is Kind.ABSENT
        if measurement.uptake is not None and on_course:
            self.uptakes.append(measurement.uptake)
        if measurement.size is None:
            return
        self.measured = self.measured or measurement.size > ZERO
        entry = Earlier(measurement.size, position, measurement)
        if on_course:
            self.entries.append(entry)
            insort(self.ordered, entry)
        else:
            self.before_course = entry

    def restart(self) -> None:
        """Forget the sizes from before a local treatment took effect."""
        self.entries.clear()
        self.ordered.clear()
        self.uptakes.clear()
        self.before_course = None

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
        elif mode is ReferenceMode.SECOND_LOWEST and second is not None:
            chosen = second
        else:
            chosen = lowest
        return _reference(chosen, self.entries[0], second, len(self.entries))

    def near_lowest(self, reach: Decimal, most: int) -> list[Earlier]:
        """The lowest sizes up to `reach` [mm], at most `most` of them."""
        return self.ordered[: min(bisect_right(self.ordered, reach, key=lambda each: each.size), most)]


def _reference(chosen: Earlier, first: Earlier, second: Earlier | None, number: int) -> Reference:
    return Reference(
        size=Millimetres(chosen.size),
        measured=chosen.measurement,
        baseline=Millimetres(first.size),
        second_lowest=Millimetres(second.size) if second is not None else None,
        number=number,
    )
