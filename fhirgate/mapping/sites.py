"""Where a lesion sits, from codes and words: SNOMED CT, ICD-O-3, ICD-10, TNM sites, English and German.

`codes/sites.toml` is the table. A code gives the place; words refine it (a lobe, a vertebra, a nodal station)
and stand in where no code is known. Places are named in English whatever language the record speaks, so that
the same site written in two ways is one site.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.datatypes import SNOMED, Coding, codings, concept, is_icd, items, objects
from fhirgate.mapping.site_words import details_in, laterality_of, tokens_of
from fhirgate.oncology.site import BONE, LYMPH_NODE, UNKNOWN_SITE, Diffuse, Laterality, Site


class Place(NamedTuple):
    """One row of the table. `station`: its name when lymph nodes are meant. `region`: any organ named beside it
    says more."""

    organ: str
    detail: str = ""
    station: str = ""
    diffuse: Diffuse | None = None
    region: bool = False


class Named(NamedTuple):
    """What a record says of a place, before it is looked up."""

    codings: tuple[Coding, ...]
    words: tuple[str, ...]
    sides: tuple[Coding, ...]

    def site(self, *phrases: str) -> Site:
        """The site that all of it names together; `phrases` are words from elsewhere."""
        return _site(self.codings, tuple(dict.fromkeys((*self.words, *phrases))), self.sides)


def site_of(*concepts: Any, laterality: Iterable[Any] = (), phrases: Iterable[str] = ()) -> Site:
    """The site that CodeableConcepts, Codings or References' displays name together.

    `laterality` are further concepts that qualify the site (side, mCODE location qualifiers); extensions of the
    concepts and of their codings are read as such by themselves. `phrases` are words from elsewhere.
    """
    return named_by(*concepts, laterality=laterality).site(*phrases)


def named_by(*places: Any, laterality: Iterable[Any] = ()) -> Named:
    """What concepts and their qualifiers say of a place, for who has words to add."""
    found: list[Coding] = []
    said: list[str] = []
    sides: list[Coding] = []
    for place in places:
        told = concept(place)
        found += told.codings
        said += told.words
        for each in objects(place):
            sides += _qualifiers(each)
    for qualifier in laterality:
        told = concept(qualifier)
        sides += told.codings
        said += told.words
    return Named(tuple(found), tuple(said), tuple(sides))


def site_in_code(code: Any) -> Site:
    """The site that a diagnosis code names: "secondary malignant neoplasm of bone", C78.7, C34.11."""
    return site_of(code)


def _qualifiers(place: Any) -> list[Coding]:
    if "extension" not in place and "coding" not in place:
        return []
    found: list[Coding] = []
    for holder in (place, *items(place, "coding")):
        for each in items(holder, "extension") if "extension" in holder else ():
            found += codings(each.get("valueCodeableConcept")) + codings(each.get("valueCoding"))
    return found


@lru_cache(maxsize=8192)
def _site(found: tuple[Coding, ...], said: tuple[str, ...], sides: tuple[Coding, ...]) -> Site:
    spoken = tuple(token for phrase in said for token in (*tokens_of(phrase), ""))
    hits = [place for coding in found for place in _places_of(coding)]
    free, places = _places_in(spoken)
    hits += places
    side = _one_side(
        [each for coding in (*found, *sides) if (each := _side_of(coding))]
        + [each for token in free if (each := laterality_of(token))]
    )
    if not hits:
        return _unknown(said, side)
    organ = _organ(hits)
    return Site(
        organ=organ or None,
        laterality=side,
        detail=_detail(organ, hits, spoken),
        diffuse=next((hit.diffuse for hit in hits if hit.diffuse), None),
    )


def _unknown(said: tuple[str, ...], side: Laterality | None) -> Site:
    """A place the table does not hold: kept in the record's own words, so that two of them stay two."""
    if not said and side is None:
        return UNKNOWN_SITE
    return Site(laterality=side, detail=" ".join(said[0].split()).casefold() if said else "")


def _organ(hits: list[Place]) -> str:
    if any(hit.organ == LYMPH_NODE for hit in hits):
        return LYMPH_NODE
    named = [hit for hit in hits if hit.organ]
    return next((hit.organ for hit in named if not hit.region), named[0].organ if named else "")


def _detail(organ: str, hits: list[Place], spoken: tuple[str, ...]) -> str:
    if organ == LYMPH_NODE:
        named = [hit.detail if hit.organ == LYMPH_NODE else hit.station or hit.organ for hit in hits]
    else:
        named = [hit.detail for hit in hits if hit.organ == organ]
    named = [*named, details_in(organ, spoken)]
    named = [each for each in dict.fromkeys(named) if each]
    if organ == BONE and any(each[1:].isdecimal() or each.startswith("rib ") for each in named):
        named = [each for each in named if "spine" not in each and each != "rib"]
    kept = [each for each in named if not any(each != other and each in other for other in named)]
    return ", ".join(sorted(kept, key=_numbered_last))


def _numbered_last(detail: str) -> tuple[bool, str]:
    return any(char.isdecimal() for char in detail), detail


def _places_in(spoken: tuple[str, ...]) -> tuple[tuple[str, ...], list[Place]]:
    """The words that may still name a side, and the places, longest phrase first."""
    known, longest = _by_words()
    free: list[str] = []
    places: list[Place] = []
    position = 0
    while position < len(spoken):
        for length in range(longest, 0, -1):
            place = known.get(" ".join(spoken[position : position + length]))
            if place is not None:
                places.append(place)
                free += spoken[position : position + length] if length == 1 else ()  # RUL is a side too
                position += length
                break
        else:
            free.append(spoken[position])
            position += 1
    return tuple(free), places


def _places_of(coding: Coding) -> Iterator[Place]:
    code = coding.code
    known = _by_code()
    if coding.system == SNOMED:
        code = code.partition(":")[0].partition("|")[0].strip()
        place = known.get(code)
    elif is_icd(coding.system):
        code = code.upper()
        place = next((known[code[:n]] for n in range(len(code), 2, -1) if code[:n] in known), None)
    else:
        place = known.get(code) if coding.system.endswith("fernmetastasen") else None
    if place is not None:
        yield place


def _side_of(coding: Coding) -> Laterality | None:
    rules = table("sites")["side"]
    if coding.system == SNOMED:
        base, _, rest = coding.code.partition(":")
        known = _sides()
        found = known.get(base) or next((known[each] for each in rest.split("=") if each in known), None)
        return found
    if coding.system.casefold().endswith("seitenlokalisation"):
        return _named(rules["letters"].get(coding.code))
    if coding.system.endswith(("icd-10-cm", "2.16.840.1.113883.6.90")):
        return _named(_icd_10_cm_side(coding.code))
    return None


def _icd_10_cm_side(code: str) -> str | None:
    """The side in the last character of an ICD-10-CM code that has one, such as C34.11 or C79.72."""
    bare = code.replace(".", "").upper()
    for prefix, length in table("sites")["side"]["icd_10_cm"].items():
        if bare.startswith(prefix):
            return (
                {"1": "right", "2": "left", "3": "bilateral"}.get(bare[-1]) if len(bare) == length else None
            )
    return None


def _named(side: str | None) -> Laterality | None:
    return Laterality(side) if side else None


def _one_side(found: list[Laterality]) -> Laterality | None:
    sides = set(found)
    if len(sides) > 1:
        return Laterality.BILATERAL
    return sides.pop() if sides else None


@lru_cache(maxsize=1)
def _sides() -> dict[str, Laterality]:
    rules = table("sites")["side"]["snomed"]
    return {code: Laterality(side) for side, listed in rules.items() for code in listed}


@lru_cache(maxsize=1)
def _by_code() -> dict[str, Place]:
    found = {}
    for row, place in _rows():
        for kind in ("icd", "tnm", "snomed"):
            for code in row.get(kind, ()):
                found[code] = place
    for row in table("sites")["station"]:
        for code in (*row.get("icd", ()), *row.get("snomed", ())):
            found[code] = Place(LYMPH_NODE, row["name"])
    return found


@lru_cache(maxsize=1)
def _by_words() -> tuple[dict[str, Place], int]:
    found = {phrase: place for row, place in _rows() for phrase in row.get("words", ())}
    for row in table("sites")["station"]:
        place = Place(row.get("alone", row["name"]), station=row["name"], region=True)
        for phrase in row.get("words", ()):
            found[phrase] = place
    return found, max(phrase.count(" ") + 1 for phrase in found)


def _rows() -> Iterator[tuple[dict[str, Any], Place]]:
    for row in table("sites")["place"]:
        diffuse = Diffuse[row["diffuse"]] if "diffuse" in row else None
        place = Place(
            row.get("organ", ""),
            row.get("detail", ""),
            row.get("station", ""),
            diffuse,
            row.get("region", False),
        )
        yield row, place
