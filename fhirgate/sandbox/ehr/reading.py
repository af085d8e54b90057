"""Reading: a resource, one of its versions, all of them, and what a search finds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fhirgate.sandbox.ehr.access import Access, Guard
from fhirgate.sandbox.ehr.bundles import history, searchset
from fhirgate.sandbox.ehr.criteria import are_met, criteria, local_reference
from fhirgate.sandbox.ehr.dates import span
from fhirgate.sandbox.ehr.pages import Pages, Rest
from fhirgate.sandbox.ehr.queries import Query, query
from fhirgate.sandbox.ehr.records import Records, Version
from fhirgate.sandbox.ehr.refused import Refused, invalid, unknown
from fhirgate.sandbox.ehr.table import KINDS, By

Json = dict[str, Any]
Asked = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The interactions that change nothing. Each raises Refused."""

    records: Records
    guard: Guard
    pages: Pages
    base_url: str

    def read(self, access: Access, kind: str, id_: str) -> Version:
        """A resource as it is now."""
        self.guard.check_type(access, kind, "r")
        found = self.records.current((kind, id_))
        if found is None:
            raise unknown(f"this {kind}")
        self.guard.check(access, kind, "r", found.resource)
        return found

    def vread(self, access: Access, kind: str, id_: str, version: str) -> Version:
        """A resource as it once was."""
        self.read(access, kind, id_)
        for each in self.records.versions((kind, id_)):
            if version == str(each.number):
                self.guard.check(access, kind, "r", each.resource)
                return each
        raise unknown(f"this version of the {kind}")

    def history(self, access: Access, kind: str, id_: str, asked: Asked) -> Json:
        """The versions of a resource, the newest first."""
        self.read(access, kind, id_)
        since = [value for name, value in asked if name == "_since"]
        how = query(each for each in asked if each[0] != "_since")
        if how.wanted:
            raise Refused(400, "not-supported", "a history takes _since, _count and _format alone")
        versions = [
            each
            for each in reversed(self.records.versions((kind, id_)))
            if self.guard.permits(access, kind, "r", each.resource) and _is_since(each, since)
        ]
        return self._page(
            self._first(access, kind, "r", "history", versions, how), f"{kind}/{id_}/_history", asked
        )

    def search(self, access: Access, kind: str, asked: Asked) -> Json:
        """What meets all that was asked, as far as the token gives it."""
        self.guard.check_type(access, kind, "s")
        how = query(asked)
        self._check_patient(access, kind, how)
        wanted = criteria(KINDS[kind], how.wanted, self.base_url)
        found = [
            each
            for each in self.records.all(kind)
            if are_met(wanted, each.resource) and self.guard.permits(access, kind, "s", each.resource)
        ]
        return self._page(self._first(access, kind, "s", "searchset", found, how), kind, asked)

    def following(self, access: Access, kind: str, token: str) -> Json:
        """A further page; the token is looked at again, for a link gives no right."""
        rest = self.pages.take(token, access.client_id)
        if rest is None or rest.kind != kind:
            raise Refused(410, "expired", "this page cannot be had any more; ask anew")
        self.guard.check_type(access, kind, rest.letter)
        for each in rest.versions:
            self.guard.check(access, kind, rest.letter, each.resource)
        return self._page(rest, f"{kind}/_page/{token}", ())

    def find(self, kind: str, wanted: Asked) -> list[Version]:
        """What there is for a condition of a conditional write, whoever may see it."""
        if not wanted:
            raise invalid("a condition names no parameter")
        tests = criteria(KINDS[kind], wanted, self.base_url)
        return [each for each in self.records.all(kind) if are_met(tests, each.resource)]

    def _check_patient(self, access: Access, kind: str, how: Query) -> None:
        """To ask for another patient is refused, and not answered with nothing, which would read as no record."""
        if not access.is_confined(kind, "s"):
            return
        parameters = KINDS[kind].parameters
        for name, value in how.wanted:
            known = parameters.get(name)
            if known is None or known.by is not By.REFERENCE or name not in ("patient", "subject"):
                continue
            asked = {(local_reference(each, self.base_url) or ("", each))[1] for each in value.split(",")}
            if asked != {access.patient}:
                raise Refused(403, "forbidden", "the token is for another patient than the one asked for")

    def _first(
        self, access: Access, kind: str, letter: str, type_: str, found: Iterable[Version], how: Query
    ) -> Rest:
        versions = tuple(found)
        return Rest(
            kind=kind,
            letter=letter,
            type=type_,
            versions=versions if how.size else (),
            total=len(versions),
            size=how.size,
            client_id=access.client_id,
            until=self.pages.until(),
        )

    def _page(self, rest: Rest, path: str, asked: Asked) -> Json:
        here, later = rest.versions[: rest.size], rest.versions[rest.size :]
        links = {"self": f"{self.base_url}/{path}" + (f"?{urlencode(asked)}" if asked else "")}
        if later:
            token = self.pages.keep(replace(rest, versions=later))
            links["next"] = f"{self.base_url}/{rest.kind}/_page/{token}"
        compose = history if rest.type == "history" else searchset
        return compose(self.base_url, here, rest.total, links)


def _is_since(version: Version, since: Sequence[str]) -> bool:
    return all(version.at >= _moment(each) for each in since)


def _moment(text: str) -> datetime:
    try:
        return span(text).start
    except (ValueError, OverflowError):
        raise invalid("_since is no instant") from None
