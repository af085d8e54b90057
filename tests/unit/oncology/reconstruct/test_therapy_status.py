"""On or off therapy: every row of the table at its limits, and laws."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from builders import agent, exposure, on
from case_tables import read
from hypothesis import given
from hypothesis import strategies as st
from therapy_cases import AGENTS, DAY_OF_JUDGEMENT, FIRST_METASTASIS, FOLDER, exposures, on_date

from fhirgate.oncology.policy import LinesPolicy, TherapyStatusPolicy
from fhirgate.oncology.reconstruct.agent_kinds import Route, route_of
from fhirgate.oncology.reconstruct.therapy_lines import reconstruct_lines
from fhirgate.oncology.reconstruct.therapy_status import TherapyAt, therapy_status
from fhirgate.oncology.therapy import Exposure, LotRole, StopReason
from fhirgate.oncology.verdict import TherapyStatus

TABLE = read(FOLDER / "status.toml")


def _at(day: str, given: list[Exposure], policy: TherapyStatusPolicy) -> TherapyAt:
    lines = reconstruct_lines(
        given, index=on_date(FIRST_METASTASIS), policy=LinesPolicy(), as_of=DAY_OF_JUDGEMENT
    ).lines
    return therapy_status(on_date(day), lines, given, policy)


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case["id"])
def test_a_day_of_a_case_is_on_or_off_therapy_and_says_why(case: dict[str, Any]) -> None:
    policy = replace(TherapyStatusPolicy(), **case.get("policy", {}))

    found = _at(case["day"], exposures(case["given"]), policy)

    line = None if found.line is None else found.line.number or 0
    sources = [str(each) for each in found.sources]
    answer = (found.status.value, found.because, found.on_hold, line, sources)
    expected = (case["expect"], case["because"], case.get("on_hold", False), case.get("line"))
    assert answer == (*expected, case.get("sources", []))


@pytest.mark.parametrize(
    ("agent", "route"),
    [
        ("osimertinib", Route.ORAL),
        ("palbociclib", Route.ORAL),
        ("capecitabine", Route.ORAL),
        ("temozolomide", Route.ORAL),
        ("letrozole", Route.ORAL),
        ("enzalutamide", Route.ORAL),
        ("relugolix", Route.ORAL),
        ("fulvestrant", Route.DEPOT),
        ("leuprolide", Route.DEPOT),
        ("temsirolimus", Route.INFUSION),
        ("carboplatin", Route.INFUSION),
        ("pembrolizumab", Route.INFUSION),
        ("bevacizumab", Route.INFUSION),
        ("trastuzumab emtansine", Route.INFUSION),
        ("etoposide", Route.UNKNOWN),
        ("investigational", Route.UNKNOWN),
    ],
)
def test_an_agent_has_its_usual_route(agent: str, route: Route) -> None:
    assert route_of(AGENTS[agent]) is route


@given(st.integers(0, 600), st.randoms())
def test_order_and_duplicates_of_exposures_do_not_change_the_status(days: int, random: Any) -> None:
    day = (date(2023, 1, 15) + timedelta(days=days)).isoformat()
    given = [each for case in TABLE for each in exposures(case["given"])]
    shuffled = [*given, *given]
    random.shuffle(shuffled)

    assert _at(day, shuffled, TherapyStatusPolicy()) == _at(day, given, TherapyStatusPolicy())


@given(st.integers(0, 400), st.sampled_from(TABLE))
def test_one_more_dose_on_the_day_means_on_therapy(days: int, case: dict[str, Any]) -> None:
    day = date(2023, 2, 1) + timedelta(days=days)
    dose = exposures([{"agent": "osimertinib", "on": day}])

    found = _at(day.isoformat(), [*exposures(case["given"]), *dose], TherapyStatusPolicy())

    assert found.status is TherapyStatus.ON


def test_lines_in_any_order_give_the_same_answer() -> None:
    given = exposures(
        [
            {"agent": "pembrolizumab", "on": date(2023, 2, 1)},
            {"agent": "docetaxel", "on": date(2023, 6, 1)},
        ]
    )
    index, day = on_date(FIRST_METASTASIS), on_date("2023-06-10")
    lines = reconstruct_lines(given, index=index, policy=LinesPolicy(), as_of=DAY_OF_JUDGEMENT).lines

    found = {therapy_status(day, each, given, TherapyStatusPolicy()) for each in (lines, lines[::-1])}

    assert [(each.status, each.line) for each in found] == [(TherapyStatus.ON, lines[1])]


def _with_unclear(**more: Any) -> TherapyAt:
    """Osimertinib ended in 2023; an unknown drug for cancer since 2024-01-15."""
    known = exposure("2022-01-15", "2023-10-01", ended=True, stop_reason=StopReason.PROGRESSION)
    unclear = exposure(
        "2024-01-15",
        agent=agent("zelobrutinib", drug_class="unknown", lot_role=LotRole.UNCLEAR),
        asserted_on=on("2024-02-01"),
        **more,
    )
    lines = reconstruct_lines(
        [known, unclear], index=on("2022-01-01"), policy=LinesPolicy(), as_of=date(2024, 4, 1)
    ).lines
    assert [[each.name for each in line.agents] for line in lines] == [["osimertinib"]]
    return therapy_status(on("2024-03-01"), lines, [known, unclear], TherapyStatusPolicy())


def test_a_drug_for_cancer_that_no_list_knows_leaves_open_whether_the_patient_is_off_therapy() -> None:
    at = _with_unclear()

    assert at.status is TherapyStatus.UNKNOWN
    assert at.because.startswith(
        "zelobrutinib is given for cancer, and whether it is systemic therapy is not known"
    )


def test_such_a_drug_that_ended_long_before_leaves_nothing_open() -> None:
    assert _with_unclear(end="2024-01-16").status is TherapyStatus.OFF
