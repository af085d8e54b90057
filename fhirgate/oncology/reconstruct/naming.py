"""Which lesions of a history a record means when it names them elsewhere, as a treatment or a biopsy does."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.oncology.site import Site


class Identified(Protocol):
    """Anything that is a lesion by its identity."""

    @property
    def identity(self) -> LesionIdentity:
        """What tells it from others."""


Known = TypeVar("Known", bound=Identified)


def lesions_named(lesions: Sequence[Known], named: Iterable[LesionIdentity]) -> list[Known]:
    """The lesions these identities mean: by a shared identifier, else by label where the sites agree."""
    targets = tuple(named)
    tied = [
        lesion
        for lesion in lesions
        if any(lesion.identity.identifiers & target.identifiers for target in targets)
    ]
    if tied:
        return tied
    labels = {target.label.casefold() for target in targets if target.label}
    return [
        lesion
        for lesion in lesions
        if lesion.identity.label.casefold() in labels
        and any(not target.site.organ or fits(lesion.identity.site, target.site) for target in targets)
    ]


def fits(lesion: Site, place: Site) -> bool:
    """Whether a place can be a lesion's: same organ, no contradicting side or detail."""
    if place.organ is None or lesion.organ != place.organ:
        return False
    if place.laterality and lesion.laterality and place.laterality != lesion.laterality:
        return False
    details = (lesion.detail.casefold(), place.detail.casefold())
    return not all(details) or details[0] == details[1]
