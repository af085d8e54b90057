"""Words in a picture: cleaned, measured, shortened, wrapped, and spread so that no two collide."""

import unicodedata
from collections.abc import Sequence

from fhirgate.charts.style import TEXT

_WIDTHS = {
    character: width
    for width, characters in (
        (0.23, "'ijl"),
        (0.28, " !,./:;I[\\]ft|·"),
        (0.36, '"()-`r{}°'),
        (0.40, "*"),
        (0.47, "^"),
        (0.50, "Jckvxyzs"),
        (0.56, "#$0123456789?L_abdeghnopqu–"),
        (0.59, "+<=>~−±×≤≥"),
        (0.61, "FTZ"),
        (0.67, "&ABEKPSVXY"),
        (0.73, "CDHNRUw"),
        (0.78, "GOQ"),
        (0.84, "mM"),
        (0.89, "%"),
        (0.95, "W"),
        (1.02, "@…—→"),
    )
    for character in characters
}
"""Advance of a character [em] in Liberation Sans, which has the widths of Arial; rounded up."""
_ELLIPSIS = "…"
_LONGEST = 400
_BOLD = 1.08


def clean(text: str) -> str:
    """The text on one line, without characters that XML forbids or that reorder what is read; bounded.

    Of marks piled up on one letter only as many are kept as words have: more reach over the lines above and below.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text[:_LONGEST].split())
    kept, marks = [], 0
    for each in text[:_LONGEST]:
        kind = unicodedata.category(each)
        marks = marks + 1 if kind in _MARKS else 0
        if marks <= _MOST_MARKS:
            kept.append(" " if kind in _UNPRINTABLE else each)
    return " ".join("".join(kept).split())


_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me", "Mc"})
_MOST_MARKS = 4


def width(text: str, size: int = TEXT, *, bold: bool = False) -> float:
    """About how wide the text is [px], rather too much than too little."""
    return sum(_advance(each) for each in text) * size * (_BOLD if bold else 1)


def _advance(character: str) -> float:
    """Width of a character [em]; of one not in the table, that of its kind."""
    known = _WIDTHS.get(character)
    if known is not None:
        return known
    if unicodedata.combining(character):
        return 0
    return 1.05 if unicodedata.east_asian_width(character) in ("W", "F") else 0.8


def shortened(text: str, room: float, *, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it is wider than the room [px]."""
    if width(text, bold=bold) <= room:
        return text
    kept = text
    while kept and width(kept + _ELLIPSIS, bold=bold) > room:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS


def wrapped(text: str, room: float, most: int, *, size: int = TEXT, bold: bool = False) -> list[str]:
    """The text in at most so many lines, each no wider than the room [px]."""
    factor = TEXT / size
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most:
        line = words.pop(0)
        while words and width(f"{line} {words[0]}", size, bold=bold) <= room:
            line = f"{line} {words.pop(0)}"
        if words and len(lines) == most - 1:
            line = f"{line} {' '.join(words)}"
        lines.append(shortened(line, room * factor, bold=bold))
    return lines


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Centres for labels of these sizes, in the given order, none overlapping, as near as can be to the wanted ones.

    `wanted` is ascending. All lie between `low` and `high` when they fit there together; otherwise they begin at
    `low`. Least squares under an order: pool adjacent violators.

    >>> spread([10, 10, 50], [10, 10, 10], 0, 100)
    [5.0, 15.0, 50.0]
    """
    starts = [sum(sizes[:position]) for position in range(len(sizes))]
    pools: list[tuple[float, int]] = []
    for centre, size, start in zip(wanted, sizes, starts, strict=True):
        value, count = centre - size / 2 - start, 1
        while pools and pools[-1][0] > value:
            before, number = pools.pop()
            value = (value * count + before * number) / (count + number)
            count += number
        pools.append((value, count))
    latest = max(high - sum(sizes), low)
    shifts = [min(max(value, low), latest) for value, count in pools for _ in range(count)]
    return [shift + start + size / 2 for shift, start, size in zip(shifts, starts, sizes, strict=True)]


def lanes(wanted: Sequence[float], widths: Sequence[float], gap: float = 10) -> list[int]:
    """A lane for each text that starts at its place, lane 0 lowest, so that neither texts nor stems collide.

    `wanted` is ascending; a stem goes down from the start of each text through the lanes below it. Later texts lie
    lower: what is below a text's start then begins to the right of it.
    """
    begins: list[float] = []
    found: list[int] = []
    for start, wide in zip(reversed(wanted), reversed(widths), strict=True):
        # Above every lane that it would meet: the stems of that lane go down through all lanes below.
        lane = max((at + 1 for at, begin in enumerate(begins) if begin < start + wide + gap), default=0)
        begins[lane : lane + 1] = [start]
        found.append(lane)
    return found[::-1]
