"""Why a line of therapy ended (domain §7.2, step 7); the first rule that holds gives the reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from fhirgate.oncology.policy import LinesPolicy
from fhirgate.oncology.reconstruct.exposures import Period
from fhirgate.oncology.reconstruct.line_rules import STOPPED_FOR_PROGRESSION_DAYS
from fhirgate.oncology.therapy import StopReason
from fhirgate.oncology.value import once


@dataclass(frozen=True, kw_only=True)
class Ending:
    """The end of a line as far as known on `as_of`; what its rules ask is worked out once.

    `last` is its last day of exposure, `latest` the last period of each of its drugs, `next_start` the first day
    of the line that follows.
    """

    last: date
    latest: tuple[Period, ...]
    next_start: date | None
    as_of: date
    progressions: Sequence[date]
    died_on: date | None
    policy: LinesPolicy

    @once
    def final(self) -> tuple[Period, ...]:
        """The last periods of the drugs that were still given at the end."""
        return tuple(
            each for each in self.latest if (self.last - each.last).days <= STOPPED_FOR_PROGRESSION_DAYS
        )

    @once
    def open(self) -> bool:
        """Whether a drug is recorded as taken without an end, and no line follows."""
        return self.next_start is None and any(each.open for each in self.final)

    @once
    def died(self) -> bool:
        """Whether the patient died on the line: no line follows and the gap had not passed."""
        soon = self.died_on is not None and (self.died_on - self.last).days <= self.policy.gap_days
        return (self.next_start is None and soon) or self.stopped_for(StopReason.DEATH)

    @once
    def gap_passed(self) -> bool:
        """Whether more than gap_days lie between the supply's end and the next line or the day of judgement."""
        until = self.next_start or self.as_of
        reach = max(each.reach for each in self.latest)
        return not self.open and (until - reach).days > self.policy.gap_days

    @property
    def progressed(self) -> bool:
        """Whether a progression lies between 30 days before the last exposure and the next line.

        Without a next line it counts as long as the gap has not passed.
        """
        return self.stopped_for(StopReason.PROGRESSION) or bool(self._progressions())

    def _progressions(self) -> Sequence[date]:
        until = self.next_start
        return [
            day
            for day in self.progressions
            if (day - self.last).days >= -STOPPED_FOR_PROGRESSION_DAYS
            and (day <= until if until else (day - self.last).days <= self.policy.gap_days)
        ]

    @once
    def over(self) -> bool:
        """Whether the line has ended at all.

        It has when another line follows, the patient died, every drug is recorded as ended, the gap has passed,
        or nothing was given for the regimen window after a progression.
        """
        if self.next_start is not None or self.died or self.gap_passed:
            return True
        if all(each.exposure.ended for each in self.final):
            return True
        silent = (self.as_of - self.last).days
        return not self.open and any(
            min((self.as_of - day).days, silent) >= self.policy.regimen_window_days
            for day in self._progressions()
        )

    def stopped_for(self, reason: StopReason) -> bool:
        """Whether the record gives this reason for the end of a drug that was still given."""
        return any(each.exposure.stop_reason is reason for each in self.final)


@dataclass(frozen=True, slots=True)
class EndRule:
    """One reason for the end of a line; `name` is the reason."""

    name: str
    says: str
    source: str
    holds: Callable[[Ending], bool]


_OURS = "domain §7.2 step 7, our choice"

END_RULES: tuple[EndRule, ...] = (
    EndRule("DEATH", "The patient died within gap_days of the last exposure.", _OURS, lambda e: e.died),
    EndRule(
        "PROGRESSION",
        "A progression is documented between 30 days before the last exposure and the start of the next line,"
        " or is the reason recorded.",
        _OURS,
        lambda e: e.over and e.progressed,
    ),
    EndRule(
        "TOXICITY",
        "Toxicity is the reason recorded.",
        _OURS,
        lambda e: e.over and e.stopped_for(StopReason.TOXICITY),
    ),
    EndRule(
        "PLANNED_COMPLETION",
        "The therapy was completed as planned, or was recorded as of fixed duration.",
        _OURS,
        lambda e: (
            e.over
            and (
                e.stopped_for(StopReason.PLANNED_COMPLETION)
                or any(each.exposure.fixed_duration for each in e.final)
            )
        ),
    ),
    EndRule("GAP", "Nothing was given for more than gap_days.", _OURS, lambda e: e.gap_passed),
    EndRule("UNKNOWN", "The line is over and nothing says why.", _OURS, lambda e: e.over),
    EndRule("ONGOING", "Nothing says that the line is over.", _OURS, lambda _: True),
)


def end_reason(ending: Ending) -> str:
    """Why the line ended; ONGOING while nothing says that it did."""
    return next(rule.name for rule in END_RULES if rule.holds(ending))
