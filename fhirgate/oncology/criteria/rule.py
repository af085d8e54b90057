"""A rule as a value: its name, what it says, where that is written, when it holds, what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from fhirgate.oncology.source import Sources
from fhirgate.oncology.verdict import Verdict

F = TypeVar("F")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Rule(Generic[F, A]):
    """One rule of a criterion.

    `says` is the rule as a sentence, `source` the document it stands in, `because` puts the facts it was
    judged on into words and numbers.
    """

    name: str
    says: str
    source: str
    holds: Callable[[F], bool]
    answer: A
    because: Callable[[F], str]


def first_match(rules: Sequence[Rule[F, A]], facts: F, sources: Sources = ()) -> Verdict[A]:
    """The verdict of the first rule that holds; the last rule of a criterion always does."""
    for rule in rules:
        if rule.holds(facts):
            return Verdict(answer=rule.answer, rule=rule.name, because=rule.because(facts), sources=sources)
    raise AssertionError("a criterion without a last rule that always holds")
