"""PET response of one lesion or of the hottest lesion: PERCIST 1.0 on SULpeak.

Wahl et al., J Nucl Med 2009;50(Suppl 1):122S. Only SULpeak carries a PERCIST label; SUVmax is compared with
SUVmax only, as a signal without a label. Within-subject variation of uptake is about 10 % (Lodge, J Nucl Med
2017;58:523).
"""

from decimal import Decimal
from enum import StrEnum

from fhirgate.oncology.criteria.rule import Rule
from fhirgate.oncology.lesion import Uptake
from fhirgate.oncology.value import value

NAME = "PERCIST 1.0"

RELATIVE = Decimal("0.30")
"""Least relative change of SULpeak. Source: PERCIST 1.0, Wahl 2009."""
ABSOLUTE = Decimal("0.8")
"""Least absolute change of SULpeak [SUL units]. Source: PERCIST 1.0, Wahl 2009."""

LIMITS = {
    "change of SULpeak": f"at least {RELATIVE:%} and at least {ABSOLUTE} SUL",
}


class MetabolicResponse(StrEnum):
    """PERCIST category."""

    CMR = "CMR"
    PMR = "PMR"
    SMD = "SMD"
    PMD = "PMD"


@value
class UptakeFacts:
    """SULpeak before and now; `new_lesion` when a new FDG-avid lesion is stated; `background` when gone."""

    before: Decimal
    now: Decimal
    new_lesion: bool = False
    background: bool = False

    @property
    def rose(self) -> bool:
        """At least 30 % and 0.8 SUL up."""
        return self.now - self.before >= ABSOLUTE and self.now >= (1 + RELATIVE) * self.before

    @property
    def fell(self) -> bool:
        """At least 30 % and 0.8 SUL down."""
        return self.before - self.now >= ABSOLUTE and self.now <= (1 - RELATIVE) * self.before


def _numbers(facts: UptakeFacts) -> str:
    return f"SULpeak {facts.before} then {facts.now}"


UPTAKE: tuple[Rule[UptakeFacts, MetabolicResponse], ...] = (
    Rule(
        "uptake-new-lesion",
        "A new FDG-avid lesion is progressive metabolic disease.",
        "PERCIST 1.0, Wahl 2009",
        lambda facts: facts.new_lesion,
        MetabolicResponse.PMD,
        lambda facts: "new FDG-avid lesion",
    ),
    Rule(
        "uptake-progression",
        "SULpeak at least 30 % and 0.8 SUL up.",
        "PERCIST 1.0, Wahl 2009",
        lambda facts: facts.rose,
        MetabolicResponse.PMD,
        _numbers,
    ),
    Rule(
        "uptake-complete",
        "Uptake indistinguishable from background.",
        "PERCIST 1.0, Wahl 2009",
        lambda facts: facts.background,
        MetabolicResponse.CMR,
        lambda facts: "uptake as background",
    ),
    Rule(
        "uptake-partial",
        "SULpeak at least 30 % and 0.8 SUL down.",
        "PERCIST 1.0, Wahl 2009",
        lambda facts: facts.fell,
        MetabolicResponse.PMR,
        _numbers,
    ),
    Rule(
        "uptake-stable",
        "Neither.",
        "PERCIST 1.0, Wahl 2009",
        lambda facts: True,
        MetabolicResponse.SMD,
        _numbers,
    ),
)


def uptake_progressed(before: Uptake | None, now: Uptake | None) -> bool:
    """Whether SULpeak rose by PERCIST's limits between two scans of one lesion."""
    if before is None or now is None or before.sul_peak is None or now.sul_peak is None:
        return False
    return UptakeFacts(before=before.sul_peak, now=now.sul_peak).rose


def unlabelled_rise(before: Uptake | None, now: Uptake | None) -> bool:
    """Whether SUVmax alone rose by the same limits: a signal, never a PERCIST label."""
    if before is None or now is None or before.suv_max is None or now.suv_max is None:
        return False
    return UptakeFacts(before=before.suv_max, now=now.suv_max).rose
