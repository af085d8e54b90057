"""Each rule of each criterion is the expected rule of at least one case that a clinician can read."""

import pytest
from case_tables import cases, expected_rules

from fhirgate.oncology.criteria import bone_scan, irecist
from fhirgate.oncology.criteria.lesion_status import LESION_STATUS
from fhirgate.oncology.criteria.pet import UPTAKE
from fhirgate.oncology.criteria.recist_1_1 import NON_TARGET, OVERALL, TARGET
from fhirgate.oncology.criteria.target_selection import MEASURABILITY
from fhirgate.oncology.progression.criteria import CRITERIA
from fhirgate.oncology.progression.reasons import RULES_WITH_REASONS
from fhirgate.oncology.progression.states import STATES
from fhirgate.oncology.verdict import EstroEortcClass, LesionStatus, Response, State

CRITERIA_AND_TABLES = {
    "recist_1_1/target.toml": TARGET,
    "recist_1_1/non_target.toml": NON_TARGET,
    "recist_1_1/overall.toml": OVERALL,
    "recist_1_1/measurability.toml": MEASURABILITY,
    "irecist": irecist.RULES,
    "bone_scan": bone_scan.RULES,
    "pet": UPTAKE,
    "lesion_status": LESION_STATUS,
    "progression": STATES,
}
OF_SEVERAL_LESIONS = "coverage"
"""The conclusion when unseen lesions decide: made of several states, so no rule of its own."""


@pytest.mark.parametrize("table", CRITERIA_AND_TABLES)
def test_every_rule_is_expected_by_a_case_and_every_expected_rule_exists(table: str) -> None:
    names = [rule.name for rule in CRITERIA_AND_TABLES[table]]

    assert expected_rules(table) - {OF_SEVERAL_LESIONS} == set(names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("table", CRITERIA_AND_TABLES)
def test_every_rule_is_a_sentence_with_a_source(table: str) -> None:
    for rule in CRITERIA_AND_TABLES[table]:
        assert rule.says.endswith(".")
        assert rule.source


def _expected(table: str, key: str = "expect") -> set[str]:
    return {str(param.values[0][key]) for param in cases(table) if key in param.values[0]}


def test_every_criterion_of_a_preset_fails_in_a_case() -> None:
    named = {code for param in cases("progression") for code in param.values[0]["codes"]}

    assert {each.code for each in CRITERIA} <= named


def test_every_state_lesion_status_class_and_best_response_is_the_answer_of_a_case() -> None:
    status_of_a_new_lesion = {LesionStatus.NEW, LesionStatus.NEW_EQUIVOCAL, LesionStatus.BASELINE}

    assert _expected("progression") == set(State)
    assert _expected("lesion_status") == set(LesionStatus) - status_of_a_new_lesion
    assert _expected("oligometastatic") == {*EstroEortcClass, "NONE"}
    assert _expected("best_overall") == set(Response)


def test_every_rule_that_gives_reasons_is_a_rule() -> None:
    assert {rule.name for rule in STATES} >= RULES_WITH_REASONS
