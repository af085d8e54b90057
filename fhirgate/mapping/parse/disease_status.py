"""Disease status as a person states it: mCODE CancerDiseaseStatus, MII Verlauf, with their compartments.

Findings: STATUS_UNDATED, STATUS_UNKNOWN.
"""

from functools import lru_cache

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.datatypes import (
    LOINC,
    SNOMED,
    Coding,
    Raw,
    codings,
    has_code,
    items,
    objects,
    text,
    words,
)
from fhirgate.mapping.parse.answers import DATE, unanswered
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.vocabulary import folded
from fhirgate.oncology.chart import Course, CourseStatement
from fhirgate.oncology.finding import Severity

_LONGEST = 40


def parse_courses(record: Record) -> tuple[CourseStatement, ...]:
    """Every statement on the course of disease, by date and source."""
    found = [
        statement
        for each in record.coded_as("Observation", lambda said: is_status(*said))
        if (statement := _statement(each.raw, record)) is not None
    ]
    return tuple(sorted(found, key=lambda each: (each.stated_on.earliest, each.source, each.course)))


@lru_cache(maxsize=4096)
def is_status(code: tuple[Coding, ...], said: tuple[str, ...] = ()) -> bool:
    """Whether an Observation of this code, or of this name, is a disease status of the patient."""
    rules = table("disease_status")["status"]
    known = {LOINC: rules["loinc"], SNOMED: rules["snomed"]}
    if any(each.code in known.get(each.system, ()) for each in code):
        return True
    return any(folded(each) in rules["words"] for each in (*said, *(one.code for one in code)))


def _statement(raw: Raw, record: Record) -> CourseStatement | None:
    course = _course(raw)
    parts = compartments(raw)
    if course is None and not parts:
        if not _other_statement(raw):
            _note_unknown(raw, record)
        return None
    stated_on = record.date(raw, *DATE)
    if stated_on is None:
        record.note(
            "STATUS_UNDATED",
            Severity.WARNING,
            "the disease status has no usable date and is not used; its effective date is needed",
            raw,
            "effective",
        )
        return None
    said = words(raw.get("valueCodeableConcept"))
    return CourseStatement(
        stated_on=stated_on,
        course=course or Course.UNDETERMINED,
        compartments=parts,
        text=said[0] if said else text(raw, "valueString"),
        source=record.source(raw),
    )


def _course(raw: Raw) -> Course | None:
    value = raw.get("valueCodeableConcept")
    for coding in codings(value):
        name = _course_name(coding)
        if name:
            return Course[name]
    said = table("disease_status")["course_words"]
    for phrase in (*words(value), text(raw, "valueString")):
        if folded(phrase) in said:
            return Course[said[folded(phrase)]]
    return None


def _course_name(coding: Coding) -> str:
    rules = table("disease_status")
    if coding.system == SNOMED:
        return str(rules["course"].get(coding.code, ""))
    if coding.system.endswith("verlauf-gesamtbeurteilung"):
        return str(rules["course_mii"].get(coding.code, ""))
    return ""


def compartments(raw: Raw) -> tuple[tuple[str, str], ...]:
    """Where it happens: MII components as (compartment, code), CodeX qualifiers as (compartment, "P")."""
    rules = table("disease_status")
    found = set()
    for component in items(raw, "component"):
        for name in _named(codings(component.get("code")), rules["compartment"]):
            values = codings(component.get("valueCodeableConcept"))
            found |= {(name, each.code) for each in values if "verlauf" in each.system}
    for value in objects(raw.get("valueCodeableConcept")):
        for each in items(value, "extension"):
            if "progression-qualifier" in text(each, "url"):
                names = _named(codings(each.get("valueCodeableConcept")), rules["qualifier"])
                found |= {(name, "P") for name in names}
    return tuple(sorted(found))


def _named(found: tuple[Coding, ...], names: dict[str, str]) -> list[str]:
    return [names[each.code] for each in found if each.system == SNOMED and each.code in names]


def _other_statement(raw: Raw) -> bool:
    """A value that says something else that is read (distant metastasis present), or that there is none."""
    present = table("disease_status")["spread"]["present"]
    value = raw.get("valueCodeableConcept")
    not_given = any(each.system.endswith("gesamtbeurteilung") and each.code == "X" for each in codings(value))
    return unanswered(raw) or not_given or has_code(value, SNOMED, *present)


def _note_unknown(raw: Raw, record: Record) -> None:
    first = next(iter(codings(raw.get("valueCodeableConcept"))), None)
    spoken = next(iter(words(raw.get("valueCodeableConcept"))), "") or text(raw, "valueString")[:_LONGEST]
    given = (
        f"{first.system}|{first.code}"
        if first and first.code
        else f'"{spoken}"'
        if spoken
        else "without a value"
    )
    record.note(
        "STATUS_UNKNOWN",
        Severity.WARNING,
        f"the disease status {given} is not known and is not used",
        raw,
        "value",
    )
