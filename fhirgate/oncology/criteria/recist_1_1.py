"""RECIST 1.1 at one timepoint: target, non-target and overall response.

Eisenhauer et al., Eur J Cancer 2009;45:228 (doi:10.1016/j.ejca.2008.10.026), with the clarifications of the
RECIST working group (recist.eortc.org). Thresholds are inclusive and tested on exact products.
"""

from decimal import Decimal

from fhirgate.oncology.criteria.rule import Rule
from fhirgate.oncology.millimetres import PATHOLOGICAL_NODE_FROM, Millimetres
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import Response
from fhirgate.oncology.wording import listed, mm, percent_of, signed_mm, signed_percent

NAME = "RECIST 1.1"

PROGRESSION_FACTOR = Decimal("1.20")
"""A sum at or over this multiple of the nadir ... Source: RECIST 1.1 §4.3.1."""
PROGRESSION_INCREASE = Millimetres(Decimal(5))
"""... and at or over this increase [mm] is progression. Source: RECIST 1.1 §4.3.1."""
PARTIAL_RESPONSE_FACTOR = Decimal("0.70")
"""A sum at or under this multiple of the baseline is a partial response. Source: RECIST 1.1 §4.3.1."""
NORMAL_NODE_BELOW = PATHOLOGICAL_NODE_FROM
"""A node with a short axis under this [mm] is not pathological. Source: RECIST 1.1 §4.3.2."""

LIMITS = {
    "progression: sum over nadir": f"at least × {PROGRESSION_FACTOR}",
    "progression: increase over nadir": f"at least {PROGRESSION_INCREASE} mm",
    "partial response: sum over baseline": f"at most × {PARTIAL_RESPONSE_FACTOR}",
    "normal node: short axis": f"under {NORMAL_NODE_BELOW} mm",
}


def grew(value: Decimal, reference: Decimal) -> bool:
    """Whether a size is at least 20 % and at least 5 mm over its reference [mm].

    From a reference of zero any growth of 5 mm counts. Source: RECIST 1.1 §4.3.1.
    """
    return value - reference >= PROGRESSION_INCREASE and value >= PROGRESSION_FACTOR * reference


@value
class TargetFacts:
    """The target lesions of one timepoint.

    `current` is the sum of the evaluable targets [mm]; `missing` names the others. `baseline` and `nadir` are
    sums of complete timepoints only, the baseline included in the nadir; None where there is none.
    `all_gone`: every non-nodal target absent and every target node under 10 mm.
    `some_visible`: some evaluable target is there (a node of 10 mm or more, or any other lesion).
    """

    current: Millimetres
    missing: tuple[str, ...] = ()
    baseline: Millimetres | None
    nadir: Millimetres | None
    nadir_on: str = ""
    all_gone: bool = False
    some_visible: bool = True
    overall_complete_before: bool = False
    partial_confirmed_before: bool = False

    @property
    def progressed(self) -> bool:
        """Whether the evaluable part alone is 20 % and 5 mm over the nadir."""
        return self.nadir is not None and grew(self.current, self.nadir)

    @property
    def reappeared(self) -> bool:
        """Whether a target is back after a definite overall complete response."""
        return self.overall_complete_before and self.some_visible

    @property
    def shrank(self) -> bool:
        """Whether the sum is at least 30 % below the baseline."""
        return self.baseline is not None and self.current <= PARTIAL_RESPONSE_FACTOR * self.baseline


def _against_nadir(facts: TargetFacts) -> str:
    if facts.nadir is None:
        return f"sum {mm(facts.current)}, no complete sum before it"
    change = facts.current - facts.nadir
    percent = signed_percent(percent_of(change, facts.nadir))
    when = f" of {facts.nadir_on}" if facts.nadir_on else ""
    growth = f"{percent} and {signed_mm(change)}"
    return f"sum {mm(facts.current)} is {growth} against the nadir {mm(facts.nadir)}{when}"


def _against_baseline(facts: TargetFacts) -> str:
    if facts.baseline is None:
        return f"sum {mm(facts.current)}, no complete baseline sum"
    percent = signed_percent(percent_of(facts.current - facts.baseline, facts.baseline))
    return f"sum {mm(facts.current)} is {percent} against the baseline {mm(facts.baseline)}"


TARGET: tuple[Rule[TargetFacts, Response], ...] = (
    Rule(
        "target-incomplete-progression",
        "A target is missing, and those seen already show progression: the missing one cannot change it.",
        "RECIST 1.1 §4.4.2; EORTC RECIST FAQ on missing lesions",
        lambda facts: bool(facts.missing) and (facts.progressed or facts.reappeared),
        Response.PD,
        lambda facts: f"{_against_nadir(facts)}, whatever {listed(facts.missing)} may measure",
    ),
    Rule(
        "target-not-evaluable",
        "A target is missing and could decide.",
        "RECIST 1.1 §4.4.2",
        lambda facts: bool(facts.missing),
        Response.NE,
        lambda facts: f"{listed(facts.missing)} not evaluated; the others sum to {mm(facts.current)}",
    ),
    Rule(
        "target-complete",
        "Every non-nodal target is gone and every target node is under 10 mm.",
        "RECIST 1.1 §4.3.1",
        lambda facts: facts.all_gone,
        Response.CR,
        lambda facts: f"all targets gone or normal nodes; sum {mm(facts.current)}",
    ),
    Rule(
        "target-progression",
        "The sum is at least 20 % and at least 5 mm over the nadir.",
        "RECIST 1.1 §4.3.1",
        lambda facts: facts.progressed,
        Response.PD,
        _against_nadir,
    ),
    Rule(
        "target-reappeared",
        "A target is back after a definite overall complete response, however small.",
        "EORTC RECIST FAQ: does a new lesion always result in PD",
        lambda facts: facts.reappeared,
        Response.PD,
        lambda facts: f"a target is visible again after complete response; {_against_nadir(facts)}",
    ),
    Rule(
        "target-no-baseline",
        "Without a complete baseline sum, neither response nor stability can be told.",
        "RECIST 1.1 §4.3.1",
        lambda facts: facts.baseline is None,
        Response.NE,
        _against_baseline,
    ),
    Rule(
        "target-partial",
        "The sum is at least 30 % below the baseline.",
        "RECIST 1.1 §4.3.1",
        lambda facts: facts.shrank,
        Response.PR,
        _against_baseline,
    ),
    Rule(
        "target-partial-persists",
        "A confirmed partial response lasts until progression.",
        "EORTC RECIST FAQ: managing PR when measurements change slightly over time",
        lambda facts: facts.partial_confirmed_before,
        Response.PR,
        lambda facts: f"partial response was confirmed before; {_against_nadir(facts)}",
    ),
    Rule(
        "target-stable",
        "Neither enough shrinkage from baseline nor enough growth from nadir.",
        "RECIST 1.1 §4.3.1, wording as corrected by the RECIST working group",
        lambda facts: True,
        Response.SD,
        lambda facts: f"{_against_baseline(facts)}; {_against_nadir(facts)}",
    ),
)


@value
class NonTargetFacts:
    """The non-target lesions of one timepoint, by name."""

    unequivocal: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    persisting: tuple[str, ...] = ()


NON_TARGET: tuple[Rule[NonTargetFacts, Response], ...] = (
    Rule(
        "non-target-progression",
        "A reader states unequivocal progression of non-target disease.",
        "RECIST 1.1 §4.3.4",
        lambda facts: bool(facts.unequivocal),
        Response.PD,
        lambda facts: f"unequivocal progression of {listed(facts.unequivocal)}",
    ),
    Rule(
        "non-target-not-evaluable",
        "A non-target lesion was not evaluated.",
        "RECIST 1.1 §4.4.2",
        lambda facts: bool(facts.missing),
        Response.NE,
        lambda facts: f"{listed(facts.missing)} not evaluated",
    ),
    Rule(
        "non-target-persists",
        "At least one non-target lesion persists, without unequivocal progression.",
        "RECIST 1.1 §4.3.3",
        lambda facts: bool(facts.persisting),
        Response.NON_CR_NON_PD,
        lambda facts: f"{listed(facts.persisting)} persisting",
    ),
    Rule(
        "non-target-complete",
        "All non-target lesions are gone, nodes under 10 mm.",
        "RECIST 1.1 §4.3.3",
        lambda facts: True,
        Response.CR,
        lambda facts: "no non-target lesion left",
    ),
)


@value
class OverallFacts:
    """The parts of an overall response; None where there were no such lesions at baseline."""

    target: Response | None
    non_target: Response | None
    new_lesions: bool


def _parts(facts: OverallFacts) -> str:
    target = facts.target.value if facts.target else "no target lesions"
    others = facts.non_target.value if facts.non_target else "no non-target lesions"
    return f"target {target}, non-target {others}, new lesions {'yes' if facts.new_lesions else 'no'}"


def _overall(
    name: str, answer: Response, says: str, *cells: tuple[set[object], set[object]]
) -> Rule[OverallFacts, Response]:
    rows = {(target, other) for targets, others in cells for target in targets for other in others}
    return Rule(
        name,
        says,
        "RECIST 1.1 table 1 and table 2",
        lambda facts: (facts.target, facts.non_target) in rows,
        answer,
        _parts,
    )


_CR, _PR, _SD, _PD, _NE, _NN = (
    Response.CR,
    Response.PR,
    Response.SD,
    Response.PD,
    Response.NE,
    Response.NON_CR_NON_PD,
)
_NOT_PD: set[object] = {_CR, _NN, _NE, None}

OVERALL: tuple[Rule[OverallFacts, Response], ...] = (
    Rule(
        "overall-new-lesion",
        "Any unequivocal new lesion is progression.",
        "RECIST 1.1 table 1",
        lambda facts: facts.new_lesions,
        Response.PD,
        _parts,
    ),
    Rule(
        "overall-progression",
        "Progression of target or non-target disease is progression.",
        "RECIST 1.1 table 1",
        lambda facts: _PD in (facts.target, facts.non_target),
        Response.PD,
        _parts,
    ),
    _overall("overall-complete", _CR, "Everything is gone.", ({_CR}, {_CR, None}), ({None}, {_CR})),
    _overall(
        "overall-partial",
        _PR,
        "Partial response, or targets gone while other disease persists or was not evaluated.",
        ({_CR}, {_NN, _NE}),
        ({_PR}, _NOT_PD),
    ),
    _overall("overall-stable", _SD, "Stable targets without progression elsewhere.", ({_SD}, _NOT_PD)),
    _overall("overall-non-target-only", _NN, "Non-target disease only, persisting.", ({None}, {_NN})),
    Rule(
        "overall-not-evaluable",
        "What was not evaluated could decide.",
        "RECIST 1.1 table 1 and table 2",
        lambda facts: True,
        Response.NE,
        _parts,
    ),
)
