"""Procedures that are a systemic therapy: MII's "systemische Therapie", SNOMED chemotherapy, OPS 8-54.

Such a Procedure gives period, intention and outcome to the medication that is part of it. When it stands alone,
its note may name the protocol; else only the kind of therapy is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from fhirgate.mapping.agents import agents_in
from fhirgate.mapping.datatypes import Raw, codings, item, items, text, words
from fhirgate.mapping.parse.cancer_context import is_systemic_therapy
from fhirgate.mapping.parse.given import Drug, Given
from fhirgate.mapping.parse.not_counted import is_treatment, note_not_counted, note_undated
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.therapy_codes import intent_of, row_of, stop_reason
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.therapy import Agent, Evidence, Intent, StopReason

_NOT_DONE = frozenset({"not-done", "preparation", "draft"})
_OVER = frozenset({"completed", "stopped", "final"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What the systemic therapy a drug is part of says of it."""

    raws: tuple[Raw, ...]
    start: ClinicalDate | None
    end: ClinicalDate | None
    intent: Intent | None
    stop_reason: StopReason | None
    outcome_given: bool
    drug_class: str

    def covers_end_of(self, ended: ClinicalDate | None) -> bool:
        """Whether the therapy's outcome is the drug's too: the drug did not end before the therapy did."""
        return ended is None or self.end is None or not ended.surely_before(self.end)


def course_of(raw: Raw, record: Record) -> Course | None:
    """The systemic therapy a medication resource is part of (`partOf`, also as a bare id).

    A reference that leads nowhere (MII's own example) means the only systemic therapy of exactly that period.
    """
    for whole in record.resolved(raw, "partOf", "Procedure"):
        if is_systemic_therapy(whole):
            return _course(whole, record)
    if raw.get("partOf"):
        alike = [each for each in record.of_type("Procedure") if _same_period(each, raw)]
        if len(alike) == 1:
            return _course(alike[0], record)
    return None


def parse_systemic_therapies(record: Record, named: Iterable[Given]) -> tuple[Given, ...]:
    """Systemic therapies that no medication resource is part of, by the drugs their words name.

    One whose drugs are not named is left out when a named therapy covers its time: US records bill every
    infusion as a "chemotherapy" procedure beside the drugs themselves.
    """
    known = tuple(named)
    covered = {id(whole) for given in known for whole in given.also}
    found = []
    for raw in record.of_type("Procedure"):
        if is_systemic_therapy(raw) and id(raw) not in covered:
            given = _alone(raw, record, known)
            if given is not None:
                found.append(given)
    return tuple(found)


def _course(whole: Raw, record: Record) -> Course:
    outcome = [each for each in (whole.get("outcome"), whole.get("statusReason")) if each]
    return Course(
        raws=(whole,),
        start=_start(whole, record),
        end=_end(whole, record),
        intent=intent_of(whole),
        stop_reason=stop_reason(*outcome),
        outcome_given=bool(outcome),
        drug_class=_class(whole),
    )


def _same_period(procedure: Raw, raw: Raw) -> bool:
    period = item(raw, "effectivePeriod")
    return bool(period) and item(procedure, "performedPeriod") == period and is_systemic_therapy(procedure)


def _alone(raw: Raw, record: Record, named: tuple[Given, ...]) -> Given | None:
    if not _class(raw):
        return None
    course = _course(raw, record)
    drug = _drug(raw, record)
    if text(raw, "status") in _NOT_DONE or raw.get("notDone") is True:
        note_not_counted(record, raw, drug, text(raw, "status") or "not done")
        return None
    if course.start is None:
        note_undated(record, raw, drug, "performedPeriod.start")
        return None
    if drug.label == _UNNAMED:
        if any(is_treatment(given.drug) and _overlap(course, course.start, given) for given in named):
            return None
        _note_unnamed(record, raw, drug)
    over = text(raw, "status") in _OVER
    unknown_end = course.end is None and over and course.outcome_given
    return Given(
        raw=raw,
        drug=drug,
        start=course.start,
        end=course.start if unknown_end else course.end,
        ended=course.end is not None or unknown_end,
        end_unknown=unknown_end,
        asserted_on=course.start if over else record.date(raw, "meta.lastUpdated"),
        evidence=Evidence.STATED,
        intent=course.intent,
        stop_reason=course.stop_reason,
    )


_UNNAMED = ""


def _drug(raw: Raw, record: Record) -> Drug:
    """The drugs or the protocol a Procedure's words name; else a nameless agent of its kind."""
    said = [*words(raw.get("code")), *(text(note, "text") for note in items(raw, "note"))]
    said += [word for each in items(raw, "usedCode") for word in words(each)]
    agents = {agent.name: agent for phrase in said for agent in agents_in(phrase, record.vocabulary.agents)}
    if agents:
        return Drug(agents=tuple(agents[name] for name in sorted(agents)), label=", ".join(sorted(agents)))
    kind = _class(raw)
    return Drug(agents=(Agent(name=f"{kind}, agents not stated", drug_class=kind),), label=_UNNAMED)


def _class(raw: Raw) -> str:
    """The drug class of a systemic therapy as a whole; empty for watchful waiting and the like.

    MII maps the types IM and CI to one SNOMED code, so its own code is read first (fhir-contracts §A5-5).
    """
    found = sorted(codings(raw.get("code")), key=lambda coding: "therapie-typ" not in coding.system)
    row = row_of("systemic_type", found)
    return row["class"] if row else "chemotherapy"


def _overlap(course: Course, start: ClinicalDate, given: Given) -> bool:
    """Whether a named drug was given within a week of the nameless therapy's time."""
    week = 7
    end = course.end or start
    last = given.end or given.asserted_on or given.start
    return (
        given.start.earliest.toordinal() <= end.latest.toordinal() + week
        and max(last.latest, given.start.latest).toordinal() >= start.earliest.toordinal() - week
    )


def _start(raw: Raw, record: Record) -> ClinicalDate | None:
    return record.date(
        raw, "performedPeriod.start", "performedDateTime", "occurrencePeriod.start", "occurrenceDateTime"
    )


def _end(raw: Raw, record: Record) -> ClinicalDate | None:
    return record.date(
        raw, "performedPeriod.end", "performedDateTime", "occurrencePeriod.end", "occurrenceDateTime"
    )


def _note_unnamed(record: Record, raw: Raw, drug: Drug) -> None:
    record.note(
        "SYSTEMIC_THERAPY_WITHOUT_AGENTS",
        Severity.WARNING,
        f"the therapy names no drug; it counts as {drug.agents[0].drug_class}; the drugs as medication resources that"
        " are part of it, or the protocol's name in its note, would settle it",
        raw,
        "code",
    )
