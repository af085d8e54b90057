"""PERCIST on one lesion, by the case table."""

from decimal import Decimal

import pytest
from builders import uptake
from case_tables import Case, cases

from fhirgate.oncology.criteria.pet import UPTAKE, UptakeFacts, unlabelled_rise, uptake_progressed
from fhirgate.oncology.criteria.rule import first_match
from fhirgate.oncology.lesion import Uptake


@pytest.mark.parametrize("case", cases("pet"))
def test_the_metabolic_response_is_the_one_of_the_case(case: Case) -> None:
    facts = UptakeFacts(
        before=case["before"],
        now=case["now"],
        new_lesion=case.get("new_lesion", False),
        background=case.get("background", False),
    )

    verdict = first_match(UPTAKE, facts)

    assert (verdict.answer, verdict.rule) == (case["expect"], case["rule"])


@pytest.mark.parametrize(
    ("facts", "because"),
    [
        (UptakeFacts(before=Decimal("5.0"), now=Decimal("6.5")), "SULpeak 5.0 then 6.5"),
        (UptakeFacts(before=Decimal(6), now=Decimal(6), new_lesion=True), "new FDG-avid lesion"),
        (UptakeFacts(before=Decimal(6), now=Decimal(1), background=True), "uptake as background"),
    ],
)
def test_the_metabolic_response_explains_itself(facts: UptakeFacts, because: str) -> None:
    assert first_match(UPTAKE, facts).because == because


@pytest.mark.parametrize(
    ("before", "now", "progressed"),
    [
        (uptake("5.0"), uptake("6.5"), True),
        (uptake("5.0"), uptake("6.4"), False),
        (uptake("2.0"), uptake("2.7"), False),
        (None, uptake("6.5"), False),
        (uptake("5.0"), None, False),
        (uptake("5.0"), uptake(suv_max="9"), False),
        (uptake(suv_max="5"), uptake("6.5"), False),
    ],
)
def test_only_sul_peak_carries_a_percist_label(
    before: Uptake | None, now: Uptake | None, progressed: bool
) -> None:
    assert uptake_progressed(before, now) is progressed


@pytest.mark.parametrize(
    ("before", "now", "rose"),
    [
        (uptake(suv_max="5"), uptake(suv_max="6.5"), True),
        (uptake(suv_max="5"), uptake(suv_max="6.4"), False),
        (uptake(suv_max="5"), uptake("9"), False),
        (uptake("5"), uptake(suv_max="9"), False),
        (None, uptake(suv_max="9"), False),
        (uptake(suv_max="5"), None, False),
    ],
)
def test_suv_max_is_compared_with_suv_max_only(before: Uptake | None, now: Uptake | None, rose: bool) -> None:
    assert unlabelled_rise(before, now) is rose
