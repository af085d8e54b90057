"""What an Identifier says of a lesion: a key that recurs over time, or only a label.

A tracking UID is stable over studies; a tracking *identifier* ("Nodule 1") is unique within one report only.
Source: fhir-contracts §A2.
"""

from typing import NamedTuple

from fhirgate.mapping.datatypes import Raw, codings, item, text, words
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


def tracking(identifier: Raw) -> Named:
    """What an identifier typed as tracking says; nothing for any other identifier."""
    value = text(identifier, "value")
    kind = item(identifier, "type")
    if not value or not kind:
        return Named()
    codes = {each.code for each in codings(kind)}
    said = {folded(each) for each in words(kind)}
    if codes & UID_TYPES or said & UID_WORDS:
        return Named(key=uid_key(value))
    if codes & LABEL_TYPES or said & LABEL_WORDS:
        return Named(label=value, chosen=True)
    return Named()


def lesion_identifier(identifier: Raw) -> Named:
    """What an identifier of a BodyStructure or tumour specimen says."""
    if (found := tracking(identifier)) != Named():
        return found
    value = text(identifier, "value")
    system = text(identifier, "system")
    if not value:
        return Named()
    if system == "urn:dicom:uid" or value.startswith(("urn:oid:", "urn:uuid:")):
        return Named(key=uid_key(value))
    of_tumour = any(each.code in TUMOUR_TYPES for each in codings(item(identifier, "type")))
    if not system and not of_tumour:
        return Named(label=value, chosen=True)
    return Named(key=f"identifier:{system}|{value}", label=value, chosen=of_tumour)


def uid_key(value: str) -> str:
    """A UID as key: with or without urn:oid: it is the same."""
    return "uid:" + value.strip().removeprefix("urn:oid:").removeprefix("urn:uuid:").lower()
