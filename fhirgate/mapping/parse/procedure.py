"""What a Procedure says of itself: whether it was done, when, what kind of local treatment, where.

R4 has performed[x], R5 occurrence[x], STU3 `notDone`. Biopsies, staging and other diagnostic surgery are no local
treatments; systemic therapies are read by `systemic_therapy`.
"""

from collections.abc import Iterator
from functools import lru_cache

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.datatypes import Raw, codings, item, items, text, texts, words
from fhirgate.mapping.parse.cancer_context import is_cancer, is_systemic_therapy, reasons_of
from fhirgate.mapping.parse.identity import STRUCTURE_EXTENSIONS, Identities
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.sites import site_of
from fhirgate.mapping.therapy_codes import is_diagnostic, meaning, means_in_words, row_of
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.oncology.site import Site
from fhirgate.oncology.therapy import Modality

_NOT_DONE = frozenset({"not-done", "preparation", "draft", "cancelled", "aborted"})
_TARGET = "/procedure-targetBodyStructure"
_PROFILES = {
    Modality.SURGERY: ("cancer-related-surgical-procedure", "mii-pr-onko-operation"),
    Modality.RADIOTHERAPY: (
        "radiotherapy-course",
        "cancer-related-radiation-procedure",
        "onko-strahlentherapie",
    ),
}
_PCS_ROOTS = {"5": Modality.ABLATION, "B": Modality.SURGERY, "T": Modality.SURGERY}
"""ICD-10-PCS, medical and surgical: root operations destruction, excision, resection (third character)."""
_PCS_RADIATION = {"0": Modality.RADIOTHERAPY, "1": Modality.BRACHYTHERAPY, "2": Modality.SBRT}
"""ICD-10-PCS, radiation therapy: beam, brachytherapy, stereotactic radiosurgery (third character)."""


def was_done(raw: Raw) -> bool:
    """Whether the procedure took place, as a whole or in part."""
    return text(raw, "status") not in _NOT_DONE and raw.get("notDone") is not True


def started_on(raw: Raw, record: Record) -> ClinicalDate | None:
    """The first day; None when no date is given or none can be read."""
    return record.date(
        raw,
        "performedPeriod.start",
        "performedDateTime",
        "occurrencePeriod.start",
        "occurrenceDateTime",
        "performedPeriod.end",
        "occurrencePeriod.end",
        "performedString",
        "occurrenceString",
    )


def ended_on(raw: Raw, record: Record) -> ClinicalDate | None:
    """The last day, when the procedure took a period."""
    return record.date(raw, "performedPeriod.end", "occurrencePeriod.end")


def modality_of(raw: Raw, record: Record) -> Modality | None:
    """The kind of local treatment: by code, words, the structure of the code, then profile or category.

    None when it is none. Radiotherapy is refined by what `radiotherapy` reads of its course.
    """
    said = _treating_words(raw)
    if said is None or is_systemic_therapy(raw) or is_diagnostic(raw):
        return None
    means = {name for coding in codings(raw.get("code")) if (name := meaning("modality", (coding,)))}
    for modality in Modality:  # several codes may stand for one procedure; plain radiotherapy says least
        if modality.name in means and modality is not Modality.RADIOTHERAPY:
            return modality
    by_words = means_in_words("modality_words", said)
    if by_words:
        return Modality[by_words]
    if means:
        return Modality.RADIOTHERAPY
    return _structured(raw) or _profiled(raw, record)


def is_biopsy(raw: Raw) -> bool:
    """Whether its words call it a biopsy."""
    return any("biops" in phrase.casefold() for phrase in words(raw.get("code")))


def sites_of(raw: Raw) -> tuple[Site, ...]:
    """The body sites of a procedure; those its names tell when it gives none.

    One Procedure may hold several operations, each with a code of its own.
    """
    given = [site for each in items(raw, "bodySite") if (site := site_of(each)).organ]
    if given:
        return tuple(dict.fromkeys(given))
    found = [site for phrase in words(raw.get("code")) if (site := _named_site(phrase)).organ]
    coded = row_of("modality", codings(raw.get("code"))).get("site", "")
    if not found and coded:
        found = [site_of(phrases=(coded,))]
    organs = {site.organ for site in found}
    if len(organs) == 1:  # text and display of one operation: the words together say most
        return (site_of(phrases=words(raw.get("code"))) if len(found) > 1 else found[0],)
    return tuple(dict.fromkeys(found))


def _named_site(phrase: str) -> Site:
    """Where an operation of this name takes place."""
    site = site_of(phrases=(phrase,))
    if site.organ:
        return site
    place = means_in_words("operation_site", (phrase,))
    return site_of(phrases=(place,)) if place else site


def targets_of(raw: Raw, record: Record, identities: Identities) -> tuple[LesionIdentity, ...]:
    """The lesions a procedure names as its target: extension, R5 focus, body site, order or reason."""
    found = []
    for target in _references(raw, record):
        identity = identities.structure(target, raw)
        if identity is not None:
            found.append(identity)
    for each in record.resolved(raw, "reasonReference", "Observation"):
        tie = identities.of(each)
        if tie.known:
            found.append(tie.identity)
    return tuple(dict.fromkeys(found))


def reason_site(raw: Raw, record: Record) -> Site:
    """The site of the diagnosis that is the reason, for a procedure that names no site itself."""
    for each in record.resolved(raw, "reasonReference", "Condition"):
        site = site_of(*items(each, "bodySite"), item(each, "code"))
        if site.organ:
            return site
    return Site()


def _references(raw: Raw, record: Record) -> Iterator[Raw]:
    yield from _targeted(raw)
    for element in ("focus", "bodyStructure"):
        yield from items(raw, element)
    for place in items(raw, "bodySite"):
        for each in items(place, "extension"):
            if each.get("url") in STRUCTURE_EXTENSIONS:
                yield from items(each, "valueReference")
    for order in record.resolved(raw, "basedOn", "ServiceRequest"):
        yield from _targeted(order)


def _targeted(raw: Raw) -> Iterator[Raw]:
    for each in items(raw, "extension"):
        if str(each.get("url", "")).endswith(_TARGET):
            yield from items(each, "valueReference")


def _treating_words(raw: Raw) -> tuple[str, ...] | None:
    """What the names of a procedure say of treatment; None when its text, or every name, is of something else.

    Several codings may be several operations, so a biopsy among them takes nothing from the others.
    """
    named = words(raw.get("code"))
    said = tuple(
        part for phrase in named for part in _parts(phrase) if not means_in_words("not_local", (part,))
    )
    own = text(item(raw, "code"), "text")
    whole = own and all(means_in_words("not_local", (part,)) for part in _parts(own))
    return None if whole or (named and not said) else said


@lru_cache(maxsize=2048)
def _parts(phrase: str) -> tuple[str, ...]:
    """The operations that one name joins: "lumpectomy with sentinel node biopsy" is two."""
    joiners = table("therapy")["joiner"]["words"]
    parts: list[list[str]] = [[]]
    for word in phrase.replace(",", " and ").replace(";", " and ").replace("+", " and ").split():
        if word.casefold() in joiners:
            parts.append([])
        else:
            parts[-1].append(word)
    return tuple(" ".join(part) for part in parts if part)


def _profiled(raw: Raw, record: Record) -> Modality | None:
    """The kind by profile; by category only when the reason is cancer, because other surgery has it too."""
    profiles = " ".join(texts(item(raw, "meta"), "profile"))
    for modality, parts in _PROFILES.items():
        if any(part in profiles for part in parts):
            return modality
    means = meaning("modality", codings(items(raw, "category")))
    if means and any(is_cancer(each) for each in reasons_of(raw, record)):
        return Modality[means]
    return None


def _structured(raw: Raw) -> Modality | None:
    """The kind that the structure of an ICD-10-PCS or OPS code tells."""
    for coding in codings(raw.get("code")):
        code, system = coding.code.upper(), coding.system.casefold()
        if "icd-10-pcs" in system or system.endswith(("coding/icd10", "2.16.840.1.113883.6.4")):
            found = _pcs(code)
        elif system.endswith("ops"):
            found = _ops(code)
        else:
            found = None
        if found is not None:
            return found
    return None


def _pcs(code: str) -> Modality | None:
    if len(code) != 7:
        return None
    if code[0] == "D":
        return _PCS_RADIATION.get(code[2])
    diagnostic = code[6] == "X"
    return _PCS_ROOTS.get(code[2]) if code[0] == "0" and not diagnostic else None


def _ops(code: str) -> Modality | None:
    """OPS: 8-523.0 stereotactic, 8-524 and 8-525 brachytherapy, 8-52 other radiotherapy, chapter 5 surgery."""
    if code.startswith("8-523.0"):
        return Modality.SBRT
    if code.startswith(("8-524", "8-525")):
        return Modality.BRACHYTHERAPY
    if code.startswith("8-52"):
        return Modality.RADIOTHERAPY
    return Modality.SURGERY if code.startswith("5-") else None
