"""The FHIR base and what its CapabilityStatement says, and where it is silent."""

from collections.abc import Iterator, Mapping
from typing import Any

from fhirgate.ehr.backend_auth import Open
from fhirgate.ehr.capability import Capability, parse_statement
from fhirgate.ehr.doctor.case import Case
from fhirgate.ehr.doctor.line import Result, Told
from fhirgate.ehr.doctor.telling import name_of, not_tried, ok, told_of, warning, words
from fhirgate.ehr.search_plan import TYPES
from fhirgate.ehr.smart_discovery import MOST_BYTES
from fhirgate.errors import EhrDenied, EhrError, EhrGarbled, EhrRefused
from fhirgate.outbound.answer import Answer

_NO_STATEMENT = frozenset({403, 404, 405, 406, 410})
"""Statuses with which an assessment goes on without one."""
_ASSUMED = "without one, every type is taken to be readable, and searched by patient alone"
_RELEASES = {"4.0": "R4", "4.1": "R4B", "4.3": "R4B", "5.0": "R5", "3.0": "STU3"}
_LOSSES = {
    "R5": "BodyStructure, MedicationStatement and other types have another shape there, and are read in part",
    "STU3": "BodyStructure and MedicationStatement have another name or shape there, and searches by R4's names may be"
    " declined",
}


def statement(case: Case) -> Iterator[Told]:
    """Read the CapabilityStatement, which needs no token; with one where the server wants it."""
    try:
        answer, how = _read(case)
    except (EhrRefused, EhrDenied) as error:
        if error.status not in _NO_STATEMENT:
            yield told_of(error, case)
            return
        case.capability = Capability(assumed=True)
        yield told_of(
            error,
            case,
            result=Result.WARNING,
            remedy=f"check that base_url is the FHIR base; {_ASSUMED}",
        )
        return
    except EhrError as error:
        yield told_of(error, case)
        return
    try:
        case.capability = parse_statement(case.entry.name, answer.json)
    except EhrGarbled as error:
        yield told_of(
            error,
            case,
            remedy="check that base_url is the FHIR base itself, such as https://ehr.example.org/fhir/R4",
        )
        return
    case.statement = answer.json
    number = len(case.capability.types)
    yield ok(
        f"lists {number} types of resources, {len(answer.body) / 1024:.0f} KiB{how}", call=case.last_call
    )


def _read(case: Case) -> tuple[Answer, str]:
    try:
        return case.outbound.get(case.destination, "metadata", most_bytes=MOST_BYTES), ""
    except EhrDenied:
        if isinstance(case.authorizer, Open):
            raise
    headers = case.authorizer.headers(case.outbound.left())
    answer = case.outbound.get(case.destination, "metadata", headers=headers, most_bytes=MOST_BYTES)
    return answer, "; only with our credentials"


def version(case: Case) -> Iterator[Told]:
    """R4, or another release with what that costs."""
    if (nothing := _no_statement(case)) is not None:
        yield nothing
        return
    said = _text(case.statement, "fhirVersion")
    release = next((known for start, known in _RELEASES.items() if said.startswith(start)), "")
    shown = f"FHIR {name_of(said) or 'of unknown version'}" + (f" ({release})" if release else "")
    if release == "R4":
        yield ok(shown)
    elif release == "R4B":
        yield ok(f"{shown}; the types that are read are as in R4")
    else:
        lost = _LOSSES.get(release, "what differs from R4 is not read")
        yield warning(
            f"{shown}; {lost}", "use the server's R4 base, if it has one; its path often ends in /R4"
        )


def software(case: Case) -> Iterator[Told]:
    """Who made it; also its date, since a statement can be older than the server."""
    if (nothing := _no_statement(case)) is not None:
        yield nothing
        return
    found = case.statement.get("software")
    told = [name_of(_text(found, each)) for each in ("name", "version")] if isinstance(found, Mapping) else []
    day = name_of(_text(case.statement, "date"))[:10]
    said = " ".join(filter(None, told)) or "it does not say"
    yield ok(said + (f"; statement of {day}" if day else ""))


def formats(case: Case) -> Iterator[Told]:
    """Whether it speaks JSON."""
    if (nothing := _no_statement(case)) is not None:
        yield nothing
        return
    listed = [each for each in _list(case.statement, "format") if isinstance(each, str)]
    if any("json" in each for each in listed):
        yield ok(words(listed))
    elif listed:
        yield warning(
            f"it lists {words(listed)}, and no JSON; its statement came as JSON all the same",
            "ask its operator whether all of it speaks JSON: nothing else is read",
        )
    else:
        yield ok("it lists none; its statement came as JSON")


def silence(case: Case) -> Iterator[Told]:
    """Types it lists without saying what can be done with them."""
    if (nothing := _no_statement(case)) is not None:
        yield nothing
        return
    quiet = [
        _text(each, "type")
        for rest in objects(case.statement, "rest")
        for each in objects(rest, "resource")
        if _text(each, "type") in ("Patient", *TYPES)
        # Patient is read by id and never searched.
        and not (objects(each, "interaction") and (each["type"] == "Patient" or objects(each, "searchParam")))
    ]
    if quiet:
        yield warning(
            f"it lists no interactions or no search parameters for {words(quiet)}",
            "nothing to do if the reads below work: reading and searching by patient are assumed, and no other"
            " parameter is sent",
        )
    else:
        yield ok("it says what can be done with each type it lists of those that are read")


def _no_statement(case: Case) -> Told | None:
    return None if case.statement else not_tried("there is no CapabilityStatement")


def objects(parent: Any, name: str) -> list[Mapping[str, Any]]:
    """The objects of an array of a JSON object, whatever else is in it."""
    return [each for each in _list(parent, name) if isinstance(each, Mapping)]


def _list(parent: Any, name: str) -> list[Any]:
    found = parent.get(name) if isinstance(parent, Mapping) else None
    return found if isinstance(found, list) else []


def _text(parent: Mapping[str, Any], name: str) -> str:
    value = parent.get(name)
    return value if isinstance(value, str) else ""
