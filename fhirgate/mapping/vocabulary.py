"""What the codes and words of a lesion record mean: standard ones, and a site's own on top of them.

A site's own entries win over the standard ones (fhir-contracts §A11). `means` is a concept name such as
`role.target`, `size.long_axis` or `state.absent`; MEANINGS lists them all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from fhirgate.mapping.datatypes import Coding

MEANINGS = frozenset(
    {
        "role.target",
        "role.non_target",
        "role.new",
        "role.none",
        "size.long_axis",
        "size.short_axis",
        "size.diameter",
        "size.other_axis",
        "size.volume",
        "uptake.sul_peak",
        "uptake.suv_max",
        "uptake.other",
        "state.present",
        "state.absent",
        "state.too_small",
        "state.not_evaluable",
        "state.unequivocal",
        "state.equivocal",
        "state.increased",
        "state.split",
        "state.merged",
        "finding.lesion",
        "count.new_bone_lesions",
        "ignore",
    }
)
"""Concepts a code can mean. `role.none`: stated to be no lesion. `ignore`: known and of no use here."""


def folded(words: str) -> str:
    """Words as they are compared: case, hyphens, slashes and spaces do not matter."""
    return "".join(char for char in words.casefold() if char not in " -_/\u2010\u2011\u2013\u00a0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Codes by (system, code) and whole phrases by their folded words; each with its meaning."""

    name: str = "standard"
    by_code: Mapping[tuple[str, str], str] = field(default_factory=dict)
    by_text: Mapping[str, str] = field(default_factory=dict)

    def of_coding(self, coding: Coding) -> str:
        """The meaning of a code; empty when unknown."""
        return self.by_code.get((coding.system, coding.code), "")

    def of_words(self, words: str) -> str:
        """The meaning of a whole phrase; empty when unknown."""
        return self.by_text.get(folded(words), "")

    def meaning(self, codings: Iterable[Coding], phrases: Iterable[str]) -> str:
        """The first meaning among codes, then among phrases; empty when nothing is known."""
        for coding in codings:
            if found := self.of_coding(coding):
                return found
        for phrase in phrases:
            if found := self.of_words(phrase):
                return found
        return ""

    def over(self, other: "Vocabulary") -> "Vocabulary":
        """This vocabulary on top of another one: its own entries win."""
        return replace(
            self,
            by_code={**other.by_code, **self.by_code},
            by_text={**other.by_text, **self.by_text},
        )
