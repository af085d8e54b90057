"""Which searches an assessment would make, against what the server lists; nothing is asked here."""

from collections.abc import Iterator, Mapping

from fhirgate.ehr.capability import Capability
from fhirgate.ehr.doctor.case import Case
from fhirgate.ehr.doctor.consequences import ESSENTIAL, LOSSES
from fhirgate.ehr.doctor.line import Told
from fhirgate.ehr.doctor.telling import failed, ok, warning
from fhirgate.ehr.search_plan import TYPES, Plan, plans
from fhirgate.oncology.wording import listed

_WISHED = {"MedicationRequest": ("intent",)}


def searches(case: Case) -> Iterator[Told]:
    """One line for each type of a record."""
    chosen = {each.type: each for each in plans("x", case.capability, case.entry.search_parameters)[0]}
    patient = case.capability.of("Patient")
    if patient is None or not patient.reads:
        yield warning(
            "the server does not list reading it",
            "if it can be read all the same, have its operator list it: what is not listed is not asked for",
            about="Patient",
        )
    else:
        yield ok("read by id", about="Patient")
    for kind in TYPES:
        plan = chosen.get(kind)
        yield _not_offered(kind, case.capability) if plan is None else _planned(plan, case)


def _not_offered(kind: str, capability: Capability) -> Told:
    offered = capability.of(kind)
    if offered is None:
        why = "not listed"
    elif not offered.searches:
        why = "listed without searching"
    else:
        why = "listed without the search parameter patient or subject"
    tell = failed if kind in ESSENTIAL else warning
    return tell(
        f"{why}, so it is not asked for; lost: {LOSSES[kind]}",
        "if the server has it, have its operator list it with patient as a search parameter; else nothing can be done"
        " here",
        about=kind,
    )


def _planned(plan: Plan, case: Case) -> Told:
    names = plan.whole.names
    said = f"asked whole, by {listed(names)}"
    if names[0] == "subject":
        said += "; patient is not listed, and subject says the same"
    if plan.parts:
        by = listed(dict.fromkeys(each.names[1] for each in plan.parts))
        said += f"; by {by} in {len(plan.parts)} parts if the whole is declined"
    if "_count" not in names:
        said += "; without _count, which is not listed"
    said += "".join(
        f"; without {each}, which is not listed" for each in _WISHED.get(plan.type, ()) if each not in names
    )
    unlisted = _own_unlisted(plan, case.entry.search_parameters)
    if unlisted:
        return warning(
            f"{said}; the entry's {listed(unlisted)} is not listed, and not sent",
            "check search_parameters of the registry entry against the server's documentation",
            about=plan.type,
        )
    return ok(said, about=plan.type)


def _own_unlisted(plan: Plan, own: Mapping[str, str]) -> list[str]:
    return sorted(each for each in own if each not in plan.whole.names)
