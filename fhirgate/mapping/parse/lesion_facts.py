"""Which Observations are about a lesion's size or state on an image, and which only look like it."""

from enum import StrEnum

from fhirgate.mapping.datatypes import LOINC, SNOMED, Raw, codings, has_code, number, words
from fhirgate.mapping.parse.answers import answer, unanswered
from fhirgate.mapping.parse.identity import Tie
from fhirgate.mapping.parse.observation import AXES, MEASUREMENT_GROUP

PATHOLOGY_METHODS = ("787377000", "104157003")
"""SNOMED CT: gross examination and sampling of a specimen, light microscopy (mCODE TumorSize method)."""
NO_IMAGES = frozenset({"laboratory", "vital-signs"})
"""Categories of what is not seen on an image; a molecular finding of a lesion is supporting evidence."""
LENGTH = "410668003"
NOT_OF_LESIONS = frozenset({"heart"})
VESSELS = ("aort", "arter", "ventric", "atri", "vena ", "vein")
"""Organs and vessels measured for their own sake (our choice)."""


class About(StrEnum):
    """What an Observation is about, as far as lesions go."""

    LESION = "lesion"
    PATHOLOGY = "removed tumour"
    UNNAMED_SIZE = "size of something unnamed"
    UNNAMED_NEW = "new lesion without a place"
    UNNAMED_OTHER = "volume or uptake of something unnamed"
    NARRATIVE = "narrative"
    OTHER = "other"


def about(raw: Raw, meaning: str, tie: Tie, categories: frozenset[str]) -> About:
    """Whether an Observation is about a lesion; `meaning` is that of its code, `categories` are codes.

    Without a known lesion only a size or a tumour identification by its own code counts: "present" and "absent"
    are the words of every laboratory.
    """
    if meaning in ("ignore", "count.new_bone_lesions"):
        return About.OTHER
    if meaning == "narrative":
        return About.NARRATIVE
    if raw.get("specimen") or ("method" in raw and has_code(raw["method"], SNOMED, *PATHOLOGY_METHODS)):
        return About.PATHOLOGY if meaning in AXES else About.OTHER
    if tie.known and (meaning or NO_IMAGES.isdisjoint(categories)):
        return About.LESION
    return _unnamed(raw, meaning, tie, categories)


def _unnamed(raw: Raw, meaning: str, tie: Tie, categories: frozenset[str]) -> About:
    """Of what is not tied to a lesion: a size at a place, or a tumour identification by its own code."""
    if not NO_IMAGES.isdisjoint(categories):
        return About.OTHER
    if meaning in AXES:
        return About.LESION if _names_a_place(raw, meaning, tie) else About.UNNAMED_SIZE
    if meaning == "size.volume" or meaning.startswith("uptake."):
        return About.UNNAMED_OTHER
    if meaning == "role.new":
        return _new_lesion(raw, tie)
    found = meaning == "finding.lesion" or (not meaning and MEASUREMENT_GROUP in categories)
    return About.LESION if found else About.OTHER


def _new_lesion(raw: Raw, tie: Tie) -> About:
    """ "New lesion: yes" at a place is a lesion of its own; without one it can only be reported."""
    said = answer(raw)
    if said is False or unanswered(raw) or number(raw.get("valueInteger")) == 0:
        return About.OTHER
    return About.LESION if said and tie.identity.site.organ else About.UNNAMED_NEW


def _names_a_place(raw: Raw, meaning: str, tie: Tie) -> bool:
    """Whether a size without a lesion can be one: an axis, or a diameter in an organ; never an organ's length."""
    place = " ".join(words(raw.get("bodySite"))).casefold()
    if tie.identity.site.organ in NOT_OF_LESIONS or any(each in place for each in VESSELS):
        return False
    if meaning != "size.diameter" or any(each.system == LOINC for each in codings(raw.get("code"))):
        return True
    return bool(tie.identity.site.organ) and not has_code(raw.get("code"), SNOMED, LENGTH)
