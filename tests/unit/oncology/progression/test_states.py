"""The state of one timepoint, by the case table."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from builders import (
    CARBOPLATIN,
    LETROZOLE,
    OSIMERTINIB,
    PALBOCICLIB,
    PEMBROLIZUMAB,
    before,
    in_play,
    mm,
    on_line,
    reason,
    situation,
)
from case_tables import Case, cases

from fhirgate.oncology.oligometastatic import MetastaticFacts, classify_oligometastatic
from fhirgate.oncology.policy import IciPolicy, StatePolicy
from fhirgate.oncology.progression.classify import Conclusion, classify_situation
from fhirgate.oncology.progression.presets import DEFAULT, PRESETS, Preset
from fhirgate.oncology.progression.situation import LesionInPlay, OnLine, Situation
from fhirgate.oncology.verdict import LesionStatus, State, TherapyStatus
from fhirgate.oncology.wording import state_words

AGENTS = {each.name: each for each in (OSIMERTINIB, PEMBROLIZUMAB, CARBOPLATIN, PALBOCICLIB, LETROZOLE)}
PLAIN = (
    "comparator",
    "sum_progressed",
    "sum_partial",
    "bone_lesions",
    "bone_disease",
    "confirmed",
)


def _lesions(groups: list[dict[str, Any]]) -> tuple[LesionInPlay, ...]:
    lesions = []
    for position, group in enumerate(groups):
        given = {key: value for key, value in group.items() if key not in ("n", "size")}
        if "size" in group:
            given["size"] = mm(group["size"])
        lesions += [in_play(id=f"{position}-{number}", **given) for number in range(group["n"])]
    return tuple(lesions)


def _line(said: Mapping[str, Any]) -> OnLine:
    given = dict(said)
    if "agents" in given:
        given["agents"] = tuple(AGENTS[name] for name in given["agents"])
    return on_line(**given)


def _situation(case: Case) -> Situation:
    history = case.get("history")
    return situation(
        _lesions(case["lesions"]),
        date=case.get("date", date(2024, 6, 1)),
        line=_line(case.get("line", {})),
        history=before() if history is None else before(**{"polymetastatic_before": None, **history}),
        diffuse=tuple(case.get("diffuse", ())),
        diffuse_progressing=tuple(case.get("diffuse_progressing", ())),
        signals=tuple(reason(code) for code in case.get("signals", ())),
        stops=tuple(reason(code) for code in case.get("stops", ())),
        **{key: case[key] for key in PLAIN if key in case},
    )


def _conclude(case: Case) -> Conclusion:
    preset = replace(PRESETS[case.get("preset", "DEFAULT")], **case.get("preset_with", {}))
    ici = case.get("policy", {}).get("ici_policy", "hold_first_followup")
    return classify_situation(_situation(case), preset, StatePolicy(ici_policy=IciPolicy(ici)))


@pytest.mark.parametrize("case", cases("progression"))
def test_the_state_is_the_one_of_the_case(case: Case) -> None:
    conclusion = _conclude(case)

    assert (conclusion.state.answer, conclusion.state.rule) == (case["expect"], case["rule"])


@pytest.mark.parametrize("case", cases("progression"))
def test_the_qualifiers_and_reasons_are_those_of_the_case_and_no_others(case: Case) -> None:
    conclusion = _conclude(case)

    codes = [*conclusion.qualifiers, *(each.code for each in conclusion.reasons)]
    assert sorted(codes) == sorted([*case["codes"], *case.get("also", ())])


@pytest.mark.parametrize("case", [case for case in cases("progression") if "possible" in case.values[0]])
def test_a_missing_lesion_that_decides_names_the_states_it_decides_between(case: Case) -> None:
    (why,) = _conclude(case).reasons

    words = [state_words(State(each)) for each in case["possible"]]
    assert why.text.endswith(f"decides between {' and '.join(words)}")
    assert why.resolved_by.startswith("a measurement or statement of ")


@pytest.mark.parametrize("case", [case for case in cases("progression") if "because" in case.values[0]])
def test_the_state_says_what_the_case_asks_to_be_said(case: Case) -> None:
    assert case["because"] in _conclude(case).state.because


@pytest.mark.parametrize("case", [case for case in cases("progression") if "estro_eortc" in case.values[0]])
def test_the_consensus_class_goes_with_the_state(case: Case) -> None:
    seen = _situation(case)
    facts = MetastaticFacts(
        metastases=len(seen.lesions),
        active=sum(each.active for each in seen.lesions),
        polymetastatic_before=seen.history.polymetastatic_before is True,
        oligometastatic_before=seen.history.oligometastatic_before is True,
        on_therapy=seen.line.status is TherapyStatus.ON,
    )

    assert classify_oligometastatic(facts) == case["estro_eortc"]


BECAUSE = {
    "S01": "1 of 8 evaluable known lesions progresses (0-0); 7 lesions controlled, limit 5",
    "S05": "3 of 9 evaluable known lesions progress and 2 new lesions (0-0, 0-1, 0-2, 2-0 and 2-1);"
    " 6 lesions controlled, limit 5",
    "S06": "3 of 9 evaluable known lesions progress and 3 new lesions (0-0, 0-1, 0-2, 2-0, 2-1 and 2-2):"
    " 6 is over the limit of 5",
    "S07": "1 of 1 evaluable known lesions progresses (0-0);"
    " 0 controlled against 1 progressing: no majority is controlled",
    "S10": "1 of 8 evaluable known lesions progresses (0-0); therapy unknown",
    "S13": "none of 4 evaluable known lesions progresses; 4 metastases visible, partial response"
    " after 200 days on the line",
    "S15": "none of 9 evaluable known lesions progresses; 9 metastases visible",
    "S16": "no metastasis visible; therapy on",
    "S17": "no metastasis visible; therapy off",
    "S18": "first metastases: 3, within six months of the primary",
    "S20": "2 of 9 evaluable known lesions progress (0-0 and 0-1), at the first follow-up on a checkpoint inhibitor",
    "S22": "1 of 8 evaluable known lesions progresses and new or growing pleural effusion (0-0);"
    " diffuse: pleural effusion",
    "S33": "1 lesion not evaluated (1-0): stable disease or oligoprogression",
    "S34": "first metastases: 2, on therapy (therapy on)",
    "S35": "6 metastases visible, no earlier timepoint",
    "S36": "EQUIVOCAL_NEW_LESION",
    "S38": "none of 3 evaluable known lesions progresses; therapy off",
    "S-stopped": "CONFLICTING_READS",
    "S-never": "imaging shows no metastasis, and none was ever documented",
    "S-poly-new": "first metastases: 6",
    "S-poly-diffuse": "first metastases: 1, with malignant ascites",
    "S-primary-unknown": "first metastases: 2, date of the primary diagnosis unknown",
    "S-first-off": "first metastases: 2, off therapy (therapy off)",
    "S-none-unknown": "no metastasis visible; therapy unknown",
    "S-bone-progression": "4 new bone lesions by PCWG3; 7 lesions controlled, limit 5",
}


@pytest.mark.parametrize(("case_id", "because"), BECAUSE.items())
def test_each_state_explains_itself_in_numbers(case_id: str, because: str) -> None:
    case = next(param.values[0] for param in cases("progression") if param.id == case_id)

    assert _conclude(case).state.because == because


REASONS = {
    "S02": "5 controlled against 5 progressing: no majority is controlled",
    "S04": "6 progressing or new lesions, DEFAULT allows 5",
    "S10": "therapy unknown",
    "S20": "unconfirmed progression at the first follow-up on a checkpoint inhibitor",
    "S22": "diffuse disease: pleural effusion",
    "S24": "no progressing lesion is extracranial",
    "S27": "HALT asks for a tyrosine-kinase inhibitor, without chemotherapy or checkpoint inhibitor",
    "S28": "progression in 4 organs, at most 3 allowed",
    "S29": "0-0 55 mm over 50 mm",
    "S30": "progression after 120 days on the line, AVATAR asks for control of at least 183",
    "S31": "0-0 irradiated before",
    "S35": "no earlier imaging to compare with",
    "S37": "14 days on the line, at least 28 needed",
    "S-primary-unknown": "whether the metastases are synchronous cannot be told without the date of the primary",
    "S-new-not-counted": "1 new lesion, which DEFAULT does not allow",
}


@pytest.mark.parametrize(("case_id", "text"), REASONS.items())
def test_each_reason_explains_itself_in_numbers(case_id: str, text: str) -> None:
    case = next(param.values[0] for param in cases("progression") if param.id == case_id)

    assert [each.text for each in _conclude(case).reasons] == [text]


def test_the_order_of_possible_states_is_that_of_the_list_of_states() -> None:
    lesions = (in_play("NE", "A"), in_play("NE", "B"), in_play(id="C"), in_play(id="D"))

    conclusion = classify_situation(situation(lesions), DEFAULT, StatePolicy())

    assert conclusion.reasons[0].text == (
        "A and B not evaluated, and decides between oligopersistence, oligoprogression and limited progression"
    )


def test_a_lesion_that_may_have_progressed_is_one_of_those_that_do_not_decide_beyond_the_cap() -> None:
    lesions = [in_play("PROGRESSING", f"p{n}") for n in range(6)]
    lesions += [in_play("NE", f"n{n}", organ=organ) for n, organ in enumerate(("lung", "liver", "lung"))]
    lesions += [in_play(id=f"s{n}") for n in range(9)]

    conclusion = classify_situation(situation(lesions), DEFAULT, StatePolicy())

    assert conclusion.state.answer == "SYSTEMIC_PROGRESSION"
    assert "NE_LESIONS_NOT_DECISIVE" in conclusion.qualifiers


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_hundred_lesions_not_evaluated_are_judged_in_a_moment(preset: Preset) -> None:
    """Two to the hundredth combinations would never end."""
    lesions = [
        in_play("NE", f"n{n}", organ="", cns=n % 5 == 0, new=n % 7 == 0, irradiated=n % 3 == 0, treated=True)
        for n in range(100)
    ]

    conclusion = classify_situation(situation(lesions), preset, StatePolicy())

    assert conclusion.state.rule == "coverage"


def test_an_equivocal_new_lesion_does_not_count_against_the_cap() -> None:
    lesions = [in_play("PROGRESSING", f"p{n}") for n in range(5)]
    lesions += [in_play(id=f"s{n}") for n in range(6)] + [in_play(LesionStatus.NEW_EQUIVOCAL, "q")]

    conclusion = classify_situation(situation(lesions), DEFAULT, StatePolicy())

    assert conclusion.state.answer == "OLIGOPROGRESSION"
