"""What the codes and words of a record mean: standard ones, and a site's own on top of them.

A site's own entries win over the standard ones (fhir-contracts §A11). `means` is a concept name such as
`role.target`, `size.long_axis` or `state.absent`; MEANINGS lists them all. `codes/vocabulary.toml` holds the
standard ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from fhirgate.mapping.agent_table import AgentTable
from fhirgate.mapping.code_tables import table
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
        "narrative",
        "ignore",
    }
)
"""Concepts a code can mean. `role.none`: stated to be no lesion. `narrative`: findings or impression in words.
`ignore`: known and of no use here."""


@lru_cache(maxsize=8192)
def folded(words: str) -> str:
    """Words as they are compared: case, hyphens, slashes and spaces do not matter."""
    return "".join(char for char in words.casefold() if char not in " -_/\u2010\u2011\u2013\u00a0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Codes by (system, code) and whole phrases by their folded words; each with its meaning.

    `base` is asked only where this vocabulary knows neither the code nor the words; below every vocabulary
    lies the standard table.
    """

    name: str = "standard"
    by_code: Mapping[tuple[str, str], str] = field(default_factory=dict)
    by_text: Mapping[str, str] = field(default_factory=dict)
    agents: AgentTable | None = None
    """The list of agents with a site's own products; the standard one when None."""
    base: "Vocabulary | None" = None

    def of_coding(self, coding: Coding) -> str:
        """The meaning of a code; empty when unknown."""
        return self.meaning((coding,), ())

    def of_words(self, words: str) -> str:
        """The meaning of a whole phrase; empty when unknown."""
        return self.meaning((), (words,))

    def meaning(self, codings: Iterable[Coding], phrases: Iterable[str]) -> str:
        """The first meaning among codes, then among phrases; empty when nothing is known.

        A code is also a phrase: trial exports use CDISC's words as codes of systems of their own.
        """
        codings = tuple(codings)
        return self._meaning(codings, (*(each.code for each in codings), *phrases))

    def over(self, other: "Vocabulary") -> "Vocabulary":
        """This vocabulary on top of another one: its own entries win, its words even over the other's codes."""
        base = other if self.base is None else self.base.over(other)
        return replace(self, base=base, agents=self.agents or base.agents)

    def _meaning(self, codings: tuple[Coding, ...], phrases: tuple[str, ...]) -> str:
        for coding in codings:
            if found := self.by_code.get((coding.system, coding.code)):
                return found
        for phrase in phrases:
            if phrase and (found := self.by_text.get(folded(phrase))):
                return found
        if self.base is not None:
            return self.base._meaning(codings, phrases)
        lowest = _standard()
        return "" if self is lowest else lowest._meaning(codings, phrases)


STANDARD = Vocabulary()
"""The standard vocabulary alone: no entries of its own, so only the table below it answers."""


@lru_cache(maxsize=1)
def _standard() -> Vocabulary:
    by_code: dict[tuple[str, str], str] = {}
    by_text: dict[str, str] = {}
    for row in table("vocabulary")["row"]:
        by_code |= {(row["system"], code): row["means"] for code in row.get("codes", ())}
        by_text |= {folded(words): row["means"] for words in row.get("text", ())}
    return Vocabulary(by_code=by_code, by_text=by_text)
