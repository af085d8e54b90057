"""What codes and words of a treatment mean: intent, reason for stopping, kind. `codes/therapy.toml` is the table."""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.datatypes import SNOMED, Coding, Raw, codings, items, objects, words
from fhirgate.mapping.drug_names import words_of
from fhirgate.oncology.therapy import Intent, StopReason


def row_of(section: str, found: Iterable[Coding]) -> Mapping[str, str]:
    """The row of a section that the first known code has; empty when none is known."""
    rows = _rows(section)
    for coding in found:
        row = rows.get((_system(coding.system), coding.code))
        if row is not None:
            return row
    return {}


def meaning(section: str, found: Iterable[Coding]) -> str:
    """What the first known code means in a section; empty when none is known."""
    return row_of(section, found).get("means", "")


def means_in_words(section: str, phrases: Iterable[str]) -> str:
    """The first name in a section of words of which a part stands in one of the phrases."""
    return _in_words(section, tuple(phrases))


@lru_cache(maxsize=4096)
def _in_words(section: str, phrases: tuple[str, ...]) -> str:
    """Phrases are searched as words between single spaces, each phrase apart."""
    said = "".join(f" {' '.join(words_of(phrase))} ;" for phrase in phrases)
    for name, parts in table("therapy")[section].items():
        if any(part in said for part in parts):
            return str(name)
    return ""


def intent_of(raw: Raw) -> Intent | None:
    """What a treatment was given for: its intent extension (mCODE, MII), else an intent among its reasons.

    MII gives the intention and the place beside surgery in two extensions; a curative therapy before or after
    surgery is neoadjuvant or adjuvant, a palliative one stays palliative.
    """
    meant = {meaning("intent", codings(concept)) for concept in _intent_concepts(raw)}
    for name in ("PALLIATIVE", "NEOADJUVANT", "ADJUVANT", "LOCAL_CURATIVE_OLIGOMETASTATIC", "CURATIVE"):
        if name in meant:
            return Intent[name]
    return Intent.SUPPORTIVE if "SUPPORTIVE" in meant else None


def is_diagnostic(raw: Raw) -> bool:
    """Whether the intent says that it is no treatment of a tumour: diagnosis, screening, revision."""
    return any(row_of("diagnostic_intent", codings(concept)) for concept in _intent_concepts(raw))


def stop_reason(*concepts: Any) -> StopReason | None:
    """Why a therapy ended, by codes, else by words, of concepts or lists of them.

    OTHER for a reason of no known kind, None for none; MII's "U" (unknown) is no reason.
    """
    given = [one for each in concepts for one in objects(each)]
    found = codings(given)
    name = meaning("stop_reason", found)
    if name:
        return StopReason[name]
    if any(_system(each.system) == "mii-cs-therapie-grund-ende" for each in found):
        return None
    said = words(given)
    if not said and not any(each.code for each in found):
        return None
    affirmed = [phrase for phrase in said if not _negated(phrase)]
    name = means_in_words("stop_words", affirmed)
    return StopReason[name] if name else StopReason.OTHER


def _negated(phrase: str) -> bool:
    """Whether words deny what they name ("no progression"); "no response" is a finding of its own."""
    parts = phrase.casefold().split()
    return parts[:1] != [] and parts[0] in table("therapy")["negation"]["words"] and "response" not in parts


def _intent_concepts(raw: Raw) -> Iterable[Any]:
    for each in items(raw, "extension"):
        url = str(each.get("url", "")).casefold()
        if "intent" in url or "stellung" in url:
            yield each.get("valueCodeableConcept") or each.get("valueCoding") or {}
    yield from items(raw, "reasonCode")
    yield from items(raw, "reason")


@cache
def _rows(section: str) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """The rows of a section by system and code."""
    return {(system, row["code"]): row for system, rows in table("therapy")[section].items() for row in rows}


@lru_cache(maxsize=512)
def _system(url: str) -> str:
    """The table's name of a code system: a short one, else the last part of its URL."""
    if url == SNOMED:
        return "sct"
    short = {long: name for name, long in table("therapy")["system"].items()}
    return str(short.get(url, url.rstrip("/").rsplit("/", 1)[-1]))
