"""SMART scopes, version 1 and 2, as an authorization server reads them.

https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fhirgate.sandbox.ehr.criteria import criteria
from fhirgate.sandbox.ehr.refused import Refused
from fhirgate.sandbox.ehr.table import KINDS

LAUNCH, LAUNCH_PATIENT, LAUNCH_ENCOUNTER = "launch", "launch/patient", "launch/encounter"
OPENID, FHIR_USER = "openid", "fhirUser"
OFFLINE, ONLINE = "offline_access", "online_access"
WORDS = (LAUNCH, LAUNCH_PATIENT, LAUNCH_ENCOUNTER, OPENID, FHIR_USER, OFFLINE, ONLINE)
"""Scopes that name no type."""
CONTEXTS = ("patient", "user", "system")
_V1 = {"read": "rs", "write": "cud", "*": "cruds"}
_SCOPE = re.compile(
    r"(?P<context>patient|user|system)/(?P<type>\*|[A-Z][A-Za-z]+)"
    r"\.(?:(?P<v1>read|write|\*)|(?P<v2>(?=[cruds])c?r?u?d?s?)(?:\?(?P<query>\S+))?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Access to the resources of a type, or of all."""

    word: str
    """As it was asked for."""
    context: str
    type: str
    letters: str
    """Of `cruds`."""
    query: tuple[tuple[str, str], ...] = ()
    """Parameters that a resource must meet besides."""

    def is_for(self, kind: str, letter: str) -> bool:
        """Whether it speaks of this type and this kind of access."""
        return self.type in ("*", kind) and letter in self.letters

    def covers(self, other: "Scope") -> bool:
        """Whether all that another gives is given by this one."""
        return (
            self.context == other.context
            and self.type in ("*", other.type)
            and set(other.letters) <= set(self.letters)
            and self.query in ((), other.query)
        )


def clinical(word: str) -> Scope | None:
    """A scope on resources; None when the word is not one that this server knows."""
    found = _SCOPE.fullmatch(word)
    if found is None or (found["type"] != "*" and found["type"] not in KINDS):
        return None
    query = tuple(parse_qsl(found["query"] or "", keep_blank_values=True))
    if not _is_searchable(found["type"], query):
        return None
    letters = found["v2"] or _V1[found["v1"]]
    return Scope(word=word, context=found["context"], type=found["type"], letters=letters, query=query)


def _is_searchable(kind: str, query: tuple[tuple[str, str], ...]) -> bool:
    """Whether a narrowing query is one by which this type is searched."""
    if not query:
        return True
    if kind == "*":
        return False
    try:
        criteria(KINDS[kind], query, "")
    except Refused:
        return False
    return True


def of(words: Iterable[str]) -> tuple[Scope, ...]:
    """The scopes on resources among these words."""
    return tuple(scope for each in words if (scope := clinical(each)) is not None)


def within(words: Iterable[str], allowed: Iterable[str]) -> tuple[str, ...]:
    """Those of the words that what is allowed covers, each once and in their order."""
    known = frozenset(allowed)
    wide = of(known)
    return tuple(
        word
        for word in dict.fromkeys(words)
        if (word in known and word in WORDS)
        or ((scope := clinical(word)) is not None and any(each.covers(scope) for each in wide))
    )


def in_words(word: str) -> str:
    """What a scope permits, for the page on which a person permits it."""
    scope = clinical(word)
    if scope is None:
        return _TOLD.get(word, word)
    what = "every type of resource" if scope.type == "*" else scope.type
    doing = ", ".join(_DOING[each] for each in scope.letters)
    whose = {"patient": "of this patient", "user": "that you may see", "system": "of all patients"}
    return f"{doing} {what} {whose[scope.context]}" + (" within a filter" if scope.query else "")


_DOING = {"c": "create", "r": "read", "u": "change", "d": "delete", "s": "search"}
_TOLD: Mapping[str, str] = {
    LAUNCH: "know which patient is open",
    LAUNCH_PATIENT: "know which patient is chosen",
    LAUNCH_ENCOUNTER: "know which encounter is open",
    OPENID: "know who you are",
    FHIR_USER: "read your own entry",
    OFFLINE: "go on without you",
    ONLINE: "go on while you are here",
}
