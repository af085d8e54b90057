"""MedicationStatement (STU3, R4, R5): what somebody states the patient takes or took."""

from collections.abc import Mapping
from typing import Any

from fhirgate.mapping.datatypes import Raw, codings, item, text
from fhirgate.mapping.parse.given import Drug, Given
from fhirgate.mapping.parse.medication import Pharmacy
from fhirgate.mapping.parse.not_counted import note_not_counted, note_undated
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.systemic_therapy import Course, course_of
from fhirgate.mapping.therapy_codes import intent_of, stop_reason
from fhirgate.oncology.clinical_date import ClinicalDate, by_date
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.therapy import Evidence

_NEVER_TAKEN = frozenset({"not-taken", "intended", "draft", "not-taking", "n", "na"})
_SPOKEN = {"n": "that it was not taken (taken: n)", "na": "that intake does not apply (taken: na)"}
_UNSURE = frozenset({"unknown", "unk"})
_OVER = frozenset({"completed", "stopped", "final", "stopped-as-directed", "stopped-not-as-directed"})
_HELD = frozenset({"on-hold", "on-hold-as-directed", "on-hold-not-as-directed"})


def parse_medication_statements(record: Record, pharmacy: Pharmacy) -> tuple[Given, ...]:
    """What the record's MedicationStatements say was given; what was not taken is reported and left out."""
    found = (_statement(raw, record, pharmacy) for raw in record.of_type("MedicationStatement"))
    return tuple(each for each in found if each is not None)


def _statement(raw: Raw, record: Record, pharmacy: Pharmacy) -> Given | None:
    course = course_of(raw, record)
    drug = pharmacy.drug(raw, course.drug_class if course else "")
    if drug is None:
        return None
    states = _states(raw)
    if states & _NEVER_TAKEN:
        note_not_counted(
            record, raw, drug, ", ".join(_SPOKEN.get(each, each) for each in sorted(states & _NEVER_TAKEN))
        )
        return None
    period = _period(raw, record, course, states)
    if period is None:
        note_undated(record, raw, drug, "effective[x]")
        return None
    if states & _UNSURE:
        _note_unsure(record, raw, drug)
    reason = stop_reason(*_reasons(raw))
    if course and course.covers_end_of(period.end):
        reason = reason or course.stop_reason
    return Given(
        raw=raw,
        drug=drug,
        start=period.start,
        end=period.end,
        ended=period.ended,
        end_unknown=period.end_unknown,
        asserted_on=period.asserted_on,
        evidence=Evidence.ORDERED_ONLY if states & _UNSURE else Evidence.STATED,
        intent=intent_of(raw) or (course.intent if course else None),
        stop_reason=reason,
        on_hold=bool(states & _HELD),
        also=course.raws if course else (),
        order=_order(raw, record),
    )


class _Period:
    """When a drug was taken, as far as stated."""

    __slots__ = ("asserted_on", "end", "end_unknown", "ended", "start")

    def __init__(
        self, start: ClinicalDate, end: ClinicalDate | None, asserted_on: ClinicalDate | None
    ) -> None:
        self.start = start
        self.end = end
        self.asserted_on = asserted_on
        self.ended = end is not None
        self.end_unknown = False


def _period(raw: Raw, record: Record, course: Course | None, states: set[str]) -> _Period | None:
    """The period of a statement, completed by the therapy it is part of; None when there is no date at all."""
    start = record.date(raw, "effectivePeriod.start", "effectiveDateTime") or (
        course.start if course else None
    )
    end = record.date(raw, "effectivePeriod.end") or (course.end if course else None)
    asserted = record.date(raw, "dateAsserted", "effectiveDateTime")
    if start is None:
        start = end or asserted
        if start is None:
            return None
        _note_start_unknown(record, raw, start)
    if end is not None and end.surely_before(start):
        _note_reversed(record, raw)
        end = None
    found = _Period(start, end, asserted or record.date(raw, "meta.lastUpdated"))
    if end is None and states & _OVER:
        _close(found, course, asserted)
    return found


def _close(period: _Period, course: Course | None, asserted: ClinicalDate | None) -> None:
    """A therapy that is over without a date of its end ended, for all that is known, on its last known day.

    In MII's data the status is always "completed"; without an end and an outcome the report of the end has not
    come yet, so that the therapy is open and was last known to go on when that was stated, else at its start.
    """
    if course is not None and not course.outcome_given:
        period.asserted_on = period.start if asserted is None else max(asserted, period.start, key=by_date)
        return
    period.end = period.start
    period.ended = True
    period.end_unknown = True


def _states(raw: Raw) -> set[str]:
    """Status, STU3's `taken` and R5's `adherence` as one set of codes."""
    adherence = item(item(raw, "adherence"), "code")
    return {text(raw, "status"), text(raw, "taken"), *(each.code for each in codings(adherence))} - {""}


def _reasons(raw: Raw) -> tuple[Any, ...]:
    adherence = item(raw, "adherence")
    return tuple(
        each
        for each in (raw.get("statusReason"), adherence.get("reason"))
        if isinstance(each, Mapping | list)
    )


def _order(raw: Raw, record: Record) -> str:
    """Id of the order the statement is about."""
    for element in ("basedOn", "derivedFrom"):
        for each in record.resolved(raw, element, "MedicationRequest"):
            return record.id_of(each)
    return ""


def _note_unsure(record: Record, raw: Raw, drug: Drug) -> None:
    """Epic's STU3 statements, made from orders, say so of nearly every drug."""
    record.note(
        "INTAKE_UNKNOWN",
        Severity.WARNING,
        f"{', '.join(agent.name for agent in drug.agents)}: the statement says that it is not known whether it was"
        " taken; it counts like an order",
        raw,
        "status",
    )


def _note_start_unknown(record: Record, raw: Raw, known: ClinicalDate) -> None:
    record.note(
        "EXPOSURE_START_UNKNOWN",
        Severity.WARNING,
        f"the therapy has no start; it counts from {known}, the first day it is known of; effectivePeriod.start"
        " would settle it",
        raw,
        "effectivePeriod.start",
    )


def _note_reversed(record: Record, raw: Raw) -> None:
    record.note(
        "EXPOSURE_DATES_REVERSED",
        Severity.WARNING,
        "the therapy ends before it starts; the end was not used",
        raw,
        "effectivePeriod",
    )
