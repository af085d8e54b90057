"""Which lesions of a history a record means when it names them elsewhere, as a treatment or a biopsy does."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.oncology.site import Site


class Identified(Protocol):
    """Anything that is a lesion by its identity."""

    @property
    def identity(self) -> LesionIdentity:
        """What tells it from others."""


Known = TypeVar("Known", bound=Identified)


class LesionNames(Generic[Known]):
    """The lesions of a history, to be found by their names; built once, because facts may be many."""

    def __init__(self, lesions: Sequence[Known]) -> None:
        self._lesions = lesions
        self._by_identifier: dict[str, list[int]] = defaultdict(list)
        self._by_label: dict[str, list[int]] = defaultdict(list)
        for position, lesion in enumerate(lesions):
            for name in lesion.identity.identifiers:
                self._by_identifier[name].append(position)
            self._by_label[lesion.identity.label.casefold()].append(position)

    def meant_by(self, named: Iterable[LesionIdentity]) -> list[Known]:
        """The lesions these identities mean: by a shared identifier, else by label where the sites agree."""
        targets = tuple(named)
        names = {name for target in targets for name in target.identifiers}
        tied = {position for name in names for position in self._by_identifier.get(name, ())}
        if tied:
            return [self._lesions[position] for position in sorted(tied)]
        labels = {target.label.casefold() for target in targets if target.label}
        called = sorted(position for label in labels for position in self._by_label.get(label, ()))
        return [
            self._lesions[position]
            for position in called
            if any(
                not target.site.organ or fits(self._lesions[position].identity.site, target.site)
                for target in targets
            )
        ]


def fits(lesion: Site, place: Site) -> bool:
    """Whether a place can be a lesion's: same organ, no contradicting side or detail."""
    if place.organ is None or lesion.organ != place.organ:
        return False
    if place.laterality and lesion.laterality and place.laterality != lesion.laterality:
        return False
    details = (lesion.detail.casefold(), place.detail.casefold())
    return not all(details) or details[0] == details[1]
