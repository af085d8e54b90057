"""Writing: a new resource, or the next version of one that is there; checked before it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from fhirgate.mapping.r4b import check_r4
from fhirgate.sandbox.ehr.access import Access, Guard
from fhirgate.sandbox.ehr.reading import Reading
from fhirgate.sandbox.ehr.records import Records, Version, new_id
from fhirgate.sandbox.ehr.references import check_references
from fhirgate.sandbox.ehr.refused import Refused, invalid

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What stands now, and whether it is new."""

    version: Version
    status: int
    """201 when it was made, 200 when it was changed or was there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The interactions that change something. Each raises Refused."""

    records: Records
    guard: Guard
    reading: Reading
    base_url: str

    def create(self, access: Access, kind: str, resource: Json, if_none_exist: str | None = None) -> Written:
        """A new resource, unless a condition finds one that is there."""
        self.guard.check_type(access, kind, "c")
        check(resource, kind)
        with self.records.together():
            if if_none_exist is not None:
                standing = self.standing(access, kind, if_none_exist)
                if standing is not None:
                    return Written(standing, 200)
            version = self.records.add((kind, new_id()), resource)
            self.check_kept(access, "c", version)
            return Written(version, 201)

    def update(self, access: Access, kind: str, id_: str, resource: Json, if_match: str | None) -> Written:
        """The next version, if the one that was looked at is still the newest."""
        self.guard.check_type(access, kind, "u")
        check(resource, kind)
        with self.records.together():
            before = self.expected(access, kind, id_, resource, if_match)
            version = self.records.replace(before.name, resource)
            self.check_kept(access, "u", version)
            return Written(version, 200)

    def expected(self, access: Access, kind: str, id_: str, resource: Json, if_match: str | None) -> Version:
        """The version that an update takes the place of."""
        if resource.get("id") != id_:
            raise invalid("the id in the resource is not the one in the address")
        before = self.records.current((kind, id_))
        if before is None:
            raise Refused(405, "not-supported", "ids are given by this server; POST makes a new resource")
        self.guard.check(access, kind, "u", before.resource)
        if if_match is not None and before.etag not in _etags(if_match):
            raise Refused(412, "conflict", f"it is version {before.number} by now")
        return before

    def standing(self, access: Access, kind: str, condition: str) -> Version | None:
        """What a condition of If-None-Exist finds, for a client that may see it."""
        self.guard.check_type(access, kind, "s")
        found = self.reading.find(kind, parse_qsl(condition, keep_blank_values=True))
        if len(found) > 1:
            raise Refused(412, "multiple-matches", f"{len(found)} resources meet the condition")
        for each in found:
            self.guard.check(access, kind, "s", each.resource)
        return found[0] if found else None

    def check_kept(self, access: Access, letter: str, version: Version) -> None:
        """What can be said only of a resource that has its place: whose it is, and what it refers to."""
        self.guard.check(access, version.name[0], letter, version.resource)
        check_references(version, self.records, self.base_url)


def check(resource: Any, kind: str) -> None:
    """Raises Refused for what is no valid resource of this type."""
    if not isinstance(resource, dict) or resource.get("resourceType") != kind:
        raise invalid(f"what was sent is no {kind}")
    if not isinstance(resource.get("meta", {}), dict):
        raise Refused(422, "structure", "meta: not an object")
    problems = check_r4(resource)
    if problems:
        raise Refused(422, "structure", "; ".join(problems)[:1000])


def validated(resource: Any, kind: str) -> Json:
    """What `check` finds, as an answer: an OperationOutcome that says what is wrong, or that nothing is."""
    try:
        check(resource, kind)
    except Refused as error:
        return error.outcome()
    fine = {"severity": "information", "code": "informational", "diagnostics": "nothing is wrong with it"}
    return {"resourceType": "OperationOutcome", "issue": [fine]}


def _etags(header: str) -> Sequence[str]:
    """The versions named by If-Match; weak and strong ones are the same here."""
    named = [each.strip() for each in header.split(",")]
    return [each if each.startswith("W/") else f"W/{each}" for each in named]
