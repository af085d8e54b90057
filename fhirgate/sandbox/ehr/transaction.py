"""A transaction: all of its entries happen, or none (https://hl7.org/fhir/R4/http.html#transaction)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fhirgate.sandbox.ehr.access import Access
from fhirgate.sandbox.ehr.records import Name, Version, instant, new_id
from fhirgate.sandbox.ehr.references import replaced
from fhirgate.sandbox.ehr.refused import Refused, invalid, unknown
from fhirgate.sandbox.ehr.table import KINDS
from fhirgate.sandbox.ehr.writing import Writing, Written, check

Json = dict[str, Any]
MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    place: str
    """As an error names it."""
    method: str
    kind: str
    id: str
    """Of the resource that stands or is to stand."""
    full_url: str
    resource: Json
    if_match: str | None = None
    standing: Version | None = None
    """What a condition found: nothing is written then."""

    @property
    def name(self) -> Name:
        return self.kind, self.id


def transaction(writing: Writing, access: Access, bundle: Any) -> Json:
    """Carry out a Bundle of type transaction. Raises Refused, and then nothing has happened."""
    with writing.records.together():
        entries = list(_entries(writing, access, _raw_entries(bundle)))
        _check_once(entries)
        names = {each.full_url: "/".join(each.name) for each in entries if each.full_url}
        done = [(each, _carry_out(writing, access, each, names)) for each in entries]
        # Whose each is, and whether all it refers to is there, is known only when all have their place.
        for entry, written in done:
            if entry.standing is None:
                with _Placed(entry.place):
                    writing.check_kept(access, "c" if written.status == 201 else "u", written.version)
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [{"response": _response(writing.base_url, written)} for _, written in done],
    }


class _Placed:
    """Says of which entry a refusal is."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Refused):
            raise error.placed(self._place) from None


def _raw_entries(bundle: Any) -> list[Any]:
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise invalid("what was sent is no Bundle")
    if bundle.get("type") != "transaction":
        raise Refused(400, "not-supported", "only a Bundle of type transaction is carried out")
    found = bundle.get("entry", [])
    if not isinstance(found, list) or len(found) > MOST_ENTRIES:
        raise invalid(f"entry is no array of at most {MOST_ENTRIES}")
    return found


def _entries(writing: Writing, access: Access, found: list[Any]) -> Iterator[_Entry]:
    for number, raw in enumerate(found):
        place = f"Bundle.entry[{number}]"
        with _Placed(place):
            yield _entry(writing, access, raw, place)


def _entry(writing: Writing, access: Access, raw: Any, place: str) -> _Entry:
    request = raw.get("request") if isinstance(raw, dict) else None
    if not isinstance(request, dict):
        raise invalid("an entry has no request")
    method, url = request.get("method"), request.get("url")
    kind, _, id_ = str(url).partition("/")
    if kind not in KINDS:
        raise unknown("a type with the name in request.url")
    if method not in ("POST", "PUT") or (method == "POST") is not (id_ == ""):
        raise Refused(400, "not-supported", "an entry is POST to a type, or PUT to a resource")
    if not KINDS[kind].is_written:
        raise Refused(405, "not-supported", f"{kind} is not written here")
    resource = raw.get("resource")
    writing.guard.check_type(access, kind, "c" if method == "POST" else "u")
    check(resource, kind)
    condition = request.get("ifNoneExist")
    standing = writing.standing(access, kind, str(condition)) if method == "POST" and condition else None
    return _Entry(
        place=place,
        method=method,
        kind=kind,
        id=standing.name[1] if standing is not None else id_ or new_id(),
        full_url=str(raw.get("fullUrl", "")),
        resource=resource,
        if_match=str(request["ifMatch"]) if "ifMatch" in request else None,
        standing=standing,
    )


def _check_once(entries: list[_Entry]) -> None:
    """The order of entries must not matter, so none may be written twice."""
    written = [each.name for each in entries if each.standing is None]
    urls = [each.full_url for each in entries if each.full_url]
    if len(set(written)) < len(written) or len(set(urls)) < len(urls):
        raise invalid("a resource is there twice")


def _carry_out(writing: Writing, access: Access, entry: _Entry, names: dict[str, str]) -> Written:
    if entry.standing is not None:
        return Written(entry.standing, 200)
    resource = replaced(entry.resource, names)
    if entry.method == "POST":
        return Written(writing.records.add(entry.name, resource), 201)
    with _Placed(entry.place):
        before = writing.expected(access, entry.kind, entry.id, resource, entry.if_match)
        return Written(writing.records.replace(before.name, resource), 200)


def _response(base_url: str, written: Written) -> Json:
    version = written.version
    return {
        "status": "201 Created" if written.status == 201 else "200 OK",
        "location": f"{base_url}/{version.local}/_history/{version.number}",
        "etag": version.etag,
        "lastModified": instant(version.at),
    }
