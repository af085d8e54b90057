"""FHIR data types as they arrive: plain dicts and lists of unknown quality, read without trust.

Every function takes whatever stands in the record and gives a value of one type; what is not of the expected
shape is as good as not there. Callers that must say so compare with what they were given.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from fhirgate.oncology.clinical_date import ClinicalDate

Raw = Mapping[str, Any]
"""A JSON object as received."""

UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"


class Coding(NamedTuple):
    """One code with its system and display; empty strings where the record gives none."""

    system: str
    code: str
    display: str = ""


class Quantity(NamedTuple):
    """A number with its unit; `unit` is the UCUM code, else the unit as text. `comparator` as given."""

    value: Decimal
    unit: str
    ucum: bool
    comparator: str = ""


def objects(value: Any) -> Iterator[Raw]:
    """The JSON objects of a list, or the one object that stands where a list is expected."""
    return iter(_objects(value))


def _objects(value: Any) -> Sequence[Raw]:
    # The exact types of json and msgspec come first: a check against the abstract Mapping is ten times slower.
    if value is None:
        return ()
    kind = type(value)
    if kind is dict:
        return (value,)
    if kind is list or kind is tuple:
        return [each for each in value if type(each) is dict or isinstance(each, Mapping)]
    return (value,) if isinstance(value, Mapping) else ()


def items(raw: Raw, name: str) -> tuple[Raw, ...]:
    """The objects of an element, whether it is given as a list or as one object."""
    value = raw.get(name)
    return () if value is None else tuple(_objects(value))


def item(raw: Raw, name: str) -> Raw:
    """The object of an element, the first of a list, or an empty one."""
    value = raw.get(name)
    if type(value) is dict:
        return value
    return next(iter(_objects(value)), {})


def text(raw: Raw, name: str) -> str:
    """The string of an element, trimmed; empty when there is none."""
    value = raw.get(name)
    return value.strip() if isinstance(value, str) else ""


def texts(raw: Raw, name: str) -> tuple[str, ...]:
    """The strings of an element that is a list of strings."""
    value = raw.get(name)
    found = value if isinstance(value, list | tuple) else (value,)
    return tuple(each.strip() for each in found if isinstance(each, str) and each.strip())


def codings(concept: Any) -> tuple[Coding, ...]:
    """The codings of one or several CodeableConcepts, or of a bare Coding, in the order given."""
    found = []
    for each in objects(concept):
        if "coding" in each:
            found += [_coding(one) for one in _objects(each["coding"])]
        elif isinstance(each.get("code"), str):
            found.append(_coding(each))
        elif "concept" in each:  # R5 CodeableReference
            found += codings(each["concept"])
    return tuple(found)


def _coding(raw: Raw) -> Coding:
    system, code, display = raw.get("system"), raw.get("code"), raw.get("display")
    return Coding(
        system.strip() if isinstance(system, str) else "",
        code.strip() if isinstance(code, str) else "",
        display.strip() if isinstance(display, str) else "",
    )


def words(concept: Any) -> tuple[str, ...]:
    """Everything a CodeableConcept says in words: its text, then the displays of its codings."""
    found: list[str] = []
    for each in objects(concept):
        if "concept" in each:
            found += words(each["concept"])
        found += (text(each, "text"), text(each, "display"))
        found += [text(one, "display") for one in _objects(each.get("coding"))]
    return tuple(dict.fromkeys(word for word in found if word))


def has_code(concept: Any, system: str, *codes: str) -> bool:
    """Whether a CodeableConcept carries one of these codes of this system."""
    return any(each.system == system and each.code in codes for each in codings(concept))


def number(value: Any) -> Decimal | None:
    """An exact number; a float that slipped in is read as it is printed. Booleans and NaN are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def quantity(value: Any) -> Quantity | None:
    """A Quantity with a numeric value; None when there is no number."""
    raw = next(objects(value), None)
    if raw is None:
        return None
    amount = number(raw.get("value"))
    if amount is None:
        return None
    ucum = text(raw, "system") == UCUM and bool(text(raw, "code"))
    unit = text(raw, "code") or text(raw, "unit")
    return Quantity(amount, unit, ucum, text(raw, "comparator"))


def reference(value: Any) -> str:
    """The reference string of a Reference or CodeableReference; empty when it has none."""
    raw = next(objects(value), {})
    nested = raw.get("reference")
    if isinstance(nested, Mapping):  # R5 CodeableReference
        return reference(nested)
    return nested.strip() if isinstance(nested, str) else ""


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
    parts = url.split("/_history/", 1)[0].split("?", 1)[0].rstrip("/").split("/")
    if len(parts) >= 2 and parts[-2][:1].isupper() and parts[-2].isalpha():
        return parts[-2], parts[-1]
    return "", ""


def date(value: Any) -> ClinicalDate | None:
    """A date, partial date or date-time; None when it is missing or impossible."""
    if not isinstance(value, str):
        return None
    try:
        return ClinicalDate.parse(value.strip())
    except ValueError:
        return None


def is_icd(system: str) -> bool:
    """Whether a code system is ICD-10 in any national edition, or ICD-O; their sites share one numbering.

    OIDs: ICD-10 (.6.3), ICD-10-CM (.6.90), ICD-O-3 (.6.43.1).
    """
    return "icd-10" in system or "icd-o" in system or system in _ICD_OIDS


_ICD_OIDS = tuple(f"urn:oid:2.16.840.1.113883.6.{arc}" for arc in ("3", "90", "43.1"))
