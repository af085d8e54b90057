"""Histology reported apart from the diagnosis: pathology Observations with an ICD-O-3 or SNOMED morphology."""

from collections.abc import Mapping
from typing import NamedTuple

from fhirgate.mapping.datatypes import (
    LOINC,
    Coding,
    Concept,
    Raw,
    codings,
    items,
    local_name,
    reference,
    words,
)
from fhirgate.mapping.parse.record import Record

CODES = ("59847-4", "31206-6", "77753-2")
"""LOINC: histology and behaviour ICD-O-3 (MII), histology and behaviour in cancer specimen (mCODE)."""


class Histology(NamedTuple):
    """What pathology calls a tumour."""

    codings: tuple[Coding, ...] = ()
    words: tuple[str, ...] = ()


def histologies(record: Record) -> Mapping[str, Histology]:
    """By id of the diagnosis they belong to; the key is empty for what reports say that name no diagnosis, when
    they agree: it can be believed where the record has one primary tumour."""
    found: dict[str, Histology] = {}
    loose: set[Histology] = set()
    for coded in record.coded_as("Observation", _is_histology):
        raw = coded.raw
        value = raw.get("valueCodeableConcept")
        histology = Histology(codings(value), words(value))
        names = _named(raw)
        for name in names:
            found[name] = histology
        if not names and any(histology):
            loose.add(histology)
    if len(loose) == 1:
        found[""] = loose.pop()
    return found


def _is_histology(said: Concept) -> bool:
    return any(each.system == LOINC and each.code in CODES for each in said.codings)


def _named(raw: Raw) -> list[str]:
    names = [local_name(reference(each)) for each in items(raw, "focus")]
    return [id_ for kind, id_ in names if kind == "Condition"]
