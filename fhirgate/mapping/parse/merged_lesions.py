"""Which lesion a coalesced one has merged into, as far as the record names it."""

from collections.abc import Iterator

from fhirgate.mapping.datatypes import Raw, items
from fhirgate.mapping.parse.identity import Identities, Tie
from fhirgate.mapping.parse.said import phrase_of
from fhirgate.oncology.lesion import LesionIdentity


def merged_into(raw: Raw, tie: Tie, identities: Identities) -> frozenset[str]:
    """Identifiers of the other lesion: a further focus, a reference in an extension, or its label as a value."""
    found: set[str] = set()
    for other in (*tie.others, *_referred(raw, identities), *_labelled(raw, identities)):
        found |= other.identifiers
    return frozenset(found - tie.identity.identifiers)


def _referred(raw: Raw, identities: Identities) -> Iterator[LesionIdentity]:
    for each in items(raw, "extension"):
        for target in items(each, "valueReference"):
            found = identities.structure(target, raw)
            if found is not None:
                yield found


def _labelled(raw: Raw, identities: Identities) -> Iterator[LesionIdentity]:
    for holder in (raw, *items(raw, "component")):
        phrase = phrase_of(holder)
        for label in (*phrase.words, *(each.code for each in phrase.codings)):
            found = identities.labelled(label)
            if found is not None:
                yield found
