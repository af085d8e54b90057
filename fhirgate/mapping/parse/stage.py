"""Stage: the M category, and what stage group IV means."""

import re
from collections.abc import Sequence

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.datatypes import Raw, codings, text, words
from fhirgate.oncology.chart import Spread
from fhirgate.oncology.diagnosis import Diagnosis

_M = re.compile(r"\b[cpyra]{0,3}M([01])(?:[a-d]\d?)?(?!\w)")
_IV = re.compile(r"(?:^|stage |stadium )\s*(?:IV|4)(?:[A-D]\d?)?\b", re.IGNORECASE)


def m_category(raw: Raw) -> Spread | None:
    """What an M category (cM0, pM1b, M1) says; None for MX and anything else."""
    rules = table("disease_status")["spread"]
    value = raw.get("valueCodeableConcept")
    codes = {each.code for each in codings(value)}
    if codes & set(rules["m0"]):
        return Spread.NONE
    if codes & set(rules["m1"]):
        return Spread.PRESENT
    for phrase in (*(each.code for each in codings(value)), *words(value), text(raw, "valueString")):
        if match := _M.search(phrase):
            return Spread.PRESENT if match[1] == "1" else Spread.NONE
    return None


def means_metastatic(primaries: Sequence[Diagnosis]) -> bool:
    """Whether stage group IV means distant metastases in all of these tumours (AJCC, 8th edition)."""
    names = table("disease_status")["spread"]["stage_iv"]
    return bool(primaries) and all(each.tumour.name in names for each in primaries)


def is_stage_iv(value: object) -> bool:
    """Whether a stage group is IV of any letter."""
    return any(_IV.search(phrase) for phrase in (*(each.code for each in codings(value)), *words(value)))
