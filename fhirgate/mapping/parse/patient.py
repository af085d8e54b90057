"""The Patient resource: when born, when died, and nothing that identifies a person."""

from fhirgate.mapping.datatypes import Raw
from fhirgate.mapping.parse.record import Record
from fhirgate.oncology.chart import Patient
from fhirgate.oncology.finding import Severity


def parse_patient(record: Record) -> Patient:
    """Who the record is about; a patient known by references only has nothing but an id."""
    found = record.of_type("Patient")
    if not found:
        return Patient(id=record.patient)
    if len(found) > 1:
        record.note(
            "SEVERAL_PATIENT_RESOURCES",
            Severity.WARNING,
            f"{len(found)} Patient resources stand for this patient; the first by id is used",
            found[0],
        )
    raw = found[0]
    died_on = record.date(raw, "deceasedDateTime")
    return Patient(
        id=record.patient,
        born_on=record.date(raw, "birthDate"),
        died_on=died_on,
        dead=died_on is not None or _dead(raw),
        source=record.source(raw),
    )


def _dead(raw: Raw) -> bool:
    """A date of death that cannot be read still says that the patient died."""
    return raw.get("deceasedBoolean") is True or bool(raw.get("deceasedDateTime"))
