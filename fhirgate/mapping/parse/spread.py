"""What the record says of distant metastases as a whole: M category, stage, history, MII sites, effusions.

Findings: SPREAD_UNCERTAIN, STAGE_NOT_DECISIVE, STAGE_TAKEN_AS_METASTATIC.
"""

from collections.abc import Iterable, Iterator, Mapping
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
    local_name,
    references,
    words,
)
from fhirgate.mapping.parse.answers import DATE, answer, unanswered, uncertain
from fhirgate.mapping.parse.disease_status import compartments, is_status
from fhirgate.mapping.parse.record import Coded, Record
from fhirgate.mapping.parse.stage import is_stage_iv, m_category, means_metastatic
from fhirgate.mapping.sites import site_of
from fhirgate.mapping.tumours import Verdict, spreads, verdict_of
from fhirgate.oncology.chart import Spread, SpreadStatement
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.diagnosis import Diagnosis, DiagnosisKind
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.site import Site


def parse_spreads(record: Record, diagnoses: Iterable[Diagnosis]) -> tuple[SpreadStatement, ...]:
    """Every statement that distant metastases are there or not, by date and source."""
    known = {each.id: each for each in diagnoses}
    found: list[SpreadStatement] = []
    for said, alike in record.alike("Observation").items():
        topic = _topic(*said)
        for coded in alike:
            if topic or "valueCodeableConcept" in coded.raw:
                found += _of_observation(topic, coded, record, known)
    for raw in record.of_type("Condition"):
        diagnosis = known.get(record.id_of(raw))
        if diagnosis is not None and diagnosis.kind is DiagnosisKind.PRIMARY:
            found += _of_primary(raw, record, diagnosis)
    return tuple(sorted(set(found), key=_order))


def _order(each: SpreadStatement) -> tuple[str, str, str, str]:
    return (each.stated_on.text if each.stated_on else "", str(each.source), each.spread, str(each.site))


def _of_observation(
    topic: str, coded: Coded, record: Record, known: Mapping[str, Diagnosis]
) -> Iterator[SpreadStatement]:
    raw = coded.raw
    match topic:
        case "category":
            yield from _stated(raw, record, m_category(raw))
        case "stage":
            yield from _of_stage(raw, record, known)
        case "history":
            present = answer(raw) is not False and not unanswered(raw)
            where = site_of(phrases=coded.said.words)
            yield from _stated(raw, record, Spread.PRESENT if present else Spread.NONE, where)
        case "site":
            yield from _of_site(raw, record)
        case "status":
            yield from _of_status(raw, record)
        case "diffuse":
            if uncertain(raw):
                _note_uncertain(raw, record)
            elif answer(raw) is not False and not unanswered(raw) and not _of_lesion(raw):
                yield from _stated(raw, record, Spread.PRESENT, site_of(raw.get("code")))
        case _:
            yield from _of_value(raw, record)


@lru_cache(maxsize=4096)
def _topic(code: tuple[Coding, ...], said: tuple[str, ...]) -> str:
    """What an Observation of this code can say of spread; empty when only its value can."""
    rules = table("disease_status")["spread"]
    snomed = {each.code for each in code if each.system == SNOMED}
    loinc = {each.code for each in code if each.system == LOINC}
    for name in ("category", "stage", "history", "site"):
        if not snomed.isdisjoint(rules[name]):
            return name
    if not loinc.isdisjoint(rules["stage_loinc"]):
        return "stage"
    if is_status(code, said):
        return "status"
    return "diffuse" if _diffuse_metastases(code, said) else ""


def _note_uncertain(raw: Raw, record: Record) -> None:
    record.note(
        "SPREAD_UNCERTAIN",
        Severity.WARNING,
        f"{site_of(raw.get('code'))} is only suspected and does not count; a later statement that it is there or not"
        " would settle it",
        raw,
        "value",
    )


@lru_cache(maxsize=16)
def _codes(name: str) -> frozenset[str]:
    return frozenset(table("disease_status")["spread"][name])


def _stated(
    raw: Raw, record: Record, spread: Spread | None, site: Site | None = None
) -> Iterator[SpreadStatement]:
    if spread is not None:
        named = site if site is not None and (site.organ or site.diffuse) else None
        yield SpreadStatement(
            stated_on=record.date(raw, *DATE),
            spread=spread,
            site=named,
            diffuse=named.diffuse if named is not None and spread is Spread.PRESENT else None,
            source=record.source(raw),
        )


def _of_site(raw: Raw, record: Record) -> Iterator[SpreadStatement]:
    """MII: one Observation names one seat of metastases."""
    value = raw.get("valueCodeableConcept")
    if unanswered(raw) or not (codings(value) or words(value)):
        return
    spread = Spread.NONE if answer(raw) is False else Spread.PRESENT
    yield from _stated(raw, record, spread, site_of(value))


def _of_status(raw: Raw, record: Record) -> Iterator[SpreadStatement]:
    if has_code(raw.get("valueCodeableConcept"), SNOMED, *_codes("present")):
        yield from _stated(raw, record, Spread.PRESENT)
    distant = table("disease_status")["distant"]
    for compartment, code in compartments(raw):
        if compartment == "distant" and code in distant:
            yield from _stated(raw, record, Spread[distant[code]])


def _of_value(raw: Raw, record: Record) -> Iterator[SpreadStatement]:
    """A malignant effusion, a carcinomatosis, widespread disease as the value of any finding."""
    value = raw.get("valueCodeableConcept")
    if value is None or not _diffuse_metastases(codings(value), words(value)) or answer(raw) is False:
        return
    if not _of_lesion(raw):
        yield from _stated(raw, record, Spread.PRESENT, site_of(value))


def _diffuse_metastases(found: tuple[Coding, ...], said: tuple[str, ...]) -> bool:
    if verdict_of(found, said) is not Verdict.SECONDARY:
        return False
    return site_of({"coding": [each._asdict() for each in found]}, phrases=said).diffuse is not None


def _of_lesion(raw: Raw) -> bool:
    named = {local_name(each)[0] for each in references(raw, "focus")}
    return bool(named & {"BodyStructure", "BodySite"}) or "bodyStructure" in raw


def _of_stage(raw: Raw, record: Record, known: Mapping[str, Diagnosis]) -> Iterator[SpreadStatement]:
    if not is_stage_iv(raw.get("valueCodeableConcept")) or _has_m(raw, record):
        return
    focus = [known[id_] for _, id_ in map(local_name, references(raw, "focus")) if id_ in known]
    primaries = focus or [each for each in known.values() if each.kind is DiagnosisKind.PRIMARY]
    if means_metastatic(primaries):
        record.note(
            "STAGE_TAKEN_AS_METASTATIC",
            Severity.INFORMATION,
            "stage IV without an M category is taken as distant metastases, as it means in this tumour",
            raw,
            "value",
        )
        yield from _stated(raw, record, Spread.PRESENT)
    else:
        _note_indecisive(raw, record)


def _has_m(raw: Raw, record: Record) -> bool:
    """Whether the M category is among the stage's own parts; it says more than the group."""
    members = record.resolved(raw, "hasMember", "Observation")
    return any(
        has_code(each.get("code"), SNOMED, *_codes("category")) and m_category(each) for each in members
    )


def _of_primary(raw: Raw, record: Record, diagnosis: Diagnosis) -> Iterator[SpreadStatement]:
    """A primary tumour called metastatic in words, or with stage IV in its own `stage` and no assessment."""
    spread_to = spreads(words(raw.get("code")))
    if spread_to is not None:
        yield _at_diagnosis(record, raw, diagnosis.dated, site_of(phrases=(spread_to,)))
    for stage in items(raw, "stage"):
        if not is_stage_iv(stage.get("summary")) or record.resolved(stage, "assessment"):
            continue
        if means_metastatic([diagnosis]):
            yield _at_diagnosis(record, raw, diagnosis.dated, Site())
        else:
            _note_indecisive(raw, record)


def _at_diagnosis(record: Record, raw: Raw, dated: ClinicalDate | None, site: Site) -> SpreadStatement:
    return SpreadStatement(
        stated_on=dated,
        spread=Spread.PRESENT,
        site=site if site.organ else None,
        diffuse=site.diffuse,
        source=record.source(raw),
    )


def _note_indecisive(raw: Raw, record: Record) -> None:
    record.note(
        "STAGE_NOT_DECISIVE",
        Severity.INFORMATION,
        "stage IV alone does not say in this tumour whether there are distant metastases; the M category would",
        raw,
        "value",
    )
