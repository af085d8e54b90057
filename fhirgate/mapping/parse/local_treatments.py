"""All local treatments of a record: radiotherapy, surgery, ablation, embolisation, from its Procedures."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from fhirgate.mapping.datatypes import Raw, items, text, words
from fhirgate.mapping.parse.cancer_context import is_systemic_therapy
from fhirgate.mapping.parse.groups import Groups
from fhirgate.mapping.parse.identity import Identities
from fhirgate.mapping.parse.procedure import (
    ended_on,
    is_biopsy,
    modality_of,
    reason_site,
    sites_of,
    started_on,
    targets_of,
    was_done,
)
from fhirgate.mapping.parse.radiotherapy import Field, fields_of, is_course, is_part_of_course
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.treatment_courses import merged
from fhirgate.mapping.therapy_codes import intent_of
from fhirgate.oncology.clinical_date import by_date
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.oncology.site import Site
from fhirgate.oncology.therapy import LocalTreatment, Modality

_MOST_NAMES = 10
_LONGEST_NAME = 60
_Kinds = Mapping[int, Modality | None]
"""Kind of local treatment by the identity of the Procedure."""
_RADIATION = (Modality.RADIOTHERAPY, Modality.SBRT, Modality.BRACHYTHERAPY)


def parse_local_treatments(record: Record) -> tuple[LocalTreatment, ...]:
    """Local treatments that took place, by start and id; each course of radiotherapy once.

    What names several places at once is one treatment for each place, unless it names the lesions.
    """
    identities = Identities(record, Groups(record))
    kinds = {id(raw): modality_of(raw, record) for raw in record.of_type("Procedure")}
    found = [
        each
        for raw in _courses(record, kinds)
        if (kind := kinds[id(raw)]) is not None
        for each in _treatments(raw, kind, record, identities)
    ]
    _note_others(record, kinds)
    return tuple(sorted(merged(found, record), key=lambda each: (by_date(each.started_on), each.id)))


def _treatments(
    raw: Raw, modality: Modality, record: Record, identities: Identities
) -> Iterator[LocalTreatment]:
    if not was_done(raw):
        _note(
            record,
            raw,
            "LOCAL_TREATMENT_NOT_DONE",
            Severity.INFORMATION,
            f"{modality}: it was not done",
            "status",
        )
        return
    irradiates = modality in _RADIATION
    fields = fields_of(raw, modality, record, identities) if irradiates else (Field(modality=modality),)
    if not fields:
        return
    start = started_on(raw, record)
    if start is None:
        words = f"{modality}: no usable date, so it treats no lesion; performed[x] would settle it"
        _note(record, raw, "LOCAL_TREATMENT_UNDATED", Severity.ERROR, words, "performed")
        return
    end = ended_on(raw, record)
    whole = LocalTreatment(
        id=record.id_of(raw),
        started_on=start,
        ended_on=None if end is not None and end.surely_before(start) else end,
        modality=modality,
        intent=intent_of(raw),
        sources=(record.source(raw),),
    )
    targets = targets_of(raw, record, identities)
    parts = list(_parts(raw, record, fields, targets))
    for number, (field, lesions, site) in enumerate(parts, start=1):
        yield replace(
            whole,
            id=whole.id if number == 1 else f"{whole.id}#{number}",
            modality=field.modality,
            lesions=lesions,
            site=site,
            inferred=field.inferred,
            text=_text(raw, field),
        )
    _note_inferred(record, raw, [field for field, _, _ in parts])


def _parts(
    raw: Raw, record: Record, fields: tuple[Field, ...], targets: tuple[LesionIdentity, ...]
) -> Iterator[tuple[Field, tuple[LesionIdentity, ...], Site]]:
    """The treatment cut by place: (how, lesions, site). Lesions that are named are kept together."""
    if targets:
        site = targets[0].site if len({each.site for each in targets}) == 1 else Site()
        yield _strongest(fields), targets, site if site.organ else _only(sites_of(raw))
        return
    placed: dict[tuple[LesionIdentity | None, Site], list[Field]] = {}
    for field in fields:
        if field.lesion is not None or field.site.organ:
            placed.setdefault((field.lesion, field.site), []).append(field)
    if placed:
        for (lesion, site), group in placed.items():
            yield _strongest(group), (lesion,) if lesion else (), site
        return
    for site in sites_of(raw) or (reason_site(raw, record),):
        yield _strongest(fields), (), site


def _strongest(fields: Iterable[Field]) -> Field:
    """Of volumes in one place (tumour within planning volume, boost) the one that says most."""
    rank = list(Modality)
    return min(fields, key=lambda each: (rank.index(each.modality), each.inferred, -(each.dose or 0)))


def _only(sites: tuple[Site, ...]) -> Site:
    return sites[0] if len(sites) == 1 else Site()


def _courses(record: Record, kinds: _Kinds) -> tuple[Raw, ...]:
    """Procedures with each course of radiotherapy once: phases, plans and fractions of what is here are part of
    it, and of several states of one course (the same UID) the last one counts."""
    every = record.of_type("Procedure")
    latest: dict[str, Raw] = {}
    for raw in filter(is_course, every):
        key = _course_uid(raw) or f"id:{record.id_of(raw)}"
        known = latest.get(key)
        if known is None or _progress(raw, record) > _progress(known, record):
            latest[key] = raw
    kept = {id(raw) for raw in latest.values()}
    return tuple(
        raw
        for raw in every
        if (id(raw) in kept if is_course(raw) else not _is_part(raw, record, kinds, course_here=bool(kept)))
    )


def _is_part(raw: Raw, record: Record, kinds: _Kinds, *, course_here: bool) -> bool:
    """Whether it is a part of a radiotherapy that is here; a phase or plan without link, of the course here."""
    if kinds[id(raw)] not in _RADIATION:
        return False
    if is_part_of_course(raw) and course_here:
        return True
    return any(kinds.get(id(each)) in _RADIATION for each in record.resolved(raw, "partOf", "Procedure"))


def _course_uid(raw: Raw) -> str:
    uids = (
        text(each, "value") for each in items(raw, "identifier") if text(each, "system") == "urn:dicom:uid"
    )
    return next(uids, "")


def _progress(raw: Raw, record: Record) -> tuple[bool, str, str]:
    end = ended_on(raw, record)
    return text(raw, "status") == "completed", str(end or ""), record.id_of(raw)


def _text(raw: Raw, field: Field) -> str:
    said = words(raw.get("code"))
    return ", ".join(each for each in (said[0] if said else "", field.text) if each)


def _note_others(record: Record, kinds: _Kinds) -> None:
    """Name the procedures that are no treatment, in one finding; biopsies are read elsewhere."""
    names = {
        next(iter(words(raw.get("code"))), "a procedure without name")[:_LONGEST_NAME]
        for raw in record.of_type("Procedure")
        if kinds[id(raw)] is None and not is_systemic_therapy(raw) and not is_biopsy(raw)
    }
    if names:
        listed = sorted(names, key=str.casefold)
        more = f" and {len(listed) - _MOST_NAMES} more" if len(listed) > _MOST_NAMES else ""
        record.note(
            "OTHER_PROCEDURE",
            Severity.INFORMATION,
            "procedures that are no treatment of a tumour as far as known, and are not used as one:"
            f" {', '.join(listed[:_MOST_NAMES])}{more}",
        )


def _note_inferred(record: Record, raw: Raw, fields: Iterable[Field]) -> None:
    inferred = [field for field in fields if field.inferred]
    if inferred:
        doses = ", ".join(f"{field.text} (BED {field.bed:.1f} Gy)" for field in inferred)
        words = (
            f"stereotactic radiotherapy was inferred from external beam and dose: {doses}; a technique or"
            " procedure code that says so would settle it"
        )
        _note(record, raw, "SBRT_INFERRED", Severity.WARNING, words, "extension")


def _note(record: Record, raw: Raw, code: str, severity: Severity, words: str, path: str) -> None:
    record.note(code, severity, words, raw, path)
