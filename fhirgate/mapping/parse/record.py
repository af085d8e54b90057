"""One patient's resources, each once, with references resolved and findings collected."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from fhirgate.mapping.datatypes import (
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
from fhirgate.mapping.parse.remembered import remembered
from fhirgate.mapping.vocabulary import Vocabulary
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.source import Source


class Coded(NamedTuple):
    """A resource with what its `code` says, read once for all who ask."""

    raw: Raw
    said: Concept


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
        self._rare: dict[str, Raw] = {}
        self._not_named: list[tuple[str, Entry]] = []
        self._known: dict[int, tuple[str, str, Entry]] = {}  # holds every object, so that id() stays its own
        self._shared: Counter[str] = Counter()
        self._coded: dict[str, tuple[Coded, ...]] = {}
        self._alike: dict[str, Mapping[Concept, Sequence[Coded]]] = {}
        self._codes: dict[int, Concept] = {}
        self._meanings: dict[Concept, str] = {}
        self._contained: dict[int, dict[str, Raw]] = {}
        self._several_servers = False
        self._load(owned, personal=True)
        self._load(shared, personal=False)

    def of_type(self, *types: str) -> tuple[Raw, ...]:
        """The patient's own resources of these types, in order of type and id, without retracted ones."""
        if len(types) == 1:
            return tuple(self._by_type.get(types[0], ()))
        return tuple(raw for each in types for raw in self._by_type.get(each, ()))

    def coded(self, kind: str) -> tuple[Coded, ...]:
        """The patient's own resources of a type with their code."""
        if kind not in self._coded:
            read = remembered(concept)
            self._coded[kind] = tuple(Coded(raw, read(raw.get("code"))) for raw in self.of_type(kind))
        return self._coded[kind]

    def alike(self, kind: str) -> Mapping[Concept, Sequence[Coded]]:
        """The patient's own resources of a type by their code, so that a question about a code is asked once."""
        if kind not in self._alike:
            found: dict[Concept, list[Coded]] = defaultdict(list)
            for each in self.coded(kind):
                found[each.said].append(each)
            self._alike[kind] = dict(found)
        return self._alike[kind]

    def coded_as(self, kind: str, wanted: Callable[[Concept], bool]) -> Sequence[Coded]:
        """Those of a type whose code is wanted, in order of id."""
        groups = [found for said, found in self.alike(kind).items() if wanted(said)]
        if len(groups) < 2:
            return groups[0] if groups else ()
        named = {id(each.raw) for group in groups for each in group}
        return [each for each in self.coded(kind) if id(each.raw) in named]

    def code(self, raw: Raw) -> Concept:
        """What the code of a resource or component says."""
        found = self._codes.get(id(raw))
        if found is None:
            found = self._codes[id(raw)] = concept(raw.get("code"))
        return found

    def meaning(self, said: Concept) -> str:
        """What a concept means in the vocabulary of the record; empty when that is unknown."""
        found = self._meanings.get(said)
        if found is None:
            found = self._meanings[said] = self.vocabulary.meaning(*said)
        return found

    def types(self) -> dict[str, int]:
        """How many resources of each type the patient has."""
        return {name: len(found) for name, found in sorted(self._by_type.items())}

    def shared_types(self) -> dict[str, int]:
        """How many resources of each type the source holds that belong to no patient."""
        return dict(sorted(self._shared.items()))

    def source(self, raw: Raw) -> Source:
        """The resource as a source, with its version where it has one."""
        known = self._known.get(id(raw))
        version = text(item(raw, "meta"), "versionId") if "meta" in raw else ""
        if known:
            return Source(known[0], known[1], version)
        return Source(text(raw, "resourceType"), self.id_of(raw), version)

    def id_of(self, raw: Raw) -> str:
        """The logical id, else a name made from the content."""
        known = self._known.get(id(raw))
        return known[1] if known else text(raw, "id") or content_name(raw)

    def kind_of(self, raw: Raw) -> str:
        """The type of a resource."""
        known = self._known.get(id(raw))
        return known[0] if known else text(raw, "resourceType")

    def holds(self, raw: Raw) -> bool:
        """Whether it is a resource of its own, not contained in another one."""
        return id(raw) in self._known

    def resolve(self, target: Any, within: Raw) -> Raw | None:
        """The resource a Reference (or reference string) points to; None when the record does not hold it.

        Contained, relative, absolute, urn:uuid, bare-id and logical references are understood.
        """
        name = target if isinstance(target, str) else reference(target)
        found = self._named.get(name)
        if found is not None and not self._several_servers:
            return found
        if name.startswith("#"):
            return self._inside(within).get(name[1:])
        if name:
            return self._beside(name, within) or self._by_name(name)
        identifier = item(target, "identifier") if isinstance(target, Mapping) else {}
        value = text(identifier, "value")
        return self._rarely(f"identifier:{text(identifier, 'system')}|{value}") if value else None

    def names_one(self, name: str) -> bool:
        """Whether a reference string means the same in every resource that holds it."""
        return bool(name) and not name.startswith("#") and not self._several_servers

    def resolved(self, raw: Raw, element: str, *types: str) -> tuple[Raw, ...]:
        """The resources an element points to, of these types (of any when none is named), each once."""
        found = {}
        for each in items(raw, element):
            target = self.resolve(each, raw)
            if target is not None and (not types or self.kind_of(target) in types):
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
            value = _at(raw, path) if "." in path else raw.get(path)
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
        known = self._known.get(id(within))
        base = known[2].server if known else ""
        return self._rarely(f"{base}/{name.split('/_history/', 1)[0]}")

    def _by_name(self, name: str) -> Raw | None:
        bare = name
        if "/_history/" in name or name.endswith("/"):
            bare = name.split("/_history/", 1)[0].rstrip("/")
        found = self._named.get(bare)
        if found is None and bare.startswith(_RARE):
            found = self._rarely(bare)
        if found is None:
            kind, id_ = local_name(bare)
            found = self._named.get(f"{kind}/{id_}") if kind else self._rarely(f"id:{bare}")
        return found

    def _load(self, received: Iterable[Entry], *, personal: bool) -> None:
        copies: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in received:
            copies[text(entry.resource, "resourceType"), name_of(entry)].append(entry)
        for (kind, name), found in sorted(copies.items(), key=itemgetter(0)):
            if not personal:
                for same in _of_one_server(found):
                    self._index(kind, name, self._latest(kind, name, same))
                self._shared[kind] += 1
                continue
            entry = found[0] if len(found) == 1 else self._latest(kind, name, found)
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
        raw, full_url = entry
        self._known[id(raw)] = kind, name, entry
        self._not_named.append((name, entry))
        address = f"{kind}/{name}"
        if address in self._named:
            self._several_servers = True
        else:
            self._named[address] = raw
        if full_url and not full_url.startswith(_RARE):
            self._named.setdefault(full_url, raw)

    def _rarely(self, key: str) -> Raw | None:
        """What bears one of the names that few records use: an identifier, an absolute URL, an id without type."""
        for name, entry in self._not_named:
            raw = entry.resource
            self._rare.setdefault(f"id:{name}", raw)
            if entry.full_url:
                self._rare.setdefault(entry.full_url, raw)
            for each in items(raw, "identifier"):
                if text(each, "value"):
                    self._rare.setdefault(f"identifier:{text(each, 'system')}|{text(each, 'value')}", raw)
        self._not_named.clear()
        return self._rare.get(key)

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
    """What stands at "effectivePeriod.end"."""
    value: Any = raw
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


_RARE = ("http", "urn:", "id:", "identifier:")
"""How the names begin that are looked up only once one is asked for."""
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
        found[each.server].append(each)
    return [list(copies)] if len(found.keys() - {""}) < 2 else [found[base] for base in sorted(found)]
