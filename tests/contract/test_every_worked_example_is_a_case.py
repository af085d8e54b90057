"""The 154 worked examples of the domain specification (§12) are cases, each exactly once."""

from collections import Counter

from case_tables import all_cases

WORKED_EXAMPLES = {
    "R": 22,
    "O": 11,
    "B": 8,
    "I": 12,
    "C": 4,
    "P": 5,
    "L": 14,
    "E": 12,
    "S": 40,
    "U": 10,
    "T": 16,
}
IDS = {f"{letter}{number:02}" for letter, most in WORKED_EXAMPLES.items() for number in range(1, most + 1)}


def test_there_are_154_worked_examples() -> None:
    assert len(IDS) == 154


def test_every_worked_example_is_a_case() -> None:
    assert IDS - {case["id"] for _, case in all_cases()} == set()


def test_no_case_is_told_twice() -> None:
    told = Counter(case["id"] for _, case in all_cases())

    assert [case for case, times in told.items() if times > 1] == []


def test_every_case_is_a_sentence_with_a_source() -> None:
    wanting = [case["id"] for _, case in all_cases() if not case.get("name") or not case.get("source")]

    assert wanting == []
