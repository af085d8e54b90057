"""When a drug belongs to the line that is open, and when it opens a new one (domain §7.2 and §7.3).

The rules are asked in order, the first that holds decides. The numbers of days are a site's choices and stand in
`LinesPolicy`; those that no site should change stand here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from fhirgate.oncology.policy import GapPolicy, LinesPolicy
from fhirgate.oncology.reconstruct.agent_kinds import (
    is_anti_egfr,
    is_anti_her2,
    is_backbone,
    is_biologic,
    is_cdk46,
    is_platinum,
    joins_castration,
)
from fhirgate.oncology.reconstruct.open_line import OpenLine
from fhirgate.oncology.therapy import Agent, LotRole, Setting
from fhirgate.oncology.value import value

CONTINUES_DAYS = 42
"""A drug given again within six weeks has continued: infusions are up to six weeks apart (domain §7.4)."""
STOPPED_FOR_PROGRESSION_DAYS = 30
"""A progression up to this many days before the last dose is what ended the therapy (domain §7.2, step 7)."""


class Move(StrEnum):
    """What the start of an exposure does to the line that is open."""

    OPEN_FIRST = "opens the first line"
    OPEN_NEW_DRUG = "opens a line with a new drug"
    OPEN_GAP = "opens a line after a gap"
    EXTEND = "extends the line"
    RESUME = "resumes the line"
    JOIN = "joins the line"
    CARRY = "continues from the line before"
    MAINTAIN = "is switch maintenance"

    @property
    def opens(self) -> bool:
        """Whether a new line begins."""
        return self in (Move.OPEN_FIRST, Move.OPEN_NEW_DRUG, Move.OPEN_GAP)


@value
class Start:
    """An exposure that starts, seen from the line open then; a line without members is no line yet.

    `setting` is that of the exposure. `line_start` and `line_reach` are the line's first day and the end of its
    supply; all three dates are one reading of what may be partial dates. `with_agents` start on the same day.
    """

    agent: Agent
    setting: Setting
    day: date
    with_agents: frozenset[str]
    line: OpenLine
    line_start: date
    line_reach: date
    progressions: Sequence[date]
    policy: LinesPolicy

    @property
    def days(self) -> int:
        """Days since the line began."""
        return (self.day - self.line_start).days

    @property
    def gap(self) -> int:
        """Days since the end of the line's last exposure or supply."""
        return (self.day - self.line_reach).days

    @property
    def within_gap(self) -> bool:
        """Whether the line was still being given."""
        return self.gap <= self.policy.gap_days

    @property
    def known(self) -> bool:
        """Whether the agent, or one it may be exchanged for, belongs to the line."""
        return self.line.like(self.agent) is not None

    def progressed(self, since: date, margin: int = 0) -> bool:
        """Whether a progression is documented from `margin` days before `since` until the exposure starts."""
        return any((each - since).days >= -margin and each <= self.day for each in self.progressions)

    @property
    def stopped_for_progression(self) -> bool:
        """Whether a progression lies between the last exposure, or shortly before it, and this start."""
        return self.progressed(self.line_reach, STOPPED_FOR_PROGRESSION_DAYS)


@dataclass(frozen=True, slots=True)
class LineRule:
    """One rule of the walk through the exposures."""

    name: str
    says: str
    source: str
    holds: Callable[[Start], bool]
    answer: Move


def _adjuvant_continues(s: Start) -> bool:
    if s.setting is s.line.setting or s.line.setting is Setting.PALLIATIVE:
        return False
    member = s.line.like(s.agent) if is_backbone(s.agent) else s.line.members.get(s.agent.name)
    return member is not None and (s.day - member.reach).days <= s.policy.gap_days


def _carried_over(s: Start) -> bool:
    before = s.line.before.get(s.agent.name)
    if before is None:
        return False
    gap = (s.day - before.reach).days
    within = s.policy.gap_days if is_anti_her2(s.agent) else CONTINUES_DAYS
    return gap <= within or is_backbone(s.agent)


def _backbone_window(s: Start) -> bool:
    if s.days > s.policy.backbone_window_days:
        return False
    if s.line.backbone_only:
        return True
    has_backbone = any(is_backbone(each.agent) for each in s.line.members.values())
    return has_backbone and joins_castration(s.agent) and not s.progressed(s.line_start)


def _cdk46_window(s: Start) -> bool:
    if not is_cdk46(s.agent):
        return False
    partners = (m for m in s.line.members.values() if m.agent.lot_role is LotRole.COUNTS_ENDOCRINE)
    first = min((each.first for each in partners), default=date.min)
    return (s.day - first).days <= s.policy.cdk46_window_days


def _after_platinum(s: Start) -> bool:
    """Whether the line had platinum, and it is no longer given."""
    platinum = [each for each in s.line.members.values() if is_platinum(each.agent)]
    still = any(each.latest.last >= s.day or each.agent.name in s.with_agents for each in platinum)
    return bool(platinum) and not still


def _switch_maintenance(s: Start) -> bool:
    return (
        s.line.number == 1
        and s.agent.name in s.policy.switch_maintenance_drugs
        and _after_platinum(s)
        and s.gap <= s.policy.switch_maintenance_gap_days
        and not s.progressed(s.line_start)
    )


def _biologic_added(s: Start) -> bool:
    if not is_biologic(s.agent) or not s.within_gap:
        return False
    limit = s.policy.biologic_addition_days
    if is_anti_egfr(s.agent) and s.policy.anti_egfr_addition_days is not None:
        limit = s.policy.anti_egfr_addition_days
    return s.policy.biologic_addition_never_advances or s.days <= limit


def _curative_sequence(s: Start) -> bool:
    sequential = is_biologic(s.agent) or s.agent.drug_class == "chemotherapy"
    return s.line.setting is Setting.CURATIVE and sequential and s.within_gap


_OURS = "domain §7.2, our choice"

RULES: tuple[LineRule, ...] = (
    LineRule(
        "first-therapy",
        "The first systemic therapy opens a line.",
        _OURS,
        lambda s: not s.line.members,
        Move.OPEN_FIRST,
    ),
    LineRule(
        "adjuvant-continues",
        "A therapy of curative intent that is still given after the first metastasis is not line 1.",
        _OURS,
        _adjuvant_continues,
        Move.EXTEND,
    ),
    LineRule(
        "first-after-metastasis",
        "The first therapy after the first metastasis, or the first change of an earlier one, opens line 1.",
        "Saini & Twelves 2021 (curative and palliative lines); domain §7.2",
        lambda s: s.setting is Setting.PALLIATIVE and s.line.setting is Setting.CURATIVE,
        Move.OPEN_FIRST,
    ),
    LineRule(
        "backbone-continues",
        "A GnRH analogue of the line extends it however long the pause, whichever analogue it is.",
        "domain §7.3, our choice",
        lambda s: is_backbone(s.agent) and s.known,
        Move.EXTEND,
    ),
    LineRule(
        "same-drug",
        "A drug of the line given again within gap_days extends it; dropping others never advances.",
        "Hess 2021; Meng 2019",
        lambda s: s.agent.name in s.line.members and s.within_gap,
        Move.EXTEND,
    ),
    LineRule(
        "interchange",
        "A drug of the same interchange group (cisplatin and carboplatin, 5-FU and capecitabine) takes its place,"
        " within gap_days.",
        "Hess 2021; Meng 2019",
        lambda s: s.known and s.within_gap,
        Move.EXTEND,
    ),
    LineRule(
        "restart-after-gap",
        "A drug of the line, after more than gap_days without any, opens a new line when a progression was"
        " documented in between (from 30 days before the last exposure), or when gap_policy is new_line.",
        "Hess 2021 and Meng 2019 (gaps); domain §7.2",
        lambda s: s.known and (s.policy.gap_policy is GapPolicy.NEW_LINE or s.stopped_for_progression),
        Move.OPEN_GAP,
    ),
    LineRule(
        "resumed",
        "A drug of the line, after more than gap_days without any and without progression, resumes the line.",
        _OURS,
        lambda s: s.known,
        Move.RESUME,
    ),
    LineRule(
        "carried-over",
        "A drug of the line before that is given again within six weeks of its last dose continues in this line;"
        " anti-HER2 antibodies within gap_days, GnRH analogues always.",
        "domain §7.3, our choice",
        _carried_over,
        Move.CARRY,
    ),
    LineRule(
        "regimen-window",
        "A drug begun at most regimen_window_days after the line belongs to the regimen.",
        "Hess 2021; Meng 2019",
        lambda s: s.days <= s.policy.regimen_window_days,
        Move.JOIN,
    ),
    LineRule(
        "backbone-added",
        "A GnRH analogue added to other therapy never advances.",
        "domain §7.3, our choice",
        lambda s: is_backbone(s.agent) and s.within_gap,
        Move.JOIN,
    ),
    LineRule(
        "backbone-window",
        "A drug begun at most backbone_window_days after a GnRH analogue alone joins it; so do, without"
        " progression, AR pathway inhibitors and docetaxel when others have joined already.",
        "domain §7.2, our choice",
        _backbone_window,
        Move.JOIN,
    ),
    LineRule(
        "cdk46-window",
        "A CDK4/6 inhibitor begun at most cdk46_window_days after the endocrine agent joins it.",
        _OURS,
        _cdk46_window,
        Move.JOIN,
    ),
    LineRule(
        "switch-maintenance",
        "In line 1 after platinum, without progression since its start, a drug of the list begun at most"
        " switch_maintenance_gap_days after the last exposure is maintenance.",
        "Hess 2021; Meng 2019",
        _switch_maintenance,
        Move.MAINTAIN,
    ),
    LineRule(
        "biologic-added",
        "A biologic added at most biologic_addition_days after the start of the line joins it"
        " (anti-EGFR antibodies: anti_egfr_addition_days; any time where biologic_addition_never_advances).",
        "Hess 2021",
        _biologic_added,
        Move.JOIN,
    ),
    LineRule(
        "curative-sequence",
        "Before the first metastasis, chemotherapy and antibodies given one after the other are one line.",
        _OURS,
        _curative_sequence,
        Move.JOIN,
    ),
    LineRule(
        "new-drug",
        "Any other drug opens a new line; drugs that continue across its start are carried into it.",
        "Meng 2019; domain §7.2",
        lambda _: True,
        Move.OPEN_NEW_DRUG,
    ),
)


*_ASKED, _OTHERWISE = RULES


def decide(start: Start) -> LineRule:
    """The first rule that holds; the last always does."""
    for rule in _ASKED:
        if rule.holds(start):
            return rule
    return _OTHERWISE
