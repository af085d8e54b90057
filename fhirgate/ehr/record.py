"""One patient's record from a FHIR server: every type it offers, several at a time, each failure on its own.

Decisions
- The Patient comes first and must be there: a wrong id is an error, and not an empty record.
- What fails for one type is a finding; only when nothing at all came does the failure itself go out.
- Many servers stand behind a gateway and name resources by an inner address. A resource read by id therefore gets
  no full URL of ours, which would make it another server's than the rest; and a reference under an address by which
  the server itself names its resources is one to this server, and read under our base.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import quote

from fhirgate.ehr.capability import Capability
from fhirgate.ehr.paging import Found, key_of, not_available, search
from fhirgate.ehr.references import MOST_READ, MOST_ROUNDS, Mention, Name, mentions, not_here
from fhirgate.ehr.rest import FhirServer, Visit
from fhirgate.ehr.search_plan import Plan, Query, by_ids, plans
from fhirgate.errors import EhrDenied, EhrError, EhrRefused, UnknownResource
from fhirgate.mapping.datatypes import local_name
from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.subject import owner_of
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.wording import count
from fhirgate.services.fetch_record import Asked, Fetched

MOST_IN_ONE = 40
"""Ids in one search by `_id`."""
_GONE = frozenset({404, 410})
_SUPPORTED = ("4.0", "4.1", "4.3")


@dataclass(slots=True, kw_only=True)
class Gathered:
    """What has come so far."""

    entries: dict[tuple[str, str, str], Entry] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    errors: list[EhrError] = field(default_factory=list)
    mentioned: set[Mention] = field(default_factory=set)

    def names(self) -> set[Name]:
        """Type and id of each resource that is here."""
        return {(kind, name) for kind, name, _ in self.entries}

    def add(self, found: Found) -> int:
        """Take what a search found; answers how many resources are new."""
        new = {key: entry for key, entry in found.entries.items() if key not in self.entries}
        self.entries |= new
        self.findings += found.findings
        # Here and not when all have come: other calls are still under way, and the time is free.
        self.mentioned.update(*(mentions(entry.resource) for entry in new.values()))
        return len(new)

    def take(self, other: "Gathered") -> None:
        """Take all of another."""
        self.entries |= other.entries
        self.findings += other.findings
        self.asked += other.asked
        self.errors += other.errors
        self.mentioned |= other.mentioned


@dataclass(frozen=True, slots=True)
class ServerRecords:
    """The records a server holds (`services.fetch_record.RecordSource`)."""

    server: FhirServer

    def fetch(self, patient_id: str) -> Fetched:
        """Everything the server offers of one patient, within the time one record may take.

        Raises UnknownResource when it has no such patient, EhrError when nothing can be had from it.
        """
        visit = self.server.visit()
        capability = self.server.capability(visit)
        chosen, not_offered = plans(patient_id, capability, self.server.entry.search_parameters)
        with ThreadPoolExecutor(self.server.destination.concurrency, "fhirgate-fetch") as pool:
            whole = _read_patient(visit, patient_id, capability)
            parts = list(pool.map(lambda plan: _of_type(visit, plan), chosen))
            for each in parts:
                whole.take(each)
            _give_up_if_nothing_came(whole, parts)
            complete = {
                plan.type
                for plan, part in zip(chosen, parts, strict=True)
                if len(part.asked) == 1 and not part.asked[0].refused
            }
            _follow(visit, whole, complete, capability, pool.map)
        whole.findings += _notes(capability, not_offered)
        _leave_out_others(whole, patient_id)
        return Fetched(
            resources=tuple((each.resource, each.full_url) for each in whole.entries.values()),
            findings=tuple(whole.findings),
            asked=tuple(whole.asked),
        )


def _read_patient(visit: Visit, patient_id: str, capability: Capability) -> Gathered:
    gathered = Gathered()
    offered = capability.of("Patient")
    if offered is None or not offered.reads:
        return gathered
    try:
        answer = visit.get(_address(("Patient", patient_id)))
    except EhrRefused as error:
        if error.status in _GONE:
            raise UnknownResource(
                f"server {visit.server.entry.name!r} has no patient with the id asked for"
            ) from None
        raise
    found = Found(status=answer.status)
    if isinstance(answer.json, dict) and answer.json.get("resourceType") == "Patient":
        entry = Entry(answer.json)
        found.entries[key_of(entry)] = entry
    else:
        found.refused = "what it answered is no Patient"
        found.findings.append(not_available("Patient", found.refused))
    gathered.asked.append(_asked("Patient", (), found, gathered.add(found)))
    return gathered


def _of_type(visit: Visit, plan: Plan) -> Gathered:
    """One type as a whole; in parts when the server understood the whole and declined it."""
    gathered = Gathered()
    error = _ask(visit, plan.whole, gathered)
    if isinstance(error, EhrRefused) and error.status not in _GONE and plan.parts:
        gathered.errors.clear()
        gathered.findings.clear()
        for query in plan.parts:
            _ask(visit, query, gathered)
        gathered.findings.append(_in_parts(plan))
    return gathered


def _ask(visit: Visit, query: Query, gathered: Gathered) -> EhrError | None:
    try:
        found = search(visit, query)
    except EhrError as error:
        gathered.errors.append(error)
        gathered.findings.append(not_available(query.type, error.safe_message))
        gathered.asked.append(
            Asked(
                type=query.type,
                parameters=query.names,
                status=error.status,
                count=0,
                refused=error.safe_message,
            )
        )
        return error
    gathered.asked.append(_asked(query.type, query.names, found, gathered.add(found)))
    return None


def _asked(kind: str, names: tuple[str, ...], found: Found, new: int) -> Asked:
    return Asked(type=kind, parameters=names, status=found.status, count=new, refused=found.refused)


def _give_up_if_nothing_came(whole: Gathered, parts: Sequence[Gathered]) -> None:
    """Every search failed: that is the server's failure, and no record."""
    if whole.errors and all(each.errors and not each.entries for each in parts):
        raise whole.errors[0]


def _follow(
    visit: Visit,
    whole: Gathered,
    complete: set[str],
    capability: Capability,
    run: Callable[..., Iterable[Any]],
) -> None:
    """Read what the resources refer to and is not here, some rounds deep."""
    tried: set[Name] = set()
    for _ in range(MOST_ROUNDS):
        bases = _bases(visit, whole.entries.values())
        names = not_here(whole.mentioned, whole.names() | tried, bases, complete)
        names = [each for each in names if _can_read(capability, each[0])]
        beyond = names[MOST_READ - len(tried) :]
        names = names[: MOST_READ - len(tried)]
        tried.update(names)
        for each in run(lambda group: _read_group(visit, group, capability), _groups(names, capability)):
            whole.take(each)
        if beyond:
            whole.findings.append(_not_followed(len(beyond)))
        if beyond or not names:
            return


def _can_read(capability: Capability, kind: str) -> bool:
    offered = capability.of(kind)
    return offered is not None and (offered.reads or _by_ids(capability, kind))


def _by_ids(capability: Capability, kind: str) -> bool:
    offered = capability.of(kind)
    return offered is not None and offered.searches and "_id" in offered.parameters


def _groups(names: list[Name], capability: Capability) -> list[list[Name]]:
    """Names that go into one call."""
    groups: list[list[Name]] = []
    for kind in dict.fromkeys(kind for kind, _ in names):
        rest = iter([each for each in names if each[0] == kind])
        size = MOST_IN_ONE if _by_ids(capability, kind) else 1
        while group := list(islice(rest, size)):
            groups.append(group)
    return groups


def _read_group(visit: Visit, group: list[Name], capability: Capability) -> Gathered:
    """Resources of one type: by one search where there are several, and what that did not bring by reading it."""
    gathered = Gathered()
    kind = group[0][0]
    offered = capability.of(kind)
    reads = offered is None or offered.reads
    if offered is not None and (len(group) > 1 or not reads):
        site_parameters = visit.server.entry.search_parameters
        error = _ask(visit, by_ids(kind, (id_ for _, id_ in group), offered, site_parameters), gathered)
        if error is not None and reads and isinstance(error, EhrRefused):
            # The single reads below say what is missing.
            gathered = Gathered()
    for name in group:
        if reads and not gathered.errors and name not in gathered.names():
            _read_one(visit, name, gathered)
    return gathered


def _read_one(visit: Visit, name: Name, gathered: Gathered) -> None:
    kind = name[0]
    try:
        answer = visit.get(_address(name))
    except EhrError as error:
        # Gone, or not for us: the reference stays unresolved, as in any record.
        if error.status == 401 or not isinstance(error, EhrDenied | EhrRefused):
            gathered.findings.append(not_available(kind, error.safe_message))
        gathered.asked.append(
            Asked(type=kind, parameters=(), status=error.status, count=0, refused=error.safe_message)
        )
        return
    found = Found(status=answer.status)
    if isinstance(answer.json, dict) and answer.json.get("resourceType") == kind:
        entry = Entry(answer.json)
        found.entries[key_of(entry)] = entry
    else:
        found.refused = f"what it answered is no {kind}"
        found.findings.append(not_available(kind, found.refused))
    gathered.asked.append(_asked(kind, (), found, gathered.add(found)))


def _address(name: Name) -> str:
    kind, id_ = name
    return f"{kind}/{quote(id_, safe='')}"


def _bases(visit: Visit, entries: Iterable[Entry]) -> frozenset[str]:
    """The addresses by which the server names its resources, ours among them."""
    found = {visit.server.entry.base_url.rstrip("/")}
    for raw, full_url in entries:
        name = f"/{raw.get('resourceType')}/{raw.get('id')}"
        if full_url.endswith(name):
            found.add(full_url.removesuffix(name))
    return frozenset(found)


def _leave_out_others(whole: Gathered, patient_id: str) -> None:
    """Resources of another patient, which a server gave by mistake or a wrong reference led to."""
    strangers = [key for key, entry in whole.entries.items() if _is_of_another(entry, patient_id)]
    for key in strangers:
        del whole.entries[key]
    if strangers:
        whole.findings.append(
            Finding(
                code="SOURCE_OTHER_PATIENT",
                severity=Severity.WARNING,
                text=f"the server gave {count(len(strangers), 'resource')} of another patient than the one asked for;"
                " left out",
            )
        )


def _is_of_another(entry: Entry, patient_id: str) -> bool:
    owner = owner_of(entry)
    kind, id_ = local_name(owner or "")
    return kind == "Patient" and id_ != patient_id


def _in_parts(plan: Plan) -> Finding:
    by = " and ".join(dict.fromkeys(each.names[1] for each in plan.parts))
    return Finding(
        code="SOURCE_ASKED_IN_PARTS",
        severity=Severity.INFORMATION,
        text=f"{plan.type}: the server does not give all of a patient's at once, so it was asked by {by}; resources"
        " without such a value were not asked for",
    )


def _not_followed(number: int) -> Finding:
    return Finding(
        code="REFERENCES_NOT_FOLLOWED",
        severity=Severity.WARNING,
        text=f"{count(number, 'referenced resource')} beyond the {MOST_READ} read for one patient were left",
    )


def _notes(capability: Capability, not_offered: tuple[str, ...]) -> list[Finding]:
    notes: list[Finding] = []
    if capability.assumed:
        notes.append(
            Finding(
                code="STATEMENT_MISSING",
                severity=Severity.WARNING,
                text="the server gives no CapabilityStatement; only searches by patient were tried",
            )
        )
    elif not capability.fhir_version.startswith(_SUPPORTED):
        notes.append(
            Finding(
                code="FHIR_VERSION",
                severity=Severity.WARNING,
                text=f"the server speaks FHIR {capability.fhir_version or 'of unknown version'}; R4 is expected,"
                " and other versions are read only in part",
            )
        )
    if not_offered:
        notes.append(
            Finding(
                code="SOURCE_NOT_OFFERED",
                severity=Severity.INFORMATION,
                text=f"the server does not offer by patient, and was not asked for: {', '.join(not_offered)}",
            )
        )
    return notes
