"""BodyStructure (BodySite in STU3): who a lesion is and where it sits.

R4 has `location`, R5 `includedStructure`; mCODE's Tumor and a DICOM finding site differ in their identifiers
only. A radiotherapy volume is no tumour: only its UID is a key, because its local names ("Prostate") recur.
"""

from fhirgate.mapping.datatypes import SNOMED, Raw, codings, item, items, local_name, reference, text
from fhirgate.mapping.parse.lesion_identifier import lesion_identifier
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.sites import named_by
from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.oncology.site import Site

LONGEST_LABEL = 60
"""A longer description is a sentence, not a name (our choice)."""
PRIMARY_MORPHOLOGY = "86049000"
"""SNOMED CT: malignant neoplasm, primary (morphologic abnormality)."""
PRIMARY_WORDS = ("primary tumor", "primary tumour", "primary lesion", "primärtumor")
VOLUME_MORPHOLOGY = "228793007"
"""Planning target volume (CodeX RT)."""


def identity_of_structure(record: Record, raw: Raw) -> LesionIdentity:
    """Everything a BodyStructure says to tell its lesion from others.

    A contained one has no id that recurs: without an identifier it is known by its site alone.
    """
    named = [lesion_identifier(each) for each in items(raw, "identifier")]
    morphology = _morphology(raw)
    if VOLUME_MORPHOLOGY in morphology or _has_volume_profile(raw):
        named = [each for each in named if each.key.startswith("uid:")]
    keys = {each.key for each in named if each.key}
    own = record.holds(raw)
    if own:
        keys.add(structure_key(record.id_of(raw)))
    return LesionIdentity(
        identifiers=frozenset(keys),
        label=_label([(each.label, each.chosen) for each in named], text(raw, "description") if keys else ""),
        site=site_of_structure(raw),
        primary=PRIMARY_MORPHOLOGY in morphology or _is_called_primary(raw),
        condition=related_condition(record, raw),
        sources=(record.source(raw),) if own else (),
    )


def structure_key(id_: str) -> str:
    """The key of a BodyStructure by its logical id, under whatever base URL it was referred to."""
    return f"BodyStructure/{id_}"


def site_of_structure(raw: Raw) -> Site:
    """Where it sits: `location` with its qualifiers (R4), `includedStructure` (R5), `code` (STU3)."""
    places = [*items(raw, "location"), *items(raw, "code")]
    sides = [*items(raw, "locationQualifier"), *items(raw, "qualifier")]
    for each in items(raw, "includedStructure") if "includedStructure" in raw else ():
        places += items(each, "structure")
        sides += [*items(each, "laterality"), *items(each, "qualifier")]
    named = named_by(*places, laterality=sides)
    site = named.site()
    said = text(raw, "description")
    if not said:
        return site
    refined = named.site(said)
    return refined if site.organ is None or _refines(refined, site) else site


def _refines(refined: Site, site: Site) -> bool:
    """Whether words add a detail and contradict nothing that is coded."""
    return refined.organ == site.organ and site.laterality in (None, refined.laterality)


def is_volume(raw: Raw) -> bool:
    """Whether it is a volume of radiotherapy."""
    return VOLUME_MORPHOLOGY in _morphology(raw) or _has_volume_profile(raw)


def _morphology(raw: Raw) -> list[str]:
    """Codes of SNOMED CT for what it is made of."""
    found = codings(raw["morphology"]) if "morphology" in raw else ()
    return [each.code for each in found if each.system == SNOMED]


def _has_volume_profile(raw: Raw) -> bool:
    profiles = item(raw, "meta").get("profile") if "meta" in raw else None
    return bool(profiles) and any(
        isinstance(each, str) and "radiotherapy-volume" in each for each in profiles or ()
    )


def related_condition(record: Record, raw: Raw) -> str:
    """Id of the diagnosis it belongs to (mCODE extension `condition-related`); empty when it names none."""
    for each in items(raw, "extension") if "extension" in raw else ():
        url = text(each, "url")
        if url.endswith(("related-condition", "condition-related")):
            target = record.resolve(each.get("valueReference"), raw)
            if target is not None:
                return record.id_of(target)
            return local_name(reference(each.get("valueReference")))[1]
    return ""


def _is_called_primary(raw: Raw) -> bool:
    said = text(raw, "description").casefold()
    return "prim" in said and any(phrase in said for phrase in PRIMARY_WORDS)


def _label(named: list[tuple[str, bool]], description: str) -> str:
    """A name given as one, else a short description, else the value of a key."""
    chosen = sorted(label for label, given in named if label and given)
    others = sorted(label for label, given in named if label and not given)
    short = description if len(description) <= LONGEST_LABEL else ""
    return next(iter(chosen), "") or short or next(iter(others), "")
