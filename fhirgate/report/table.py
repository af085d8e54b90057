"""A table over time: rows by name, columns by date, broken into blocks where the terminal ends."""

from collections.abc import Sequence
from dataclasses import dataclass

from fhirgate.report.columns import Paint, display_width, fit, plain

GAP = 2
WIDEST_NAME = 32


@dataclass(frozen=True, slots=True)
class Cell:
    """One entry: a number or word, a mark after it, and how to paint both."""

    value: str = ""
    mark: str = ""
    styles: tuple[str, ...] = ()

    def text(self, digits: int) -> str:
        """The entry with its value to the right in so many columns."""
        value = plain(self.value)
        aligned = " " * (digits - display_width(value)) + value
        return f"{aligned} {self.mark}" if self.mark else aligned


@dataclass(frozen=True, slots=True)
class Row:
    """A name, a note beside it, and one cell for each column; `numbers` are aligned with those of other rows."""

    name: str
    cells: tuple[Cell, ...]
    note: str = ""
    numbers: bool = False

    def says(self, columns: range) -> bool:
        """Whether it says anything in these columns."""
        return any(self.cells[at].value or self.cells[at].mark for at in columns)


def laid_out(rows: Sequence[Row], width: int, paint: Paint) -> list[str]:
    """The lines of a table; rows have equally many cells, those empty in a block are left out of it."""
    digits = max((display_width(plain(c.value)) for row in rows if row.numbers for c in row.cells), default=0)
    name = min(WIDEST_NAME, max(display_width(plain(row.name)) for row in rows))
    note = max(display_width(plain(row.note)) for row in rows)
    column = max(display_width(cell.text(_digits(row, digits))) for row in rows for cell in row.cells)
    at_once = max(1, (width - name - GAP - note) // (column + GAP))
    number = len(rows[0].cells)
    lines: list[str] = []
    for start in range(0, number, at_once):
        block = range(start, min(start + at_once, number))
        lines += [""] if lines else []
        for row in rows:
            if row.says(block):
                left = f"{fit(row.name, name)}{' ' * GAP}{fit(row.note, note)}"
                cells = (_painted(row.cells[at], _digits(row, digits), column, paint) for at in block)
                lines.append(f"{left}{''.join(cells)}".rstrip())
    return lines


def _digits(row: Row, digits: int) -> int:
    return digits if row.numbers else 0


def _painted(cell: Cell, digits: int, width: int, paint: Paint) -> str:
    text = cell.text(digits)
    padding = " " * (width - display_width(text))
    return f"{' ' * GAP}{paint(text, *cell.styles)}{padding}"
