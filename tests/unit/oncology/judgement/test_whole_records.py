"""Whole records, judged: every case of tests/cases/judgement."""

from typing import Any

import pytest
from case_tables import cases
from judged_stories import Case, expected, finding_codes, judged, told

CASES = cases("judgement")


@pytest.mark.parametrize("case", CASES)
def test_every_timepoint_is_judged_as_a_clinician_would(case: Case) -> None:
    assessment = judged(case)

    rows = case["at"]
    found = [
        told(at, rows[number] if number < len(rows) else {})
        for number, at in enumerate(assessment.timepoints)
    ]

    assert found == [expected(row) for row in rows]


@pytest.mark.parametrize("case", CASES)
def test_the_words_say_why_and_what_would_settle_it(case: Case) -> None:
    for at, row in zip(judged(case).timepoints, case["at"], strict=True):
        reasons = {each.code: each for each in at.reasons}
        for code, words in row.get("why", {}).items():
            assert words in reasons[code].text
        for code, words in row.get("resolved_by", {}).items():
            assert words in reasons[code].resolved_by
        if "because" in row:
            assert row["because"] in at.state.because


@pytest.mark.parametrize("case", CASES)
def test_what_is_odd_in_the_record_is_a_finding_and_nothing_else_is(case: Case) -> None:
    assert finding_codes(judged(case)) == sorted(case.get("findings", []))


@pytest.mark.parametrize("case", [each for each in CASES if "current" in each.values[0]])
def test_the_state_to_act_on_is_the_last_one_known(case: Case) -> None:
    current = judged(case).current
    asked: dict[str, Any] = {"stale": False, "qualifiers": [], "reasons": [], **case["current"]}

    assert {
        "state": current.state.value,
        "stale": current.stale,
        "qualifiers": [each.value for each in current.qualifiers],
        "reasons": sorted(each.code for each in current.reasons),
    } == {**asked, "reasons": sorted(asked["reasons"])}


@pytest.mark.parametrize("case", [each for each in CASES if "best" in each.values[0]])
def test_the_best_response_is_that_of_the_last_line(case: Case) -> None:
    best = judged(case).best_overall

    assert [best.unconfirmed and best.unconfirmed.value, best.confirmed and best.confirmed.value] == case[
        "best"
    ]


@pytest.mark.parametrize("case", [each for each in CASES if "first_progression" in each.values[0]])
def test_the_first_progression_is_dated_by_the_image_that_shows_it(case: Case) -> None:
    event = judged(case).first_progression

    assert ((event and {"on": event.date.text, "line": event.line or 0, "cause": event.cause}) or {}) == case[
        "first_progression"
    ]
