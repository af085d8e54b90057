"""From exposures to numbered lines of therapy (domain §7.2).

Exposures are cleaned and merged, walked in order of start through the rules of `line_rules`, and each line is
then closed with its phase, its segments and the reason for its end.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Protocol

from fhirgate.oncology.clinical_date import ClinicalDate, add_days
from fhirgate.oncology.finding import Finding, Severity, in_order
from fhirgate.oncology.policy import LinesPolicy
from fhirgate.oncology.reconstruct.exposures import STRENGTH, clean_exposures
from fhirgate.oncology.reconstruct.line_doubts import doubt_on_segment
from fhirgate.oncology.reconstruct.line_ends import END_RULES, Ending, end_reason
from fhirgate.oncology.reconstruct.line_rules import RULES
from fhirgate.oncology.reconstruct.line_walk import Decision, Walk
from fhirgate.oncology.reconstruct.open_line import OpenLine, Part, phase_of
from fhirgate.oncology.reconstruct.segments import SEGMENT_RULE, Span, cuts, segments_of
from fhirgate.oncology.therapy import (
    Evidence,
    Exposure,
    LineFlag,
    LineOfTherapy,
    LocalTreatment,
    Setting,
)
from fhirgate.oncology.value import value


@value
class Lines:
    """Lines of therapy: curative ones first (without number), then palliative ones, each by start.

    `decisions` say which rule decided on the start of each exposure, in order.
    """

    lines: tuple[LineOfTherapy, ...]
    findings: tuple[Finding, ...]
    decisions: tuple[Decision, ...] = ()


class RuleText(Protocol):
    """A rule as it is printed: its name, what it says, where it stands."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def says(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102


def rule_texts() -> tuple[RuleText, ...]:
    """All rules on lines in order: what advances, what makes a segment, why a line ended."""
    return (*RULES, SEGMENT_RULE, *END_RULES)


def reconstruct_lines(  # noqa: PLR0913
    exposures: Iterable[Exposure],
    *,
    index: ClinicalDate | None,
    policy: LinesPolicy,
    as_of: date,
    progressions: Sequence[ClinicalDate] = (),
    local_treatments: Sequence[LocalTreatment] = (),
    died_on: ClinicalDate | None = None,
) -> Lines:
    """The lines of therapy known on `as_of`.

    `index` is the first documentation of metastases; without it every line is of curative setting. Progressions
    tell a resumed line from a new one, maintenance from a new line, and why a line ended.
    """
    findings: list[Finding] = []
    periods = clean_exposures(
        exposures, as_of=as_of, order_days=policy.regimen_window_days, findings=findings
    )
    days = sorted({each.earliest for each in progressions if each.earliest <= as_of})
    walk = Walk(index=index, policy=policy, progressions=days, findings=findings)
    for _, batch in groupby(periods, key=lambda each: each.first):
        walk.take(list(batch))
    closing = _Closing(
        index=index,
        policy=policy,
        as_of=as_of,
        progressions=days,
        local_treatments=[each for each in local_treatments if each.started_on.earliest <= as_of],
        died_on=died_on.earliest if died_on is not None and died_on.earliest <= as_of else None,
        findings=findings,
    )
    following = [*(each.start.earliest for each in walk.lines[1:]), None]
    lines = [closing.close(line, next_start) for line, next_start in zip(walk.lines, following, strict=False)]
    lines.sort(key=lambda each: (each.number is not None, each.start))
    return Lines(lines=tuple(lines), findings=in_order(set(findings)), decisions=tuple(walk.decisions))


@value
class _Closing:
    """What is asked when a line is closed."""

    index: ClinicalDate | None
    policy: LinesPolicy
    as_of: date
    progressions: Sequence[date]
    local_treatments: Sequence[LocalTreatment]
    died_on: date | None
    findings: list[Finding]

    def close(self, line: OpenLine, next_start: date | None) -> LineOfTherapy:
        """The finished line; `next_start` is the first day of the line that follows."""
        until = add_days(next_start, -1) if next_start else self.as_of
        last = min(max(each.last for each in line.periods), until)
        flags = line.flags | self._on_adjuvant(line, until)
        ending = self._ending(line, last, next_start, flags)
        reason = end_reason(ending)
        end = last if ending.over else None
        own = [each for each in line.periods if not line.members[each.agent.name].carried]
        evidence = min((each.exposure.evidence for each in own), key=STRENGTH.index)
        span = Span(start=line.start.earliest, until=until, periods=tuple(line.periods))
        cut = cuts(span, self.local_treatments, self.progressions, self.policy)
        flags |= self._cut_flags(cut)
        if evidence is Evidence.ORDERED_ONLY:
            self.findings.append(_only_ordered(line))
        return LineOfTherapy(
            number=line.number,
            setting=line.setting,
            start=line.start.earliest,
            last_exposure=last,
            end=end,
            agents=line.agents(Part.REGIMEN),
            substitutions=line.agents(Part.SUBSTITUTE),
            maintenance=line.agents(Part.MAINTENANCE),
            carried=line.carried(),
            phase=phase_of(line, until, self.policy),
            segments=segments_of(line.start.earliest, end, cut),
            end_reason=reason,
            opened_by=line.opened_by,
            evidence=evidence,
            flags=tuple(flag for flag in LineFlag if flag in flags) if flags else (),
            exposures=tuple(
                each.exposure for each in sorted(line.periods, key=lambda each: (each.first, each.agent.name))
            ),
        )

    def _on_adjuvant(self, line: OpenLine, until: date) -> set[LineFlag]:
        """Flagged when a therapy of curative intent was given on or after the day of the first metastasis."""
        if self.index is None or line.setting is Setting.PALLIATIVE:
            return set()
        across = any(min(each.last, until) >= self.index.earliest for each in line.periods)
        return {LineFlag.ON_ADJUVANT_AT_METASTASIS} if across else set()

    def _ending(self, line: OpenLine, last: date, next_start: date | None, flags: set[LineFlag]) -> Ending:
        # Metastasis on adjuvant therapy is what ends it, as progression ends a palliative line.
        relapse = self.index is not None and LineFlag.ON_ADJUVANT_AT_METASTASIS in flags
        events = [self.index.earliest, *self.progressions] if self.index and relapse else self.progressions
        return Ending(
            last=last,
            latest=tuple(member.latest for member in line.members.values()),
            next_start=next_start,
            as_of=self.as_of,
            progressions=events,
            died_on=self.died_on,
            policy=self.policy,
        )

    def _cut_flags(self, cut: Sequence[ClinicalDate]) -> set[LineFlag]:
        if not cut:
            return set()
        doubts = [doubt for doubt in map(doubt_on_segment, cut) if doubt is not None]
        self.findings.extend(doubts)
        imprecise = {LineFlag.DATES_IMPRECISE} if doubts else set()
        return {LineFlag.BEYOND_PROGRESSION_AFTER_LAT} | imprecise


def _only_ordered(line: OpenLine) -> Finding:
    names = ", ".join(sorted(line.members))
    return Finding(
        code="THERAPY_ONLY_ORDERED",
        severity=Severity.INFORMATION,
        text=f"the line of {names} from {line.start} rests on orders only; an administration, a dispense or a"
        " statement of intake would show that it was given",
        source=line.periods[0].exposure.sources[0] if line.periods[0].exposure.sources else None,
    )
