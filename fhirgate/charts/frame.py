"""The time axis that all parts of the picture share."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from fhirgate.charts.style import PLOT
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.clinical_date import ClinicalDate, add_days

_LEAST_DAYS = 60
_PAST = 400
"""Therapy up to this many days before the first image is always on the axis (our choice, for reading)."""
_MOST_TICKS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """From `begin` to `end`, both shown. `as_of` may lie after `end`, and therapy before `begin`."""

    begin: date
    end: date
    as_of: date

    def x(self, day: date) -> float:
        """Where a day lies [px], held to the axis."""
        days = (min(max(day, self.begin), self.end) - self.begin).days
        return round(days * PLOT / (self.end - self.begin).days, 2)

    def x_of(self, when: ClinicalDate) -> float:
        """Where a date lies [px], the middle of what it may be."""
        return self.x(middle(when))

    @property
    def cut_short(self) -> bool:
        """Whether the axis ends before the date of judgement."""
        return self.end < self.as_of

    def ticks(self) -> tuple[date, ...]:
        """First days of months, so few that their names do not collide."""
        for step in (1, 2, 3, 6, 12, 24, 60, 120):
            found = tuple(self._months(step))
            if len(found) <= _MOST_TICKS:
                return found
        return ()

    def _months(self, step: int) -> Iterator[date]:
        """The first days of every so many months, counted from January."""
        first = self.begin.year * 12 + self.begin.month - (self.begin.day == 1)
        last = self.end.year * 12 + self.end.month - 1
        for month in range(-(-first // step) * step, last + 1, step):
            yield date(month // 12, month % 12 + 1, 1)


def middle(when: ClinicalDate) -> date:
    """The middle of the days a date may be."""
    return when.earliest + (when.latest - when.earliest) // 2


def frame_of(assessment: Assessment) -> Frame:
    """An axis over everything that happened, images first.

    Therapy long before the first image, and a date of judgement long after the last event, would press the images
    together: the axis then leaves them out, and the picture says so.
    """
    therapy = sorted(_therapy_days(assessment))
    images = sorted(_image_days(assessment)) or [*therapy[:1], assessment.as_of]
    first, last = images[0], images[-1]
    span = max((last - first).days, _LEAST_DAYS)
    since = add_days(first, -max(_PAST, span))
    begin = next((each for each in therapy if since <= each < first), first)
    latest = max([last, *therapy])
    end = max(min(assessment.as_of, add_days(latest, max(span // 4, _LEAST_DAYS))), latest)
    days = (end - begin).days
    margin = max(days // 40, 1, (_LEAST_DAYS - days) // 2)
    return Frame(begin=add_days(begin, -margin), end=max(end, add_days(last, margin)), as_of=assessment.as_of)


def _image_days(assessment: Assessment) -> Iterable[date]:
    for each in assessment.timepoints:
        yield middle(each.timepoint.date)
        yield from (middle(found.taken_on) for found in each.timepoint.measurements.values())


def _therapy_days(assessment: Assessment) -> Iterable[date]:
    """Starts and ends; an open line may reach to the date of judgement, and does not stretch the axis to it."""
    for line in assessment.lines:
        yield line.start
        if line.end:
            yield line.end
    for lesion in assessment.lesions:
        yield from (middle(each.started_on) for each in lesion.local_treatments)
