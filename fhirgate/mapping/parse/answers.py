"""Whether an Observation says yes, no, or nothing: booleans, presence codes, words."""

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.datatypes import Raw, codings, text, words
from fhirgate.mapping.vocabulary import folded

DATE = ("effectiveDateTime", "effectivePeriod.end", "effectiveInstant", "effectivePeriod.start", "issued")
"""When an Observation holds, best first (fhir-contracts §A3)."""
_NO = frozenset(
    {
        "no",
        "nein",
        "absent",
        "negative",
        "negativ",
        "notdetected",
        "none",
        "false",
        "keine",
        "kein",
        "notseen",
        "notpresent",
        "notidentified",
        "nichtnachweisbar",
    }
)
_DENIALS = ("no ", "none ", "without ", "negative for ", "absence of ", "kein ", "keine ", "ohne ")
"""How a phrase begins that denies what it names: "No evidence of pleural effusion"."""
_SUSPICIONS = (
    "suspect",
    "suspicious",
    "possibl",
    "probabl",
    "equivocal",
    "questionable",
    "cannot be excluded",
    "verdacht",
    "v.a.",
    "fraglich",
    "möglich",
    "nicht auszuschließen",
)
_NO_ANSWERS = frozenset(
    {
        "unknown",
        "notevaluated",
        "notassessed",
        "notevaluable",
        "notassessable",
        "notdone",
        "indeterminate",
        "unbekannt",
        "nichtbeurteilbar",
    }
)
_YES = frozenset({"yes", "ja", "present", "positive", "positiv", "detected", "true", "vorhanden"})


def answer(raw: Raw) -> bool | None:
    """True for yes or present, False for no or absent, None when the value is neither or there is none.

    One "no evidence of" among several codings negates the whole value.
    """
    plain = raw.get("valueBoolean")
    if isinstance(plain, bool):
        return plain
    value = raw.get("valueCodeableConcept")
    codes = {each.code for each in codings(value)}
    spoken = [each.casefold() for each in (*words(value), text(raw, "valueString"))]
    said = {folded(each) for each in spoken}
    rules = table("disease_status")["answer"]
    if codes & set(rules["no"]) or said & _NO or any(each.startswith(_DENIALS) for each in spoken):
        return False
    if codes & set(rules["yes"]) or said & _YES:
        return True
    return None


def uncertain(raw: Raw) -> bool:
    """Whether the value only suspects what the Observation names."""
    spoken = (*words(raw.get("valueCodeableConcept")), text(raw, "valueString"))
    return any(each.casefold().startswith(_SUSPICIONS) for each in spoken)


def unanswered(raw: Raw) -> bool:
    """Whether the Observation says that it has no value, or that nobody knows."""
    value = raw.get("valueCodeableConcept")
    absent = any(each.system.endswith("data-absent-reason") for each in codings(value))
    said = {folded(each) for each in (*words(raw.get("valueCodeableConcept")), text(raw, "valueString"))}
    return absent or bool(raw.get("dataAbsentReason")) or not said.isdisjoint(_NO_ANSWERS)
