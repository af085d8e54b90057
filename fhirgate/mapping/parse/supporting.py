"""Biopsies, molecular findings, tumour markers and performance status: shown beside their lesion, never a lesion."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.datatypes import (
    LOINC,
    Coding,
    Raw,
    codings,
    item,
    items,
    number,
    quantity,
    text,
    texts,
    words,
)
from fhirgate.mapping.parse.answers import DATE
from fhirgate.mapping.parse.groups import Groups
from fhirgate.mapping.parse.identity import Identities
from fhirgate.mapping.parse.record import Coded, Record
from fhirgate.mapping.parse.remembered import remembered
from fhirgate.mapping.parse.specimen import is_tissue, lesions_of_specimen
from fhirgate.mapping.site_words import tokens_of
from fhirgate.mapping.sites import site_of
from fhirgate.oncology.chart import FactKind, SupportingFact
from fhirgate.oncology.lesion import LesionIdentity

Lesions = tuple[LesionIdentity, ...]


def parse_supporting(record: Record) -> tuple[SupportingFact, ...]:
    """Every supporting fact, by kind, date and source."""
    identities = Identities(record, Groups(record))
    found: list[SupportingFact] = []
    molecular = remembered(_is_molecular_profile)
    for said, alike in record.alike("Observation").items():
        topic = _topic(*said)
        for coded in alike:
            if topic is not NO_TOPIC or (
                "meta" in coded.raw and molecular(item(coded.raw, "meta").get("profile"))
            ):
                found += _of_observation(topic, coded, record, identities)
    for raw in record.of_type("Procedure"):
        if _is_biopsy(raw):
            found.append(_biopsy(raw, record, identities))
    for raw in record.of_type("Specimen"):
        if is_tissue(raw):
            found.append(_specimen(raw, record))
    return tuple(
        sorted(found, key=lambda each: (each.kind, each.on.text if each.on else "", each.source, each.text))
    )


class Topic(NamedTuple):
    """What an Observation of some code is about."""

    performance: bool = False
    marker: str = ""
    molecular: bool = False


def _of_observation(
    topic: Topic, coded: Coded, record: Record, identities: Identities
) -> Iterator[SupportingFact]:
    raw, (code, said) = coded
    if topic.performance:
        for name, value in _performances(raw, code):
            yield _fact(FactKind.PERFORMANCE, f"{name} {value}", raw, record, ())
    elif topic.marker:
        value = value_of(raw)
        if value:
            lesions = _lesions(raw, record, identities)
            yield _fact(FactKind.MARKER, f"{topic.marker} {value}", raw, record, lesions)
    else:
        lesions = _lesions(raw, record, identities)
        yield _fact(FactKind.MOLECULAR, _molecular_text(raw, said), raw, record, lesions)


NO_TOPIC = Topic()


@lru_cache(maxsize=4096)
def _topic(code: tuple[Coding, ...], said: tuple[str, ...]) -> Topic:
    rules = table("disease_status")
    if any(each.code in rules["performance"] or each.code in rules["performance_panel"] for each in code):
        return Topic(performance=True)
    found = Topic(marker=_marker(code, said), molecular=_is_molecular(code, said))
    return found if any(found) else NO_TOPIC


def _fact(kind: FactKind, said: str, raw: Raw, record: Record, lesions: Lesions) -> SupportingFact:
    return SupportingFact(
        kind=kind, on=record.date(raw, *DATE), text=said, lesions=lesions, source=record.source(raw)
    )


def _performances(raw: Raw, coded: tuple[Coding, ...]) -> Iterator[tuple[str, str]]:
    names = table("disease_status")["performance"]
    for holder, found in (
        (raw, coded),
        *((each, codings(each.get("code"))) for each in items(raw, "component")),
    ):
        name = next((names[each.code] for each in found if each.code in names), "")
        value = value_of(holder) if name else ""
        if value:
            code = next((each.code for each in codings(holder.get("valueCodeableConcept"))), "")
            yield name, code if number(code.rstrip("%")) is not None else value


def _marker(coded: tuple[Coding, ...], said: tuple[str, ...]) -> str:
    rules = table("disease_status")
    for coding in coded:
        if coding.system == LOINC and coding.code in rules["marker"]:
            return str(rules["marker"][coding.code])
    for phrase in said:
        spoken = f" {' '.join(tokens_of(phrase))} "
        for start, name in rules["marker_words"].items():
            if f" {start}" in spoken:
                return str(name)
    return ""


def _is_molecular(code: tuple[Coding, ...], said: tuple[str, ...]) -> bool:
    rules = table("disease_status")["molecular"]
    if any(each.system == LOINC and each.code in rules["loinc"] for each in code):
        return True
    spoken = " ".join(f" {' '.join(tokens_of(phrase))} " for phrase in said)
    return any(f" {start}" in spoken for start in rules["words"])


def _is_molecular_profile(profiles: Any) -> bool:
    urls = texts({"profile": profiles}, "profile")
    parts = table("disease_status")["molecular"]["profiles"] if urls else ()
    return any(part in url for url in urls for part in parts)


def _molecular_text(raw: Raw, said: tuple[str, ...]) -> str:
    """The test, the genes and variants it names, and the result, in the record's own words."""
    parts = [said[0] if said else "molecular finding"]
    parts += [value for each in items(raw, "component") if (value := value_of(each))]
    parts += [value_of(raw)] if value_of(raw) else [text(each, "text") for each in items(raw, "note")]
    return ", ".join(part for part in dict.fromkeys(parts) if part)


def value_of(raw: Raw) -> str:
    """A value as a person would write it: "12.4 ng/mL", "<0.1 ng/mL", "Positive", "2"; empty when there is none."""
    amount = quantity(raw.get("valueQuantity"))
    if amount is not None:
        unit = text(item(raw, "valueQuantity"), "unit") or amount.unit
        return f"{amount.comparator}{amount.value} {unit}".strip()
    said = words(raw.get("valueCodeableConcept"))
    if said:
        return said[0]
    for code in codings(raw.get("valueCodeableConcept")):
        return code.code
    for element in ("valueInteger", "valueDecimal"):
        found = number(raw.get(element))
        if found is not None:
            return str(found)
    return text(raw, "valueString")


def _lesions(raw: Raw, record: Record, identities: Identities) -> Lesions:
    """The lesion an Observation is tied to, directly or by the specimen it was made on."""
    tie = identities.of(raw)
    own = (tie.identity, *tie.others) if tie.known else ()
    specimens = record.resolved(raw, "specimen", "Specimen")
    return _each_once(
        [*own, *(each for specimen in specimens for each in lesions_of_specimen(specimen, record))]
    )


def _is_biopsy(raw: Raw) -> bool:
    rules = table("disease_status")["biopsy"]
    if text(raw, "status") in ("not-done", "preparation", "on-hold"):
        return False
    code = raw.get("code")
    if any(each.code in rules["snomed"] for each in codings(code)):
        return True
    return any(part in f" {phrase.casefold()}" for phrase in words(code) for part in rules["words"])


def _biopsy(raw: Raw, record: Record, identities: Identities) -> SupportingFact:
    said = words(raw.get("code"))
    site = site_of(*items(raw, "bodySite"))
    name = said[0] if said else "biopsy"
    tie = identities.of(raw)
    return SupportingFact(
        kind=FactKind.BIOPSY,
        on=record.date(
            raw, "performedDateTime", "performedPeriod.start", "occurrenceDateTime", "occurrencePeriod.start"
        ),
        text=f"{name} ({site})" if site.organ and str(site) not in name else name,
        lesions=(tie.identity, *tie.others) if tie.known else (),
        source=record.source(raw),
    )


def _specimen(raw: Raw, record: Record) -> SupportingFact:
    collection = item(raw, "collection")
    site = site_of(*items(collection, "bodySite"), *items(item(collection, "bodySite"), "concept"))
    said = words(raw.get("type"))
    name = said[0] if said else "specimen"
    return SupportingFact(
        kind=FactKind.BIOPSY,
        on=record.date(
            raw, "collection.collectedDateTime", "collection.collectedPeriod.start", "receivedTime"
        ),
        text=f"{name} ({site})" if site.organ else name,
        lesions=lesions_of_specimen(raw, record),
        source=record.source(raw),
    )


def _each_once(found: list[LesionIdentity]) -> Lesions:
    return tuple(dict.fromkeys(found))
