"""What one lesion does, by the case table."""

from typing import Any

import pytest
from builders import mm, mm_or_none
from case_tables import Case, cases

from fhirgate.oncology.criteria.lesion_status import LESION_STATUS, LesionFacts
from fhirgate.oncology.criteria.rule import first_match
from fhirgate.oncology.lesion import Change, Kind

KINDS = {
    "ABSENT": Kind.ABSENT,
    "TSM": Kind.TOO_SMALL,
    "PRESENT": Kind.PRESENT,
    "NE": Kind.NOT_EVALUABLE,
    "UNMENTIONED": None,
}
PLAIN = (
    "node",
    "uptake_progressed",
    "judged_by_words",
    "measured_before",
    "absent_before",
    "treated_months_ago",
    "treated_window_months",
)


def _facts(case: Case) -> LesionFacts:
    return LesionFacts(
        kind=KINDS[case["kind"]] if "kind" in case else Kind.MEASURED,
        value=mm_or_none(case.get("now")),
        baseline=mm_or_none(case.get("baseline")),
        reference=mm_or_none(case.get("reference")),
        change=Change(case["change"]) if "change" in case else None,
        **{key: case[key] for key in PLAIN if key in case},
    )


@pytest.mark.parametrize("case", cases("lesion_status"))
def test_the_lesion_has_the_status_of_the_case(case: Case) -> None:
    verdict = first_match(LESION_STATUS, _facts(case))

    assert (verdict.answer, verdict.rule) == (case["expect"], case["rule"])


@pytest.mark.parametrize(
    ("case_id", "because"),
    [
        ("L01", "25 mm is +25 % and +5 mm against 20 mm"),
        ("L05", "42 mm from 60 mm at baseline"),
        ("L08", "normal node of 9 mm"),
        ("L10", "5 mm is from nothing and +5 mm against 0 mm"),
        ("L11", "recorded as not evaluable"),
        ("L12", "27 mm is +35 % and +7 mm against 20 mm, 4 months after local treatment"),
        ("L14", "locally treated 8 months before; 31 mm is +3.3 % and +1 mm against 30 mm"),
        ("L-unmentioned", "not mentioned at this timepoint"),
        ("L-nothing-to-compare", "20 mm, no earlier size to compare with"),
        ("L-seen-not-measured", "seen but not measured, though it was measured before"),
        ("L-unequivocal", "the reader states unequivocal progression"),
        ("L-pet", "PET uptake rose by at least 30% and 0.8 SUL"),
        ("L-increased", "change is not unequivocal"),
        ("L-absent", "no longer visible"),
        ("L-stable", "21 mm is +5 % and +1 mm against 20 mm"),
        ("L-never-measured", "present, no unequivocal progression stated"),
        ("L02", "24 mm is +20 % and +4 mm against 20 mm"),
    ],
)
def test_each_status_explains_itself(case_id: str, because: str) -> None:
    case = next(param.values[0] for param in cases("lesion_status") if param.id == case_id)

    assert first_match(LESION_STATUS, _facts(case)).because == because


def test_the_date_of_the_reference_is_named_when_known() -> None:
    facts = LesionFacts(kind=Kind.MEASURED, value=mm(27), reference=mm(20), reference_on="2024-03-01")

    verdict = first_match(LESION_STATUS, facts)

    assert verdict.because == "27 mm is +35 % and +7 mm against 20 mm of 2024-03-01"


def test_a_treated_lesion_seen_without_a_size_says_so() -> None:
    facts = LesionFacts(kind=Kind.PRESENT, treated_months_ago=2)

    verdict = first_match(LESION_STATUS, facts)

    assert verdict.because == "locally treated 2 months before; no two sizes to compare"


@pytest.mark.parametrize(
    "facts",
    [
        {"value": mm(30), "reference": None},
        {"value": None, "reference": mm(20)},
    ],
)
def test_one_size_alone_shows_no_growth(facts: dict[str, Any]) -> None:
    lesion = LesionFacts(kind=Kind.PRESENT, **facts)

    assert (lesion.grew_relative, lesion.grew_absolute, lesion.comparable) == (False, False, False)
