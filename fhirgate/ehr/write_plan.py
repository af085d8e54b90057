"""How results of each type would be written to a server, told from its statement alone: nothing is sent.

Decisions
- A type is written only where our own copy can be found again, or each run would add another one; and, Provenance
  apart, only where it can be changed, or a result could never be corrected or taken back there.
- Conditional update (`PUT RiskAssessment?identifier=`) is not used where a server offers it: it cannot be bound to
  the version that was looked at, and would wipe out what a person has made of the copy.
- Nothing is assumed where there is no statement, and nothing is written to a server of another release than R4.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from fhirgate.ehr.capability import Capability, TypeCapability
from fhirgate.ehr.scopes import Scopes

WRITTEN = ("RiskAssessment", "CarePlan", "Observation", "Provenance")
"""The types of our results."""
PROVENANCE = "Provenance"
_RELEASES = ("4.0", "4.1", "4.3")
_NO_VERSIONS = "no-version"


class How(StrEnum):
    """How a first copy gets to the server; later ones replace it by its id, bound to the version looked at."""

    CONDITIONAL_CREATE = "conditional create"
    SEARCH_THEN_CREATE = "search, then create"
    NOT_TAKEN = "not taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class WritePlan:
    """What would happen to results of one type."""

    kind: str
    how: How
    key: str = ""
    """The search parameter by which our copy is found: `identifier`, `_tag` or `target`."""
    reads: bool = False
    """Whether a copy can be read by its id; else it is read back by searching."""
    why: str = ""
    """Why it is not taken, in words; empty when it is."""

    @property
    def taken(self) -> bool:
        """Whether it is written at all."""
        return self.how is not How.NOT_TAKEN

    def __str__(self) -> str:
        if not self.taken:
            return f"{self.kind}: not taken: {self.why}; it stays in our own store"
        if self.how is How.CONDITIONAL_CREATE:
            first = f"search by {self.key}, then conditional create"
        else:
            first = f"search by {self.key}, then create, and search again for a copy made meanwhile"
        later = "never changed" if self.kind == PROVENANCE else "changed by update of the version looked at"
        back = "read back" if self.reads else "read back by searching"
        return f"{self.kind}: {first}; {later}; {back}"


def write_plan(capability: Capability, kind: str) -> WritePlan:
    """How results of a type would be written to a server with this statement."""
    offered = capability.of(kind)
    key = _key(kind, offered)
    why = next(_reasons(capability, kind, offered, key), "")
    if why or offered is None:
        return WritePlan(kind=kind, how=How.NOT_TAKEN, why=why)
    # If-None-Exist needs a search that finds one resource and no other, which `target` does not.
    conditional = offered.conditional_create and key != "target"
    how = How.CONDITIONAL_CREATE if conditional else How.SEARCH_THEN_CREATE
    return WritePlan(kind=kind, how=how, key=key, reads=offered.reads)


def write_scopes() -> Scopes:
    """What a token must allow for results to be written and found again."""
    return Scopes.for_types(WRITTEN, letters="crus")


def _key(kind: str, offered: TypeCapability | None) -> str:
    """R4's Provenance has no identifier: ours is one of its tags, or it is known by what it is about."""
    parameters = offered.parameters if offered is not None else frozenset()
    wanted = ("_tag", "target") if kind == PROVENANCE else ("identifier",)
    return next((each for each in wanted if each in parameters), "")


def _reasons(capability: Capability, kind: str, offered: TypeCapability | None, key: str) -> Iterator[str]:
    """Why it is not taken: the first of these is the one to tell."""
    if kind not in WRITTEN:
        yield "it is no type of our results"
    if capability.assumed:
        yield "the server gives no CapabilityStatement, and writing is never assumed"
    elif not capability.fhir_version.startswith(_RELEASES):
        yield f"the server speaks FHIR {capability.fhir_version or 'of unknown version'}, and R4 is written"
    if offered is None:
        yield "the server does not list this type"
    else:
        yield from _lacks(kind, offered, key)


def _lacks(kind: str, offered: TypeCapability, key: str) -> Iterator[str]:
    if not offered.creates:
        yield "the server does not take new ones"
    if not offered.searches or not key:
        by = "_tag or target" if kind == PROVENANCE else "identifier"
        yield f"the server does not search them by {by}, so our copy could not be found again"
    if not offered.updates and kind != PROVENANCE:
        yield "the server takes new ones and no changes, so a result could not be corrected or taken back"
    if offered.versioning == _NO_VERSIONS and kind != PROVENANCE:
        yield "the server keeps no versions, so a change could overwrite somebody else's"
