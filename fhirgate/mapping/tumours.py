"""Which diagnosis codes and words are cancer: a primary tumour of some type, a metastasis, or neither.

`codes/diagnoses.toml` is the table. Codes decide; words decide where no code is known.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.datatypes import SNOMED, Coding, is_icd
from fhirgate.mapping.site_words import tokens_of
from fhirgate.oncology.diagnosis import Tumour


class Verdict(StrEnum):
    """What a diagnosis is, by its code and words."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    HISTORY = "history"
    """A cancer the patient had."""
    UNCERTAIN = "uncertain"
    """A neoplasm whose behaviour is not stated."""
    OTHER = "other"


def verdict_of(found: Iterable[Coding], said: Iterable[str]) -> Verdict:
    """Primary, secondary, past cancer, neoplasm of unknown behaviour, or no cancer."""
    return _verdict(tuple(found), tuple(said))


def tumour_of(found: Iterable[Coding], said: Iterable[str], organ: str | None) -> tuple[Tumour, bool]:
    """The type of a primary tumour, and whether its histology (not only its organ) is known."""
    return _tumour(tuple(found), tuple(said), organ)


def suspected(said: Iterable[str]) -> bool:
    """Whether words call the diagnosis a suspicion."""
    return _suspected(tuple(said))


def behaviour(found: Iterable[Coding]) -> str:
    """The behaviour digit of an ICD-O-3 morphology ("3" malignant, "6" metastasis); empty when there is none."""
    for coding in found:
        histology, slash, digit = coding.code.partition("/")
        if slash and histology.isdecimal() and len(histology) == 4 and digit[:1].isdecimal():
            return digit[0]
    return ""


def home_organ(tumour: Tumour, found: Iterable[Coding], said: Iterable[str]) -> str | None:
    """The organ a primary tumour of this type sits in, when the record names no other."""
    rows = [row for row in table("diagnoses")["organ"] if row["tumour"] == tumour.name and "organ" in row]
    spoken = _spoken(said)
    fitting = [row for row in rows if _fits(row, tuple(found), spoken)]
    return next((str(row["organ"]) for row in (*fitting, *rows)), None)


@lru_cache(maxsize=4096)
def _suspected(said: tuple[str, ...]) -> bool:
    return _starts(table("diagnoses")["cancer"]["suspected_words"], _spoken(said))


@lru_cache(maxsize=4096)
def _verdict(found: tuple[Coding, ...], said: tuple[str, ...]) -> Verdict:
    spoken = _spoken(said)
    by_code = [each for coding in found if (each := _by_code(coding))]
    if by_code:
        return (
            min(by_code, key=list(Verdict).index) if Verdict.SECONDARY not in by_code else Verdict.SECONDARY
        )
    return _by_words(spoken)


def _by_code(coding: Coding) -> Verdict | None:
    if coding.system == SNOMED:
        return _by_snomed().get(coding.code)
    if not is_icd(coding.system) or not coding.code:
        return None
    digit = behaviour((coding,))
    if digit:
        return {"3": Verdict.PRIMARY, "6": Verdict.SECONDARY, "1": Verdict.UNCERTAIN}.get(
            digit, Verdict.OTHER
        )
    return _by_icd_10(coding.code.upper())


def _by_icd_10(code: str) -> Verdict:
    if code.startswith(tuple(table("diagnoses")["secondary"]["icd"])):
        return Verdict.SECONDARY
    if code.startswith("Z85"):
        return Verdict.HISTORY
    if code[:1] == "C" and code[1:3].isalnum():
        return Verdict.PRIMARY
    uncertain = code[:2] == "D4" or code[:3] in ("D37", "D38", "D39")
    return Verdict.UNCERTAIN if uncertain else Verdict.OTHER


@lru_cache(maxsize=1)
def _by_snomed() -> dict[str, Verdict]:
    rules = table("diagnoses")
    known = {code: Verdict.PRIMARY for row in _rows() for code in row.get("snomed", ())}
    known |= dict.fromkeys(rules["secondary"]["snomed"], Verdict.SECONDARY)
    known |= dict.fromkeys(rules["codes"]["family_history"], Verdict.OTHER)
    known |= dict.fromkeys(rules["codes"]["uncertain"], Verdict.UNCERTAIN)
    known |= dict.fromkeys(rules["codes"]["personal_history"], Verdict.HISTORY)
    return known


def _by_words(spoken: str) -> Verdict:
    rules = table("diagnoses")
    if _starts(rules["cancer"]["not_words"], spoken):
        return Verdict.OTHER
    secondary = _metastatic(spoken) or _starts(rules["secondary"]["words"], spoken)
    cancer = any(word in spoken for word in rules["cancer"]["words"])
    if secondary and not _also_primary(spoken):
        return Verdict.SECONDARY
    if cancer or secondary:
        past = _starts(rules["cancer"]["history_words"], spoken)
        return Verdict.HISTORY if past else Verdict.PRIMARY
    return Verdict.UNCERTAIN if _starts(rules["cancer"]["neoplasm_words"], spoken) else Verdict.OTHER


def _also_primary(spoken: str) -> bool:
    """ "Metastatic breast cancer" and "lung cancer with brain metastases" are the primary, and say it has spread;
    "metastatic malignant neoplasm to liver" and "liver metastasis of breast cancer" are the metastasis."""
    before, _, after = spoken.partition("metasta")
    if " with " in before or " mit " in before:
        return any(word in before for word in table("diagnoses")["cancer"]["words"])
    adjective = after.startswith(("tic ", "sed ", "sized ", "sised ", "siert", "sierend"))
    seat = any(f" {word} " in after for word in ("to", "in", "into"))
    named = any(word in f"{before} {after}" for word in _NAMES)
    return adjective and not seat and named


_NAMES = ("cancer", "carcinom", "karzinom", "krebs", "sarkom", "sarcom", "melanom", "nsclc")


def _metastatic(spoken: str) -> bool:
    """Whether metastases are named and not denied ("non-metastatic", "without metastases")."""
    before, found, _ = spoken.partition("metasta")
    near = before.split()[-1:] if before.endswith(" ") else before.split()[-2:]  # "ohne Lebermetastasen"
    return bool(found) and not any(word in _DENIED for word in near)


_DENIED = ("non", "no", "not", "without", "ohne", "kein", "keine", "keinen", "nicht")


def spreads(said: Iterable[str]) -> str | None:
    """Where a diagnosis of a primary tumour says it has spread to, in its own words; empty when it names no
    seat, None when it says nothing of spread."""
    for phrase in said:
        spoken = f" {_folded(phrase)} "
        if _metastatic(spoken):
            before, _, _ = spoken.partition("metasta")
            for word in (" with ", " mit "):
                if word in before:
                    return spoken.partition(word)[2].strip()
            return ""
    return None


@lru_cache(maxsize=4096)
def _tumour(found: tuple[Coding, ...], said: tuple[str, ...], organ: str | None) -> tuple[Tumour, bool]:
    spoken = _spoken(said)
    for row in table("diagnoses")["histology"]:
        if _fits(row, found, spoken):
            return Tumour[row["tumour"]], True
    if any(code.code.startswith(("8", "9")) and "/" in code.code for code in found):
        histology = True
    else:
        histology = any(
            word in spoken for word in ("adenocarcinom", "adenokarzinom", "squamous", "plattenepithel")
        )
    for row in table("diagnoses")["organ"]:
        if _fits(row, found, spoken) or (organ and row.get("organ") == organ):
            return Tumour[row["tumour"]], histology
    return Tumour.SOLID_OTHER, histology


def _fits(row: dict[str, Any], found: tuple[Coding, ...], spoken: str) -> bool:
    return any(_coded(row, coding) for coding in found) or _starts(row.get("words", ()), spoken)


def _coded(row: dict[str, Any], coding: Coding) -> bool:
    if coding.system == SNOMED:
        return coding.code in row.get("snomed", ())
    histology, slash, _ = coding.code.partition("/")
    if slash:
        return histology.isdecimal() and any(
            low <= int(histology) <= high for low, high in row.get("morphology", ())
        )
    prefixes: Sequence[str] = row.get("icd", ())
    return bool(prefixes) and is_icd(coding.system) and coding.code.upper().startswith(tuple(prefixes))


def _rows() -> Iterator[dict[str, Any]]:
    yield from table("diagnoses")["histology"]
    yield from table("diagnoses")["organ"]


def _starts(phrases: Iterable[str], spoken: str) -> bool:
    """Whether a word of the text starts with one of the phrases."""
    return any(f" {phrase}" in spoken for phrase in phrases)


_PAYERS_MARK = re.compile(r"\(HCC\)")


@lru_cache(maxsize=4096)
def _folded(phrase: str) -> str:
    # Seen in Epic's problem lists: "(HCC)" is the payers' hierarchical condition category, no liver cancer.
    phrase = phrase if "hepat" in phrase.casefold() else _PAYERS_MARK.sub("", phrase)
    return " ".join(tokens_of(phrase, compounds=False))


def _spoken(said: Iterable[str]) -> str:
    return f" {' ; '.join(_folded(each) for each in said)} "
