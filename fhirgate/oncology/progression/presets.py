"""What each trial or consensus asks for before limited progression may be called oligoprogression.

Every preset is the trial's own eligibility as published; where a trial says nothing, the value is our choice
and `ours` names it. No trial text that could be read defines a growing lesion by a number, so the growth rule
is the same everywhere (`criteria.lesion_status`). "Amenable to local therapy" is in no preset: a radiation
oncologist decides it, not software.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.therapy import Agent


class Scope(StrEnum):
    """Which lesions a preset counts."""

    ALL = "all"
    EXTRACRANIAL = "extracranial"


@dataclass(frozen=True, slots=True)
class TherapyClass:
    """The systemic therapy a preset asks for."""

    says: str
    fits: Callable[[Sequence[Agent], int | None], bool]


def _counting(agents: Sequence[Agent]) -> list[Agent]:
    return [agent for agent in agents if agent.treats]


def _tki(agents: Sequence[Agent], line: int | None) -> bool:
    classes = {agent.drug_class for agent in _counting(agents)}
    return "tki" in classes and not classes & {"chemotherapy", "ici"}


def _ici_first_line(agents: Sequence[Agent], line: int | None) -> bool:
    classes = {agent.drug_class for agent in _counting(agents)}
    return line == 1 and "ici" in classes and classes <= {"ici", "chemotherapy"}


def _cdk46_with_aromatase_inhibitor(agents: Sequence[Agent], line: int | None) -> bool:
    subclasses = [agent.subclass for agent in agents]
    return "CDK4/6" in subclasses and any(each.startswith("aromatase inhibitor") for each in subclasses)


ANY_SYSTEMIC = TherapyClass("any systemic therapy", lambda agents, line: True)
TKI = TherapyClass("a tyrosine-kinase inhibitor, without chemotherapy or checkpoint inhibitor", _tki)
ICI_FIRST_LINE = TherapyClass(
    "a checkpoint inhibitor with or without chemotherapy, first line", _ici_first_line
)
CDK46_AI = TherapyClass("a CDK4/6 inhibitor with an aromatase inhibitor", _cdk46_with_aromatase_inhibitor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """The criteria of one trial or consensus.

    `max_lesions` counts progressing and new lesions in scope; `max_lesions_before` is an earlier cap with the
    date the present one came into force. `size_cap` [mm] bounds each progressing lesion.
    `prior_control_days` is the least time on the line before progression. `ours` lists what the source does
    not say.
    """

    name: str
    says: str
    source: str
    max_lesions: int = 5
    max_lesions_before: tuple[date, int] | None = None
    new_lesions_counted: bool = True
    scope: Scope = Scope.ALL
    max_organs: int | None = None
    size_cap: Millimetres | None = None
    majority_controlled: bool = False
    therapy: TherapyClass = ANY_SYSTEMIC
    prior_control_days: int | None = None
    prior_radiotherapy_allowed: bool = True
    min_days_on_line: int = 28
    ours: tuple[str, ...] = ()

    def cap_on(self, day: date) -> int:
        """The most progressing and new lesions allowed at an assessment on this day."""
        if self.max_lesions_before is not None and day < self.max_lesions_before[0]:
            return self.max_lesions_before[1]
        return self.max_lesions


DEFAULT = Preset(
    name="DEFAULT",
    says="Up to five progressing or new lesions anywhere, most known ones controlled, on systemic therapy.",
    source="our choice, after CURB, STOP and the ESTRO-ASTRO consensus (Lievens 2020)",
    majority_controlled=True,
    ours=("the cap of five", "new lesions counted", "the majority rule", "28 days on the line"),
)
CURB = Preset(
    name="CURB",
    says="Up to five progressive lesions, primarily stable disease otherwise, at least one line of therapy.",
    source="CURB, Tsai, Lancet 2024 (NCT03808662)",
    majority_controlled=True,
    ours=("new lesions counted", "treated CNS lesions not excluded", "28 days on the line"),
)
STOP = Preset(
    name="STOP",
    says="One to five metastases progressing on systemic therapy.",
    source="STOP, Schellenberg, IJROBP 2024 (NCT02756793)",
    majority_controlled=True,
    ours=("new lesions counted", "the majority rule", "28 days on the line"),
)
HALT = Preset(
    name="HALT",
    says="Up to five extracranial lesions (three before 2021-10-25) on a TKI that has worked.",
    source="HALT (NCT03256981, ISRCTN53398136)",
    max_lesions_before=(date(2021, 10, 25), 3),
    scope=Scope.EXTRACRANIAL,
    size_cap=Millimetres(Decimal(70)),
    therapy=TKI,
    prior_control_days=60,
    ours=("60 days for the two to three months of response", "no majority rule", "28 days on the line"),
)
SUPPRESS = Preset(
    name="SUPPRESS",
    says="One to five extracranial lesions of at most 5 cm in at most three organs, on any active therapy.",
    source="SUPPRESS-NSCLC, Bahig, CTRO 2022",
    scope=Scope.EXTRACRANIAL,
    max_organs=3,
    size_cap=Millimetres(Decimal(50)),
    majority_controlled=True,
    ours=("new lesions counted", "the majority rule", "28 days on the line"),
)
BR38 = Preset(
    name="BR38",
    says="Up to five extracranial lesions on a first-line checkpoint inhibitor with or without chemotherapy.",
    source="CCTG BR38, abstract TPS8124",
    scope=Scope.EXTRACRANIAL,
    therapy=ICI_FIRST_LINE,
    ours=("new lesions counted", "no majority rule", "28 days on the line"),
)
AVATAR = Preset(
    name="AVATAR",
    says="One to five extracranial lesions not irradiated before, after six months of CDK4/6 and AI.",
    source="AVATAR, TROG 2024",
    scope=Scope.EXTRACRANIAL,
    therapy=CDK46_AI,
    prior_control_days=183,
    prior_radiotherapy_allowed=False,
    ours=("new lesions counted", "no majority rule", "28 days on the line"),
)
WEICKHARDT = Preset(
    name="WEICKHARDT",
    says="Up to four extracranial sites on a TKI; CNS progression is counted apart.",
    source="Weickhardt, J Thorac Oncol 2012",
    max_lesions=4,
    scope=Scope.EXTRACRANIAL,
    therapy=TKI,
    ours=("new lesions counted", "no majority rule", "28 days on the line"),
)
ESTRO_EORTC = Preset(
    name="ESTRO_EORTC",
    says="One to five progressing or new lesions anywhere under active systemic therapy.",
    source="ESTRO/EORTC consensus, Guckenberger, Lancet Oncol 2020",
    ours=("new lesions counted", "28 days on the line"),
)

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (DEFAULT, CURB, STOP, HALT, SUPPRESS, BR38, AVATAR, WEICKHARDT, ESTRO_EORTC)
}


def preset_parameters(preset: Preset) -> dict[str, str]:
    """A preset's limits in words, in a fixed order."""
    earlier = preset.max_lesions_before
    cap = f"{preset.max_lesions}" + (f" ({earlier[1]} before {earlier[0]})" if earlier else "")
    control = preset.prior_control_days
    return {
        "progressing and new lesions": f"at most {cap}",
        "new lesions counted": "yes" if preset.new_lesions_counted else "no",
        "scope": preset.scope.value,
        "organs": f"at most {preset.max_organs}" if preset.max_organs else "no limit",
        "size of each": f"at most {preset.size_cap} mm" if preset.size_cap else "no limit",
        "most known lesions controlled": "required" if preset.majority_controlled else "not required",
        "therapy": preset.therapy.says,
        "time on the line": f"at least {preset.min_days_on_line} days",
        "control before progression": f"at least {control} days" if control else "not required",
        "earlier radiotherapy to the growing lesion": (
            "allowed" if preset.prior_radiotherapy_allowed else "not allowed"
        ),
        "diffuse disease": "excluded",
        "our choice": "; ".join(preset.ours),
    }
