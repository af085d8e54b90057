"""A search read to its last page.

Decisions
- Pages are followed by `next` alone, as it is, and only under the server's base: a link anywhere else would carry
  our token there. What was read until then is kept, and a finding says that the rest is missing.
- `Bundle.total` is not believed: servers leave it out, estimate it or count what they then filter.
- What a server says in words of its own may name the patient, and findings are kept, sent back and shown: its
  codes and places are told, as of any other failure (`outbound.reasons`).
- An empty page may be followed by a full one (Epic filters after the query), but not for ever.
"""

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from fhirgate.ehr.rest import Visit
from fhirgate.ehr.search_plan import Query
from fhirgate.errors import EhrError
from fhirgate.mapping.compose.risk_assessment import NOT_AVAILABLE
from fhirgate.mapping.parse.entries import Entry, entries
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.wording import count
from fhirgate.outbound.address import origin_of
from fhirgate.outbound.reasons import reasons_of

MOST_PAGES = 2000
MOST_WITHOUT_NEWS = 10
"""Pages in a row that bring nothing new."""
_FAILED = ("fatal", "error")


@dataclass(slots=True, kw_only=True)
class Found:
    """What a search brought."""

    entries: dict[tuple[str, str, str], Entry] = field(default_factory=dict)
    """By type, id and version, in the order of the pages."""
    findings: list[Finding] = field(default_factory=list)
    status: int | None = None
    refused: str = ""
    """Why not all of it came; empty when it did."""


def search(visit: Visit, query: Query) -> Found:
    """All pages of a search. Raises EhrError when not even the first can be had."""
    found = Found()
    repeated = without_news = 0
    url, seen = query.url, {query.url}
    for number in range(1, MOST_PAGES + 1):
        try:
            answer = visit.get(url)
        except EhrError as error:
            if number == 1:
                raise
            return _ended(found, query, error.safe_message)
        found.status = answer.status
        page = answer.json
        if not isinstance(page, dict) or page.get("resourceType") != "Bundle":
            _note_outcome(found, query, page, number)
            return _ended(found, query, f"page {number} is no Bundle")
        news, doubles = _take(found, query, page, number)
        repeated += doubles
        without_news = 0 if news else without_news + 1
        following = next_link(page)
        if following is None:
            break
        try:
            url = under_base(visit.server.entry.base_url, answer.url, following)
        except ValueError as error:
            return _ended(found, query, f"the link to page {number + 1} is not followed: {error}")
        if url in seen or without_news >= MOST_WITHOUT_NEWS:
            return _ended(found, query, f"the pages go round in a circle after page {number}")
        seen.add(url)
    else:
        return _ended(found, query, f"there are more than {MOST_PAGES} pages")
    if repeated:
        found.findings.append(_repeated(query, repeated))
    return found


def next_link(page: dict[str, Any]) -> str | None:
    """The address of the next page as the server gives it."""
    links = page.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next" and isinstance(link.get("url"), str):
            return str(link["url"])
    return None


def under_base(base_url: str, page_url: str, link: str) -> str:
    """A link as a whole URL under the base. Raises ValueError with words that hold nothing of its query."""
    base = base_url.rstrip("/")
    # FHIR wants whole URLs; those that are not are meant from the base, or from the page when only its query changes.
    url = urljoin(page_url if link.startswith("?") else f"{base}/", link)
    here, there = origin_of(base), origin_of(url)
    if here != there:
        raise ValueError(f"it leads to {there}, and this server is {here}")
    path, root = urlsplit(url).path, urlsplit(base).path
    if path != root and not path.startswith(f"{root}/"):
        raise ValueError("it leads out of the server's base path")
    return url


def not_available(kind: str, why: str) -> Finding:
    """A part of the record that did not come."""
    return Finding(
        code=NOT_AVAILABLE,
        severity=Severity.ERROR,
        text=f"{kind}: not all of it could be read from the server: {why}. What is missing is not part of this"
        " assessment",
    )


def _take(found: Found, query: Query, page: dict[str, Any], number: int) -> tuple[int, int]:
    """Add a page; answers how many resources were new and how many had come before."""
    noted: list[Finding] = []
    news = doubles = 0
    for entry in entries([_in_codes(page)], noted):
        key = key_of(entry)
        if key in found.entries:
            doubles += 1
        else:
            found.entries[key] = entry
            news += 1
    found.findings += [_placed(each, query, number) for each in noted]
    if failed := _failures(page):
        _ended(found, query, f"with page {number} the server says that a part failed: {failed}")
    elif any(each.severity is Severity.ERROR for each in noted):
        _ended(found, query, f"a part of page {number} was refused, or is nothing that can be read")
    return news, doubles


def key_of(entry: Entry) -> tuple[str, str, str]:
    """Type, id and version; the URL of the entry, or the very object, stands for a missing id."""
    raw = entry.resource
    meta = raw.get("meta")
    version = meta.get("versionId", "") if isinstance(meta, dict) else ""
    name = raw.get("id") or entry.full_url or f"object {id(raw)}"
    return str(raw.get("resourceType")), str(name), str(version)


def _note_outcome(found: Found, query: Query, page: Any, number: int) -> None:
    """An OperationOutcome with a status of success says why there is no Bundle."""
    if isinstance(page, dict) and page.get("resourceType") == "OperationOutcome":
        noted: list[Finding] = []
        for _ in entries([_outcome_in_codes(page)], noted):
            pass
        found.findings += [_placed(each, query, number) for each in noted]


def _failures(page: dict[str, Any]) -> str:
    """The errors told beside a page, which R4 forbids and servers do: something is missing from it."""
    told = page.get("entry")
    outcomes = (
        [each.get("resource") for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    )
    return "; ".join(reason for each in outcomes for reason in reasons_of(each) if reason.startswith(_FAILED))


def _in_codes(page: dict[str, Any]) -> dict[str, Any]:
    """A page in which what the server says beside the resources is reduced to codes."""
    told = page.get("entry")
    if not isinstance(told, list) or not any(isinstance(each, dict) and _says(each) for each in told):
        return page
    return page | {"entry": [_entry_in_codes(each) for each in told]}


def _says(entry: dict[str, Any]) -> bool:
    resource = entry.get("resource")
    return "response" in entry or (
        isinstance(resource, dict) and resource.get("resourceType") == "OperationOutcome"
    )


def _entry_in_codes(entry: Any) -> Any:
    if not isinstance(entry, dict) or not _says(entry):
        return entry
    response = entry.get("response")
    if isinstance(response, dict) and "outcome" in response:
        entry = entry | {"response": response | {"outcome": _outcome_in_codes(response["outcome"])}}
    resource = entry.get("resource")
    if isinstance(resource, dict) and resource.get("resourceType") == "OperationOutcome":
        entry = entry | {"resource": _outcome_in_codes(resource)}
    return entry


def _outcome_in_codes(outcome: Any) -> dict[str, Any]:
    issues = [{"diagnostics": each} for each in reasons_of(outcome)]
    return {"resourceType": "OperationOutcome", "issue": issues}


def _placed(finding: Finding, query: Query, number: int) -> Finding:
    path = finding.path.removeprefix("[0]").removeprefix(".")
    return replace(finding, text=f"search for {query.type}, page {number}: {finding.text}", path=path)


def _ended(found: Found, query: Query, why: str) -> Found:
    found.refused = why
    found.findings.append(not_available(query.type, why))
    return found


def _repeated(query: Query, number: int) -> Finding:
    return Finding(
        code="SOURCE_REPEATED",
        severity=Severity.INFORMATION,
        text=f"search for {query.type}: {count(number, 'entry', 'entries')} came more than once; each was taken once",
    )
