"""What an Identifier says of a lesion: a key that recurs over time, or only a label.

A tracking UID is stable over studies; a tracking *identifier* ("Nodule 1") is unique within one report only.
Source: fhir-contracts §A2.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from fhirgate.mapping.datatypes import Concept, Raw, codings, concept, first, item, text
from fhirgate.mapping.vocabulary import folded

UID_TYPES = frozenset({"112040", "tracking-uid"})
LABEL_TYPES = frozenset({"112039", "tracking-id", "121151"})
UID_WORDS = frozenset({"trackinguniqueidentifier", "trackinguid"})
LABEL_WORDS = frozenset(
    {"trackingidentifier", "trackingid", "lesionidentifier", "lesionid", "tulnkid", "trlnkid", "linkid"}
)
"""Types written as words; the last three are CDISC's."""
TUMOUR_TYPES = frozenset({"BodyStructure", "TUMOR"})
"""mCODE: the identifier a tumour and its specimen share."""


class Named(NamedTuple):
    """`key` means the same lesion wherever it recurs within a patient; `label` is for people.

    `chosen` is set when the label was given as one, not derived from a key.
    """

    key: str = ""
    label: str = ""
    chosen: bool = False


NOTHING = Named()


def tracking(identifier: Raw) -> Named:
    """What an identifier typed as tracking says; nothing for any other identifier."""
    value = text(identifier, "value")
    kind = _kind(concept(item(identifier, "type"))) if value and "type" in identifier else ""
    if kind == "uid":
        return Named(key=uid_key(value))
    return Named(label=value, chosen=True) if kind == "label" else NOTHING


def is_tracking(type_: Any) -> bool:
    """Whether a type of identifier is that of tracking."""
    return bool(_kind(concept(first(type_))))


@lru_cache(maxsize=1024)
def _kind(kind: Concept) -> str:
    """Whether a type of identifier is that of a tracking UID or of a label."""
    codes = {each.code for each in kind.codings}
    said = {folded(each) for each in kind.words}
    if codes & UID_TYPES or said & UID_WORDS:
        return "uid"
    return "label" if codes & LABEL_TYPES or said & LABEL_WORDS else ""


def lesion_identifier(identifier: Raw) -> Named:
    """What an identifier of a BodyStructure or tumour specimen says."""
    if (found := tracking(identifier)) is not NOTHING:
        return found
    value = text(identifier, "value")
    system = text(identifier, "system")
    if not value:
        return NOTHING
    if system == "urn:dicom:uid" or value.startswith(("urn:oid:", "urn:uuid:")):
        return Named(key=uid_key(value))
    of_tumour = "type" in identifier and any(
        each.code in TUMOUR_TYPES for each in codings(item(identifier, "type"))
    )
    if not system and not of_tumour:
        return Named(label=value, chosen=True)
    return Named(key=f"identifier:{system}|{value}", label=value, chosen=of_tumour)


def uid_key(value: str) -> str:
    """A UID as key: with or without urn:oid: it is the same."""
    return "uid:" + value.strip().removeprefix("urn:oid:").removeprefix("urn:uuid:").lower()
