"""A lesion's name and role in the words of a code or reference.

Flowsheets of EHRs have a row for each lesion, "Target lesion 1 longest diameter (mm)", and no other identity.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_NAME = re.compile(
    r"\b(?:(?P<role>(?:non[- ]?)?target|new)\s+)?(?:lesion|läsion|herd|nodule|metastasis|metastase)"
    r"\s*(?:no\.?|nr\.?|\#)?\s*\d{1,2}\b|\b(?P<short>N?TL)[ -]?\d{1,2}\b",
    re.IGNORECASE,
)
_ROLES = {"target": "role.target", "tl": "role.target", "new": "role.new"}
_UNIT = re.compile(r"\s*[(\[]?\b(?:mm|cm)\b[)\]]?\s*$", re.IGNORECASE)


class InWords(NamedTuple):
    """What a phrase says besides its lesion's name: `rest`; all empty when it names no lesion."""

    label: str = ""
    role: str = ""
    rest: str = ""


NOT_NAMED = InWords()


@lru_cache(maxsize=4096)
def lesion_in(phrase: str) -> InWords:
    """The numbered lesion a phrase names, its role as a meaning of the vocabulary, and the other words.

    >>> lesion_in("Target Lesion 1 - longest diameter (mm)")
    InWords(label='Target Lesion 1', role='role.target', rest='longest diameter')
    """
    match = _NAME.search(phrase)
    if match is None:
        return NOT_NAMED
    said = (match["role"] or match["short"] or "").casefold()
    role = _ROLES.get(said, "role.non_target" if said else "")
    rest = f"{phrase[: match.start()]} {phrase[match.end() :]}"
    return InWords(" ".join(match[0].split()), role, _UNIT.sub("", rest).strip(" -:,;.–"))


@lru_cache(maxsize=4096)
def lesion_in_code(said: tuple[str, ...]) -> InWords:
    """The lesion that the words of an Observation's code name."""
    for phrase in said:
        if (found := lesion_in(phrase)).label:
            return found
    return NOT_NAMED
