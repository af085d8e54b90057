"""FHIR's containers taken apart: a Bundle of any type, a single resource, an array of resources.

https://hl7.org/fhir/R4/bundle.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fhirgate.exact_json import NotJson, decode, items, members

Json = dict[str, Any]

_SCALAR = re.compile(rb'"|-?[0-9]|true|false|null')
_OTHER_FORMATS = {b"<": "XML or HTML", b"\x1f\x8b": "compressed (gzip)", b"PK": "compressed (zip)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One resource as received, with the URL its Bundle gave it (empty without one) and where it stood."""

    resource: Json
    full_url: str = ""
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A part of the source that gave no resource: where, and why; never any of its content."""

    where: str
    why: str


Item = Received | Unreadable


@dataclass(slots=True, kw_only=True)
class Pages:
    """The pages of searches seen so far: which are here, and which are named as next and by whom."""

    here: set[str] = field(default_factory=set)
    next: dict[str, str] = field(default_factory=dict)

    def note(self, links: Any, where: str) -> None:
        """Remember a Bundle's own address and that of its next page."""
        for link in links if isinstance(links, list) else ():
            if isinstance(link, Mapping) and isinstance(link.get("url"), str):
                if link.get("relation") == "self":
                    self.here.add(link["url"])
                elif link.get("relation") == "next":
                    self.next[link["url"]] = where

    def missing(self) -> Iterator[Unreadable]:
        """The next pages that are not part of the source."""
        for url, where in self.next.items():
            if url not in self.here:
                yield Unreadable(
                    where=where,
                    why="it names a next page that is not part of the source; fetch all pages of the search",
                )


def take_apart(text: bytes, where: str, pages: Pages) -> Iterator[Item]:
    """Every resource of one JSON text, in its order; Bundles within Bundles too."""
    try:
        yield from _root(text, where, pages)
    except NotJson as error:
        yield Unreadable(where=where, why=str(error))


def _root(text: bytes, where: str, pages: Pages) -> Iterator[Item]:
    head = text[:64].lstrip()
    start = head[:1]
    if start == b"[":
        for number, item in enumerate(items(text), 1):
            place = f"{where}, item {number}"
            yield from _guarded(item, place, pages)
    elif start == b"{":
        yield from _object(text, where, pages)
    else:
        yield Unreadable(where=where, why=_what_else(head))


def _what_else(head: bytes) -> str:
    """What a text is that is neither a JSON object nor an array, in words."""
    if _SCALAR.match(head):
        return "the JSON is not an object; expected a Bundle or another resource"
    kind = next((words for mark, words in _OTHER_FORMATS.items() if head.startswith(mark)), "not JSON")
    return f"{kind}; expected FHIR as JSON or NDJSON"


def _object(text: bytes, where: str, pages: Pages) -> Iterator[Item]:
    if b'"Bundle"' not in text:
        yield from _resource(decode(text), "", where, pages)
        return
    root = members(text)
    if decode(root.get("resourceType", b"null")) != "Bundle":
        yield from _resource(decode(text), "", where, pages)
        return
    pages.note(decode(root.get("link", b"null")), where)
    kind = decode(root.get("type", b"null"))
    entries = root.get("entry", b"[]")
    if bytes(memoryview(entries)[:1]) != b"[":
        yield Unreadable(where=where, why="Bundle.entry is not a list")
        return
    deleted: set[str] = set()
    for number, entry in enumerate(items(entries), 1):
        place = f"{where}, entry {number}"
        try:
            yield from _entry(decode(entry), place, pages, deleted if kind == "history" else None)
        except NotJson as error:
            yield Unreadable(where=place, why=str(error))


def _guarded(text: Any, where: str, pages: Pages) -> Iterator[Item]:
    try:
        yield from _resource(decode(text), "", where, pages)
    except NotJson as error:
        yield Unreadable(where=where, why=str(error))


def _resource(value: Any, full_url: str, where: str, pages: Pages) -> Iterator[Item]:
    if not isinstance(value, dict):
        yield Unreadable(where=where, why="not a JSON object; expected a resource")
    elif "transactionTime" in value and "output" in value:
        return  # the manifest of a bulk export beside its files: a list of them, and no part of a record
    elif not isinstance(value.get("resourceType"), str):
        yield Unreadable(where=where, why="no resourceType: this is not a FHIR resource")
    elif value["resourceType"] == "Bundle":
        yield from _bundle(value, where, pages)
    else:
        yield Received(resource=value, full_url=full_url, where=where)


def _bundle(bundle: Json, where: str, pages: Pages) -> Iterator[Item]:
    """A Bundle inside another container, already decoded."""
    pages.note(bundle.get("link"), where)
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        yield Unreadable(where=where, why="Bundle.entry is not a list")
        return
    deleted: set[str] | None = set() if bundle.get("type") == "history" else None
    for number, entry in enumerate(entries, 1):
        yield from _entry(entry, f"{where}, entry {number}", pages, deleted)


def _entry(entry: Any, where: str, pages: Pages, deleted: set[str] | None) -> Iterator[Item]:
    """The resource of one entry. `deleted` is given in a history, whose newest entries come first."""
    if not isinstance(entry, dict):
        yield Unreadable(where=where, why="not a JSON object; expected a Bundle entry")
        return
    resource, request = entry.get("resource"), entry.get("request")
    if resource is None:
        if deleted is not None and isinstance(request, Mapping) and request.get("method") == "DELETE":
            deleted.add(_named(request.get("url")))
        response = entry.get("response")
        if isinstance(response, Mapping) and str(response.get("status", ""))[:1] in ("4", "5"):
            # A batch's answer: what was refused is said, as it is missing from the record.
            yield Received(resource={"resourceType": "Bundle", "entry": [entry]}, where=where)
        if not ("request" in entry or "response" in entry):
            yield Unreadable(where=where, why="the entry has no resource")
        return
    if deleted and isinstance(resource, dict) and _reference(resource) in deleted:
        # An older version of a resource that the EHR has deleted since: the record no longer says it.
        return
    search = entry.get("search")
    if isinstance(search, Mapping) and search.get("mode") == "outcome":
        # What the server says about its answer; only the entry tells it from a part of the record.
        yield Received(resource={"resourceType": "Bundle", "entry": [entry]}, where=where)
        return
    url = entry.get("fullUrl")
    yield from _resource(resource, url if isinstance(url, str) else "", where, pages)


def _reference(resource: Json) -> str:
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def _named(url: Any) -> str:
    """Type and id at the end of an address, without a version."""
    return "/".join(str(url).split("/_history")[0].split("/")[-2:])
