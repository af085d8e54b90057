"""Conditions: cancer diagnoses, primary and secondary (fhir-contracts §A4).

Findings: CONDITIONS_NOT_CANCER, HISTOLOGY_MISSING, NEOPLASM_UNCERTAIN.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from fhirgate.mapping.datatypes import (
    SILENCE,
    Concept,
    Raw,
    codings,
    concept,
    extension,
    item,
    items,
    local_name,
    reference,
    text,
    words,
)
from fhirgate.mapping.parse.condition_state import dated_on, is_active, is_provisional, is_refuted
from fhirgate.mapping.parse.histology import Histology, histologies
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.sites import site_of
from fhirgate.mapping.tumours import Verdict, behaviour, home_organ, suspected, tumour_of, verdict_of
from fhirgate.oncology.diagnosis import Diagnosis, DiagnosisKind, Tumour
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.site import Diffuse, Site

RELATED = (
    "http://hl7.org/fhir/StructureDefinition/condition-related",
    "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-related-primary-cancer-condition",
    "http://hl7.org/fhir/us/mcode/StructureDefinition/onco-core-RelatedPrimaryCancerCondition-extension",
)
_MOST_NAMES = 5
_LONGEST_NAME = 60
_CATEGORIES = {"372087000": Verdict.PRIMARY, "128462008": Verdict.SECONDARY}
_SEAT = re.compile(
    r"(?:metasta\w*|spread|secondary \w+(?: \w+)?) .*?\b(?:to|in|into|of|der|des|im)\b (.+)", re.IGNORECASE
)
_ORIGIN = re.compile(r"\b(?:from|due to|secondary to|von|bei|ausgehend)\b", re.IGNORECASE)


def parse_diagnoses(record: Record) -> tuple[Diagnosis, ...]:
    """Every cancer diagnosis of the record, primary tumours with their type; what is no cancer is counted."""
    found: dict[str, Diagnosis] = {}
    verdicts = [(raw, verdict_on(raw)) for raw in record.of_type("Condition")]
    known = dict(histologies(record))
    if sum(verdict is Verdict.PRIMARY for _, verdict in verdicts) > 1:
        known.pop("", None)
    others: list[Raw] = []
    for raw, verdict in verdicts:
        if verdict in (Verdict.PRIMARY, Verdict.SECONDARY, Verdict.HISTORY):
            if not is_refuted(raw, record):
                diagnosis = _diagnosis(raw, verdict, record, known)
                found[diagnosis.id] = diagnosis
            continue
        others.append(raw)
        if verdict is Verdict.UNCERTAIN:
            _note_uncertain(raw, record)
    if others:
        _note_others(others, record, any_cancer=bool(found))
    return tuple(_with_type_of_primary(each, found) for _, each in sorted(found.items()))


def verdict_on(raw: Raw) -> Verdict:
    """What a Condition is: by its code and words, then profile, category and morphology where these say more."""
    verdict = verdict_of(*concept(raw.get("code")))
    if verdict in (Verdict.SECONDARY, Verdict.HISTORY):
        return verdict
    profiles = " ".join(each for each in _profiles(raw))
    if "secondary-cancer-condition" in profiles:
        return Verdict.SECONDARY
    stated = [_CATEGORIES[each.code] for each in codings(raw.get("category")) if each.code in _CATEGORIES]
    if stated:
        return stated[0]
    digit = behaviour(_morphology(raw).codings)
    if digit == "6":
        return Verdict.SECONDARY
    if verdict is Verdict.UNCERTAIN and (digit == "3" or "primary-cancer-condition" in profiles):
        return Verdict.PRIMARY
    return verdict


def _profiles(raw: Raw) -> Iterable[str]:
    found = item(raw, "meta").get("profile")
    return [each for each in found if isinstance(each, str)] if isinstance(found, list | tuple) else []


def _diagnosis(raw: Raw, verdict: Verdict, record: Record, known: Mapping[str, Histology]) -> Diagnosis:
    kind = DiagnosisKind.SECONDARY if verdict is Verdict.SECONDARY else DiagnosisKind.PRIMARY
    coded, said = concept(raw.get("code"))
    site = (
        _seat(raw, said)
        if kind is DiagnosisKind.SECONDARY
        else site_of(*items(raw, "bodySite"), raw.get("code"))
    )
    tumour = Tumour.SOLID_OTHER
    if kind is DiagnosisKind.PRIMARY:
        tumour, site = _typed(site, raw, record, known)
    return Diagnosis(
        id=record.id_of(raw),
        kind=kind,
        code=next((f"{each.system}|{each.code}" for each in coded if each.code), ""),
        text=said[0] if said else "",
        dated=dated_on(raw, record),
        site=site,
        tumour=tumour,
        active=verdict is not Verdict.HISTORY and is_active(raw),
        provisional=is_provisional(raw) or suspected(said),
        diffuse=_diffuse(site, kind),
        of_primary=_of_primary(raw, record) if kind is DiagnosisKind.SECONDARY else "",
        source=record.source(raw),
    )


def _typed(site: Site, raw: Raw, record: Record, known: Mapping[str, Histology]) -> tuple[Tumour, Site]:
    """The type of a primary tumour, and its site: that which this type has, where the record names none."""
    extra, told = _morphology(raw)
    reported = known.get(record.id_of(raw)) or known.get("") or Histology()
    code = concept(raw.get("code"))
    found = (*extra, *reported.codings, *code.codings, *codings(raw.get("bodySite")))
    said = (*told, *reported.words, *code.words)
    tumour, histology = tumour_of(found, said, site.organ)
    if tumour is Tumour.NSCLC and not histology:
        record.note(
            "HISTOLOGY_MISSING",
            Severity.INFORMATION,
            "a lung cancer without histology is taken as non-small-cell lung cancer; a morphology code would settle it",
            raw,
            "code",
        )
    if site.organ is None:
        site = replace(site, organ=home_organ(tumour, found, said), detail="")
    return tumour, site


def _seat(raw: Raw, said: tuple[str, ...]) -> Site:
    """Where a metastasis sits: named by code or words, else by bodySite. A diagnosis that names no place
    ("metastatic malignant neoplasm") is no name of a place."""
    code = {"coding": [{"system": each.system, "code": each.code} for each in codings(raw.get("code"))]}
    places = items(raw, "bodySite")
    site = site_of(code, *places, phrases=tuple(_seat_words(each) for each in said))
    return site if site.organ or site.diffuse else site_of(*places)


@lru_cache(maxsize=1024)
def _seat_words(phrase: str) -> str:
    """The part of a phrase that names the seat: "breast cancer metastatic to liver", "liver metastasis from..."."""
    phrase = _ORIGIN.split(phrase, maxsplit=1)[0] or phrase
    found = _SEAT.search(phrase)
    return found[1] if found else phrase


def _diffuse(site: Site, kind: DiagnosisKind) -> Diffuse | None:
    """A primary tumour says nothing of spread, unless it is called disseminated."""
    if kind is DiagnosisKind.SECONDARY or site.diffuse is Diffuse.WIDESPREAD:
        return site.diffuse
    return None


def _morphology(raw: Raw) -> Concept:
    for each in items(raw, "extension"):
        if "histology-morphology-behavior" in text(each, "url"):
            return concept(each.get("valueCodeableConcept"))
    return SILENCE


def _of_primary(raw: Raw, record: Record) -> str:
    for url in RELATED:
        target = extension(raw, url).get("valueReference")
        if target:
            found = record.resolve(target, raw)
            return record.id_of(found) if found is not None else local_name(reference(target))[1]
    return ""


def _with_type_of_primary(diagnosis: Diagnosis, known: Mapping[str, Diagnosis]) -> Diagnosis:
    primary = known.get(diagnosis.of_primary)
    return replace(diagnosis, tumour=primary.tumour) if primary is not None else diagnosis


def _note_others(others: Sequence[Raw], record: Record, *, any_cancer: bool) -> None:
    """Count what is no cancer; where nothing is one, name it, so that a diagnosis that was missed is seen."""
    words_ = f"{len(others)} Condition resource(s) are no cancer diagnosis and are not used"
    if not any_cancer:
        names = sorted({_name(raw)[:_LONGEST_NAME] for raw in others}, key=str.casefold)
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        words_ += f": {', '.join(names[:_MOST_NAMES])}{more}"
    record.note("CONDITIONS_NOT_CANCER", Severity.INFORMATION, words_)


def _name(raw: Raw) -> str:
    coded = next((f"{each.system}|{each.code}" for each in codings(raw.get("code")) if each.code), "no code")
    return next(iter(words(raw.get("code"))), "") or coded


def _note_uncertain(raw: Raw, record: Record) -> None:
    record.note(
        "NEOPLASM_UNCERTAIN",
        Severity.WARNING,
        "a neoplasm whose behaviour is not stated is not taken as cancer; a malignant diagnosis code or an ICD-O-3"
        " behaviour would settle it",
        raw,
        "code",
    )
