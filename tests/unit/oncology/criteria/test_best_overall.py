"""Best overall response, by the case table."""

import pytest
from builders import on
from case_tables import Case, cases

from fhirgate.oncology.assessment import BestOverallResponse
from fhirgate.oncology.clinical_date import ClinicalDate, add_days
from fhirgate.oncology.criteria.best_overall import Dated, best_overall_response, confirmed_partial
from fhirgate.oncology.policy import ResponsePolicy
from fhirgate.oncology.verdict import Response

START = on("2024-01-01")
POLICY = ResponsePolicy()


def _course(*visits: tuple[int, str]) -> list[Dated]:
    return [
        Dated(date=ClinicalDate.of(add_days(START.earliest, day)), response=Response(response))
        for day, response in visits
    ]


def _best(*visits: tuple[int, str], policy: ResponsePolicy = POLICY) -> BestOverallResponse:
    return best_overall_response(_course(*visits), START, policy)


@pytest.mark.parametrize("case", cases("best_overall"))
def test_the_best_overall_response_is_the_one_of_the_case(case: Case) -> None:
    best = _best(*case["visits"])

    assert (best.confirmed, best.unconfirmed) == (case["expect"], case["unconfirmed"])
    assert best.flags == tuple(case.get("flags", ()))


def test_a_best_response_is_dated_by_the_timepoint_that_shows_it_first() -> None:
    best = _best((56, "PR"), (84, "PR"), (112, "CR"), (140, "CR"))

    assert best == BestOverallResponse(
        unconfirmed=Response.CR,
        confirmed=Response.CR,
        unconfirmed_on=on("2024-04-22"),
        confirmed_on=on("2024-04-22"),
    )


def test_nothing_evaluable_has_no_date() -> None:
    assert _best() == BestOverallResponse(unconfirmed=Response.NE, confirmed=Response.NE)


def test_a_confirmation_may_lie_between_and_come_later() -> None:
    assert _best((56, "CR"), (70, "CR"), (84, "CR")).confirmed is Response.CR


def test_a_site_may_ask_for_another_interval() -> None:
    visits = (56, "PR"), (84, "PR")

    assert _best(*visits, policy=ResponsePolicy(confirmation_days=29)).confirmed is Response.SD


def test_a_partial_date_confirms_only_what_it_surely_confirms() -> None:
    course = [
        Dated(date=on("2024-03-05"), response=Response.PR),
        Dated(date=on("2024-04"), response=Response.PR),
    ]

    assert best_overall_response(course, START, POLICY).confirmed is Response.SD


@pytest.mark.parametrize(
    ("visits", "confirmed"),
    [
        ([(56, "PR"), (84, "PR")], True),
        ([(56, "PR"), (84, "CR")], True),
        ([(56, "PR"), (83, "PR")], False),
        ([(56, "PR"), (84, "SD"), (112, "PR")], False),
        ([(56, "SD"), (84, "SD")], False),
        ([(56, "SD"), (84, "PR"), (112, "PR")], True),
    ],
)
def test_a_partial_response_is_confirmed_by_a_later_response_without_anything_else_between(
    visits: list[tuple[int, str]], confirmed: bool
) -> None:
    assert confirmed_partial(_course(*visits), POLICY) is confirmed
