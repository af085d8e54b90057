"""Whether a server's copy of a result says what ours says, and what it lost of it.

Servers give copies ids and versions of their own, write numbers otherwise, add displays, turn references into whole
URLs or take the version off them, and add identifiers: none of that is another content. Order, numbers and words are.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from fhirgate.mapping.canonical import BASE, STATES
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.content import said

MEANING: Mapping[str, frozenset[str]] = {
    "RiskAssessment": frozenset({"identifier", "status", "code", "subject", "prediction"}),
    "CarePlan": frozenset({"identifier", "status", "intent", "title", "subject", "activity"}),
    "Observation": frozenset({"identifier", "status", "code", "subject", "valueCodeableConcept"}),
    "Provenance": frozenset({"target", "agent"}),
}
"""Elements without which a copy says something else than we said: a proposal without `intent` is a plan."""

_OF_THE_SERVER = frozenset({"id", "language", "implicitRules"})
_ADDED = frozenset({"id", "display", "type", "userSelected"})
"""What a server may add inside an element of ours."""
_OBJECTS = ("note", "prediction")
"""Lists whose items are looked into."""
MORE = "elements of its own"
"""What a server holds beside what we said; how it calls them is not repeated."""


def differences(ours: Json, theirs: Json, base_url: str) -> tuple[str, ...]:
    """The elements in which a copy does not say what ours says, by our names; none when it says the same."""
    mine, held = said(_regular(ours)), said(_regular(theirs))
    likeness = _Likeness(base_url.rstrip("/"))
    lacking = (
        name if name in mine else MORE
        for name in (*mine, *(each for each in held if each not in mine))
        if name not in _OF_THE_SERVER and not likeness.element(name, mine.get(name), held.get(name))
    )
    return tuple(dict.fromkeys(lacking))


def same_subject(ours: Json, theirs: Json, base_url: str) -> bool:
    """Whether both are about the same patient."""
    return _Likeness(base_url.rstrip("/")).same(ours.get("subject"), theirs.get("subject"))


def lost_beside(ours: Json, theirs: Json) -> tuple[str, ...]:
    """What a copy of the same content has lost or kept beside it, in words."""
    told = []
    if _targets_versions(ours) and not _targets_versions(theirs):
        told.append("the server keeps its references without their version")
    if _labels(ours) - _labels(theirs):
        told.append("the server drops the security labels that tell it from a person's")
    if _state_tags(theirs) - _state_tags(ours):
        told.append("the server keeps tags of earlier states on it")
    return tuple(told)


def _regular(resource: Json) -> Json:
    """Without its narrative, and without what is so malformed that it cannot be looked into."""
    return {
        name: value
        for name, value in resource.items()
        if name != "text" and (name not in _OBJECTS or _is_objects(value))
    }


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _targets_versions(resource: Json) -> bool:
    return "/_history/" in str(resource.get("target", ""))


def _state_tags(resource: Json) -> set[str]:
    return {code for system, code in _of_meta(resource, "tag") if system == STATES}


def _labels(resource: Json) -> set[tuple[str, str]]:
    return set(_of_meta(resource, "security"))


def _of_meta(resource: Json, name: str) -> Iterator[tuple[str, str]]:
    meta = resource.get("meta")
    codings = meta.get(name) if isinstance(meta, dict) else None
    for each in codings if isinstance(codings, list) else ():
        if isinstance(each, dict):
            yield str(each.get("system")), str(each.get("code"))


class _Likeness:
    """Compares what we say with what a server holds."""

    def __init__(self, base_url: str) -> None:
        self._base = f"{base_url}/"

    def element(self, name: str, ours: Any, theirs: Any) -> bool:
        """Whether an element of a resource says the same."""
        if name == "identifier":
            return self._all_among(ours, theirs)
        if name == "extension":
            mine, held = ours or [], theirs if isinstance(theirs, list) else []
            return self.same(mine, [each for each in held if self._is_one_of_ours(each, mine)])
        return self.same(ours, theirs)

    def same(self, ours: Any, theirs: Any) -> bool:
        """Whether a value says the same."""
        if isinstance(ours, dict) and isinstance(theirs, dict):
            return all(self._member(name, ours, theirs) for name in ours.keys() | theirs.keys())
        if isinstance(ours, list) and isinstance(theirs, list):
            return len(ours) == len(theirs) and all(map(self.same, ours, theirs))
        if isinstance(ours, bool) or isinstance(theirs, bool):
            return ours is theirs
        if isinstance(ours, int | Decimal) and isinstance(theirs, int | Decimal):
            return ours == theirs
        return type(ours) is type(theirs) and bool(ours == theirs)

    def _member(self, name: str, ours: Json, theirs: Json) -> bool:
        if name not in ours:
            return name in _ADDED
        if name == "reference":
            return self._same_reference(ours[name], theirs.get(name))
        return self.same(ours[name], theirs.get(name))

    def _same_reference(self, ours: Any, theirs: Any) -> bool:
        mine, held = str(ours).removeprefix(self._base), str(theirs).removeprefix(self._base)
        return mine == held or mine.partition("/_history/")[0] == held

    def _all_among(self, ours: Any, theirs: Any) -> bool:
        held = theirs if isinstance(theirs, list) else []
        return all(any(self.same(each, other) for other in held) for each in ours or ())

    def _is_one_of_ours(self, extension: Any, ours: list[Any]) -> bool:
        """Whether an extension is of our making: servers add theirs."""
        url = str(extension.get("url")) if isinstance(extension, dict) else ""
        return url.startswith(BASE) or any(each.get("url") == url for each in ours)
