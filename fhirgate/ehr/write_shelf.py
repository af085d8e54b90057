"""Where the copies of one type stand on the server, and the calls that reach them.

Nothing of an answer to a write is believed but its status and Location: what is there is found out by reading.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote

import msgspec

from fhirgate.ehr.paging import search
from fhirgate.ehr.rest import Visit
from fhirgate.ehr.search_plan import Query
from fhirgate.ehr.write_copies import Copy, is_id
from fhirgate.ehr.write_plan import PROVENANCE, How, WritePlan
from fhirgate.errors import EhrGarbled, EhrUnavailable
from fhirgate.mapping.compose.elements import Json
from fhirgate.outbound.call import Call
from fhirgate.services.ports import Identifier

FHIR_JSON = "application/fhir+json"
SNAPSHOT = {"X-Meta-Snapshot-Mode": "TAG,PROFILE,SECURITY_LABEL"}
"""HAPI adds the tags of an update to those before, and would leave a result under every state it ever had; so it
replaces them. Other servers ignore the header, and what they keep is told after reading back."""
_CONFLICT = frozenset({409, 412})
_GONE = frozenset({404, 410})
_LOCATION = re.compile(r"(?:.*/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9._-]{1,64})(?:/_history/[^/]*)?/?")
_MEANS_MORE = re.compile(r"[\\,$|]")
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Outcome(StrEnum):
    """What an answer to a write says."""

    DONE = "done"
    MATCHED = "matched"
    """There was one already; nothing was made."""
    CONFLICT = "conflict"
    """Somebody else was there since we looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is taken from an answer to a write."""

    outcome: Outcome
    id: str = ""
    """Of what was added, when it was told."""
    etag: str = ""
    """Of the version that was made, when it was told."""
    tried_before: bool = False
    """An earlier try may have been what made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A result of ours as a search finds it."""

    kind: str
    identifier: Identifier
    parameter: tuple[str, str]

    @classmethod
    def by(cls, key: str, kind: str, identifier: Identifier, target: str = "") -> "Sought":
        """By a search parameter of `WritePlan.key`; `target` is what a Provenance is about."""
        value = target if key == "target" else f"{_escaped(identifier.system)}|{_escaped(identifier.value)}"
        return cls(kind=kind, identifier=identifier, parameter=(key, value))

    @property
    def query(self) -> Query:
        """The search."""
        return Query(type=self.kind, parameters=(self.parameter,))

    @property
    def condition(self) -> str:
        """The same for If-None-Exist."""
        return self.query.url.partition("?")[2]

    def is_met_by(self, resource: Mapping[str, Any]) -> bool:
        """Whether it is the very one: a search may find more, or not heed its parameter at all."""
        if resource.get("resourceType") != self.kind:
            return False
        meta = resource.get("meta")
        tags = meta.get("tag") if isinstance(meta, dict) else None
        name, marks = ("code", tags) if self.kind == PROVENANCE else ("value", resource.get("identifier"))
        wanted = (self.identifier.system, self.identifier.value)
        return isinstance(marks, list) and any(
            isinstance(each, dict) and (each.get("system"), each.get(name)) == wanted for each in marks
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The server's copies of one type."""

    visit: Visit
    plan: WritePlan

    @property
    def server(self) -> str:
        """Its name in the registry."""
        return self.visit.server.entry.name

    @property
    def base_url(self) -> str:
        """Its base."""
        return self.visit.server.entry.base_url

    def find(self, sought: Sought) -> list[Copy]:
        """All copies there are. Raises EhrError, also when not all of them came."""
        found = search(self.visit, sought.query)
        if found.refused:
            raise EhrUnavailable(
                f"server {self.server!r}: whether one {sought.kind} of ours is there cannot be told: {found.refused}"
            )
        copies = [dict(each.resource) for each in found.entries.values() if sought.is_met_by(each.resource)]
        if not all(is_id(each.get("id")) for each in copies):
            raise EhrGarbled(f"server {self.server!r}: it gives one {sought.kind} of ours an id that is none")
        return [Copy.of(each) for each in copies]

    def read(self, id_: str) -> Copy | None:
        """A copy as it stands now; None when it is gone. Raises EhrError."""
        answer = self.visit.get(f"{self.plan.kind}/{quote(id_, safe='')}", expected=_GONE)
        if answer.status in _GONE:
            return None
        if not isinstance(answer.json, dict) or answer.json.get("resourceType") != self.plan.kind:
            raise EhrGarbled(
                f"server {self.server!r}: what it answered to reading one {self.plan.kind} is none",
                status=answer.status,
            )
        return Copy.of({**answer.json, "id": id_}, answer.header("ETag") or "")

    def create(self, resource: Json, sought: Sought) -> Reply:
        """Add a first copy, under an id of the server's choice. Raises EhrError."""
        conditional = self.plan.how is How.CONDITIONAL_CREATE
        answer = self.visit.send(
            Call(
                method="POST",
                url=self.plan.kind,
                headers=_headers({"If-None-Exist": sought.condition} if conditional else {}),
                body=_ENCODER.encode({name: value for name, value in resource.items() if name != "id"}),
                expected=_CONFLICT,
                json=False,
                repeatable=conditional,
            )
        )
        if answer.status in _CONFLICT:
            return Reply(outcome=Outcome.CONFLICT)
        if conditional and answer.status == 200:
            return Reply(outcome=Outcome.MATCHED, tried_before=answer.tries > 1)
        return Reply(
            outcome=Outcome.DONE,
            id=_id_in(answer.header("Location") or "", self.plan.kind),
            etag=answer.header("ETag") or "",
        )

    def replace(self, copy: Copy, resource: Json) -> Reply:
        """Put our content in the place of a copy, if that is still as it was looked at. Raises EhrError."""
        if not copy.etag:
            raise EhrGarbled(
                f"server {self.server!r}: it tells no version of one {copy.kind}, so that it cannot be changed"
                " without the risk of overwriting somebody else's change"
            )
        answer = self.visit.send(
            Call(
                method="PUT",
                url=f"{copy.kind}/{quote(copy.id, safe='')}",
                headers=_headers({"If-Match": copy.etag, **SNAPSHOT}),
                body=_ENCODER.encode({**resource, "id": copy.id}),
                expected=_CONFLICT | _GONE,
                json=False,
                # After a lost reply the second would fail on the version that the first made.
                repeatable=False,
            )
        )
        if answer.status in _CONFLICT | _GONE:
            return Reply(outcome=Outcome.CONFLICT)
        return Reply(outcome=Outcome.DONE, id=copy.id, etag=answer.header("ETag") or "")


def _headers(more: dict[str, str]) -> dict[str, str]:
    return {"Content-Type": FHIR_JSON, "Accept": FHIR_JSON, "Prefer": "return=minimal", **more}


def _id_in(location: str, kind: str) -> str:
    found = _LOCATION.fullmatch(location)
    return found["id"] if found and found["type"] == kind else ""


def _escaped(value: str) -> str:
    """https://hl7.org/fhir/R4/search.html#escaping"""
    return _MEANS_MORE.sub(r"\\\g<0>", value)
