"""Colours as numbers: read from strict patterns, mixed as CSS mixes them, compared as WCAG does."""

import re
from dataclasses import dataclass

_LONGEST = 32
_HEX = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_RGB = re.compile(r"rgb\( ?([0-9]{1,3}) ?, ?([0-9]{1,3}) ?, ?([0-9]{1,3}) ?\)")


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green and blue, each from 0 to 255; a mixed one may lie between whole numbers. Never transparent."""

    red: float
    green: float
    blue: float

    @property
    def css(self) -> str:
        """As `#rrggbb`, written from the numbers."""
        return "#" + "".join(f"{round(each):02x}" for each in (self.red, self.green, self.blue))

    @property
    def luminance(self) -> float:
        """From 0 for black to 1 for white (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
        return 0.2126 * _linear(self.red) + 0.7152 * _linear(self.green) + 0.0722 * _linear(self.blue)


def colour_of(text: object) -> Colour | None:
    """What `#rgb`, `#rrggbb` or `rgb(1, 2, 3)` says; None for anything else, and for numbers over 255."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    if found := _HEX.fullmatch(text):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * each for each in found[1])
        return Colour(*(int(digits[at : at + 2], 16) for at in (0, 2, 4)))
    found = _RGB.fullmatch(text)
    numbers = [int(each) for each in found.groups()] if found else [256]
    return Colour(*numbers) if max(numbers) <= 255 else None


def mixed(colour: Colour, share: float, other: Colour) -> Colour:
    """So much of one colour and the rest of another, as `color-mix(in srgb, …)` does."""
    return Colour(
        share * colour.red + (1 - share) * other.red,
        share * colour.green + (1 - share) * other.green,
        share * colour.blue + (1 - share) * other.blue,
    )


def contrast(one: Colour, other: Colour) -> float:
    """From 1 to 21, in either order (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    low, high = sorted((one.luminance, other.luminance))
    return (high + 0.05) / (low + 0.05)


def _linear(channel: float) -> float:
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
