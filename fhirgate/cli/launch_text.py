"""A rehearsal of a launch for people: its first and its last lines; those between are as `doctor_text` shows them."""

from fhirgate.cli import doctor_text
from fhirgate.ehr.doctor.line import Result
from fhirgate.ehr.rehearsal.rehearse import Rehearsal
from fhirgate.report.columns import Paint, wrapped
from fhirgate.services.ehr_server import EhrServer
from fhirgate.services.launches import Flow

_FROM = {Flow.EHR: "out of a chart", Flow.STANDALONE: "standalone"}


def heading(entry: EhrServer, flow: Flow, width: int) -> list[str]:
    """The first line: which server, and from where."""
    return wrapped(f"{entry.name}: {entry.base_url} (launch {_FROM[flow]})", width, "", "  ")


def summary(found: Rehearsal, width: int, paint: Paint) -> list[str]:
    """The last lines: numbers, and what they mean."""
    told = doctor_text.verdict(_verdict(found), width, paint, is_good=found.can_launch)
    return doctor_text.totals(found, found.milliseconds, paint) + told


def _verdict(found: Rehearsal) -> str:
    if found.number(Result.FAILED):
        first = next(each for each in found.lines if each.result is Result.FAILED)
        title = f"{first.title} {first.told.about}".strip()
        return f"Clinicians cannot launch from this server; begin with {first.group.value}: {title}."
    if not found.reads_patient:
        return "The launch was not finished, so whether clinicians can launch is not known."
    if found.number(Result.WARNING):
        return "Clinicians can launch from this server, with the losses and risks told above."
    return "Clinicians can launch from this server."
