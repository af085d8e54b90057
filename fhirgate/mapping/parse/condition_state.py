"""Since when a Condition holds, whether it still does, and how sure it is (STU3, R4 and R5 spellings).

Findings: CONDITION_REFUTED, CONDITION_UNDATED, DATE_IS_RECORD_DATE.
"""

from fhirgate.mapping.datatypes import Raw, codings, date, extension
from fhirgate.mapping.parse.record import Record
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.finding import Severity

ASSERTED = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"
FESTSTELLUNG = "https://www.medizininformatik-initiative.de/fhir/core/modul-diagnose/StructureDefinition/Feststellungsdatum"
_ACTIVE = ("active", "recurrence", "relapse")
_INACTIVE = ("remission", "resolved", "inactive")


def dated_on(raw: Raw, record: Record) -> ClinicalDate | None:
    """Onset, else the day it was asserted, else the day it was recorded (and says so); an age is no date."""
    onset = record.date(raw, "onsetDateTime", "onsetPeriod.start", "onsetString", "assertedDate")
    if onset is not None:
        return onset
    for url in (ASSERTED, FESTSTELLUNG):
        asserted = date(extension(raw, url).get("valueDateTime"))
        if asserted is not None:
            return asserted
    recorded = record.date(raw, "recordedDate", "dateRecorded")
    if recorded is not None:
        record.note(
            "DATE_IS_RECORD_DATE",
            Severity.INFORMATION,
            "the diagnosis has no onset; the day it was recorded stands for it",
            raw,
            "recordedDate",
        )
        return recorded
    record.note(
        "CONDITION_UNDATED",
        Severity.WARNING,
        "the diagnosis has no usable date; an onset date (not an age) would place it in the course of disease",
        raw,
        "onset",
    )
    return None


def _status(raw: Raw, element: str) -> set[str]:
    value = raw.get(element)
    return {value} if isinstance(value, str) else {each.code for each in codings(value)}


def is_active(raw: Raw) -> bool:
    """Whether the disease is there; a Condition without status is, unless it has abated."""
    status = _status(raw, "clinicalStatus")
    if status & set(_ACTIVE):
        return True
    ended = any(raw.get(each) for each in ("abatementDateTime", "abatementPeriod", "abatementBoolean"))
    return not (status & set(_INACTIVE) or ended)


def is_provisional(raw: Raw) -> bool:
    """Whether it is a working or differential diagnosis."""
    return bool(_status(raw, "verificationStatus") & {"provisional", "differential", "unconfirmed"})


def is_refuted(raw: Raw, record: Record) -> bool:
    """Whether it was refuted, which is reported."""
    if "refuted" not in _status(raw, "verificationStatus"):
        return False
    record.note("CONDITION_REFUTED", Severity.INFORMATION, "the diagnosis was refuted and is not used", raw)
    return True
