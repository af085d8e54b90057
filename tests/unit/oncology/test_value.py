"""What `value` makes of a class, and what `once` makes of a method."""

from dataclasses import dataclass, field, replace

import pytest

from fhirgate.oncology.value import once, value


@value
class _Place:
    """Something with a name and marks."""

    name: str
    marks: list[int] = field(default_factory=list)


@value
class _Day:
    name: str
    number: int = 1


def test_values_are_equal_and_hash_alike_when_their_fields_do() -> None:
    assert _Day(name="a") == _Day(name="a", number=1)
    assert len({_Day(name="a"), _Day(name="a", number=1), _Day(name="a", number=2)}) == 2


def test_a_value_takes_keywords_only_and_has_no_other_attribute() -> None:
    with pytest.raises(TypeError):
        _Day("a")  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        _Day(name="a").colour = "red"  # type: ignore[attr-defined]


def test_each_value_has_a_default_of_its_own() -> None:
    _Place(name="a").marks.append(1)

    assert _Place(name="b").marks == []


def test_a_changed_value_is_another_one() -> None:
    first = _Day(name="a")

    assert (replace(first, number=2).number, first.number) == (2, 1)


def test_type_checkers_are_told_that_a_value_is_frozen() -> None:
    told = value.__dataclass_transform__  # type: ignore[attr-defined]

    assert {**told, **told["kwargs"]}["frozen_default"] is True  # Python 3.11 keeps it among the others
    assert told["kw_only_default"] is True


@dataclass
class _Counter:
    asked: int = 0

    @once
    def answer(self) -> int:
        """The answer."""
        self.asked += 1
        return 41 + self.asked


def test_what_is_worked_out_once_is_kept_for_each_thing_apart() -> None:
    one, other = _Counter(), _Counter(asked=8)

    assert [one.answer, one.answer, other.answer, other.answer] == [42, 42, 50, 50]
    assert (one.asked, other.asked) == (1, 9)


def test_a_property_that_is_worked_out_once_says_what_it_is() -> None:
    assert vars(_Counter)["answer"].__doc__ == "The answer."
