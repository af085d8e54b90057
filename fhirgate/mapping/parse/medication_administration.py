"""MedicationAdministration: the true exposure."""

from fhirgate.mapping.datatypes import Raw, codings, objects, text, words
from fhirgate.mapping.parse.dosage import later
from fhirgate.mapping.parse.given import Given
from fhirgate.mapping.parse.medication import Pharmacy
from fhirgate.mapping.parse.not_counted import note_not_counted, note_undated
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.systemic_therapy import course_of
from fhirgate.mapping.therapy_codes import intent_of, stop_reason
from fhirgate.oncology.therapy import Evidence, StopReason

_NOT_GIVEN = frozenset({"not-done", "draft", "intended"})
_NOT_DONE_REASON = "373147003"
"""SNOMED CT: administration of medication not done due to a contraindication."""
_ENDS_THERAPY = (StopReason.PROGRESSION, StopReason.TOXICITY, StopReason.REFUSAL, StopReason.DEATH)


def parse_medication_administrations(record: Record, pharmacy: Pharmacy) -> tuple[Given, ...]:
    """What was administered; doses that were not given are reported and left out."""
    found = (_administration(raw, record, pharmacy) for raw in record.of_type("MedicationAdministration"))
    return tuple(each for each in found if each is not None)


def _administration(raw: Raw, record: Record, pharmacy: Pharmacy) -> Given | None:
    course = course_of(raw, record)
    drug = pharmacy.drug(raw, course.drug_class if course else "")
    if drug is None:
        return None
    why = _why_not(raw)
    if why:
        note_not_counted(record, raw, drug, why)
        return None
    start = record.date(
        raw,
        "effectivePeriod.start",
        "effectiveDateTime",
        "occurrencePeriod.start",
        "occurrenceDateTime",
        "occurencePeriod.start",  # spelt so in R5
        "occurenceDateTime",
        "effectivePeriod.end",
    )
    if start is None:
        note_undated(record, raw, drug, "effective[x]")
        return None
    end = record.date(raw, "effectivePeriod.end", "occurrencePeriod.end", "occurencePeriod.end") or start
    reason = stop_reason(raw.get("statusReason")) if raw.get("statusReason") else None
    if course and reason is None and course.stop_reason and course.covers_end_of(end):
        reason = course.stop_reason
    return Given(
        raw=raw,
        drug=drug,
        start=start,
        end=start if end.surely_before(start) else end,
        ended=text(raw, "status") in ("stopped", "completed") and reason in _ENDS_THERAPY,
        supplied_until=later(start, drug.depot_days - 1) if drug.depot_days else None,
        evidence=Evidence.STATED if text(raw, "status") == "unknown" else Evidence.ADMINISTERED,
        intent=intent_of(raw) or (course.intent if course else None),
        stop_reason=reason,
        on_hold=text(raw, "status") == "on-hold",
        order=_order(raw, record),
        also=course.raws if course else (),
    )


def _why_not(raw: Raw) -> str:
    """Why a dose was not given, in words; empty when it was."""
    status = text(raw, "status")
    if status in _NOT_GIVEN:
        return status
    if raw.get("notGiven") is True:  # STU3
        return "not given"
    reasons = tuple(objects(raw.get("statusReason")))
    said = " ".join(words(reasons)).casefold()
    if any(each.code == _NOT_DONE_REASON for each in codings(reasons)) or "not done" in said:
        return "not done"
    return ""


def _order(raw: Raw, record: Record) -> str:
    """Id of the order that was carried out."""
    for element in ("request", "prescription"):
        for each in record.resolved(raw, element, "MedicationRequest"):
            return record.id_of(each)
    return ""
