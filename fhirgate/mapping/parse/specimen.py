"""Specimens: whether they are tissue, and which lesion they were taken from.

mCODE: the specimen of a tumour carries the identifier of its BodyStructure (fhir-contracts §A2).
"""

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.datatypes import Raw, codings, item, items, words
from fhirgate.mapping.parse.body_structure import identity_of_structure
from fhirgate.mapping.parse.lesion_identifier import TUMOUR_TYPES, lesion_identifier
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.sites import site_of
from fhirgate.oncology.lesion import LesionIdentity


def is_tissue(raw: Raw) -> bool:
    """Whether a specimen is tissue of a tumour or a biopsy; blood and other fluids are not."""
    rules = table("disease_status")["biopsy"]
    kind = raw.get("type")
    method = item(raw, "collection").get("method")
    if any(each.code in rules["specimen_types"] for each in codings(kind)):
        return True
    if any(each.code in rules["snomed"] for each in codings(method)) or _tumours(raw):
        return True
    said = [phrase.casefold() for phrase in (*words(kind), *words(method))]
    return any(
        part in f" {phrase}" for phrase in said for part in (*rules["words"], "tumor", "tissue", "gewebe")
    )


def lesions_of_specimen(raw: Raw, record: Record) -> tuple[LesionIdentity, ...]:
    """The lesion it was taken from: the BodyStructure of the same identifier, else the identifier alone."""
    found: dict[LesionIdentity, None] = {}
    own = _tumours(raw)
    every = {lesion_identifier(each).key for each in items(raw, "identifier")} - {""}
    for structure in record.of_type("BodyStructure", "BodySite"):
        keys = {lesion_identifier(each).key for each in items(structure, "identifier")} - {""}
        if keys & every:  # what has the same identifier in the same system is the same tumour, typed or not
            found[identity_of_structure(record, structure)] = None
    if own and not found:
        site = site_of(*items(item(raw, "collection"), "bodySite"))
        found[LesionIdentity(identifiers=frozenset(own), site=site, sources=(record.source(raw),))] = None
    return tuple(found)


def _tumours(raw: Raw) -> set[str]:
    """Keys of the identifiers that are a tumour's; an accession number is not."""
    return {
        key
        for each in items(raw, "identifier")
        if any(code.code in TUMOUR_TYPES for code in codings(each.get("type")))
        and (key := lesion_identifier(each).key)
    }
