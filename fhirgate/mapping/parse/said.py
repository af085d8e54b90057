"""What an Observation says of a lesion in words: its role, its state, its change (fhir-contracts §A11).

Whole phrases and codes only, in value[x], components and categories; never a search in narrative.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from fhirgate.mapping.datatypes import SILENCE, Concept, Raw, concept, text
from fhirgate.mapping.vocabulary import folded
from fhirgate.oncology.lesion import Change, Kind, Role

ROLES = {"role.target": Role.TARGET, "role.non_target": Role.NON_TARGET, "role.new": Role.NEW}
KINDS = {
    "state.present": Kind.PRESENT,
    "state.absent": Kind.ABSENT,
    "state.too_small": Kind.TOO_SMALL,
    "state.not_evaluable": Kind.NOT_EVALUABLE,
    "state.split": Kind.SPLIT,
    "state.merged": Kind.MERGED,
}
CHANGES = {
    "state.unequivocal": Change.UNEQUIVOCAL,
    "state.equivocal": Change.EQUIVOCAL,
    "state.increased": Change.INCREASED,
}
BELIEVED_FIRST = (
    Kind.MERGED,
    Kind.SPLIT,
    Kind.TOO_SMALL,
    Kind.ABSENT,
    Kind.PRESENT,
    Kind.NOT_EVALUABLE,
)
_Stated = TypeVar("_Stated", Role, Kind, Change)
LONGEST_PHRASE = 80
"""A longer string is narrative: neither read nor repeated in a finding (our choice)."""


@dataclass(slots=True)
class Said:
    """Statements of one Observation, gathered from its parts."""

    roles: set[Role] = field(default_factory=set)
    kinds: set[Kind] = field(default_factory=set)
    changes: set[Change] = field(default_factory=set)
    no_lesion: bool = False
    notes: list[str] = field(default_factory=list)

    def take(self, meaning: str, phrase: str = "") -> bool:
        """Take one meaning; True when it is a statement on the lesion."""
        if role := ROLES.get(meaning):
            self.roles.add(role)
        elif meaning == "role.none":
            self.no_lesion = True
        elif kind := KINDS.get(meaning):
            self.kinds.add(kind)
            if kind is Kind.NOT_EVALUABLE and phrase:
                self.notes.append(phrase)
        elif change := CHANGES.get(meaning):
            self.changes.add(change)
        else:
            return False
        if folded(phrase).endswith("newlesion"):  # "EQUIVOCAL NEW LESION" says two things
            self.roles.add(Role.NEW)
        return True

    @property
    def role(self) -> Role | None:
        """The role stated; a lesion called new and something else is what it is at baseline."""
        return _first_of(ROLES.values(), self.roles)

    @property
    def kind(self) -> Kind | None:
        """What is believed of the kinds stated, most telling first."""
        return _first_of(BELIEVED_FIRST, self.kinds)

    @property
    def change(self) -> Change | None:
        """The strongest change stated."""
        return _first_of(CHANGES.values(), self.changes)


def _first_of(ranked: Iterable[_Stated], stated: set[_Stated]) -> _Stated | None:
    return next((each for each in ranked if each in stated), None) if stated else None


def phrase_of(holder: Raw) -> Concept:
    """The words of an element's value: CodeableConcept, Coding, code or a short string."""
    if "valueQuantity" in holder:
        return SILENCE
    value = holder.get("valueCodeableConcept") or holder.get("valueCoding")
    if value:
        return concept(value)
    said = text(holder, "valueString") or text(holder, "valueCode")
    return Concept((), (said,) if said and len(said) <= LONGEST_PHRASE else ())
