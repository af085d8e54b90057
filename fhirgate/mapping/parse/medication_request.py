"""MedicationRequest: an order is not proof of intake; a plan that reports use is weak proof (fhir-contracts §A5-3)."""

from fhirgate.mapping.datatypes import Raw, item, items, number, text
from fhirgate.mapping.parse.dosage import Span, days_in, later, span_of
from fhirgate.mapping.parse.given import Drug, Given
from fhirgate.mapping.parse.medication import Pharmacy
from fhirgate.mapping.parse.not_counted import note_not_counted, note_undated
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.therapy_codes import intent_of, stop_reason
from fhirgate.oncology.clinical_date import ClinicalDate, by_date
from fhirgate.oncology.therapy import Evidence

_NEVER = frozenset({"cancelled", "draft", "revoked"})
_OVER = frozenset({"completed", "stopped", "ended"})
_NOT_ORDERED = frozenset({"proposal", "option", "directive"})


def parse_medication_requests(record: Record, pharmacy: Pharmacy) -> tuple[Given, ...]:
    """What the record's MedicationRequests ordered; what was never in force is reported and left out."""
    found = (_request(raw, record, pharmacy) for raw in record.of_type("MedicationRequest"))
    return tuple(each for each in found if each is not None)


def _request(raw: Raw, record: Record, pharmacy: Pharmacy) -> Given | None:
    drug = pharmacy.drug(raw)
    if drug is None:
        return None
    why = _why_not(raw)
    if why:
        note_not_counted(record, raw, drug, why)
        return None
    span = span_of(items(raw, "dosageInstruction"))
    dispense = item(raw, "dispenseRequest")
    start = span.start or record.date(raw, "authoredOn", "dispenseRequest.validityPeriod.start")
    if start is None:
        note_undated(record, raw, drug, "authoredOn")
        return None
    return _order(raw, record, drug, span, start, _supplied_until(dispense, start))


def _order(
    raw: Raw, record: Record, drug: Drug, span: Span, start: ClinicalDate, supplied: ClinicalDate | None
) -> Given:
    status = text(raw, "status")
    end = span.end if span.end is None or not span.end.surely_before(start) else None
    changed = record.date(raw, "statusChanged")  # R5
    if status in _OVER and changed is not None and not changed.surely_before(start):
        end = changed
    if status == "completed" and end is None:
        end = supplied  # an order that has run its course was used up
    unknown_end = end is None and status in _OVER
    asserted = record.date(raw, "authoredOn", "meta.lastUpdated")
    return Given(
        raw=raw,
        drug=drug,
        start=start,
        end=start if unknown_end else end,
        ended=end is not None or unknown_end,
        end_unknown=unknown_end,
        asserted_on=max(filter(None, (asserted, start)), key=by_date),
        supplied_until=supplied,
        evidence=Evidence.STATED if _reports_use(raw) else Evidence.ORDERED_ONLY,
        intent=intent_of(raw),
        stop_reason=stop_reason(*_reasons(raw)),
        on_hold=status == "on-hold",
        fixed_duration=span.counted,
        order=record.id_of(raw),
        replaces=_replaced(raw, record),
    )


def _why_not(raw: Raw) -> str:
    """Why a request orders nothing, in words; empty when it does."""
    status, intent = text(raw, "status"), text(raw, "intent")
    if status in _NEVER:
        return status
    if raw.get("doNotPerform") is True:
        return "do not give"
    if intent in _NOT_ORDERED:
        return f"it is a {intent}"
    if intent == "plan" and not _reports_use(raw):
        return "it is a plan"
    return ""


def _reports_use(raw: Raw) -> bool:
    """Whether a plan is a secondary record of use: US Core's way to give all medications."""
    reported = raw.get("reportedBoolean") is True or raw.get("reported") is True or "reportedReference" in raw
    return text(raw, "intent") == "plan" and reported


def _reasons(raw: Raw) -> tuple[object, ...]:
    """Status reasons. A5-4: read with any status, because mCODE's own rules contradict each other."""
    reason = raw.get("statusReason")
    return (reason,) if reason else ()


def _supplied_until(dispense: Raw, start: ClinicalDate) -> ClinicalDate | None:
    """The end of the supply that is ordered: duration of one fill times the fills allowed, within validity."""
    days = days_in(dispense.get("expectedSupplyDuration"))
    if days is None or days < 1:
        return None
    repeats = number(dispense.get("numberOfRepeatsAllowed"))
    fills = 1 + int(repeats) if repeats is not None and repeats > 0 else 1
    return later(start, days * fills - 1)


def _replaced(raw: Raw, record: Record) -> str:
    """Id of the order this one renews or changes."""
    for each in record.resolved(raw, "priorPrescription", "MedicationRequest"):
        return record.id_of(each)
    return ""
