"""Whether a drug was given for cancer, as far as the record says.

Needed for drugs with another use (domain.md §10.3) and for drugs in no list of agents.
"""

from collections.abc import Iterable, Iterator, Mapping

from fhirgate.mapping.datatypes import Raw, codings, items, objects, text, texts, words
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.therapy_codes import intent_of, row_of
from fhirgate.mapping.tumours import Verdict, verdict_of
from fhirgate.oncology.therapy import Intent

_ONCOLOGY_WORDS = ("oncolog", "onkolog", "chemother", "antineoplas", "cancer")
"""What a category of medication is called in an oncology department."""
_OTHER_WORDS = (
    "pain", "schmerz", "nausea", "vomit", "emesis", "übelkeit", "erbrechen", "neutropen", "prophyla", "induced",
    "anemia", "anaemia", "anämie", "benign", "gutartig", "hypercalc", "thromb", "screening",
)  # fmt: skip
"""What accompanies cancer; a drug given for it does not treat the cancer."""

_PROFILES = ("mcode-cancer-related-medication", "systemische-therapie-medikation")


def given_for_cancer(raw: Raw, record: Record) -> bool | None:
    """True when the resource, its order or the therapy it is part of says so, False when it names another
    reason, None when nothing is said."""
    if _profiled(raw) or _intended(raw) or any(is_systemic_therapy(each) for each in _wholes(raw, record)):
        return True
    reasons = [is_cancer(each) for each in reasons_of(raw, record)]
    if any(reasons):
        return True
    if any(_says_oncology(words(each)) for each in items(raw, "category")):
        return True
    if text(raw, "resourceType") != "MedicationRequest":
        for element in ("request", "authorizingPrescription"):
            for order in record.resolved(raw, element, "MedicationRequest"):
                found = given_for_cancer(order, record)
                if found is not None:
                    return found
    return False if reasons else None


def is_systemic_therapy(procedure: Raw) -> bool:
    """Whether a Procedure is a systemic therapy of cancer: MII's profile and types, SNOMED, OPS 8-54."""
    if text(procedure, "resourceType") != "Procedure":
        return False
    if any("systemische-therapie" in each for each in _urls(procedure)):
        return True
    found = codings(procedure.get("code"))
    if row_of("systemic_type", found):
        return True
    return any(each.code.startswith("8-54") and each.system.endswith("ops") for each in found)


def is_cancer(reason: Raw) -> bool:
    """Whether a reason (a concept or a Condition) is a neoplasm or the past of one, not what accompanies it."""
    concept = reason["code"] if isinstance(reason.get("code"), Mapping) else reason
    said = words(concept)
    if any(part in phrase.casefold() for phrase in said for part in _OTHER_WORDS):
        return False
    if any("cancer-condition" in each or "primaertumor" in each for each in _urls(reason)):
        return True
    return verdict_of(codings(concept), said) is not Verdict.OTHER


def _says_oncology(said: Iterable[str]) -> bool:
    return any(part in phrase.casefold() for phrase in said for part in _ONCOLOGY_WORDS)


def _urls(raw: Raw) -> tuple[str, ...]:
    meta = raw.get("meta")
    return texts(meta, "profile") if isinstance(meta, Mapping) else ()


def _profiled(raw: Raw) -> bool:
    return any(part in url for url in _urls(raw) for part in _PROFILES)


def _intended(raw: Raw) -> bool:
    return intent_of(raw) not in (None, Intent.SUPPORTIVE)


def _wholes(raw: Raw, record: Record) -> tuple[Raw, ...]:
    """What the resource is part of."""
    return record.resolved(raw, "partOf", "Procedure")


def reasons_of(raw: Raw, record: Record) -> Iterator[Raw]:
    """Concepts and Conditions given as reason, in the shapes of STU3, R4 and R5."""
    for element in ("reasonCode", "reasonForUseCodeableConcept", "reason", "reasonReference"):
        for each in objects(raw.get(element)):
            if isinstance(each.get("concept"), Mapping):  # R5 CodeableReference
                yield each["concept"]
            nested = each.get("reference")
            target = nested if isinstance(nested, Mapping) else each
            if nested is None:
                if "concept" not in each:
                    yield each
                continue
            found = record.resolve(target, raw)
            if found is not None:
                yield found
            elif text(target, "display"):
                yield {"text": text(target, "display")}
