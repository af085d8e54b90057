"""Who a page is about and who looks at it: the facts of a banner, and a name as people read it.

https://hl7.org/fhir/R4/patient.html, https://hl7.org/fhir/R4/datatypes.html#HumanName. What has another shape than
FHIR's is as good as not there: whatever an EHR sends, nothing here raises.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fhirgate.mapping.datatypes import Raw, first, is_object, item, items, text, texts, words
from fhirgate.mapping.datatypes import date as clinical_date
from fhirgate.oncology.clinical_date import ClinicalDate

MOST_IDENTIFIERS = 6
"""Shown in a banner; the first ones in the order of their use."""
_NAME_USES = ("official", "usual", "", "temp", "nickname", "anonymous", "maiden")
_IDENTIFIER_USES = ("official", "usual", "", "temp", "secondary")
_OVER = "old"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """What identifies a patient to the people who treat them. Empty, or None, where the record does not say."""

    name: str = field(default="", repr=False)
    born_on: ClinicalDate | None = field(default=None, repr=False)
    sex: str = ""
    """Administrative gender, as recorded."""
    identifiers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """What each is called, and its value; the label is empty where neither type nor system names it."""
    deceased: bool = False
    died_on: ClinicalDate | None = field(default=None, repr=False)


NOBODY = PersonFacts()


def patient_facts(raw: Any, as_of: date) -> PersonFacts:
    """The facts of a Patient resource; `as_of` decides between names and identifiers that held at different times."""
    if not is_object(raw):
        return NOBODY
    died_on = clinical_date(raw.get("deceasedDateTime"))
    return PersonFacts(
        name=display_name(raw, as_of),
        born_on=clinical_date(raw.get("birthDate")),
        sex=text(raw, "gender"),
        identifiers=_identifiers(raw, as_of),
        # A date of death that cannot be read still says that the patient died.
        deceased=raw.get("deceasedBoolean") is True or bool(raw.get("deceasedDateTime")),
        died_on=died_on,
    )


def display_name(raw: Any, as_of: date) -> str:
    """The name of a Patient, Practitioner, PractitionerRole or RelatedPerson in one line; empty when there is none.

    The official name that holds on the day is taken before the usual one, and any that holds before one that is over.
    """
    if not is_object(raw):
        return ""
    named = [(each, found) for each in items(raw, "name") if (found := _in_words(each))]
    if not named:
        # A PractitionerRole has no name of its own.
        return text(item(raw, "practitioner"), "display")
    return min(named, key=lambda pair: _rank(pair[0], _NAME_USES, as_of))[1]


def _in_words(name: Raw) -> str:
    written = text(name, "text")
    if written:
        return written
    parts = (*texts(name, "prefix"), *texts(name, "given"), text(name, "family"), *texts(name, "suffix"))
    return " ".join(part for part in parts if part)


def _rank(raw: Raw, uses: tuple[str, ...], as_of: date) -> tuple[bool, int]:
    use = text(raw, "use")
    over = use == _OVER or not _holds(item(raw, "period"), as_of)
    return over, uses.index(use) if use in uses else len(uses)


def _holds(period: Raw, as_of: date) -> bool:
    """Whether a period can hold on a day; an end that is not told, or cannot be read, ends nothing."""
    start, end = clinical_date(period.get("start")), clinical_date(period.get("end"))
    return (start is None or start.earliest <= as_of) and (end is None or as_of <= end.latest)


def _identifiers(raw: Raw, as_of: date) -> tuple[tuple[str, str], ...]:
    given = [each for each in items(raw, "identifier") if text(each, "value")]
    valid = [each for each in given if text(each, "use") != _OVER and _holds(item(each, "period"), as_of)]
    ordered = sorted(valid, key=lambda each: _rank(each, _IDENTIFIER_USES, as_of))
    found = dict.fromkeys((_label(each), text(each, "value")) for each in ordered)
    return tuple(found)[:MOST_IDENTIFIERS]


def _label(identifier: Raw) -> str:
    """What an identifier is called: its type in words or code, else who assigned it, else its system."""
    kind = identifier.get("type")
    codes = (text(each, "code") for each in items(first(kind), "coding"))
    assigner = text(item(identifier, "assigner"), "display")
    return _first((*words(kind), *codes, assigner, text(identifier, "system")))


def _first(candidates: Iterable[str]) -> str:
    return next(filter(None, candidates), "")
