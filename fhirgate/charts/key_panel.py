"""What the signs in the picture mean, only those that occur, and what a reader must know of how it was drawn."""

from collections.abc import Iterable, Sequence

from fhirgate.charts import style
from fhirgate.charts.labels import width, wrapped
from fhirgate.charts.looks import Look
from fhirgate.charts.marks import Json, place, symbols, word, words
from fhirgate.charts.panel import Panel

_HEAD = 12
_ROW = 17
_SIGN = 16
_GAP = 20


def key_panel(signs: Iterable[Look], notes: Sequence[str]) -> Panel:
    """Signs in rows, then the notes. Signs that mean the same are shown once, the largest of them."""
    placed, rows = laid_out(signs)
    y = _HEAD + _ROW * rows + 6
    texts: list[Json] = []
    for note in notes:
        for line in wrapped(note, style.LEFT + style.PLOT + style.RIGHT, 3):
            texts.append(word(-style.LEFT, y, line, fill=style.SOFT))
            y += style.LINE
    layers = (
        symbols(({"x": x, "y": at, **look.row()} for look, x, at in placed), place("x"), place("y")),
        *words([*(word(x + 12, at, look.means) for look, x, at in placed), *texts]),
    )
    return Panel(height=y + 4, layers=layers)


def laid_out(signs: Iterable[Look]) -> tuple[list[tuple[Look, float, float]], int]:
    """Each sign with its place [px], and how many rows they take."""
    kinds: dict[str, Look] = {}
    for each in sorted(signs, key=lambda look: (look.size, look.stroke, look.fill)):
        kinds[each.means] = each
    x, row = -style.LEFT + 9.0, 0
    placed: list[tuple[Look, float, float]] = []
    for means in sorted(kinds, key=lambda each: (-kinds[each].size, each)):
        wide = _SIGN + width(means) + _GAP
        if x + wide > style.PLOT + style.RIGHT and placed:
            x, row = -style.LEFT + 9.0, row + 1
        placed.append((kinds[means], x, float(_HEAD + _ROW * row)))
        x += wide
    return placed, row + 1 if placed else 0
