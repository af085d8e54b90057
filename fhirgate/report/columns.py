"""Text in columns of a terminal: display width, padding, wrapping, and colour that never carries meaning alone."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_INVISIBLE = frozenset({"Mn", "Me"})
_CONTROL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_BETWEEN_WORDS = re.compile(r" (?!(?:mm|%)(?:\W|$))")
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34"}


@dataclass(frozen=True, slots=True)
class Paint:
    """Puts ANSI colour around text that is already laid out; does nothing when switched off."""

    on: bool = False

    def __call__(self, text: str, *styles: str) -> str:
        """The text in these styles."""
        if not self.on or not styles or not text.strip():
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"


def plain(text: str) -> str:
    """Text on one line and without control or direction characters: a record must not steer a terminal."""
    if text.isprintable():
        return " ".join(text.split())
    safe = (" " if unicodedata.category(each) in _CONTROL else each for each in text)
    return " ".join("".join(safe).split())


def display_width(text: str) -> int:
    """Columns a text takes in a monospace terminal."""
    return sum(map(_columns, text))


def fit(text: str, width: int) -> str:
    """The text in exactly so many columns: padded, or cut with an ellipsis."""
    short = plain(text)
    if display_width(short) > width:
        short = f"{_cut(short, width - 1)}…"
    return short + " " * (width - display_width(short))


def wrapped(text: str, width: int, indent: str = "", hanging: str | None = None) -> list[str]:
    """The text in lines of at most so many columns, the first after `indent`, the others after `hanging`."""
    room = width - max(len(indent), len(hanging or ""))
    return flowed(_words(plain(text), room), width, indent, hanging)


def flowed(pieces: Iterable[str], width: int, indent: str = "", hanging: str | None = None) -> list[str]:
    """Pieces of text that stay whole, as many to a line as it holds."""
    lines, prefix, line = [], indent, ""
    for piece in pieces:
        if line and display_width(prefix) + display_width(line) + 1 + display_width(piece) > width:
            lines.append(prefix + line)
            prefix, line = indent if hanging is None else hanging, piece
        else:
            line = f"{line} {piece}" if line else piece
    return [*lines, prefix + line] if line else lines


def _columns(character: str) -> int:
    if unicodedata.category(character) in _INVISIBLE:
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _cut(text: str, width: int) -> str:
    used, kept = 0, []
    for character in text:
        used += _columns(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept)


def _words(text: str, width: int) -> Iterator[str]:
    """The words of a text, a number with its unit as one; a word longer than a line in pieces."""
    for word in _BETWEEN_WORDS.split(text):
        start = used = 0
        for position, character in enumerate(word):
            columns = _columns(character)
            if used + columns > width and position > start:
                yield word[start:position]
                start, used = position, 0
            used += columns
        yield word[start:]
