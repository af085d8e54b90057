"""How a criterion is printed: its limits, its rules in order with their sources, and notes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fhirgate.report.columns import display_width, fit, wrapped

WIDTH = 100


class Ruled(Protocol):
    """A rule of any criterion: what it is called, says, answers, and where it stands."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def says(self) -> str:
        """The rule as a sentence."""

    @property
    def source(self) -> str:
        """The document it stands in."""

    @property
    def answer(self) -> object:
        """What it answers when it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """A rule in words; `answer` empty where the rule gives none of its own."""

    name: str
    says: str
    source: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One question of a criterion: sentences, limits by name, rules in order, more sentences."""

    title: str
    intro: Sequence[str] = ()
    limits: Mapping[str, str] = field(default_factory=dict)
    rules: Sequence[RuleText] = ()
    notes: Sequence[str] = ()


def in_words(rules: Iterable[Ruled]) -> tuple[RuleText, ...]:
    """The rules the code runs on, in words."""
    return tuple(
        RuleText(name=each.name, says=each.says, source=each.source, answer=str(each.answer))
        for each in rules
    )


def criterion_lines(title: str, parts: Iterable[Part]) -> list[str]:
    """A whole criterion as lines."""
    lines = [title, "=" * display_width(title)]
    for part in parts:
        lines += ["", part.title, "-" * display_width(part.title), *_part(part)]
    return lines


def _part(part: Part) -> list[str]:
    lines = [line for each in part.intro for line in wrapped(each, WIDTH)]
    lines += _limits(part.limits)
    if part.rules:
        lines += ["Rules in order; the first that holds decides:"]
    for number, rule in enumerate(part.rules, 1):
        lines += _rule(rule, f"{number:>4}. ")
    return lines + [line for each in part.notes for line in wrapped(each, WIDTH)]


def _limits(limits: Mapping[str, str]) -> list[str]:
    names = max(map(display_width, limits), default=0)
    lines: list[str] = []
    for name, value in limits.items():
        lines += wrapped(value, WIDTH, f"  {fit(name, names)}  ", " " * (names + 4))
    return lines


def _rule(rule: RuleText, number: str) -> list[str]:
    indent = " " * len(number)
    answer = f" → {rule.answer}" if rule.answer else ""
    lines = wrapped(f"{rule.name}{answer}", WIDTH, number, indent)
    lines += wrapped(rule.says, WIDTH, indent)
    return lines + (wrapped(f"Source: {rule.source}", WIDTH, indent) if rule.source else [])
