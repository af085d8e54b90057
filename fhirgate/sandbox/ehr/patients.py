"""The patients of the sandbox: their records as given, and what an EHR has beside them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fhirgate.exact_json import decode

Json = dict[str, Any]
CLINICIAN = "Practitioner/sandbox-clinician"
"""Who is at work: the sandbox has one user, and asks for no password."""
_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRecord:
    """One patient, and all that is known of them."""

    title: str
    """As the sandbox's page lists them."""
    tells: str
    resources: tuple[Json, ...]

    @property
    def patient(self) -> str:
        """The id of the Patient."""
        return next(str(each["id"]) for each in self.resources if each["resourceType"] == "Patient")

    @property
    def encounter(self) -> str:
        """The id of the encounter that is open."""
        return f"visit-{self.patient}"[:64]


def patient_record(title: str, tells: str, bundle: bytes) -> PatientRecord:
    """From a Bundle as text; numbers stay as they are written.

    Raises NotJson, and ValueError for what is no Bundle of one patient.
    """
    content = decode(bundle)
    entries = content.get("entry") if isinstance(content, dict) else None
    resources = [each.get("resource") for each in entries] if isinstance(entries, list) else []
    if not all(isinstance(each, dict) and "resourceType" in each for each in resources):
        raise ValueError(f"{title}: an entry has no resource")
    if sum(each["resourceType"] == "Patient" for each in resources) != 1:
        raise ValueError(f"{title}: not the record of one patient")
    return PatientRecord(title=title, tells=tells, resources=tuple(resources))


def all_resources(records: Iterable[PatientRecord]) -> Iterator[Json]:
    """Everything the server holds at the start."""
    kind, _, id_ = CLINICIAN.partition("/")
    yield {"resourceType": kind, "id": id_, "active": True, "name": [{"text": "Sandbox Clinician"}]}
    for each in records:
        yield from each.resources
        yield {
            "resourceType": "Encounter",
            "id": each.encounter,
            "status": "in-progress",
            "class": {"system": _ACT, "code": "AMB"},
            "subject": {"reference": f"Patient/{each.patient}"},
        }
