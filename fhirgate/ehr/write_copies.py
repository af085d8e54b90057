"""The server's copies of one result of ours: which one is kept up to date, and which belong to a person by now.

Decisions
- A copy is ours when it carries our business identifier and our mark: the tag of our origin, or our contained device
  for servers that drop tags. With the identifier alone it was made by somebody else, and is left alone.
- A copy is a person's once its status is none that a machine writes, once a proposal's intent has changed, once it was
  taken back, put aside or cancelled and not by us, or once it is about another patient.
- Of several copies the one to keep is told by what never changes, its id, the shorter and smaller first: on servers
  that count, that is the oldest. By `lastUpdated` two writers at once would keep different ones, and take back each
  other's.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from fhirgate.ehr.write_content import differences, same_subject
from fhirgate.mapping.canonical import STATES
from fhirgate.mapping.compose.codes import FHIRGATE
from fhirgate.mapping.compose.decision import is_our_decision
from fhirgate.mapping.compose.elements import DEVICE, Json
from fhirgate.mapping.compose.predictions import CANNOT_CLASSIFY
from fhirgate.mapping.compose.retraction import CONCLUSIONS, RETRACTED, REVOKED
from fhirgate.mapping.compose.states import state_code

_NO_CLASSIFICATION = frozenset(state_code(each).coding["code"] for each in CANNOT_CLASSIFY)
"""What alone a result says that we cancel ourselves."""
_MACHINE: Mapping[str, frozenset[str]] = {
    "RiskAssessment": frozenset({"preliminary", "cancelled"}),
    "CarePlan": frozenset({"draft"}),
    "Observation": frozenset({"preliminary"}),
}
"""What a machine writes, beside taking it back."""
TAKEN_BACK, PUT_ASIDE = "entered-in-error", "revoked"
_PERSONS = frozenset(
    {"registered", "final", "amended", "corrected", "unknown", "active", "on-hold", "completed"}
    | {"preliminary", "cancelled", "draft", TAKEN_BACK, PUT_ASIDE}
)
"""Statuses that may be told as they stand."""


_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""An id or a version, and the underscore that some servers put into theirs."""


def is_id(value: object) -> bool:
    """Whether it can be the id of a resource."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One copy as the server gave it."""

    kind: str
    id: str
    version: str
    """Empty when the server tells none."""
    etag: str
    """What an update is bound to, as it was received; empty when the server tells no version."""
    resource: Json = field(repr=False)

    @classmethod
    def of(cls, resource: Json, etag: str = "") -> Self:
        """A resource as a server gave it, with the ETag of the answer where there was one."""
        meta = resource.get("meta")
        version = meta.get("versionId") if isinstance(meta, dict) else None
        version = version if isinstance(version, str) and _TOKEN.fullmatch(version) else ""
        return cls(
            kind=str(resource.get("resourceType")),
            id=str(resource.get("id")),
            version=version,
            etag=etag or (f'W/"{version}"' if version else ""),
            resource=resource,
        )

    def is_version(self, etag: str) -> bool:
        """Whether it is the version with this ETag, weak or strong."""
        return self.etag.removeprefix("W/") == etag.removeprefix("W/")

    @property
    def name(self) -> str:
        """As a reference to it reads."""
        return f"{self.kind}/{self.id}"

    @property
    def versioned(self) -> str:
        """As a reference to this very version reads."""
        return f"{self.name}/_history/{self.version}" if self.version else self.name

    @property
    def status(self) -> str:
        """FHIR's status of it."""
        return str(self.resource.get("status"))

    @property
    def is_marked(self) -> bool:
        """Whether it was made by us."""
        meta, contained = self.resource.get("meta"), self.resource.get("contained")
        tags = meta.get("tag") if isinstance(meta, dict) else None
        return any(
            (each.get("system"), each.get("code")) == (FHIRGATE["system"], FHIRGATE["code"])
            for each in _objects(tags)
        ) or any(each.get("id") == DEVICE.removeprefix("#") for each in _objects(contained))

    @property
    def is_cancelled_otherwise(self) -> bool:
        """Whether somebody cancelled a result that had classified the course."""
        codes = {
            each.get("code")
            for prediction in _objects(self.resource.get("prediction"))
            if isinstance(outcome := prediction.get("outcome"), dict)
            for each in _objects(outcome.get("coding"))
            if each.get("system") == STATES
        }
        return self.status == "cancelled" and (not codes or not codes <= _NO_CLASSIFICATION)

    @property
    def is_withdrawn(self) -> bool:
        """Whether we took it back or put it aside ourselves: its first note says so in our words."""
        notes = _objects(self.resource.get("note"))
        told = str(notes[0].get("text")) if notes else ""
        if self.status == TAKEN_BACK:
            said = any(self.resource.get(each) for each in CONCLUSIONS[self.kind])
            return told.startswith(RETRACTED) and not said
        return self.status == PUT_ASIDE and told.startswith(REVOKED)


def persons_act(copy: Copy, ours: Json, base_url: str) -> str:
    """What a person has made of a copy, in words; empty when it is still the machine's."""
    if not copy.is_marked:
        return "a copy with our identifier was made by somebody else"
    if not same_subject(ours, copy.resource, base_url):
        return "the server's copy is about another patient by now"
    is_ours = copy.is_withdrawn or is_our_decision(copy.resource)
    if copy.is_cancelled_otherwise or (copy.status not in _MACHINE[copy.kind] and not is_ours):
        status = copy.status if copy.status in _PERSONS else "of another status"
        return f"a person has acted on the server's copy: it is {status}"
    if copy.kind == "CarePlan" and copy.resource.get("intent") != "proposal":
        return "a person has acted on the server's copy: it is no proposal any more"
    return ""


def choose(copies: Sequence[Copy], ours: Json, base_url: str) -> tuple[Copy, tuple[Copy, ...]]:
    """The copy that is kept up to date, and those of ours that have to be taken back beside it."""

    def rank(copy: Copy) -> tuple[int, bool, int, str]:
        differs = bool(differences(ours, copy.resource, base_url))
        return _rank(copy, ours, base_url), differs, len(copy.id), copy.id

    first, *others = sorted(copies, key=rank)
    twins = (each for each in others if _rank(each, ours, base_url) == _STANDS)
    return first, tuple(twins)


def oldest(copies: Sequence[Copy]) -> Copy:
    """The first of several copies, as far as ids tell."""
    return min(copies, key=lambda each: (len(each.id), each.id))


_ADOPTED, _STANDS, _REJECTED, _WITHDRAWN, _STRANGE = range(5)


def _rank(copy: Copy, ours: Json, base_url: str) -> int:
    """One a person has adopted goes before all; one a person has rejected goes before reviving one we took back."""
    if _is_adopted(copy):
        return _ADOPTED
    if not copy.is_marked:
        return _STRANGE
    if copy.is_withdrawn:
        return _WITHDRAWN
    return _REJECTED if persons_act(copy, ours, base_url) else _STANDS


def _is_adopted(copy: Copy) -> bool:
    changed = copy.kind == "CarePlan" and copy.resource.get("intent") != "proposal"
    return changed or copy.status not in {*_MACHINE[copy.kind], TAKEN_BACK, PUT_ASIDE}


def _objects(value: Any) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
