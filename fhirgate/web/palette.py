"""The colours of our pages, as `static/fhirgate.css` has them, and whether all of them can be read on a given paper.

The stylesheet mixes most colours from a hue, the ink and the paper, so an EHR that brings paper and ink changes all of
them. What cannot be read then must be found out before: here, by the same mixing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fhirgate.web.colour import Colour, contrast, mixed

READS = 4.5
"""Least contrast of text (https://www.w3.org/TR/WCAG22/#contrast-minimum)."""
READS_WELL = 7.0
"""Least contrast of the ink (https://www.w3.org/TR/WCAG22/#contrast-enhanced)."""
SHOWS = 3.0
"""Least contrast of an edge (https://www.w3.org/TR/WCAG22/#non-text-contrast)."""

HUES = {
    "few": (Colour(0xD3, 0x54, 0x00), 0.8),
    "wide": (Colour(0xD9, 0x29, 0x1C), 0.78),
    "open": (Colour(0xA6, 0x7C, 0x00), 0.55),
    "held": (Colour(0x0B, 0x7A, 0x4B), 0.62),
    "start": (Colour(0x5B, 0x6B, 0x7B), 0.62),
    "new": (Colour(0x8A, 0x3B, 0xA0), 0.66),
    "treated": (Colour(0x00, 0x72, 0xB2), 0.66),
}
"""By meaning: a hue, and its share in a mixture with the ink."""
INKS = {"soft": 0.74, "line": 0.18, "edge": 0.58, "wash": 0.04}
"""Shares of the ink in mixtures with the paper."""
TINT = 0.10
"""The largest share of a colour with a meaning in a ground that text stands on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """What a page is mixed from."""

    paper: Colour
    ink: Colour
    accent: Colour

    @property
    def dark(self) -> bool:
        """Whether the paper is darker than the ink."""
        return self.paper.luminance < self.ink.luminance

    @property
    def grounds(self) -> Iterator[Colour]:
        """Everything that text stands on."""
        yield self.paper
        yield self._inked("wash")
        yield from (mixed(each, TINT, self.paper) for each in self.meanings)

    @property
    def meanings(self) -> Iterator[Colour]:
        """The colours that mean something."""
        return (mixed(hue, share, self.ink) for hue, share in HUES.values())

    def inks_read(self) -> bool:
        """Whether ink, what is mixed from it and what carries a meaning keep their contrast on this paper."""
        return (
            contrast(self.ink, self.paper) >= READS_WELL
            and contrast(self._inked("edge"), self.paper) >= SHOWS
            and all(contrast(each, self.paper) >= READS for each in self.meanings)
            and all(contrast(self._inked("soft"), each) >= READS for each in self.grounds)
        )

    def accent_reads(self) -> bool:
        """Whether the accent can be read wherever text may stand, and the paper on it."""
        return all(contrast(self.accent, each) >= READS for each in self.grounds)

    def _inked(self, name: str) -> Colour:
        return mixed(self.ink, INKS[name], self.paper)


LIGHT = Palette(paper=Colour(0xFF, 0xFF, 0xFF), ink=Colour(0x16, 0x19, 0x1D), accent=Colour(0x00, 0x55, 0x8C))
DARK = Palette(paper=Colour(0x14, 0x17, 0x1B), ink=Colour(0xE8, 0xEA, 0xED), accent=Colour(0x7C, 0xC0, 0xF5))
