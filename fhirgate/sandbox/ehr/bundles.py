"""Bundles of what was found, and of versions (https://hl7.org/fhir/R4/bundle.html)."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from fhirgate.sandbox.ehr.records import Version, instant

Json = dict[str, Any]


def searchset(base_url: str, versions: Iterable[Version], total: int, links: Json) -> Json:
    """A page of what a search found."""
    entries: list[Json] = [
        {
            "fullUrl": f"{base_url}/{each.local}",
            "resource": each.resource,
            "search": {"mode": "match"},
        }
        for each in versions
    ]
    return _bundle("searchset", total, links, entries)


def history(base_url: str, versions: Iterable[Version], total: int, links: Json) -> Json:
    """A page of the versions of a resource, the newest first."""
    entries: list[Json] = [
        {
            "fullUrl": f"{base_url}/{each.local}",
            "resource": each.resource,
            "request": {
                "method": "POST" if each.number == 1 else "PUT",
                "url": each.name[0] if each.number == 1 else each.local,
            },
            "response": {
                "status": "201" if each.number == 1 else "200",
                "etag": each.etag,
                "lastModified": instant(each.at),
            },
        }
        for each in versions
    ]
    return _bundle("history", total, links, entries)


def _bundle(kind: str, total: int, links: Json, entries: list[Json]) -> Json:
    bundle: Json = {
        "resourceType": "Bundle",
        "id": uuid4().hex,
        "type": kind,
        "total": total,
        "link": [{"relation": relation, "url": url} for relation, url in links.items()],
    }
    # FHIR's JSON knows no empty array.
    return bundle | ({"entry": entries} if entries else {})
