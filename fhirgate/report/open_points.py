"""What could not be judged and what would settle it: each point once, with the timepoints it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.source import Sources, joined
from fhirgate.oncology.verdict import Reason
from fhirgate.oncology.wording import listed

MOST_DATES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class StillOpen:
    """A reason that a datum would settle."""

    reason: Reason
    dates: tuple[str, ...]
    """Of the timepoints it concerns; empty when it concerns none."""
    sources: Sources

    @property
    def when(self) -> str:
        """The timepoints in words; empty when there is none."""
        if len(self.dates) > MOST_DATES:
            return f"at {len(self.dates)} timepoints, {self.dates[0]} to {self.dates[-1]}"
        return f"at {listed(self.dates)}" if self.dates else ""


def still_open(assessment: Assessment) -> Sequence[StillOpen]:
    """All of them, in the order in which they came up."""
    when: dict[Reason, list[str]] = {}
    sources: dict[Reason, list[Sources]] = {}
    dated = [(str(each.timepoint.date), each.reasons) for each in assessment.timepoints]
    for date, reasons in (*dated, ("", assessment.current.reasons)):
        for each in reasons:
            reason = replace(each, sources=())
            when.setdefault(reason, []).extend([date] if date else [])
            sources.setdefault(reason, []).append(each.sources)
    return [
        StillOpen(reason=reason, dates=tuple(dates), sources=joined(*sources[reason]))
        for reason, dates in when.items()
        if reason.resolved_by
    ]
