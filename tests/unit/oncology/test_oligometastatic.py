"""The ESTRO/EORTC class, by the case table, and the calendar rule of six months."""

import pytest
from builders import on
from case_tables import Case, cases

from fhirgate.oncology.clinical_date import ClinicalDate, add_days
from fhirgate.oncology.oligometastatic import (
    MetastaticFacts,
    class_definitions,
    classify_oligometastatic,
    is_synchronous,
)
from fhirgate.oncology.verdict import EstroEortcClass

PRIMARY = on("2023-06-01")


def _synchronous(days: int | None) -> bool | None:
    return (
        None if days is None else is_synchronous(PRIMARY, ClinicalDate.of(add_days(PRIMARY.earliest, days)))
    )


@pytest.mark.parametrize("case", cases("oligometastatic"))
def test_the_class_is_the_one_of_the_case(case: Case) -> None:
    facts = MetastaticFacts(
        metastases=case["metastases"],
        active=case["active"],
        diffuse=case.get("diffuse", False),
        polymetastatic_before=case["polymetastatic_before"],
        oligometastatic_before=case["oligometastatic_before"],
        synchronous=_synchronous(case.get("days")),
        on_therapy=case.get("on_therapy"),
    )

    assert (classify_oligometastatic(facts) or "NONE") == case["expect"]


@pytest.mark.parametrize(
    ("primary", "metastasis", "synchronous"),
    [
        ("2023-01-31", "2023-07-31", True),
        ("2023-01-31", "2023-08-01", False),
        ("2023-08-31", "2024-02-29", True),
        ("2023-08-31", "2024-03-01", False),
        ("2023-03-10", "2023-02-01", True),
        ("2023-01", "2023-07-01", True),
        ("2023-01", "2023-07-15", None),
        ("2023-01", "2023-08-01", False),
        ("2023", "2024-07-01", False),
        ("2023", "2023-12-01", None),
    ],
)
def test_six_calendar_months_are_synchronous_and_a_date_that_leaves_it_open_is_neither(
    primary: str, metastasis: str, synchronous: bool | None
) -> None:
    assert is_synchronous(on(primary), on(metastasis)) is synchronous


def test_no_metastasis_has_no_class() -> None:
    facts = MetastaticFacts(
        metastases=0, active=0, polymetastatic_before=True, oligometastatic_before=False, on_therapy=True
    )

    assert classify_oligometastatic(facts) is None


def test_every_class_is_defined_once_in_words() -> None:
    definitions = class_definitions()

    assert [answer for answer, _ in definitions] == list(EstroEortcClass)
    assert len({says for _, says in definitions}) == len(EstroEortcClass)
