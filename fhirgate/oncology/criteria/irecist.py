"""iRECIST: progression on a checkpoint inhibitor is first unconfirmed, then confirmed or not.

Seymour et al., Lancet Oncol 2017;18:e143, with the EORTC RECIST FAQ on iUPD. Applies when the regimen holds
an immune-checkpoint inhibitor; measurability, targets and sums are those of RECIST 1.1. New lesions are
measured apart and never added to the target sum.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.criteria.rule import Rule, first_match
from fhirgate.oncology.millimetres import ZERO, Millimetres
from fhirgate.oncology.source import Sources
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import IResponse, Response, Verdict
from fhirgate.oncology.wording import listed, signed_mm

NAME = "iRECIST"
SOURCE = "iRECIST, Seymour 2017"

CONFIRMING_INCREASE = Millimetres(Decimal(5))
"""Least further increase of a sum since iUPD that confirms it [mm]. Source: iRECIST table 2."""
DISREGARDED_BEFORE_DAYS = 26
"""A scan under four weeks (less two days) after iUPD is disregarded. Source: EORTC RECIST FAQ."""

LIMITS = {
    "confirming increase of a sum since iUPD": f"at least {CONFIRMING_INCREASE} mm",
    "scan disregarded": f"less than {DISREGARDED_BEFORE_DAYS} days after iUPD, unless done for a new symptom",
}

_IMMUNE = {
    Response.CR: IResponse.ICR,
    Response.PR: IResponse.IPR,
    Response.SD: IResponse.ISD,
    Response.NE: IResponse.NE,
    Response.NON_CR_NON_PD: IResponse.NON_ICR_NON_IUPD,
}


@value
class Visit:
    """One timepoint as RECIST 1.1 sees it, with what iRECIST asks besides.

    `new` are the unequivocal new lesions there now with their size [mm] (None: not measured); `new_sized` those
    of target size; `new_increased` those that a reader calls larger. `non_target_sizes` are those of non-target
    lesions as far as measured [mm], `non_target_increased` that a reader says one has grown.
    """

    date: ClinicalDate
    overall: Response
    target: Response | None = None
    non_target: Response | None = None
    target_sum: Millimetres | None = None
    non_target_increased: bool = False
    non_target_sizes: Mapping[str, Millimetres] = field(default_factory=dict)
    new: Mapping[str, Millimetres | None] = field(default_factory=dict)
    new_sized: frozenset[str] = frozenset()
    new_increased: frozenset[str] = frozenset()
    for_new_symptom: bool = False
    sources: Sources = ()

    def size_of_new(self, lesions: Iterable[str]) -> Millimetres:
        """The sum of the sizes of these new lesions [mm]; one that is gone counts nothing."""
        return Millimetres(sum((self.new.get(each) or ZERO for each in lesions), start=ZERO))

    def further_non_target(self, began: "Visit") -> bool:
        """Whether non-target disease has increased since; only lesions measured both times are compared."""
        both = self.non_target_sizes.keys() & began.non_target_sizes.keys()
        grown = sum(self.non_target_sizes[each] - began.non_target_sizes[each] for each in both)
        return self.non_target_increased or grown > 0

    @property
    def causes(self) -> frozenset[str]:
        """The categories that meet progression by RECIST 1.1."""
        found = {
            "target": self.target is Response.PD,
            "non-target": self.non_target is Response.PD,
            "new lesion": bool(self.new),
        }
        return frozenset(name for name, holds in found.items() if holds)


@value
class Block:
    """A run of unconfirmed progression: where it began, what caused it, all new lesions seen in it."""

    began: Visit
    causes: frozenset[str]
    new_lesions: frozenset[str]


@value
class VisitFacts:
    """A visit with the block of unconfirmed progression pending before it, if any."""

    visit: Visit
    block: Block | None = None
    confirmed_on: str = ""

    @property
    def days_since_iupd(self) -> int:
        """Days since the pending iUPD began."""
        return self.visit.date.least_days_since(self.block.began.date) if self.block else 0

    @property
    def additional_new(self) -> bool:
        """Whether a new lesion has been added since the iUPD."""
        return self.block is not None and bool(self.visit.new.keys() - self.block.new_lesions)

    @property
    def disregarded(self) -> bool:
        """Whether the scan comes too early to confirm anything."""
        early = self.block is not None and self.days_since_iupd < DISREGARDED_BEFORE_DAYS
        return early and not (self.visit.for_new_symptom and self.additional_new)

    @property
    def confirmations(self) -> tuple[str, ...]:
        """What confirms the pending iUPD, in words; empty when nothing does."""
        if self.block is None:
            return ()
        visit, began, caused = self.visit, self.block.began, self.block.causes
        sums = visit.target_sum, began.target_sum
        further = sums[0] - sums[1] if sums[0] is not None and sums[1] is not None else ZERO
        in_new = visit.size_of_new(began.new_sized) - began.size_of_new(began.new_sized)
        small = began.new.keys() - began.new_sized
        found = {
            f"target sum {signed_mm(further)} since iUPD": "target" in caused
            and further >= CONFIRMING_INCREASE,
            "further increase of non-target disease": "non-target" in caused
            and visit.further_non_target(began),
            f"sum of new lesions {signed_mm(in_new)} since iUPD": in_new >= CONFIRMING_INCREASE,
            "a new lesion has increased": any(
                each in visit.new_increased
                or (visit.new.get(each) or ZERO) > (began.new[each] or visit.new.get(each) or ZERO)
                for each in small
            ),
            "another new lesion": self.additional_new,
            f"progression also of {listed(sorted(visit.causes - caused))}": bool(
                visit.causes - caused - {"new lesion"}
            ),
        }
        return tuple(words for words, holds in found.items() if holds)


def _immune(response: Response) -> Rule[VisitFacts, IResponse]:
    return Rule(
        f"irecist-{_IMMUNE[response].value.lower().replace('/', '-')}",
        f"Without progression, RECIST 1.1 {response} is {_IMMUNE[response]}; a pending iUPD is reset.",
        SOURCE,
        lambda facts: facts.visit.overall is response,
        _IMMUNE[response],
        lambda facts: f"RECIST 1.1 {facts.visit.overall} against baseline",
    )


RULES: tuple[Rule[VisitFacts, IResponse], ...] = (
    Rule(
        "irecist-confirmed-before",
        "Progression was confirmed before.",
        SOURCE,
        lambda facts: bool(facts.confirmed_on),
        IResponse.ICPD,
        lambda facts: f"confirmed before; progression dated {facts.confirmed_on}",
    ),
    Rule(
        "irecist-too-early",
        "A scan under four weeks after iUPD confirms nothing, unless a new symptom led to a further new lesion.",
        "EORTC RECIST FAQ: imaging less than four weeks after iUPD",
        lambda facts: facts.disregarded,
        IResponse.IUPD,
        lambda facts: f"only {facts.days_since_iupd} days after iUPD; repeat imaging at 4 to 8 weeks",
    ),
    Rule(
        "irecist-confirmed",
        "Further growth, another new lesion, or progression of another category confirms iUPD.",
        SOURCE,
        lambda facts: bool(facts.confirmations),
        IResponse.ICPD,
        lambda facts: listed(facts.confirmations),
    ),
    Rule(
        "irecist-not-confirmed",
        "Progression persists without what would confirm it, or could not be evaluated.",
        SOURCE,
        lambda facts: facts.block is not None and facts.visit.overall in (Response.PD, Response.NE),
        IResponse.IUPD,
        lambda facts: "progression neither confirmed nor gone",
    ),
    Rule(
        "irecist-progression",
        "The first progression by RECIST 1.1 in any category is unconfirmed.",
        SOURCE,
        lambda facts: facts.visit.overall is Response.PD,
        IResponse.IUPD,
        lambda facts: f"first progression: {listed(sorted(facts.visit.causes)) or 'RECIST 1.1 PD'}",
    ),
    _immune(Response.CR),
    _immune(Response.PR),
    _immune(Response.SD),
    _immune(Response.NON_CR_NON_PD),
    Rule(
        "irecist-not-evaluable",
        "What was not evaluated could decide.",
        SOURCE,
        lambda facts: True,
        IResponse.NE,
        lambda facts: "RECIST 1.1 NE",
    ),
)


@value
class IVerdict:
    """The category at one visit; `progressed_on` is the first iUPD of the block that was confirmed."""

    verdict: Verdict[IResponse]
    progressed_on: ClinicalDate | None = None


@dataclass(slots=True)
class _Pending:
    block: Block | None = None
    confirmed: ClinicalDate | None = None
    verdicts: list[IVerdict] = field(default_factory=list)


def classify_visits(visits: Sequence[Visit]) -> tuple[IVerdict, ...]:
    """The iRECIST category of every visit on one line, in order."""
    pending = _Pending()
    for visit in visits:
        facts = VisitFacts(visit=visit, block=pending.block, confirmed_on=str(pending.confirmed or ""))
        verdict = first_match(RULES, facts, visit.sources)
        if verdict.answer is IResponse.ICPD and pending.block is not None:
            pending.confirmed = pending.confirmed or pending.block.began.date
        elif verdict.answer is IResponse.IUPD:
            pending.block = _grown(pending.block, visit, facts.disregarded)
        elif verdict.answer is not IResponse.NE:
            pending.block = None
        pending.verdicts.append(IVerdict(verdict=verdict, progressed_on=pending.confirmed))
    return tuple(pending.verdicts)


def _grown(block: Block | None, visit: Visit, disregarded: bool) -> Block:
    """The block after this visit: increments add up from its first iUPD, so only its lesions are extended."""
    if block is None:
        return Block(began=visit, causes=visit.causes, new_lesions=frozenset(visit.new))
    if disregarded:
        return block
    return Block(began=block.began, causes=block.causes, new_lesions=block.new_lesions | visit.new.keys())
