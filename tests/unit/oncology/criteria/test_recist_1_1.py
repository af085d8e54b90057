"""RECIST 1.1 at one timepoint, by the case tables and over all combinations of its parts."""

from itertools import product
from typing import Any

import pytest
from builders import lesion, linked, mm, mm_or_none, sighting, source
from case_tables import Case, cases

from fhirgate.oncology.criteria.recist_1_1 import (
    NON_TARGET,
    OVERALL,
    TARGET,
    NonTargetFacts,
    OverallFacts,
    TargetFacts,
    grew,
)
from fhirgate.oncology.criteria.rule import first_match
from fhirgate.oncology.criteria.sum_of_diameters import SumOfDiameters, sum_of_diameters
from fhirgate.oncology.lesion import Kind, Measurement
from fhirgate.oncology.reconstruct.measurements import measure
from fhirgate.oncology.verdict import Response, Verdict

WORDS = {"ABSENT": Kind.ABSENT, "TSM": Kind.TOO_SMALL, "NE": Kind.NOT_EVALUABLE}


def _measured(name: str, said: Any, *, node: bool) -> Measurement:
    """What a case says of a target, read as a record's own sightings are."""
    axis = "short" if node else "long"
    if isinstance(said, str):
        what: dict[str, Any] = {"kind": WORDS[said]}
    elif not isinstance(said, dict):
        what = {axis: said}
    elif "split" in said:
        what = {"kind": Kind.SPLIT, "fragments": tuple(mm(each) for each in said["split"])}
    else:
        what = {
            "kind": Kind.MERGED,
            "merged_into": frozenset({said["merged_into"]}),
            "long": said.get("long"),
        }
    known = linked(name, sighting(**what), organ="lymph node" if node else "lung")
    return measure(known, known.sightings, {each: each for each in ("L1", "L2", "X1")}).measurement


def _sum(case: Case) -> SumOfDiameters:
    nodes = case.get("nodes", [])
    targets = [lesion(name, "lymph node" if name in nodes else "lung") for name in case["now"]]
    said = {name: each for name, each in case["now"].items() if each != "UNMENTIONED"}
    measurements = {name: _measured(name, each, node=name in nodes) for name, each in said.items()}
    return sum_of_diameters(targets, measurements, case.get("treated", []))


def _target(case: Case) -> Verdict[Response]:
    total = _sum(case)
    facts = TargetFacts(
        current=total.total,
        missing=total.missing,
        baseline=mm_or_none(case.get("baseline")),
        nadir=mm_or_none(case.get("nadir")),
        all_gone=total.all_gone,
        some_visible=total.some_visible,
        overall_complete_before=case.get("complete_before", False),
        partial_confirmed_before=case.get("partial_confirmed_before", False),
    )
    return first_match(TARGET, facts)


@pytest.mark.parametrize("case", cases("recist_1_1/target.toml"))
def test_the_targets_are_added_as_the_case_says(case: Case) -> None:
    total = _sum(case)

    assert (total.total, total.missing) == (case["sum"], tuple(case.get("missing", [])))
    assert total.complete == (None if case.get("missing") else case["sum"])


@pytest.mark.parametrize("case", cases("recist_1_1/target.toml"))
def test_the_target_response_is_the_one_of_the_case(case: Case) -> None:
    verdict = _target(case)

    assert (verdict.answer, verdict.rule) == (case["expect"], case["rule"])


@pytest.mark.parametrize("case", cases("recist_1_1/non_target.toml"))
def test_the_non_target_response_is_the_one_of_the_case(case: Case) -> None:
    names = {key: tuple(case.get(key, ())) for key in ("unequivocal", "missing", "persisting")}

    verdict = first_match(NON_TARGET, NonTargetFacts(**names))

    assert (verdict.answer, verdict.rule) == (case["expect"], case["rule"])


def _response(word: str) -> Response | None:
    return None if word == "NONE" else Response(word)


@pytest.mark.parametrize("case", cases("recist_1_1/overall.toml"))
def test_the_overall_response_is_the_one_of_the_case(case: Case) -> None:
    facts = OverallFacts(
        target=_response(case["target"]),
        non_target=_response(case["non_target"]),
        new_lesions=case["new_lesion"],
    )

    verdict = first_match(OVERALL, facts)

    assert (verdict.answer, verdict.rule) == (case["expect"], case["rule"])


CR, PR, SD, PD, NE, NN = (
    Response.CR,
    Response.PR,
    Response.SD,
    Response.PD,
    Response.NE,
    Response.NON_CR_NON_PD,
)
TABLE_1_AND_2 = {
    **{(CR, other): CR for other in (CR, None)},
    **{(CR, other): PR for other in (NN, NE)},
    **{(PR, other): PR for other in (CR, NN, NE, None)},
    **{(SD, other): SD for other in (CR, NN, NE, None)},
    **{(NE, other): NE for other in (CR, NN, NE, None)},
    **{(PD, other): PD for other in (CR, NN, NE, PD, None)},
    **{(target, PD): PD for target in (CR, PR, SD, NE, None)},
    (None, CR): CR,
    (None, NN): NN,
    (None, NE): NE,
    (None, None): NE,
}
"""RECIST 1.1 tables 1 and 2 without new lesions, written out."""
PARTS = tuple(product((CR, PR, SD, NE, PD, None), (CR, NN, NE, PD, None)))


def test_the_tables_of_recist_name_every_combination() -> None:
    assert set(TABLE_1_AND_2) == set(PARTS)


@pytest.mark.parametrize(("target", "non_target"), PARTS)
def test_every_combination_without_new_lesion_has_the_answer_of_the_tables(
    target: Response | None, non_target: Response | None
) -> None:
    verdict = first_match(OVERALL, OverallFacts(target=target, non_target=non_target, new_lesions=False))

    assert verdict.answer is TABLE_1_AND_2[target, non_target]


@pytest.mark.parametrize(("target", "non_target"), PARTS)
def test_every_combination_with_a_new_lesion_is_progression(
    target: Response | None, non_target: Response | None
) -> None:
    verdict = first_match(OVERALL, OverallFacts(target=target, non_target=non_target, new_lesions=True))

    assert (verdict.answer, verdict.rule) == (PD, "overall-new-lesion")


def test_a_growth_of_exactly_20_percent_is_always_growth() -> None:
    nadirs = [mm(tenths) / 10 for tenths in range(250, 2000)]

    assert [nadir for nadir in nadirs if not grew(nadir * 12 / 10, nadir)] == []


def test_a_hundredth_of_a_millimetre_under_20_percent_is_no_growth() -> None:
    assert not grew(mm("59.99"), mm(50))


def test_a_verdict_says_what_was_compared_with_what() -> None:
    facts = TargetFacts(current=mm("84.0"), baseline=mm(90), nadir=mm("68.5"), nadir_on="2024-03-02")

    verdict = first_match(TARGET, facts, (source("a1"),))

    assert verdict.because == "sum 84 mm is +22.6 % and +15.5 mm against the nadir 68.5 mm of 2024-03-02"
    assert verdict.sources == (source("a1"),)


@pytest.mark.parametrize(
    ("case_id", "because"),
    [
        ("R01", "sum 70 mm is −30 % against the baseline 100 mm"),
        ("R02", "sum 70.1 mm is −29.9 % against the baseline 100 mm;"
                " sum 70.1 mm is −29.9 % and −29.9 mm against the nadir 100 mm"),
        ("R11", "all targets gone or normal nodes; sum 9 mm"),
        ("R13", "sum 80 mm is +60 % and +30 mm against the nadir 50 mm, whatever L3 may measure"),
        ("R14", "L3 not evaluated; the others sum to 30 mm"),
        ("R17", "partial response was confirmed before;"
                " sum 80 mm is +14.3 % and +10 mm against the nadir 70 mm"),
        ("R-small-return", "a target is visible again after complete response;"
                           " sum 4 mm is from nothing and +4 mm against the nadir 0 mm"),
        ("R-no-baseline", "sum 40 mm, no complete baseline sum"),
    ],
)  # fmt: skip
def test_each_target_rule_explains_itself_in_numbers(case_id: str, because: str) -> None:
    case = next(param.values[0] for param in cases("recist_1_1/target.toml") if param.id == case_id)

    assert _target(case).because == because


def test_a_target_back_after_complete_response_without_any_nadir_is_explained() -> None:
    facts = TargetFacts(current=mm(4), baseline=None, nadir=None, overall_complete_before=True)

    verdict = first_match(TARGET, facts)

    assert (
        verdict.because
        == "a target is visible again after complete response; sum 4 mm, no complete sum before it"
    )


@pytest.mark.parametrize(
    ("facts", "because"),
    [
        (NonTargetFacts(unequivocal=("A", "B")), "unequivocal progression of A and B"),
        (NonTargetFacts(missing=("A",)), "A not evaluated"),
        (NonTargetFacts(persisting=("A", "B", "C")), "A, B and C persisting"),
        (NonTargetFacts(), "no non-target lesion left"),
    ],
)
def test_each_non_target_rule_explains_itself(facts: NonTargetFacts, because: str) -> None:
    assert first_match(NON_TARGET, facts).because == because


@pytest.mark.parametrize(
    ("facts", "because"),
    [
        (
            OverallFacts(target=None, non_target=None, new_lesions=True),
            "target no target lesions, non-target no non-target lesions, new lesions yes",
        ),
        (
            OverallFacts(target=SD, non_target=NE, new_lesions=False),
            "target SD, non-target NE, new lesions no",
        ),
    ],
)
def test_an_overall_response_names_its_parts(facts: OverallFacts, because: str) -> None:
    assert first_match(OVERALL, facts).because == because
