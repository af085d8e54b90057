"""What would happen to results, type by type; nothing is written."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fhirgate.ehr.doctor.case import Case
from fhirgate.ehr.doctor.line import Result, Told
from fhirgate.ehr.doctor.statement import objects
from fhirgate.ehr.doctor.telling import not_tried, ok, told_of, warning
from fhirgate.ehr.registry import authorizer_of, scopes_of
from fhirgate.ehr.scopes import Scopes
from fhirgate.ehr.write_plan import WRITTEN, WritePlan, write_plan, write_scopes
from fhirgate.errors import EhrError
from fhirgate.oncology.wording import count
from fhirgate.services.ehr_server import AuthKind

_CHECKED = "RiskAssessment"
SYNTHETIC: Mapping[str, Any] = {
    "resourceType": _CHECKED,
    "status": "preliminary",
    "code": {"text": "A check of fhirgate doctor; about nobody"},
    "subject": {"display": "Nobody"},
    "prediction": [{"outcome": {"text": "None"}, "probabilityDecimal": 0}],
}
"""What `$validate` is asked about."""
_STATUSES = frozenset({400, 412, 422})


def permission(case: Case) -> Iterator[Told]:
    """Whether a token would permit writing: asked for as --write does."""
    if case.entry.auth.kind in (AuthKind.OPEN, AuthKind.BASIC):
        yield not_tried("without a token there are no scopes")
        return
    if not any(write_plan(case.capability, kind).taken for kind in WRITTEN):
        yield not_tried("no result would be written to this server")
        return
    if scopes_of(case.entry, writes=True) == scopes_of(case.entry):
        case.granted_to_write = case.authorizer.granted
        yield ok("the token is the one above: the entry names its scopes")
        return
    writer = authorizer_of(case.entry, case.outbound, case.environment, writes=True)
    try:
        writer.headers(case.outbound.left())
    except EhrError as error:
        yield told_of(
            error,
            case,
            result=Result.WARNING,
            remedy=f"nothing to do to assess; for --write, have these registered for this client: {write_scopes()}",
        )
        return
    case.granted_to_write = writer.granted
    yield ok("a token to write with is given; nothing was written", call=case.last_call)


def results(case: Case) -> Iterator[Told]:
    """What the server lists for each type of our results, and what is made of it."""
    for kind in WRITTEN:
        plan = write_plan(case.capability, kind)
        yield _planned(plan, case) if plan.taken else _not_taken(plan)


def _not_taken(plan: WritePlan) -> Told:
    return warning(
        f"not taken: {plan.why}; it stays in our own store",
        "nothing to do to assess; to have it in the EHR, ask the server's operator to take this type",
        about=plan.kind,
    )


def _planned(plan: WritePlan, case: Case) -> Told:
    said = str(plan).partition(": ")[2]
    lost = _not_granted(plan.kind, case)
    if lost:
        return warning(
            f"{said}; but the token does not permit it: {lost.in_words().partition(': ')[2]}",
            f"for --write, have {lost} registered for this client, and add it to scopes in the registry entry",
            about=plan.kind,
        )
    return ok(said, about=plan.kind)


def _not_granted(kind: str, case: Case) -> Scopes:
    granted = case.granted_to_write
    if granted is None:
        return Scopes()
    needed = Scopes(clinical=tuple(each for each in write_scopes().clinical if each.type == kind))
    return needed.missing_from(granted)


def validation(case: Case) -> Iterator[Told]:
    """Whether the server finds fault with a resource about nobody, where it lists `$validate`."""
    if not _lists_validate(case.statement):
        yield not_tried(f"the server does not list $validate for {_CHECKED}")
        return
    if not write_plan(case.capability, _CHECKED).taken:
        yield not_tried(f"{_CHECKED} would not be written")
        return
    try:
        answer = case.outbound.post(
            case.destination,
            f"{_CHECKED}/$validate",
            msgspec.json.encode(SYNTHETIC),
            headers={
                "Content-Type": "application/fhir+json",
                **case.authorizer.headers(case.outbound.left()),
            },
            expected=_STATUSES,
        )
    except EhrError as error:
        yield told_of(
            error,
            case,
            about=_CHECKED,
            result=Result.WARNING,
            remedy="nothing to do to assess; writing is tried all the same",
        )
        return
    faults = [each for each in objects(answer.json, "issue") if each.get("severity") in ("error", "fatal")]
    said = f"asked about a {_CHECKED} of nobody, it finds {count(len(faults), 'error')}"
    if not faults and answer.status in _STATUSES:
        said = f"asked about a {_CHECKED} of nobody, it declines ({answer.status}) and names no error"
    if faults or answer.status in _STATUSES:
        yield warning(
            said,
            f"POST one to {_CHECKED}/$validate, and see which rules of the site it breaks; a written result may be"
            " declined for the same",
            about=_CHECKED,
            call=case.last_call,
        )
    else:
        yield ok(said, about=_CHECKED, call=case.last_call)


def _lists_validate(statement: Mapping[str, Any]) -> bool:
    for rest in objects(statement, "rest"):
        of_type = [each for each in objects(rest, "resource") if each.get("type") == _CHECKED]
        for place in (rest, *of_type):
            if any(each.get("name") in ("validate", "$validate") for each in objects(place, "operation")):
                return True
    return False
