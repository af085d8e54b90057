"""What one lesion does at one timepoint, compared with its own past.

No trial defines a progressing lesion by a number; the growth rule is RECIST 1.1's rule for the sum (20 % and
5 mm over the nadir) applied to one lesion, which is our choice. The nearest published precedent for a floor
on one lesion is RANO-BM (Lin, Lancet Oncol 2015).
"""

from decimal import Decimal

from fhirgate.oncology.criteria import pet
from fhirgate.oncology.criteria.recist_1_1 import (
    NORMAL_NODE_BELOW,
    PARTIAL_RESPONSE_FACTOR,
    PROGRESSION_FACTOR,
    PROGRESSION_INCREASE,
)
from fhirgate.oncology.criteria.rule import Rule
from fhirgate.oncology.lesion import Change, Kind
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import LesionStatus
from fhirgate.oncology.wording import mm, percent_of, signed_mm, signed_percent

OUR_CHOICE = "our choice, after RECIST 1.1 §4.3.1"


_NOT_LOOKED_AT = (None, Kind.NOT_EVALUABLE)
_UNSURE = (Change.EQUIVOCAL, Change.INCREASED)


@value
class LesionFacts:
    """One lesion at one timepoint.

    `value` is the size now, `baseline` at the start of the line, `reference` the earlier size it is compared
    with by the policy's reference mode (the nadir by default), all [mm]. `kind` None: not looked at.
    `judged_by_words`: a non-target lesion, followed by what the reader says and not by size.
    `treated_months_ago` counts whole months since the last local treatment; None: never treated.
    """

    kind: Kind | None
    value: Millimetres | None = None
    baseline: Millimetres | None = None
    reference: Millimetres | None = None
    reference_on: str = ""
    node: bool = False
    change: Change | None = None
    uptake_progressed: bool = False
    judged_by_words: bool = False
    measured_before: bool = False
    absent_before: bool = False
    treated_months_ago: int | None = None
    treated_window_months: int = 6
    relative: Decimal = PROGRESSION_FACTOR
    absolute: Millimetres = PROGRESSION_INCREASE

    @property
    def comparable(self) -> bool:
        """Whether there are two sizes to compare."""
        return self.value is not None and self.reference is not None

    @property
    def grew_relative(self) -> bool:
        """Whether it is at least 20 % over its reference."""
        value, reference = self.value, self.reference
        if value is None or reference is None:
            return False
        return value > reference and value >= self.relative * reference

    @property
    def grew_absolute(self) -> bool:
        """Whether it is at least 5 mm over its reference."""
        value, reference = self.value, self.reference
        if value is None or reference is None:
            return False
        return value - reference >= self.absolute

    @property
    def grew(self) -> bool:
        """The growth rule: both, and a node must be pathological now; or PET; or stated unequivocally."""
        if self.uptake_progressed or (self.change is not None and self.change is Change.UNEQUIVOCAL):
            return True
        return self.grew_relative and self.grew_absolute and not self.is_normal_node

    @property
    def is_normal_node(self) -> bool:
        """Whether it is a node with a short axis under 10 mm."""
        return self.node and self.value is not None and self.value < NORMAL_NODE_BELOW

    @property
    def visible(self) -> bool:
        """Whether disease is there as far as known: not absent, and no normal node."""
        return self.kind is not Kind.ABSENT and not self.is_normal_node

    @property
    def not_evaluable(self) -> bool:
        """Whether it was not looked at, or cannot be compared with anything.

        A lesion judged by words (a non-target) needs no size: present without stated progression is enough.
        """
        if self.kind in _NOT_LOOKED_AT:
            return True
        if (
            self.change is not None
            or self.uptake_progressed
            or self.kind is Kind.ABSENT
            or self.judged_by_words
        ):
            return False
        if self.value is None:
            return self.measured_before and not self.absent_before
        return self.reference is None and not self.is_normal_node


def _sizes(facts: LesionFacts) -> str:
    if facts.value is None or facts.reference is None:
        return "no two sizes to compare"
    change = facts.value - facts.reference
    since = f" of {facts.reference_on}" if facts.reference_on else ""
    percent = signed_percent(percent_of(change, facts.reference))
    return f"{mm(facts.value)} is {percent} and {signed_mm(change)} against {mm(facts.reference)}{since}"


def _why_growing(facts: LesionFacts) -> str:
    if facts.grew_relative and facts.grew_absolute and not facts.is_normal_node:
        return _sizes(facts)
    if facts.uptake_progressed:
        return f"PET uptake rose by at least {pet.RELATIVE:%} and {pet.ABSOLUTE} SUL"
    return "the reader states unequivocal progression"


def _why_not_evaluable(facts: LesionFacts) -> str:
    if facts.kind is None:
        return "not mentioned at this timepoint"
    if facts.kind is Kind.NOT_EVALUABLE:
        return "recorded as not evaluable"
    if facts.value is None:
        return "seen but not measured, though it was measured before"
    return f"{mm(facts.value)}, no earlier size to compare with"


LESION_STATUS: tuple[Rule[LesionFacts, LesionStatus], ...] = (
    Rule(
        "lesion-not-evaluable",
        "Not looked at, or nothing to compare with.",
        "RECIST 1.1 §4.4.2",
        lambda facts: facts.not_evaluable,
        LesionStatus.NE,
        _why_not_evaluable,
    ),
    Rule(
        "lesion-treated-changing",
        "Growth within 12 months (lung) or 6 months (elsewhere) of local treatment may be its effect.",
        "window: our choice, after Cancer Imaging 2022 (s40644-022-00491-1) and Lee, IJROBP 2021",
        lambda facts: (
            facts.treated_months_ago is not None
            and facts.treated_months_ago < facts.treated_window_months
            and facts.grew
        ),
        LesionStatus.TREATED_INDETERMINATE,
        lambda facts: f"{_why_growing(facts)}, {facts.treated_months_ago} months after local treatment",
    ),
    Rule(
        "lesion-treated-controlled",
        "Locally treated and not growing.",
        "our choice",
        lambda facts: facts.treated_months_ago is not None and not facts.grew,
        LesionStatus.TREATED_CONTROLLED,
        lambda facts: f"locally treated {facts.treated_months_ago} months before; {_sizes(facts)}",
    ),
    Rule(
        "lesion-progressing",
        "At least 20 % and 5 mm over the reference (a node at least 10 mm), or PET, or stated unequivocally.",
        OUR_CHOICE,
        lambda facts: facts.grew,
        LesionStatus.PROGRESSING,
        _why_growing,
    ),
    Rule(
        "lesion-absent",
        "Not visible, or a node under 10 mm.",
        "RECIST 1.1 §4.3.1",
        lambda facts: facts.kind is Kind.ABSENT or facts.is_normal_node,
        LesionStatus.ABSENT,
        lambda facts: f"normal node of {mm(facts.value)}" if facts.is_normal_node else "no longer visible",
    ),
    Rule(
        "lesion-responding",
        "At most 70 % of its size at the baseline of the line.",
        OUR_CHOICE,
        lambda facts: (
            facts.value is not None
            and facts.baseline is not None
            and facts.value <= PARTIAL_RESPONSE_FACTOR * facts.baseline
        ),
        LesionStatus.RESPONDING,
        lambda facts: f"{mm(facts.value)} from {mm(facts.baseline)} at baseline",
    ),
    Rule(
        "lesion-equivocal",
        "Only one of 20 % and 5 mm is reached, or change is called equivocal, or it is back without a size.",
        "our choice; EORTC RECIST FAQ: a node of 9 then 11 mm may not be true disease",
        lambda facts: (
            facts.grew_relative != facts.grew_absolute
            or facts.change in _UNSURE
            or (facts.value is None and facts.absent_before)
        ),
        LesionStatus.EQUIVOCAL,
        lambda facts: (
            _sizes(facts) if facts.grew_relative != facts.grew_absolute else "change is not unequivocal"
        ),
    ),
    Rule(
        "lesion-stable",
        "None of the above.",
        "our choice",
        lambda facts: True,
        LesionStatus.STABLE,
        lambda facts: _sizes(facts) if facts.comparable else "present, no unequivocal progression stated",
    ),
)
