"""MedicationDispense: handed over with a supply; oral therapy in pharmacy data looks like this."""

from fhirgate.mapping.datatypes import Raw, text
from fhirgate.mapping.parse.dosage import days_in, later
from fhirgate.mapping.parse.given import Given
from fhirgate.mapping.parse.medication import Pharmacy
from fhirgate.mapping.parse.not_counted import note_not_counted, note_undated
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.therapy_codes import intent_of
from fhirgate.oncology.therapy import Evidence

_NOT_HANDED_OVER = frozenset(
    {"preparation", "in-progress", "cancelled", "on-hold", "stopped", "declined", "draft"}
)


def parse_medication_dispenses(record: Record, pharmacy: Pharmacy) -> tuple[Given, ...]:
    """What was handed over; a dispense that did not come about is reported and left out."""
    found = (_dispense(raw, record, pharmacy) for raw in record.of_type("MedicationDispense"))
    return tuple(each for each in found if each is not None)


def _dispense(raw: Raw, record: Record, pharmacy: Pharmacy) -> Given | None:
    drug = pharmacy.drug(raw)
    if drug is None:
        return None
    handed_over = record.date(raw, "whenHandedOver")
    status = text(raw, "status")
    if raw.get("notDone") is True or (status in _NOT_HANDED_OVER and handed_over is None):
        note_not_counted(record, raw, drug, status or "not done")
        return None
    start = handed_over or record.date(raw, "whenPrepared", "recorded")
    if start is None:
        note_undated(record, raw, drug, "whenHandedOver")
        return None
    days = days_in(raw.get("daysSupply")) or drug.depot_days
    return Given(
        raw=raw,
        drug=drug,
        start=start,
        end=start,
        supplied_until=later(start, days - 1) if days > 0 else None,
        evidence=Evidence.DISPENSED,
        intent=intent_of(raw),
        order=_order(raw, record),
    )


def _order(raw: Raw, record: Record) -> str:
    """Id of the order it fulfils."""
    for each in record.resolved(raw, "authorizingPrescription", "MedicationRequest"):
        return record.id_of(each)
    return ""
