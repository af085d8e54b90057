"""Words for places: how free text on a body site is cut up, and the numbers that make a place exact."""

import re
from functools import lru_cache
from itertools import pairwise

from fhirgate.oncology.site import BONE, LUNG, LYMPH_NODE, Laterality

_SPLIT = re.compile(r"[^0-9a-zß-ÿ]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_GERMAN_TAILS = (
    "metastasierung", "metastasen", "metastase", "rundherde", "rundherd", "filiae", "herde", "herd", "karzinom",
    "carcinom", "krebs", "tumor",
)  # fmt: skip
_BEFORE_TAIL = {
    "hepat": "leber", "cerebral": "hirn", "ovarial": "ovar", "harnblasen": "harnblase", "nierenzell": "niere",
    "schilddruesen": "schilddruese", "endometrium": "endometrium", "rektum": "rektum",
}  # fmt: skip
"""What stands before the tail, where it is no word of the table."""
_SIDES = {
    **dict.fromkeys(
        ("left", "lt", "links", "linke", "linken", "linker", "linkes", "linksseitig", "li"), "left"
    ),
    **dict.fromkeys(("lul", "lll", "sinister", "sinistra"), "left"),
    **dict.fromkeys(("right", "rt", "rechts", "rechte", "rechten", "rechter", "rechtes", "re"), "right"),
    **dict.fromkeys(("rechtsseitig", "rul", "rml", "rll", "dexter", "dextra"), "right"),
    **dict.fromkeys(("bilateral", "both", "beidseits", "beidseitig", "beide", "beider", "bds"), "bilateral"),
}
_LEVELS = {"hwk": "C", "bwk": "T", "lwk": "L", "swk": "S"}
_LEVEL = re.compile(r"(c[1-7]|th?(?:1[0-2]|[1-9])|l[1-5]|s[1-5])")
_GERMAN_LEVEL = re.compile(r"(?<=[hbls]wk)(?=\d)")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8"}
_SEGMENT = re.compile(r"(viii|vii|vi|iv|v|iii|ii|i|10|[1-9])([ab]?)")
_STATION = re.compile(r"(1[0-4]|[1-9])([lr]?)|(i|ii|iii|iv|v|vi)([ab]?)")
_ORDINAL = re.compile(r"(1[0-2]|[1-9])(?:st|nd|rd|th)?")


@lru_cache(maxsize=8192)
def tokens_of(phrase: str, *, compounds: bool = True) -> tuple[str, ...]:
    """The words of a phrase, folded; a German compound with "Metastase" gives the organ before it, unless
    `compounds` are to stay whole."""
    spoken = _GERMAN_LEVEL.sub(" ", phrase.casefold().translate(_UMLAUTS))  # "BWK7"
    found = (each for each in _SPLIT.split(spoken) if each)
    return tuple(_without_tail(each) if compounds else each for each in found)


def _without_tail(word: str) -> str:
    for tail in _GERMAN_TAILS:
        if word.endswith(tail) and len(word) > len(tail) + 2:
            stem = word.removesuffix(tail)
            return _BEFORE_TAIL.get(stem, stem)
    return word


def laterality_of(word: str) -> Laterality | None:
    """The side a word names."""
    side = _SIDES.get(word)
    return Laterality(side) if side else None


def details_in(organ: str, spoken: tuple[str, ...]) -> str:
    """The numbered part of an organ: a vertebra, a rib, a liver or lung segment, a nodal station."""
    if organ == BONE:
        return _vertebra(spoken) or _numbered("rib", ("rib", "ribs", "rippe", "costa"), spoken)
    if organ == LUNG:
        return _segment(spoken) or _lobe(spoken)
    if organ == "liver":
        return _segment(spoken)
    if organ == LYMPH_NODE:
        return _station(spoken)
    return ""


def _vertebra(spoken: tuple[str, ...]) -> str:
    for word, after in pairwise((*spoken, "")):
        if word in _LEVELS and after.isdecimal():
            return _LEVELS[word] + after
        if _LEVEL.fullmatch(word):
            return word.upper().replace("TH", "T")
    return ""


def _numbered(name: str, nouns: tuple[str, ...], spoken: tuple[str, ...]) -> str:
    """ "5th rib", "rib 5", "5. Rippe"."""
    for position, word in enumerate(spoken):
        if word in nouns:
            around = spoken[max(position - 1, 0) : position] + spoken[position + 1 : position + 2]
            for each in around:
                if number := _ORDINAL.fullmatch(each):
                    return f"{name} {number[1]}"
    return ""


def _segment(spoken: tuple[str, ...]) -> str:
    for word, after in pairwise((*spoken, "")):
        number = after if word in ("segment", "seg", "segments") else word[1:] if word[:1] == "s" else ""
        if match := _SEGMENT.fullmatch(number):
            return f"segment {_ROMAN.get(match[1], match[1])}{match[2]}"
    return ""


def _lobe(spoken: tuple[str, ...]) -> str:
    """ "Lobe of lung" with a qualifier "lower" beside it."""
    if "lobe" not in spoken:
        return ""
    return next((f"{word} lobe" for word in ("upper", "middle", "lower") if word in spoken), "")


def _station(spoken: tuple[str, ...]) -> str:
    for word, after in pairwise((*spoken, "")):
        if word in ("station", "level") and (match := _STATION.fullmatch(after)):
            return f"{word} {match[0].upper()}"
        if re.fullmatch(r"(1[0-4]|[1-9])[lr]", word):
            return f"station {word.upper()}"
    return ""
