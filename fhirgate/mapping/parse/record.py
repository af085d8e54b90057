"""One patient's resources, each once, with references resolved and findings collected."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from fhirgate.mapping.datatypes import (
    Coding,
    Concept,
    Raw,
    concept,
    date,
    first,
    item,
    items,
    local_name,
    reference,
    text,
)
from fhirgate.mapping.parse.entries import Entry, content_name, name_of
from fhirgate.mapping.parse.own_results import is_own_result
from fhirgate.mapping.vocabulary import Vocabulary
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.source import Source


class Coded(NamedTuple):
    """A resource with what its `code` says, read once for all who ask."""

    raw: Raw
    codings: tuple[Coding, ...]
    words: tuple[str, ...]


class Record:
    """What a patient's resources say, for the parsers of single types.

    Order and duplicates of the input change nothing: of several copies of a resource the latest version
    counts. Resources entered in error, and results of ours, are known to references and to nothing else.
    """

    def __init__(
        self, patient: str, owned: Iterable[Entry], shared: Iterable[Entry], vocabulary: Vocabulary
    ) -> None:
        self.patient = patient
        self.vocabulary = vocabulary
        self.findings: list[Finding] = []
        self.told: set[int] = set()
        """The identities of resources that a finding speaks of, be it in a count."""
        self._by_type: dict[str, list[Raw]] = defaultdict(list)
        self._named: dict[str, Raw] = {}
        self._ids: dict[int, str] = {}
        self._shared: Counter[str] = Counter()
        self._coded: dict[str, tuple[Coded, ...]] = {}
        self._codes: dict[int, Coded] = {}
        self._meanings: dict[Concept, str] = {}
        self._kept: list[Raw] = []  # keeps every object alive, so that id() stays its own
        self._contained: dict[int, dict[str, Raw]] = {}
        self._urls: dict[int, str] = {}
        self._several_servers = False
        self._load(owned, personal=True)
        self._load(shared, personal=False)

    def of_type(self, *types: str) -> tuple[Raw, ...]:
        """The patient's own resources of these types, in order of type and id, without retracted ones."""
        return tuple(raw for each in types for raw in self._by_type.get(each, ()))

    def coded(self, kind: str) -> tuple[Coded, ...]:
        """The patient's own resources of a type with their code."""
        if kind not in self._coded:
            self._coded[kind] = tuple(map(self.code, self.of_type(kind)))
        return self._coded[kind]

    def code(self, raw: Raw) -> Coded:
        """A resource or component with its code."""
        found = self._codes.get(id(raw))
        if found is None:
            found = self._codes[id(raw)] = Coded(raw, *concept(raw.get("code")))
        return found

    def meaning(self, said: Concept) -> str:
        """What a concept means in the vocabulary of the record; empty when that is unknown."""
        if said not in self._meanings:
            self._meanings[said] = self.vocabulary.meaning(*said)
        return self._meanings[said]

    def types(self) -> dict[str, int]:
        """How many resources of each type the patient has."""
        return {name: len(found) for name, found in sorted(self._by_type.items())}

    def shared_types(self) -> dict[str, int]:
        """How many resources of each type the source holds that belong to no patient."""
        return dict(sorted(self._shared.items()))

    def source(self, raw: Raw) -> Source:
        """The resource as a source, with its version where it has one."""
        return Source(text(raw, "resourceType"), self.id_of(raw), text(item(raw, "meta"), "versionId"))

    def id_of(self, raw: Raw) -> str:
        """The logical id, else a name made from the content."""
        return self._ids.get(id(raw)) or text(raw, "id") or content_name(raw)

    def resolve(self, target: Any, within: Raw) -> Raw | None:
        """The resource a Reference (or reference string) points to; None when the record does not hold it.

        Contained, relative, absolute, urn:uuid, bare-id and logical references are understood.
        """
        name = target if isinstance(target, str) else reference(target)
        if name.startswith("#"):
            return self._inside(within).get(name[1:])
        if name:
            return self._beside(name, within) or self._by_name(name)
        identifier = item(target, "identifier") if isinstance(target, Mapping) else {}
        value = text(identifier, "value")
        return self._named.get(f"identifier:{text(identifier, 'system')}|{value}") if value else None

    def resolved(self, raw: Raw, element: str, *types: str) -> tuple[Raw, ...]:
        """The resources an element points to, of these types (of any when none is named), each once."""
        found = {}
        for each in items(raw, element):
            target = self.resolve(each, raw)
            if target is not None and (not types or text(target, "resourceType") in types):
                found[id(target)] = target
        return tuple(found.values())

    def note(self, code: str, severity: Severity, words: str, raw: Raw | None = None, path: str = "") -> None:
        """Report something about a resource (or about the record when none is given)."""
        source = self.source(raw) if raw is not None else None
        self.told.add(id(raw))
        self.findings.append(Finding(code=code, severity=severity, text=words, path=path, source=source))

    def date(self, raw: Raw, *paths: str) -> ClinicalDate | None:
        """The first date among these paths ("effectiveDateTime", "effectivePeriod.end"); impossible ones are
        reported and passed over."""
        for path in paths:
            value = _at(raw, path)
            if value is None:
                continue
            found = date(value)
            if found is not None:
                return found
            self.note(
                "DATE_INVALID",
                Severity.ERROR,
                f"{path} is no date that exists; a FHIR date such as 2024-05-17 or 2024-05 is needed",
                raw,
                path,
            )
        return None

    def _inside(self, within: Raw) -> dict[str, Raw]:
        """What a resource contains, by id; of one id given twice, the first."""
        if "contained" not in within:
            return {}
        if id(within) not in self._contained:
            inner = items(within, "contained")
            self._contained[id(within)] = {text(each, "id"): each for each in reversed(inner)}
        return self._contained[id(within)]

    def _beside(self, name: str, within: Raw) -> Raw | None:
        """Where the source is of several servers: what a relative reference means on the resource's own server."""
        if not self._several_servers or name.startswith(("http", "urn:")):
            return None
        return self._named.get(f"{_base(self._urls.get(id(within), ''))}/{name.split('/_history/', 1)[0]}")

    def _by_name(self, name: str) -> Raw | None:
        bare = name.split("/_history/", 1)[0].rstrip("/")
        found = self._named.get(bare)
        if found is None:
            kind, id_ = local_name(bare)
            found = self._named.get(f"{kind}/{id_}") if kind else self._named.get(f"id:{bare}")
        return found

    def _load(self, received: Iterable[Entry], *, personal: bool) -> None:
        copies: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in received:
            kind = text(entry.resource, "resourceType")
            copies[(kind, name_of(entry))].append(entry)
        for kind, name in sorted(copies):
            found = copies[kind, name]
            if not personal:
                for same in _of_one_server(found):
                    self._index(kind, name, self._latest(kind, name, same))
                self._shared[kind] += 1
                continue
            entry = self._latest(kind, name, found)
            self._index(kind, name, entry)
            if _retracted(entry.resource):
                self.note(
                    "ENTERED_IN_ERROR", Severity.INFORMATION, "entered in error, not used", entry.resource
                )
            elif is_own_result(entry.resource):
                self.note(
                    "OWN_RESULT",
                    Severity.INFORMATION,
                    "a result of fhirgate itself, not used",
                    entry.resource,
                )
            else:
                self._by_type[kind].append(entry.resource)

    def _index(self, kind: str, name: str, entry: Entry) -> None:
        raw = entry.resource
        self._kept.append(raw)
        self._ids[id(raw)] = name
        self._urls[id(raw)] = entry.full_url
        self._several_servers = self._several_servers or f"{kind}/{name}" in self._named
        for key in (f"{kind}/{name}", f"id:{name}", entry.full_url):
            if key:
                self._named.setdefault(key, raw)
        for each in items(raw, "identifier"):
            if text(each, "value"):
                self._named.setdefault(f"identifier:{text(each, 'system')}|{text(each, 'value')}", raw)

    def _latest(self, kind: str, name: str, copies: Sequence[Entry]) -> Entry:
        if len(copies) == 1:
            return copies[0]
        versions = [_version(each.resource) for each in copies]
        dated = all(updated for _, updated in versions) or not all(each.isdecimal() for each, _ in versions)
        latest = max(copies, key=lambda entry: _age(entry.resource, dated=dated))
        rivals = [each for each in copies if _version(each.resource) == _version(latest.resource)]
        if any(each.resource != latest.resource for each in rivals):
            self.findings.append(
                Finding(
                    code="DUPLICATE_RESOURCE",
                    severity=Severity.WARNING,
                    text=f"{len(copies)} different copies of one resource, and their versions do not say which is"
                    " the latest; one was chosen",
                    source=Source(kind, name),
                )
            )
        return latest


def _at(raw: Raw, path: str) -> Any:
    """What stands at "effectiveDateTime" or "effectivePeriod.end"."""
    value: Any = raw
    for step in path.split(".") if "." in path else (path,):
        value = value.get(step) if isinstance(value, dict) else None
    return value


_RETRACTED = ("entered-in-error", "entered in error", "nullified")


def _retracted(raw: Raw) -> bool:
    if text(raw, "status") in _RETRACTED:
        return True
    verification = raw.get("verificationStatus")
    if verification is None:
        return False
    if isinstance(verification, str):  # STU3
        return verification in _RETRACTED
    return any(text(each, "code") in _RETRACTED for each in items(first(verification), "coding"))


def _version(raw: Raw) -> tuple[str, str]:
    meta = item(raw, "meta")
    return text(meta, "versionId"), text(meta, "lastUpdated")


def _age(raw: Raw, *, dated: bool) -> tuple[datetime, int, str, bool, str]:
    """What makes one copy later than another: when it was updated, then the number of its version.

    Where nothing tells, the one entered in error is believed: nobody takes that back without a new version.
    """
    version, updated = _version(raw)
    number = int(version) if version.isdecimal() else -1
    return _moment(updated if dated else ""), number, version, _retracted(raw), content_name(raw)


def _moment(updated: str) -> datetime:
    """An instant; zones differ within one server. The beginning of time where it is none."""
    try:
        found = datetime.fromisoformat(updated)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)


def _of_one_server(copies: Sequence[Entry]) -> list[list[Entry]]:
    """Copies of one id apart by server, where URLs tell that several servers gave that id to something."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for each in copies:
        found[_base(each.full_url)].append(each)
    return [list(copies)] if len(found.keys() - {""}) < 2 else [found[base] for base in sorted(found)]


def _base(full_url: str) -> str:
    """The address of the server an entry is from; empty when its URL does not tell."""
    return full_url.rsplit("/", 2)[0] if full_url.startswith("http") and local_name(full_url)[0] else ""
