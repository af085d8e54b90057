"""A line continued beyond progression after local treatment, in segments (domain §7.2, step 8).

Local treatment never starts, ends or counts as a line. Each progression opens at most one segment, at the first
fraction of the first local treatment that follows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from string import ascii_lowercase

from fhirgate.oncology.clinical_date import ClinicalDate, add_days, by_date
from fhirgate.oncology.policy import LinesPolicy
from fhirgate.oncology.reconstruct.exposures import Period
from fhirgate.oncology.therapy import ABLATIVE, Intent, LocalTreatment, Segment
from fhirgate.oncology.value import value


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """The rule on local treatment, as it is printed."""

    name: str
    says: str
    source: str


SEGMENT_RULE = SegmentRule(
    "segment",
    "Local treatment at most local_treatment_after_progression_days after a progression on the line, with the same"
    " regimen continued, opens a segment of the line and never a new line.",
    "Weickhardt 2012; domain §7.2 step 8",
)


@value
class Span:
    """A line in time: its first day, the day before the next line or of judgement, its periods."""

    start: date
    until: date
    periods: tuple[Period, ...]


def cuts(
    span: Span,
    treatments: Sequence[LocalTreatment],
    progressions: Sequence[date],
    policy: LinesPolicy,
) -> tuple[ClinicalDate, ...]:
    """The local treatments' dates at which a line is cut into segments, in order."""
    found: list[ClinicalDate] = []
    used = span.start
    days = sorted({each.started_on for each in treatments if _treats_progression(each)}, key=by_date)
    for day in days:
        before = [
            each
            for each in progressions
            if each >= used
            and 0 <= (day.earliest - each).days <= policy.local_treatment_after_progression_days
        ]
        if before and _within(span, day.earliest) and _continued(span, day.earliest, policy.gap_days):
            found.append(day)
            # The same progression, treated in several sittings, opens no second segment.
            used = add_days(day.earliest, 1)
    return tuple(found)


def segments_of(start: date, end: date | None, cut: Sequence[ClinicalDate]) -> tuple[Segment, ...]:
    """The segments a, b, c ... of a line that is cut on these days; none when it is not."""
    if not cut:
        return ()
    starts = [start, *(day.earliest for day in cut)]
    ends = [*(add_days(day, -1) for day in starts[1:]), end]
    return tuple(
        Segment(label=_label(number), start=first, end=last)
        for number, (first, last) in enumerate(zip(starts, ends, strict=True))
    )


def _treats_progression(treatment: LocalTreatment) -> bool:
    """Ablation always; other radiotherapy unless it is palliation of a symptom."""
    return treatment.modality in ABLATIVE or treatment.intent not in (Intent.PALLIATIVE, Intent.SUPPORTIVE)


def _within(span: Span, day: date) -> bool:
    return span.start < day <= span.until


def _continued(span: Span, day: date, gap_days: int) -> bool:
    """Whether the regimen was given after the day, and again within the gap."""
    return any(each.last > day and (each.first - day).days <= gap_days for each in span.periods)


def _label(number: int) -> str:
    """a, b, ... z, aa, ab, ..."""
    rounds, letter = divmod(number, len(ascii_lowercase))
    return (_label(rounds - 1) if rounds else "") + ascii_lowercase[letter]
