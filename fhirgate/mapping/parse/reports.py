"""DiagnosticReports of imaging: which Observations they hold, and the study where no ImagingStudy is served."""

from collections.abc import Callable, Iterator
from typing import Any

from fhirgate.mapping.datatypes import Raw, codings, first, items, text, words
from fhirgate.mapping.parse.modality import modalities
from fhirgate.mapping.parse.record import Record
from fhirgate.oncology.clinical_date import ClinicalDate

IMAGING_SECTIONS = frozenset(
    {
        "RAD",
        "CT",
        "NMR",
        "NMS",
        "RUS",
        "RX",
        "OUS",
        "VUS",
        "CUS",
        "XRC",
        "imaging",
        "LP29684-5",
        "394914008",
        "363679005",
    }
)
"""Categories of imaging: v2-0074, observation category, LOINC part Radiology (US Core), SNOMED CT radiology and
imaging."""
OTHER_SECTIONS = frozenset(
    {"LAB", "PAT", "SP", "CP", "HM", "GE", "MB", "CH", "LP29684-4", "LP7839-6", "LP29708-2"}
)
"""Categories of laboratory, pathology, genetics and cardiology: no imaging whatever their name says."""


def is_imaging(report: Raw) -> bool:
    """Whether a report is about images, by category, else by its link to a study, else by its name."""
    sections = {each.code for each in codings(report.get("category"))}
    if sections & IMAGING_SECTIONS:
        return True
    if sections & OTHER_SECTIONS:
        return False
    return bool(linked_studies(report)) or bool(modality_of_report(report))


def linked_studies(report: Raw) -> tuple[Raw, ...]:
    """References to the studies it reports; a study for comparison is an extension and not among them."""
    return (*items(report, "imagingStudy"), *items(report, "study"))  # R5: study


def modality_of_report(report: Raw) -> frozenset[str]:
    """How its images were made, by its category or name."""
    return modality_of(report.get("category"), report.get("code"))


def modality_of(category: Any, code: Any) -> frozenset[str]:
    """How images of this category and name were made."""
    return modalities(category, code) or modalities(code)


def regions(report: Raw) -> tuple[str, ...]:
    """What its name says it covers, in the record's own words."""
    return words(report.get("code"))


def taken_on(record: Record, report: Raw) -> ClinicalDate | None:
    """The day of the images as far as the report knows it; a report is issued later than that."""
    return record.date(report, "effectiveDateTime", "effectivePeriod.end", "effectiveInstant", "issued")


def narrative(report: Raw) -> bool:
    """Whether it holds words or a document to read."""
    return any(report.get(each) for each in ("conclusion", "presentedForm", "conclusionCode", "text"))


def members(record: Record, report: Raw) -> Iterator[Raw]:
    """The Observations it lists as its results."""
    yield from record.resolved(report, "result", "Observation")


def is_accession(type_: Any) -> bool:
    """Whether a type of identifier is that of an accession number."""
    return any(each.code == "ACSN" for each in codings(first(type_)))


def accessions(raw: Raw, is_accession: Callable[[Any], bool] = is_accession) -> Iterator[str]:
    """Accession numbers among a resource's identifiers (and STU3's `accession`)."""
    listed = items(raw, "accession") if "accession" in raw else ()
    for each in (*items(raw, "identifier"), *listed):
        if ("type" in each and is_accession(each["type"])) or each in listed:
            value = text(each, "value")
            if value:
                yield f"{text(each, 'system')}|{value}" if text(each, "system") else value
