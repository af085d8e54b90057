"""A line of therapy while it is being put together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.policy import LinesPolicy
from fhirgate.oncology.reconstruct.agent_kinds import interchangeable, is_backbone, maintains
from fhirgate.oncology.reconstruct.exposures import Period
from fhirgate.oncology.therapy import Agent, LineFlag, OpenedBy, Phase, Setting


class Part(StrEnum):
    """What an agent is to its line."""

    REGIMEN = "regimen"
    SUBSTITUTE = "substitute"
    MAINTENANCE = "maintenance"


@dataclass(slots=True, kw_only=True)
class Member:
    """One agent of a line: since when, its last period, and how far any of them reaches."""

    agent: Agent
    part: Part
    carried: bool
    first: date
    latest: Period
    reach: date


@dataclass(slots=True, kw_only=True)
class OpenLine:
    """A line as far as it has been walked. `before` are the members of the line before it."""

    setting: Setting
    number: int | None
    start: ClinicalDate
    opened_by: OpenedBy
    members: dict[str, Member] = field(default_factory=dict)
    before: Mapping[str, Member] = field(default_factory=dict)
    periods: list[Period] = field(default_factory=list)
    flags: set[LineFlag] = field(default_factory=set)
    main_reach: Period | None = None
    backbone_reach: Period | None = None

    def add(self, period: Period, part: Part) -> None:
        """Put an exposure into the line; an agent keeps the part that it first had."""
        self.periods.append(period)
        self._reach(period)
        member = self.members.get(period.agent.name)
        if member is None:
            self.members[period.agent.name] = Member(
                agent=period.agent,
                part=part,
                carried=False,
                first=period.first,
                latest=period,
                reach=period.reach,
            )
        else:
            member.latest, member.reach = period, max(member.reach, period.reach)

    def carry(self, period: Period, first: date) -> None:
        """Put in an exposure to an agent that continues from the line before, where it was given since `first`."""
        self.add(period, Part.REGIMEN)
        member = self.members[period.agent.name]
        member.carried, member.first = True, first

    def _reach(self, period: Period) -> None:
        """Keep the period that reaches furthest, GnRH analogues apart."""
        if is_backbone(period.agent):
            if self.backbone_reach is None or period.reach > self.backbone_reach.reach:
                self.backbone_reach = period
        elif self.main_reach is None or period.reach > self.main_reach.reach:
            self.main_reach = period

    def like(self, agent: Agent) -> Member | None:
        """The member that an agent is, or may be exchanged for."""
        same = self.members.get(agent.name)
        if same is not None or not agent.interchange_group:
            return same
        return next((each for each in self.members.values() if interchangeable(each.agent, agent)), None)

    @property
    def backbone_only(self) -> bool:
        """Whether nothing but GnRH analogues belong to it."""
        return all(is_backbone(each.agent) for each in self.members.values())

    def furthest(self) -> Period | None:
        """The period that reaches furthest, none without any; GnRH analogues, given all along, count only alone."""
        return self.main_reach or self.backbone_reach

    def agents(self, part: Part) -> tuple[Agent, ...]:
        """The agents that are this to the line, by name."""
        return tuple(
            self.members[name].agent for name in sorted(self.members) if self.members[name].part is part
        )

    def carried(self) -> tuple[Agent, ...]:
        """The agents that continue from the line before, by name."""
        return tuple(self.members[name].agent for name in sorted(self.members) if self.members[name].carried)


def phase_of(line: OpenLine, until: date, policy: LinesPolicy) -> Phase:
    """Where a line is on its last day.

    Continuation maintenance: drugs were dropped more than the regimen window before the last exposure, and only
    continuation-maintenance drugs remain. A drug and its substitute are one; GnRH analogues are left out; a drug
    of which nothing says that it ended has not been dropped.
    """
    if line.agents(Part.MAINTENANCE):
        return Phase.SWITCH_MAINTENANCE
    given: dict[str, date] = {}
    for member in line.members.values():
        if not is_backbone(member.agent):
            name = member.agent.interchange_group or member.agent.name
            day = until if member.latest.open else min(member.latest.last, until)
            given[name] = max(given.get(name, date.min), day)
    last = max(given.values(), default=date.min)
    remaining = {name for name, day in given.items() if (last - day).days <= policy.regimen_window_days}
    stays = [
        each.agent
        for each in line.members.values()
        if (each.agent.interchange_group or each.agent.name) in remaining
    ]
    if len(remaining) < len(given) and all(maintains(agent, policy) for agent in stays):
        return Phase.CONTINUATION_MAINTENANCE
    return Phase.INDUCTION
