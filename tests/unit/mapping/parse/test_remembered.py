from typing import Any

from fhirgate.mapping.parse.remembered import remembered


def test_a_value_equal_to_the_last_one_is_not_read_again() -> None:
    read: list[Any] = []

    def size(value: Any) -> int:
        read.append(value)
        return len(value)

    again = remembered(size)

    assert [again({"a": "x"}), again({"a": "x"}), again({}), again({"a": "x"})] == [1, 1, 0, 1]
    assert read == [{"a": "x"}, {}, {"a": "x"}]


def test_nothing_is_remembered_before_the_first_reading() -> None:
    assert remembered(lambda value: value is None)(None)


def test_a_reading_that_fails_is_not_remembered() -> None:
    again = remembered(len)

    failed = 0
    for _ in range(2):
        try:
            again(5)
        except TypeError:
            failed += 1

    assert failed == 2
