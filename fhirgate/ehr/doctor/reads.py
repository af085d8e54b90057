"""One read of each type, of a patient who may be looked at: as an assessment asks, with the smallest page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from fhirgate.ehr.doctor.case import Case
from fhirgate.ehr.doctor.consequences import ESSENTIAL, LOSSES
from fhirgate.ehr.doctor.line import Result, Told
from fhirgate.ehr.doctor.statement import objects
from fhirgate.ehr.doctor.telling import GIVE_PATIENT, failed, not_tried, ok, remedy_for, told_of, warning
from fhirgate.ehr.paging import next_link, under_base
from fhirgate.ehr.references import references, wanted
from fhirgate.ehr.search_plan import Plan, Query, plans
from fhirgate.errors import EhrDenied, EhrError, EhrRefused
from fhirgate.oncology.wording import count, listed
from fhirgate.services.ehr_server import AuthKind

NO_PATIENT = "no patient was given"
_GONE = frozenset({404, 410})


def patient(case: Case) -> Iterator[Told]:
    """The patient by id, who must be there."""
    if not case.patient_id:
        yield not_tried(NO_PATIENT, GIVE_PATIENT)
        return
    offered = case.capability.of("Patient")
    if offered is None or not offered.reads:
        yield not_tried("the server does not list reading Patient")
        return
    try:
        answer = case.visit().get(f"Patient/{quote(case.patient_id, safe='')}")
    except EhrError as error:
        gone = isinstance(error, EhrRefused) and error.status in _GONE
        remedy = (
            "give the logical id of a patient of this server, not a record number"
            if gone
            else _remedy(error, case)
        )
        yield told_of(error, case, remedy=remedy)
        return
    if isinstance(answer.json, Mapping) and answer.json.get("resourceType") == "Patient":
        yield ok("is there", call=case.last_call)
    else:
        yield failed(
            "what it answered is no Patient", "check that base_url is the FHIR base", call=case.last_call
        )


def types(case: Case) -> Iterator[Told]:
    """A search of each type that is asked for."""
    if not case.patient_id:
        yield not_tried(NO_PATIENT, GIVE_PATIENT)
        return
    chosen, _ = plans(case.patient_id, case.capability, case.entry.search_parameters)
    for plan in chosen:
        yield _read(case, plan)


def _read(case: Case, plan: Plan) -> Told:
    kind = plan.type
    try:
        return _first_page(case, plan.whole)
    except (EhrRefused, EhrDenied) as error:
        if isinstance(error, EhrDenied) or error.status in _GONE or not plan.parts:
            return _refused(error, case, kind)
    except EhrError as error:
        return _refused(error, case, kind)
    try:
        part = _first_page(case, plan.parts[0])
    except EhrError as error:
        return _refused(error, case, kind)
    if part.result is not Result.OK:
        return part
    by = listed(dict.fromkeys(each.names[1] for each in plan.parts))
    return warning(
        f"the whole is declined, and by {by} it is given, so an assessment asks in {len(plan.parts)} parts; what has no"
        " such value is not asked for",
        "nothing to do; ask the server's operator to allow the search by patient alone, to have everything",
        about=kind,
        call=part.call,
    )


def _first_page(case: Case, query: Query) -> Told:
    answer = case.visit().get(smallest(query).url)
    page, kind, call = answer.json, query.type, case.last_call
    if not isinstance(page, Mapping) or page.get("resourceType") != "Bundle":
        return _lacking(kind)(
            f"its answer of {answer.status} is no Bundle; lost: {LOSSES[kind]}",
            "have the server's operator see why a search is not answered with a searchset",
            about=kind,
            call=call,
        )
    case.pages[kind] = page, answer.url
    number = len(resources(page))
    more = ", and there are more pages" if next_link(dict(page)) else ""
    found = count(number, "resource") if number else "nothing"
    return ok(f"{found} on the first page{more}", about=kind, call=call)


def smallest(query: Query) -> Query:
    """The same search with one resource to a page, where the server lets us say so."""
    return replace(
        query,
        parameters=tuple((name, "1" if name == "_count" else value) for name, value in query.parameters),
    )


def _refused(error: EhrError, case: Case, kind: str) -> Told:
    told = told_of(error, case, about=kind, remedy=_remedy(error, case, kind))
    if told.result is Result.NOT_TRIED:
        return told
    result = Result.FAILED if kind in ESSENTIAL else Result.WARNING
    return replace(told, result=result, says=f"{told.says}; lost: {LOSSES[kind]}")


def _lacking(kind: str) -> Callable[..., Told]:
    return failed if kind in ESSENTIAL else warning


def _remedy(error: EhrError, case: Case, kind: str = "Patient") -> str:
    auth = case.entry.auth.kind
    if isinstance(error, EhrDenied) and error.status == 401:
        if auth is AuthKind.OPEN:
            return "the server wants credentials: set auth in the registry entry"
        if auth is AuthKind.BASIC:
            return "check client_id (the user name) and the password in the variable of secret_variable"
        return "the server does not accept its own token: have its operator see what the token is missing"
    if isinstance(error, EhrDenied):
        if auth in (AuthKind.OPEN, AuthKind.BASIC):
            return f"have the server's operator permit reading and searching {kind}"
        return f"have system/{kind}.rs registered for this client, and this patient opened to it"
    return remedy_for(error)


def paging(case: Case) -> Iterator[Told]:
    """Whether the link to a second page can be followed."""
    following = [
        (kind, url, link)
        for kind, (page, url) in case.pages.items()
        if (link := next_link(dict(page))) is not None
    ]
    if not case.patient_id:
        yield not_tried(NO_PATIENT, GIVE_PATIENT)
        return
    if not following:
        yield not_tried("no search had a second page", "give a patient with a longer record")
        return
    kind, url, link = following[0]
    try:
        second = under_base(case.entry.base_url, url, link)
    except ValueError as error:
        yield failed(
            f"the link to a second page of {kind} is not followed: {error}; all after the first page would be lost",
            "have the server build its links from the address it is called by (behind a gateway: its public address),"
            " or set base_url to the one it names",
        )
        return
    try:
        answer = case.visit().get(second)
    except EhrError as error:
        yield told_of(error, case)
        return
    if isinstance(answer.json, Mapping) and answer.json.get("resourceType") == "Bundle":
        yield ok(f"the second page of {kind} came, from under base_url", call=case.last_call)
    else:
        yield failed(
            f"the second page of {kind} is no Bundle",
            "have the server's operator follow its next link",
            call=case.last_call,
        )


def resolution(case: Case) -> Iterator[Told]:
    """Whether a resource that others refer to can be read."""
    if not case.patient_id:
        yield not_tried(NO_PATIENT, GIVE_PATIENT)
        return
    found = [each for page, _ in case.pages.values() for each in resources(page)]
    bases = _bases(case)
    elsewhere = {
        each
        for resource in found
        for each in references(resource)
        if "://" in each and not each.startswith(tuple(bases))
    }
    if elsewhere:
        yield warning(
            f"{count(len(elsewhere), 'reference')} to another server, which no assessment follows",
            "if those resources are on this server, have it refer to them by type and id",
        )
    names = wanted(found, (), bases, ())
    names = [each for each in names if (offered := case.capability.of(each[0])) is not None and offered.reads]
    if not names:
        yield not_tried("what was read refers to nothing that is followed")
        return
    kind, name = names[0]
    try:
        case.visit().get(f"{kind}/{quote(name, safe='')}")
    except EhrError as error:
        yield told_of(
            error,
            case,
            result=Result.WARNING,
            remedy=f"have reading {kind} by id permitted to this client",
        )
        return
    yield ok(f"one to {kind} was followed", call=case.last_call)


def resources(page: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The resources of a page, without what the server says about the search."""
    found = [each.get("resource") for each in objects(page, "entry")]
    return [
        each for each in found if isinstance(each, Mapping) and each.get("resourceType") != "OperationOutcome"
    ]


def _bases(case: Case) -> frozenset[str]:
    """The addresses by which the server names its resources, ours among them."""
    found = {case.entry.base_url.rstrip("/")}
    for page, _ in case.pages.values():
        for entry in objects(page, "entry"):
            url, raw = entry.get("fullUrl"), entry.get("resource")
            if isinstance(url, str) and isinstance(raw, Mapping):
                name = f"/{raw.get('resourceType')}/{raw.get('id')}"
                if url.endswith(name):
                    found.add(url.removesuffix(name))
    return frozenset(found)
