"""PCWG3 by counts of new bone lesions, by the case table."""

from collections.abc import Sequence

import pytest
from builders import bone_scan, on, reason, situation
from case_tables import Case, cases

from fhirgate.oncology.clinical_date import add_days
from fhirgate.oncology.criteria.bone_scan import BoneVerdict, classify_bone_scans
from fhirgate.oncology.policy import StatePolicy
from fhirgate.oncology.progression.classify import classify_situation
from fhirgate.oncology.progression.presets import DEFAULT

START = on("2024-01-01")


def _date(day: int) -> str:
    return add_days(START.earliest, day).isoformat()


def _follow(scans: Sequence[Sequence[int]]) -> tuple[BoneVerdict, ...]:
    return classify_bone_scans([bone_scan(_date(day), *counts) for day, *counts in scans], START)


def _case(case_id: str) -> Case:
    return next(param.values[0] for param in cases("bone_scan") if param.id == case_id)


@pytest.mark.parametrize("case", cases("bone_scan"))
def test_the_last_scan_has_the_category_of_the_case(case: Case) -> None:
    last = _follow(case["scans"])[-1]

    dated = case["scans"][case["progressed"] - 1][0] if "progressed" in case else None
    assert (last.verdict.answer, last.verdict.rule) == (case["expect"], case["rule"])
    assert last.progressed_on == (None if dated is None else on(_date(dated)))


@pytest.mark.parametrize("case", [case for case in cases("bone_scan") if "state" in case.values[0]])
def test_an_unconfirmed_bone_scan_alone_is_unconfirmed_progression(case: Case) -> None:
    signals = tuple(reason(code) for code in case["codes"])

    conclusion = classify_situation(situation(signals=signals), DEFAULT, StatePolicy())

    assert conclusion.state.answer == case["state"]
    assert [each.code for each in conclusion.reasons] == case["codes"]


@pytest.mark.parametrize(
    ("case_id", "because"),
    [
        ("C01", "2 additional new bone lesions after new ones in the flare window"),
        ("C02", "0 new bone lesions since the flare window: the earlier ones were flare"),
        ("C03", "2 new bone lesions persist after 42 days"),
        ("C04", "2 new bone lesions"),
        ("C-stays", "progression confirmed before, dated 2024-02-26"),
        ("C-too-soon", "only 41 days since the scan to confirm"),
        ("C-one-new", "1 new bone lesion"),
    ],
)
def test_each_category_explains_itself(case_id: str, because: str) -> None:
    assert _follow(_case(case_id)["scans"])[-1].verdict.because == because


def test_a_first_scan_on_the_last_day_of_the_flare_window_may_show_flare() -> None:
    in_window = _follow([(84, 2), (126, 0, 2)])[-1]
    after = _follow([(85, 2), (127, 0, 2)])[-1]

    assert (in_window.verdict.answer, after.verdict.answer) == ("NON-PD", "PD")


def test_a_second_scan_in_the_flare_window_shows_no_flare() -> None:
    verdicts = _follow([(28, 0), (70, 2), (112, 0, 2)])

    assert [each.verdict.answer for each in verdicts] == ["NON-PD", "PDu", "PD"]
