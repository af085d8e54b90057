"""What an Observation says of a lesion in words: its role, its state, its change (fhir-contracts §A11).

Whole phrases and codes only, in value[x], components and categories; never a search in narrative.
"""

from dataclasses import dataclass, field

from fhirgate.mapping.datatypes import Coding, Raw, codings, text, words
from fhirgate.mapping.vocabulary import Vocabulary, folded
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
        return next((each for each in (Role.TARGET, Role.NON_TARGET, Role.NEW) if each in self.roles), None)

    @property
    def kind(self) -> Kind | None:
        """What is believed of the kinds stated, most telling first."""
        return next((each for each in BELIEVED_FIRST if each in self.kinds), None)

    @property
    def change(self) -> Change | None:
        """The strongest change stated."""
        return next((each for each in CHANGES.values() if each in self.changes), None)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A concept or short string as it stands in value[x]."""

    codings: tuple[Coding, ...]
    words: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.codings or self.words)

    def means(self, vocabulary: Vocabulary) -> str:
        """Its meaning; empty when unknown."""
        return vocabulary.meaning(self.codings, self.words)

    def __str__(self) -> str:
        return next(iter(self.words), "") or next((each.display or each.code for each in self.codings), "")


SILENCE = Phrase((), ())


def phrase_of(holder: Raw) -> Phrase:
    """The words of an element's value: CodeableConcept, Coding, code or a short string."""
    if "valueQuantity" in holder:
        return SILENCE
    concept = holder.get("valueCodeableConcept") or holder.get("valueCoding")
    if concept:
        return Phrase(codings(concept), words(concept))
    said = text(holder, "valueString") or text(holder, "valueCode")
    return Phrase((), (said,) if said and len(said) <= LONGEST_PHRASE else ())


def concept_phrase(concept: object) -> Phrase:
    """The words of a CodeableConcept."""
    return Phrase(codings(concept), words(concept))
