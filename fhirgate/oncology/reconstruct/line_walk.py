"""The walk through the exposures, day by day, that opens lines and fills them (domain §7.2, steps 3 and 4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from fhirgate.oncology.clinical_date import ClinicalDate, add_days
from fhirgate.oncology.finding import Finding
from fhirgate.oncology.policy import LinesPolicy
from fhirgate.oncology.reconstruct.exposures import Period
from fhirgate.oncology.reconstruct.line_doubts import doubt_on_move, doubt_on_setting
from fhirgate.oncology.reconstruct.line_rules import LineRule, Move, Start, decide
from fhirgate.oncology.reconstruct.open_line import Member, OpenLine, Part
from fhirgate.oncology.therapy import Evidence, LineFlag, OpenedBy, Setting
from fhirgate.oncology.value import value

_OPENED_BY = {
    Move.OPEN_FIRST: OpenedBy.FIRST,
    Move.OPEN_NEW_DRUG: OpenedBy.NEW_DRUG,
    Move.OPEN_GAP: OpenedBy.GAP,
}


@value
class Decision:
    """Which rule decided what the start of an exposure did."""

    on: ClinicalDate
    agent: str
    rule: str


@dataclass(frozen=True, slots=True)
class Seen:
    """An exposure as seen from the line open at its start, and the rule that holds for it."""

    period: Period
    start: Start
    rule: LineRule


@dataclass(slots=True, kw_only=True)
class Walk:
    """Lines as far as walked; `progressions` are days in order."""

    index: ClinicalDate | None
    policy: LinesPolicy
    progressions: Sequence[date]
    findings: list[Finding]
    border: date = field(init=False)
    lines: list[OpenLine] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Find the day from which on exposures are palliative."""
        first = self.index.earliest if self.index else date.max
        self.border = add_days(first, -self.policy.index_tolerance_days)

    def take(self, batch: Sequence[Period]) -> None:
        """Take the exposures that start on the next day; one that opens a line goes first, a new drug before all.

        The rest of that day is then seen from the new line, so that their order has no meaning.
        """
        setting = self._setting(batch[0])
        line = self.lines[-1] if self.lines else _none_yet(batch[0], setting)
        seen = self._see(batch, setting, line)
        opening = [each for each in seen if each.rule.answer.opens]
        if opening:
            first = next((each for each in opening if each.rule.answer is not Move.OPEN_GAP), opening[0])
            line = self._open(first, line)
            seen = self._see([each for each in batch if each is not first.period], setting, line)
        for each in seen:
            self._apply(each, line)

    def _setting(self, period: Period) -> Setting:
        """Curative before the first metastasis, less the tolerance, and when there never was one."""
        return Setting.CURATIVE if period.first < self.border else Setting.PALLIATIVE

    def _see(self, batch: Sequence[Period], setting: Setting, line: OpenLine) -> list[Seen]:
        names = frozenset(each.agent.name for each in batch)
        furthest = line.furthest()
        reach = furthest.reach if furthest else line.start.earliest
        seen = []
        for period in batch:
            start = Start(
                agent=period.agent,
                setting=setting,
                day=period.first,
                with_agents=names,
                line=line,
                line_start=line.start.earliest,
                line_reach=reach,
                progressions=self.progressions,
                policy=self.policy,
            )
            seen.append(Seen(period, start, decide(start)))
        return seen

    def _open(self, first: Seen, old: OpenLine) -> OpenLine:
        """Begin a line with an exposure; what is still being given then is carried into it."""
        period, setting = first.period, first.start.setting
        numbered = sum(each.number is not None for each in self.lines)
        line = OpenLine(
            setting=setting,
            number=numbered + 1 if setting is Setting.PALLIATIVE else None,
            start=period.exposure.start,
            opened_by=_OPENED_BY[first.rule.answer],
            before=old.members,
        )
        self._note(first, line)
        line.add(period, Part.REGIMEN)
        for member in old.members.values():
            if self._continues(member, period.first):
                line.carry(member.latest, member.first)
        self.lines.append(line)
        return line

    def _continues(self, member: Member, day: date) -> bool:
        """Whether a drug is still given as a new line begins: by its period or supply, or as nothing says it ended.

        What was last known to go on more than the gap ago, or is only ordered or supplied, is not taken to go on.
        """
        known_from = (Evidence.ADMINISTERED, Evidence.STATED)
        goes_on = member.latest.open and member.latest.exposure.evidence in known_from
        within_gap = (day - member.reach).days <= self.policy.gap_days
        return member.reach > day or (goes_on and within_gap)

    def _apply(self, seen: Seen, line: OpenLine) -> None:
        """Put an exposure into the line that is open."""
        self._note(seen, line)
        period, move = seen.period, seen.rule.answer
        if move is Move.CARRY:
            line.carry(period, line.before[period.agent.name].first)
        elif move is Move.MAINTAIN:
            line.add(period, Part.MAINTENANCE)
        elif move is Move.JOIN:
            line.add(period, Part.REGIMEN)
        else:
            # An agent that extends a line without belonging to it is exchanged for a member.
            line.add(period, Part.SUBSTITUTE)
        if move is Move.RESUME:
            line.flags.add(LineFlag.RESUMED)

    def _note(self, seen: Seen, line: OpenLine) -> None:
        """Keep the rule that decided, and what partial dates leave open about it."""
        period = seen.period
        start, agent = period.exposure.start, period.exposure.agent
        self.decisions.append(Decision(on=start, agent=agent.name, rule=seen.rule.name))
        for doubt in (
            doubt_on_move(period, seen.start, seen.rule.answer),
            doubt_on_setting(period, self.index, self.policy.index_tolerance_days),
        ):
            if doubt is not None:
                line.flags.add(LineFlag.DATES_IMPRECISE)
                self.findings.append(doubt)


def _none_yet(period: Period, setting: Setting) -> OpenLine:
    """The state before any line: a line without members."""
    return OpenLine(setting=setting, number=None, start=period.exposure.start, opened_by=OpenedBy.FIRST)
