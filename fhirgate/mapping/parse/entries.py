"""From anything received to single resources: Bundles unwrapped, each resource with the URL it stood under."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from fhirgate.mapping.datatypes import Raw, is_object, item, items, local_name, text, written
from fhirgate.oncology.finding import Finding, Severity

MOST_NESTED = 10
"""How deep Bundles may lie in Bundles; a search Bundle in a batch response is two."""


_NOT_PLAIN = ("", "OperationOutcome", "Bundle", "Parameters")
"""Types that hold resources or say that there are none."""


class Entry(NamedTuple):
    """One resource and the full URL of its Bundle entry; empty when it had none."""

    resource: Raw
    full_url: str = ""

    @property
    def server(self) -> str:
        """The address of the server it is from; empty when its URL does not tell."""
        url = self.full_url
        if not url.startswith("http"):
            return ""
        base, *rest = url.rsplit("/", 2)
        plain = len(rest) == 2 and rest[0].isalpha() and rest[0][0].isupper() and rest[1] and "?" not in url
        return base if plain or local_name(url)[0] else ""


def entries(received: Iterable[Any], findings: list[Finding]) -> Iterator[Entry]:
    """Every resource of what was received: resources, Bundles of them, or (resource, full URL) pairs."""
    for position, each in enumerate(received):
        pair = isinstance(each, tuple) and len(each) == 2
        resource, full_url = (each[0], each[1]) if pair else (each, "")
        yield from _unwrapped(resource, written(full_url or ""), f"[{position}]", findings, 0)


def _unwrapped(
    resource: Any, full_url: str, path: str, findings: list[Finding], depth: int
) -> Iterator[Entry]:
    if not is_object(resource) or not text(resource, "resourceType"):
        findings.append(_no_resource(path))
    elif resource["resourceType"] == "OperationOutcome":  # some servers mark it in no other way
        findings.append(_outcome(resource, ""))
    elif resource["resourceType"] not in ("Bundle", "Parameters"):
        yield Entry(resource, full_url.split("/_history/", 1)[0])
    elif depth >= MOST_NESTED:
        findings.append(_nested_too_deep(path))
    else:
        inner = resource.get("entry") or resource.get("parameter") or ()
        for position, entry in enumerate(inner if isinstance(inner, list | tuple) else (inner,)):
            if (plain := _plain(entry)) is not None:
                yield plain
                continue
            yield from _entry(entry, f"{path}.entry[{position}]", findings, depth)


def _plain(entry: Any) -> Entry | None:
    """What nearly every entry is: one resource that was found. None for whatever needs a closer look."""
    if type(entry) is not dict or type(resource := entry.get("resource")) is not dict:
        return None
    mode = entry.get("search")
    if mode is not None and (type(mode) is not dict or mode.get("mode") == "outcome"):
        return None
    kind = resource.get("resourceType")
    if type(kind) is not str or kind.strip() in _NOT_PLAIN:
        return None
    url = text(entry, "fullUrl")
    return Entry(resource, url.split("/_history/", 1)[0] if "/_history/" in url else url)


def _entry(entry: Any, path: str, findings: list[Finding], depth: int) -> Iterator[Entry]:
    if not is_object(entry):
        findings.append(_no_resource(path))
        return
    mode = entry.get("search")
    if mode and is_object(mode) and mode.get("mode") == "outcome":
        findings.append(_outcome(entry.get("resource"), path))
        return
    if "resource" in entry:  # a history or transaction Bundle has entries without one, such as a DELETE
        yield from _unwrapped(
            entry["resource"], text(entry, "fullUrl"), f"{path}.resource", findings, depth + 1
        )
    elif (status := text(item(entry, "response"), "status"))[:1] in ("4", "5"):
        findings.append(_refused(status, item(item(entry, "response"), "outcome"), path))


def _no_resource(path: str) -> Finding:
    return Finding(
        code="NOT_A_RESOURCE",
        severity=Severity.ERROR,
        text="what stands here is no FHIR resource (a JSON object with a resourceType); it was left out",
        path=path,
    )


def _nested_too_deep(path: str) -> Finding:
    return Finding(
        code="BUNDLE_NESTED_TOO_DEEP",
        severity=Severity.ERROR,
        text=f"Bundles lie more than {MOST_NESTED} deep in each other; what lies deeper was left out",
        path=path,
    )


def _outcome(resource: Any, path: str) -> Finding:
    said = _issues(resource) if isinstance(resource, Mapping) else ""
    return Finding(
        code="SERVER_SAID",
        severity=Severity.WARNING,
        text=f"the server adds to its answer: {said or 'no reason given'}",
        path=path,
    )


def _refused(status: str, outcome: Raw, path: str) -> Finding:
    """An entry of a batch's answer that failed: what was asked for is missing from the record."""
    said = _issues(outcome)
    return Finding(
        code="SERVER_REFUSED",
        severity=Severity.ERROR,
        text=f"the server refused a part of what was asked ({status}{f': {said}' if said else ''}); what it holds is"
        " not part of this assessment",
        path=path,
    )


def _issues(outcome: Raw) -> str:
    return "; ".join(said for each in items(outcome, "issue") if (said := _issue(each)))


def _issue(raw: Raw) -> str:
    """An issue in words: Epic's `diagnostics` is a mere name, and `details` says what is the matter."""
    said = " - ".join(each for each in (text(item(raw, "details"), "text"), text(raw, "diagnostics")) if each)
    return said or text(raw, "code")


def name_of(entry: Entry) -> str:
    """What tells a resource from others of its type: logical id, else the URL of its entry, else its content."""
    id_ = text(entry.resource, "id") or local_name(entry.full_url)[1]
    return id_ or entry.full_url.removeprefix("urn:uuid:") or content_name(entry.resource)


def content_name(raw: Raw) -> str:
    """A name made from the content, for a resource that has none."""
    content = json.dumps(raw, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "backslashreplace")).hexdigest()[:12]
