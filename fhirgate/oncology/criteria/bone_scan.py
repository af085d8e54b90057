"""Progression on bone scans by the number of new lesions: PCWG3.

Scher et al., J Clin Oncol 2016;34:1402: on the first post-treatment scan (flare window) two or more new
lesions are only unconfirmed; progression needs two or more *additional* new lesions on a scan at least six
weeks later ("2+2") and is dated the first. That first scan is then the reference: later, two or more new
lesions that persist at least six weeks later are progression, dated the first of the two.
"""

from collections.abc import Sequence
from enum import StrEnum

from fhirgate.oncology.chart import BoneScan
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.criteria.rule import Rule, first_match
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import Verdict
from fhirgate.oncology.wording import count

NAME = "PCWG3 bone scan"
SOURCE = "PCWG3, Scher 2016"

NEW_LESIONS = 2
"""Least number of new lesions that counts. Source: PCWG3."""
CONFIRM_AFTER_DAYS = 42
"""Least interval to the confirming scan. Source: PCWG3."""
FLARE_WINDOW_DAYS = 84
"""A first post-treatment scan within this time may show flare. Source: PCWG3 (8 to 12 weeks)."""

LIMITS = {
    "new lesions": f"at least {NEW_LESIONS}; after a first scan in the flare window {NEW_LESIONS} more",
    "confirming scan": f"at least {CONFIRM_AFTER_DAYS} days later",
    "flare window": f"first post-treatment scan, up to {FLARE_WINDOW_DAYS} days after start",
}


class BoneResponse(StrEnum):
    """PCWG3 bone category."""

    NON_PD = "NON-PD"
    PDU = "PDu"
    PD = "PD"


@value
class BoneFacts:
    """One scan with what came before it.

    `new` counts lesions new against the scan it is compared with; `persisting` how many new lesions of the
    pending scan are still there. `pending_in_flare_window`: the pending scan was the first on treatment.
    """

    new: int
    persisting: int = 0
    progressed_on: str = ""
    pending: bool = False
    pending_in_flare_window: bool = False
    days_since_pending: int = 0

    @property
    def due(self) -> bool:
        """Whether a pending scan can be confirmed now."""
        return self.pending and self.days_since_pending >= CONFIRM_AFTER_DAYS


def _numbers(facts: BoneFacts) -> str:
    return count(facts.new, "new bone lesion")


RULES: tuple[Rule[BoneFacts, BoneResponse], ...] = (
    Rule(
        "bone-progressed-before",
        "Progression was confirmed on an earlier scan.",
        SOURCE,
        lambda facts: bool(facts.progressed_on),
        BoneResponse.PD,
        lambda facts: f"progression confirmed before, dated {facts.progressed_on}",
    ),
    Rule(
        "bone-two-plus-two",
        "Two or more new lesions in the flare window, then two or more additional ones after six weeks.",
        SOURCE,
        lambda facts: facts.due and facts.pending_in_flare_window and facts.new >= NEW_LESIONS,
        BoneResponse.PD,
        lambda facts: f"{facts.new} additional new bone lesions after new ones in the flare window",
    ),
    Rule(
        "bone-persisting",
        "Two or more new lesions after the flare window that persist at least six weeks later.",
        SOURCE,
        lambda facts: facts.due and not facts.pending_in_flare_window and facts.persisting >= NEW_LESIONS,
        BoneResponse.PD,
        lambda facts: f"{facts.persisting} new bone lesions persist after {facts.days_since_pending} days",
    ),
    Rule(
        "bone-awaiting-confirmation",
        "Less than six weeks since two or more new lesions.",
        SOURCE,
        lambda facts: facts.pending and not facts.due,
        BoneResponse.PDU,
        lambda facts: f"only {facts.days_since_pending} days since the scan to confirm",
    ),
    Rule(
        "bone-flare",
        "New lesions in the flare window without further ones later were flare.",
        SOURCE,
        lambda facts: facts.due and facts.pending_in_flare_window,
        BoneResponse.NON_PD,
        lambda facts: f"{_numbers(facts)} since the flare window: the earlier ones were flare",
    ),
    Rule(
        "bone-new-lesions",
        "Two or more new lesions that wait for confirmation.",
        SOURCE,
        lambda facts: facts.new >= NEW_LESIONS,
        BoneResponse.PDU,
        _numbers,
    ),
    Rule(
        "bone-no-progression",
        "Fewer than two new lesions.",
        SOURCE,
        lambda facts: True,
        BoneResponse.NON_PD,
        _numbers,
    ),
)


@value
class BoneVerdict:
    """The category at one scan; `progressed_on` dates a PD at the first of the two scans that make it."""

    scan: BoneScan
    verdict: Verdict[BoneResponse]
    progressed_on: ClinicalDate | None = None


def classify_bone_scans(scans: Sequence[BoneScan], start: ClinicalDate) -> tuple[BoneVerdict, ...]:
    """The category of every post-treatment scan, in the order of their dates.

    `start` is the start of treatment. Where the reader does not count persisting lesions, a scan with as many
    new lesions against the same reference shows that they persist.
    """
    verdicts: list[BoneVerdict] = []
    pending: BoneScan | None = None
    first_of_all = True
    pending_in_window = False
    progressed: ClinicalDate | None = None
    for scan in scans:
        facts = BoneFacts(
            new=scan.new_lesions,
            persisting=_persisting(scan, pending),
            progressed_on=str(progressed or ""),
            pending=pending is not None,
            pending_in_flare_window=pending_in_window,
            days_since_pending=scan.taken_on.least_days_since(pending.taken_on) if pending else 0,
        )
        verdict = first_match(RULES, facts, (scan.source,))
        if verdict.answer is BoneResponse.PD and progressed is None and pending is not None:
            progressed = pending.taken_on
        elif verdict.rule == "bone-new-lesions":
            pending = scan
            pending_in_window = first_of_all and scan.taken_on.least_days_since(start) <= FLARE_WINDOW_DAYS
        elif verdict.answer is BoneResponse.NON_PD:
            pending = None
        first_of_all = False
        verdicts.append(BoneVerdict(scan=scan, verdict=verdict, progressed_on=progressed))
    return tuple(verdicts)


def _persisting(scan: BoneScan, pending: BoneScan | None) -> int:
    if scan.persisting is not None:
        return scan.persisting
    return min(scan.new_lesions, pending.new_lesions) if pending else 0
