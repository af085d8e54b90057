"""Numbers and states in sentences: one way to write a length, a percentage, a list and a state."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from fhirgate.oncology.millimetres import exact
from fhirgate.oncology.verdict import State

_TENTH = Decimal("0.1")
_HUNDREDTH = Decimal("0.01")
_MOST_PERCENT = Decimal(10) ** 15
"""Shown for anything larger (from a reference of 1e-30 mm, say), which a Decimal cannot round."""

_STATES = {
    State.OLIGOMETASTATIC_SYNCHRONOUS: "synchronous oligometastatic disease",
    State.POLYMETASTATIC_NEW: "new polymetastatic disease",
    State.PROGRESSION_UNCONFIRMED: "progression not confirmed",
    State.OFF_THERAPY_STABLE: "stable disease off therapy",
    State.NED: "no evidence of disease",
    State.INDETERMINATE: "cannot be judged",
}
"""Those whose code is not their words."""


def mm(size: Decimal | None) -> str:
    """A length with its unit, exact.

    >>> mm(Decimal("20.50"))
    '20.5 mm'
    """
    return "not measured" if size is None else f"{exact(size)} mm"


def signed_mm(size: Decimal) -> str:
    """A change of length with its sign."""
    return f"{'+' if size >= 0 else '−'}{exact(abs(size))} mm"


def percent_of(part: Decimal, whole: Decimal) -> Decimal | None:
    """`part` as a percentage of `whole`, unrounded; None of nothing."""
    return part * 100 / whole if whole else None


def signed_percent(value: Decimal | None) -> str:
    """A percentage with its sign and one decimal, never rounded up to a limit of a whole percent.

    >>> signed_percent(Decimal("19.996"))
    '+19.99 %'
    """
    if value is None:
        return "from nothing"
    size = min(abs(value), _MOST_PERCENT)
    shown = str(size.quantize(_TENTH, ROUND_HALF_EVEN))
    if shown.endswith(".0"):
        shown = exact(size.quantize(_HUNDREDTH, ROUND_DOWN))
    return f"{'+' if value >= 0 else '−'}{shown} %"


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun.

    >>> count(2, "lesion")
    '2 lesions'
    """
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"


def listed(words: Iterable[str], last: str = "and") -> str:
    """Words as a list in a sentence.

    >>> listed(["lung", "liver", "bone"])
    'lung, liver and bone'
    """
    items: Sequence[str] = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def state_words(state: State) -> str:
    """A state within a sentence.

    >>> state_words(State.SYSTEMIC_PROGRESSION)
    'systemic progression'
    """
    return _STATES.get(state, state.value.replace("_", " ").lower())
