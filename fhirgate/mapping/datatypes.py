"""FHIR data types as they arrive: plain dicts and lists of unknown quality, read without trust.

Every function takes whatever stands in the record and gives a value of one type; what is not of the expected
shape is as good as not there. Callers that must say so compare with what they were given.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple, TypeGuard

from fhirgate.oncology.clinical_date import ClinicalDate

Raw = Mapping[str, Any]
"""A JSON object as received."""

UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"

LONGEST = 1000
"""Characters of the longest name, code or address believed (our choice). A record of one word of a megabyte would
else show it in every sentence, and leave it in every cache."""

LONGEST_DATE = 100
"""Characters of a date or date-time; a longer one is none."""

_LINE_END = re.compile("[\t-\r\x85\u2028\u2029]+")
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_LISTS = (list, tuple)
_NUMBERS = (Decimal, int, float, str)
_MOST_DIGITS = 400


class Coding(NamedTuple):
    """One code with its system and display; empty strings where the record gives none."""

    system: str
    code: str
    display: str = ""


class Concept(NamedTuple):
    """What a CodeableConcept says: its codings, and its words without those that say the same twice."""

    codings: tuple[Coding, ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.codings or self.words)

    def __str__(self) -> str:
        return next(iter(self.words), "") or next((each.display or each.code for each in self.codings), "")


SILENCE = Concept()


class Quantity(NamedTuple):
    """A number with its unit; `unit` is the UCUM code, else the unit as text. `comparator` as given."""

    value: Decimal
    unit: str
    ucum: bool
    comparator: str = ""


def is_object(value: Any) -> TypeGuard[Raw]:
    """Whether a value is a JSON object."""
    # The exact type of json and msgspec comes first: a check against the abstract Mapping is ten times slower.
    return type(value) is dict or isinstance(value, Mapping)


def objects(value: Any) -> tuple[Raw, ...]:
    """The JSON objects of a list, or the one object that stands where a list is expected."""
    kind = type(value)
    if kind is dict:
        return (value,)
    if kind is list or kind is tuple:
        for each in value:
            if type(each) is not dict:
                return tuple(filter(is_object, value))
        return tuple(value)
    return (value,) if value is not None and is_object(value) else ()


def items(raw: Raw, name: str) -> tuple[Raw, ...]:
    """The objects of an element, whether it is given as a list or as one object."""
    value: Any = raw.get(name)
    kind = type(value)
    if kind is dict:
        return (value,)
    if kind is list and len(value) == 1 and type(value[0]) is dict:
        return (value[0],)
    return () if value is None else objects(value)


def first(value: Any) -> Raw:
    """The first of the objects, or an empty one."""
    if type(value) is dict:
        return value
    return next(iter(objects(value)), {})


def item(raw: Raw, name: str) -> Raw:
    """The object of an element, the first of a list, or an empty one."""
    value = raw.get(name)
    return value if type(value) is dict else first(value)


def text(raw: Raw, name: str) -> str:
    """The string of an element, trimmed; empty when there is none."""
    value = raw.get(name)
    if not isinstance(value, str):
        return ""
    value = value.strip()
    return value if value.isprintable() and len(value) <= LONGEST else written(value)


def texts(raw: Raw, name: str) -> tuple[str, ...]:
    """The strings of an element that is a list of strings."""
    value = raw.get(name)
    found = value if isinstance(value, _LISTS) else (value,)
    return tuple(written(each.strip()) for each in found if isinstance(each, str) and each.strip())


def written(value: str) -> str:
    """A string that can be kept, shown anywhere and written as UTF-8; what was different stays different.

    Line ends become spaces. What steers a terminal or the direction of other words is spelt out, and so is half a
    character, which Python's own json lets through. What is longer than `LONGEST` is cut and marked with a digest.
    """
    if value.isprintable() and len(value) <= LONGEST:
        return value
    shown = _STEERING.sub(lambda found: ascii(found[0])[1:-1], _LINE_END.sub(" ", value))
    if len(shown) <= LONGEST:
        return shown
    return f"{shown[:LONGEST]}… {sha256(shown.encode()).hexdigest()[:16]}"


def codings(value: Any) -> tuple[Coding, ...]:
    """The codings of one or several CodeableConcepts, or of a bare Coding, in the order given."""
    return concept(value).codings


def words(value: Any) -> tuple[str, ...]:
    """Everything a CodeableConcept says in words: its text, then the displays of its codings."""
    return concept(value).words


def concept(value: Any) -> Concept:
    """What one or several CodeableConcepts, a bare Coding or an R5 CodeableReference say together."""
    if value is None:
        return SILENCE
    if type(value) is list and len(value) == 1 and type(value[0]) is dict:
        value = value[0]
    if type(value) is dict and "concept" not in value:
        given = value.get("coding")
        try:
            if "coding" not in value:
                parts = (value.get("system"), value.get("code"), value.get("display"), value.get("text"))
                if sum(map(len, filter(None, parts))) <= _LONGEST_KEPT:
                    return _bare(*parts)
            elif (
                type(given) is list and len(given) == 1 and "display" not in value and type(given[0]) is dict
            ):
                one = given[0]
                parts = (one.get("system"), one.get("code"), one.get("display"), value.get("text"))
                if sum(map(len, filter(None, parts))) <= _LONGEST_KEPT:
                    return _usual(*parts)
        except TypeError:  # a number, a list or an object where a string belongs
            pass
    return Concept(_codings(value), _words(value))


_LONGEST_KEPT = 200
"""Longer ones are rare, and keeping them would let one record fill the memory for all that follow."""


@lru_cache(maxsize=16384)
def _usual(system: object, code: object, display: object, said: object) -> Concept:
    """A concept of one coding. Records say the same ones again and again, so each is read once and kept."""
    value = {"coding": [{"system": system, "code": code, "display": display}], "text": said}
    return Concept(_codings(value), _words(value))


@lru_cache(maxsize=4096)
def _bare(system: object, code: object, display: object, said: object) -> Concept:
    """A Coding that stands alone, or a concept of words only."""
    value = {"system": system, "code": code, "display": display, "text": said}
    return Concept(_codings(value), _words(value))


def _codings(value: Any) -> tuple[Coding, ...]:
    found: list[Coding] = []
    for each in objects(value):
        if "coding" in each:
            found += [_coding(one) for one in objects(each["coding"])]
        elif isinstance(each.get("code"), str):
            found.append(_coding(each))
        elif "concept" in each:  # R5 CodeableReference; what nests deeper is none
            found += [_coding(one) for inner in objects(each["concept"]) for one in items(inner, "coding")]
    return tuple(found)


def _coding(raw: Raw) -> Coding:
    return Coding(text(raw, "system"), text(raw, "code"), text(raw, "display"))


def _words(value: Any) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for each in objects(value):
        for named in (*items(each, "concept"), each):
            found[text(named, "text")] = found[text(named, "display")] = None
            for one in items(named, "coding"):
                found[text(one, "display")] = None
    found.pop("", None)
    return tuple(found)


def has_code(concept: Any, system: str, *codes: str) -> bool:
    """Whether a CodeableConcept carries one of these codes of this system."""
    return any(each.system == system and each.code in codes for each in codings(concept))


def number(value: Any) -> Decimal | None:
    """An exact number; a float that slipped in is read as it is printed. Booleans and NaN are no numbers.

    Nor is a number that would fill the memory when it is written out: of more than 400 digits, by length or power.
    """
    if not isinstance(value, _NUMBERS) or isinstance(value, bool):
        return None
    try:
        found = value if type(value) is Decimal else _exact(value)
    except (InvalidOperation, ValueError):  # ValueError: an int with more digits than Python prints
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= _MOST_DIGITS else None


def _exact(value: object) -> Decimal:
    said = str(value).strip()
    if len(said) > _MOST_DIGITS:
        raise InvalidOperation
    return Decimal(said)


def quantity(value: Any) -> Quantity | None:
    """A Quantity with a numeric value; None when there is no number."""
    raw = first(value)
    amount = number(raw.get("value"))
    if amount is None:
        return None
    code = text(raw, "code")
    ucum = bool(code) and text(raw, "system") == UCUM
    return Quantity(amount, code or text(raw, "unit"), ucum, text(raw, "comparator"))


def reference(value: Any) -> str:
    """The reference string of a Reference or CodeableReference; empty when it has none."""
    raw = value if type(value) is dict else first(value)
    found = raw.get("reference")
    if type(found) is not str and is_object(found):  # R5 CodeableReference; what nests deeper is none
        raw = found
    return text(raw, "reference")


def references(raw: Raw, name: str) -> tuple[str, ...]:
    """The reference strings of an element, one or many."""
    return tuple(found for found in (reference(each) for each in items(raw, name)) if found)


def extension(raw: Raw, url: str) -> Raw:
    """The first extension with this URL, or an empty object."""
    return next((each for each in items(raw, "extension") if each.get("url") == url), {})


def local_name(url: str) -> tuple[str, str]:
    """Type and id at the end of a reference, its version dropped; empty strings when it has no such end.

    >>> local_name("https://ehr.example/fhir/Patient/1/_history/3")
    ('Patient', '1')
    """
    if "?" in url or "/_history/" in url or url.endswith("/"):
        url = url.split("/_history/", 1)[0].split("?", 1)[0].rstrip("/")
    *before, id_ = url.rsplit("/", 2)
    kind = before[-1] if before else ""
    return (kind, id_) if kind.isalpha() and kind[0].isupper() else ("", "")


def date(value: Any) -> ClinicalDate | None:
    """A date, partial date or date-time; None when it is missing or impossible."""
    if not isinstance(value, str):
        return None
    value = value.strip()
    return _date(value) if len(value) <= LONGEST_DATE else None


@lru_cache(maxsize=4096)
def _date(value: str) -> ClinicalDate | None:
    try:
        return ClinicalDate.parse(value)
    except ValueError:
        return None


def is_icd(system: str) -> bool:
    """Whether a code system is ICD-10 in any national edition, or ICD-O; their sites share one numbering.

    OIDs: ICD-10 (.6.3), ICD-10-CM (.6.90), ICD-O-3 (.6.43.1).
    """
    return "icd-10" in system or "icd-o" in system or system in _ICD_OIDS


_ICD_OIDS = tuple(f"urn:oid:2.16.840.1.113883.6.{arc}" for arc in ("3", "90", "43.1"))
