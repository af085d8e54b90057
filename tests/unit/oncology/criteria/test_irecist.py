"""iRECIST along the visits of one line, by the case table."""

from collections.abc import Sequence
from typing import Any

import pytest
from builders import mm, mm_or_none, on, source
from case_tables import Case, cases

from fhirgate.oncology.clinical_date import ClinicalDate, add_days
from fhirgate.oncology.criteria.irecist import IVerdict, Visit, classify_visits
from fhirgate.oncology.verdict import Response

START = on("2024-01-01").earliest
TARGET_SIZE = 10


def _visit(said: dict[str, Any]) -> Visit:
    new = said.get("new", {})
    target, non_target = said.get("target"), said.get("non_target")
    return Visit(
        date=ClinicalDate.of(add_days(START, said["day"])),
        overall=Response(said["overall"]),
        target=Response(target) if target else None,
        non_target=Response(non_target) if non_target else None,
        target_sum=mm_or_none(said.get("sum")),
        non_target_increased=said.get("increased", False),
        non_target_sizes={name: mm(size) for name, size in said.get("sizes", {}).items()},
        new={name: mm(size) if size else None for name, size in new.items()},
        new_sized=frozenset(name for name, size in new.items() if size >= TARGET_SIZE),
        new_increased=frozenset(said.get("new_increased", ())),
        for_new_symptom=said.get("symptom", False),
        sources=(source(str(said["day"])),),
    )


def _follow(visits: Sequence[dict[str, Any]]) -> tuple[IVerdict, ...]:
    return classify_visits([_visit(each) for each in visits])


def _case(case_id: str) -> Case:
    return next(param.values[0] for param in cases("irecist") if param.id == case_id)


@pytest.mark.parametrize("case", cases("irecist"))
def test_the_last_visit_has_the_category_of_the_case(case: Case) -> None:
    last = _follow(case["visits"])[-1]

    dated = case["visits"][case["progressed"] - 1]["day"] if "progressed" in case else None
    assert (last.verdict.answer, last.verdict.rule) == (case["expect"], case["rule"])
    assert last.progressed_on == (None if dated is None else ClinicalDate.of(add_days(START, dated)))


def test_every_visit_has_its_category() -> None:
    verdicts = _follow(_case("I12")["visits"])

    assert [each.verdict.answer for each in verdicts] == ["iSD", "iUPD", "iPR", "iUPD", "iCPD"]


def test_no_visit_has_no_category() -> None:
    assert classify_visits([]) == ()


@pytest.mark.parametrize(
    ("case_id", "because"),
    [
        ("I-first", "first progression: target"),
        ("I01", "target sum +6 mm since iUPD"),
        ("I02", "progression neither confirmed nor gone"),
        ("I04", "RECIST 1.1 SD against baseline"),
        ("I06", "another new lesion"),
        ("I07", "sum of new lesions +6 mm since iUPD"),
        ("I09", "further increase of non-target disease"),
        ("I10", "only 14 days after iUPD; repeat imaging at 4 to 8 weeks"),
        ("I-small-new-grows", "a new lesion has increased"),
        ("I-other-category", "progression also of non-target"),
        ("I-stays-confirmed", "confirmed before; progression dated 2024-03-01"),
        ("I-not-evaluable", "RECIST 1.1 NE"),
    ],
)
def test_each_category_explains_itself(case_id: str, because: str) -> None:
    assert _follow(_case(case_id)["visits"])[-1].verdict.because == because


def test_a_first_progression_without_a_known_cause_names_recist() -> None:
    (only,) = _follow([{"day": 60, "overall": "PD"}])

    assert only.verdict.because == "first progression: RECIST 1.1 PD"


def test_a_verdict_rests_on_the_sources_of_its_visit() -> None:
    assert [each.verdict.sources for each in _follow(_case("I01")["visits"])] == [
        (source("60"),),
        (source("95"),),
    ]


def test_a_new_lesion_that_is_gone_counts_nothing() -> None:
    visit = _visit({"day": 1, "overall": "PD", "new": {"A": 12, "B": 0}})

    assert visit.size_of_new(["A", "B", "C"]) == 12


def test_growth_of_one_non_target_lesion_is_balanced_by_shrinkage_of_another() -> None:
    began = _visit({"day": 1, "overall": "PD", "sizes": {"A": 10, "B": 10}})
    later = _visit({"day": 40, "overall": "PD", "sizes": {"A": 12, "B": 7}})

    assert not later.further_non_target(began)
