"""The style an EHR offers, judged, as a style sheet after ours. Its values are hostile.

Nothing that was received is copied: a value becomes numbers, or the name of a list of ours, and is written anew from
those. What is not understood, or cannot be read by somebody with weak eyes, is left out, and our own look stands.
Names: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#styling
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from fhirgate.web.colour import Colour, colour_of
from fhirgate.web.palette import DARK, LIGHT, Palette

_LENGTH = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)(px|rem)")
_ROOT_PX = 16
"""What a rem is unless the reader wants another size of text [px]."""
_SIZES = (Decimal(13), Decimal(24))
_RADII = (Decimal(0), Decimal(24))
"""Least and most [px]."""

_LONGEST = 200
_SANS = 'system-ui, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif'
_ARIAL = 'Arial, Helvetica, "Liberation Sans", sans-serif'
_WIDE = 'Verdana, "DejaVu Sans", Geneva, sans-serif'
_SERIF = 'Georgia, "Liberation Serif", "Times New Roman", serif'
_FONTS = {
    **dict.fromkeys(("system-ui", "-apple-system", "blinkmacsystemfont", "segoe ui", "sans-serif"), _SANS),
    **dict.fromkeys(("roboto", "open sans", "noto sans", "lato", "inter", "ui-sans-serif"), _SANS),
    **dict.fromkeys(("arial", "helvetica", "helvetica neue", "liberation sans"), _ARIAL),
    **dict.fromkeys(("verdana", "tahoma", "dejavu sans"), _WIDE),
    **dict.fromkeys(("georgia", "times", "times new roman", "liberation serif", "serif", "ui-serif"), _SERIF),
}
"""Ours by a font that may be named, in small letters."""


def theme_css(values: Mapping[str, str]) -> str:
    """Rules that set the custom properties of our stylesheet; empty when nothing received can be used.

    Only the names of `smart_style_url` are looked at. Background and text count together or not at all; with them the
    page keeps one scheme, whatever the system prefers, for it stands within the EHR's own.
    """
    return "".join(f"{rule}\n" for rule in (*_colour_rules(values), _rule(list(_shapes(values)))) if rule)


def _colour_rules(values: Mapping[str, str]) -> Iterator[str]:
    accent = colour_of(values.get("color_highlight"))
    own = _brought(values)
    if own is not None:
        chosen = _accented(own, accent) or own
        scheme = "dark" if chosen.dark else "light"
        yield _rule(
            [
                f"color-scheme: {scheme}",
                f"--paper: {chosen.paper.css}",
                f"--ink: {chosen.ink.css}",
                f"--accent: {chosen.accent.css}",
            ]
        )
        return
    for ours, scheme in ((LIGHT, "light"), (DARK, "dark")):
        changed = _accented(ours, accent)
        if changed is not None:
            rule = _rule([f"--accent: {changed.accent.css}"])
            yield f"@media screen and (prefers-color-scheme: {scheme}) {{ {rule} }}"


def _brought(values: Mapping[str, str]) -> Palette | None:
    """Paper and ink of the EHR when everything of ours can be read with them, with the accent of ours that can."""
    paper, ink = colour_of(values.get("color_background")), colour_of(values.get("color_text"))
    if paper is None or ink is None:
        return None
    for accent in (LIGHT.accent, DARK.accent, ink):
        palette = Palette(paper=paper, ink=ink, accent=accent)
        if palette.inks_read() and palette.accent_reads():
            return palette
    return None


def _accented(palette: Palette, accent: Colour | None) -> Palette | None:
    """With another accent, if that can be read there."""
    if accent is None:
        return None
    changed = replace(palette, accent=accent)
    return changed if changed.accent_reads() else None


def _shapes(values: Mapping[str, str]) -> Iterator[str]:
    """Corners, letters and their size."""
    radius = _length(values.get("dim_border_radius"), *_RADII)
    if radius:
        yield f"--radius: {radius}"
    font = _font(values.get("font_family_body"))
    if font:
        yield f"--font: {font}"
    size = _length(values.get("dim_font_size"), *_SIZES)
    if size:
        yield f"--size: {size}"


def _length(text: object, least: Decimal, most: Decimal) -> str:
    """A length between two [px], in the unit it came in; empty when it is none."""
    found = _LENGTH.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return ""
    number = Decimal(found[1])
    unit = "rem" if found[2] == "rem" else "px"
    inside = least <= number * (_ROOT_PX if unit == "rem" else 1) <= most
    return f"{number.normalize():f}{unit}" if inside else ""


def _font(text: object) -> str:
    """Our list for the first font named that we know; empty when there is none."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return ""
    named = (each.strip(" '\"").lower() for each in text.split(","))
    return next((_FONTS[each] for each in named if each in _FONTS), "")


def _rule(declarations: list[str]) -> str:
    return f":root {{ {'; '.join(declarations)} }}" if declarations else ""
