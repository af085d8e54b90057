"""Measurability, and the choice of targets where the record names none."""

import pytest
from builders import lesion, measurement, mm_or_none
from case_tables import Case, cases

from fhirgate.oncology.criteria.rule import first_match
from fhirgate.oncology.criteria.target_selection import (
    MEASURABILITY,
    Candidate,
    MeasurabilityFacts,
    roles_at_baseline,
    select_targets,
)
from fhirgate.oncology.lesion import Kind, Role
from fhirgate.oncology.site import Site


@pytest.mark.parametrize("case", cases("recist_1_1/measurability.toml"))
def test_a_lesion_is_measurable_as_the_case_says(case: Case) -> None:
    given = {key: case[key] for key in ("node", "bone", "diffuse", "modality") if key in case}
    facts = MeasurabilityFacts(
        size=mm_or_none(case.get("size")),
        slice_thickness=mm_or_none(case.get("slice_thickness")),
        treated_without_progression=case.get("treated_without_progression", False),
        **given,
    )

    verdict = first_match(MEASURABILITY, facts)

    assert (verdict.answer, verdict.rule) == (case["expect"], case["rule"])


@pytest.mark.parametrize(
    ("facts", "because"),
    [
        (MeasurabilityFacts(size=None), "no size"),
        (MeasurabilityFacts(size=mm_or_none(12), diffuse=True), "diffuse disease"),
        (
            MeasurabilityFacts(size=mm_or_none(12), bone=True),
            "bone lesion without a stated soft-tissue component",
        ),
        (
            MeasurabilityFacts(size=mm_or_none(12), treated_without_progression=True),
            "locally treated before, no progression shown since",
        ),
        (MeasurabilityFacts(size=mm_or_none("9.9")), "9.9 mm is under 10 mm"),
        (MeasurabilityFacts(size=mm_or_none(12)), "12 mm"),
    ],
)
def test_measurability_explains_itself(facts: MeasurabilityFacts, because: str) -> None:
    assert first_match(MEASURABILITY, facts).because == because


def _candidate(name: str, organ: str | None, size: int | Kind, *, measurable: bool = True) -> Candidate:
    return Candidate(
        lesion=lesion(name, site=Site(organ=organ)), measurement=measurement(size), measurable=measurable
    )


def test_the_largest_of_each_organ_comes_first_then_the_second_of_each_up_to_five() -> None:
    candidates = [
        _candidate("lung-50", "lung", 50),
        _candidate("lung-40", "lung", 40),
        _candidate("lung-30", "lung", 30),
        _candidate("liver-20", "liver", 20),
        _candidate("liver-12", "liver", 12),
        _candidate("adrenal-15", "adrenal gland", 15),
        _candidate("spleen-11", "spleen", 11),
    ]

    assert select_targets(candidates) == ("lung-50", "liver-20", "adrenal-15", "spleen-11", "lung-40")


def test_all_lymph_nodes_are_one_organ() -> None:
    candidates = [_candidate(f"node-{size}", "lymph node", size) for size in (25, 20, 16)]

    assert select_targets(candidates) == ("node-25", "node-20")


def test_lesions_of_unknown_organ_are_not_taken_for_one_organ() -> None:
    candidates = [_candidate(name, None, 20) for name in ("c", "b", "a")]

    assert select_targets(candidates) == ("a", "b", "c")


def test_the_order_of_the_candidates_does_not_matter_and_ties_go_by_id() -> None:
    candidates = [_candidate(name, "lung", 20) for name in ("c", "a", "b")]

    assert select_targets(candidates) == select_targets(reversed(candidates)) == ("a", "b")


def test_what_is_not_measurable_or_no_disease_is_no_target() -> None:
    candidates = [
        _candidate("small", "lung", 9, measurable=False),
        _candidate("normal node", "lymph node", 9),
        _candidate("gone", "liver", Kind.ABSENT),
        _candidate("unseen", "liver", Kind.NOT_EVALUABLE),
    ]

    assert select_targets(candidates) == ()


def test_without_stated_roles_the_chosen_are_targets_and_other_disease_is_non_target() -> None:
    candidates = [
        _candidate("L1", "lung", 30),
        _candidate("L2", "lung", 9, measurable=False),
        _candidate("N1", "lymph node", 8),
    ]

    assert roles_at_baseline(candidates, {}) == {"L1": Role.TARGET, "L2": Role.NON_TARGET}


def test_stated_roles_are_trusted_and_the_unstated_are_non_target() -> None:
    candidates = [_candidate("L1", "lung", 30), _candidate("L2", "lung", 8, measurable=False)]

    assert roles_at_baseline(candidates, {"L2": Role.TARGET}) == {"L1": Role.NON_TARGET, "L2": Role.TARGET}


def test_a_stated_target_that_is_a_normal_node_stays_target() -> None:
    candidates = [_candidate("N1", "lymph node", 8)]

    assert roles_at_baseline(candidates, {"N1": Role.TARGET}) == {"N1": Role.TARGET}


def test_a_lesion_that_was_new_on_an_earlier_line_leaves_the_choice_to_us() -> None:
    candidates = [_candidate("L1", "lung", 30), _candidate("L2", "lung", 20)]

    assert roles_at_baseline(candidates, {"L1": Role.NEW}) == {"L1": Role.TARGET, "L2": Role.TARGET}
