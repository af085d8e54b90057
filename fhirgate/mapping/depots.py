"""How long one injection of a depot acts, from the name of the product (domain.md §7.4: 28, 84 or 168 days).

The name says it in months or weeks ("3 MONTH leuprolide ... [Eligard]"), else the strength or the brand does.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.drug_names import words_of
from fhirgate.oncology.therapy import Agent, LotRole

DAYS_OF_MONTH = 28
"""A month of a depot: a 3-month one acts 84 days."""
_STATED = re.compile(r"\b(\d{1,2})\s*-?\s*(month|monat|week|woche)", re.IGNORECASE)
_STRENGTH = re.compile(r"\b(\d+(?:[.,]\d+)?)\s*mg\b", re.IGNORECASE)


@lru_cache(maxsize=1024)
def depot_days(agents: tuple[Agent, ...], printed: tuple[str, ...]) -> int:
    """Days one injection of a hormone backbone acts; 0 when nothing says so, or the drug is no depot.

    Several strengths in one name ("7.5 mg ... 22.5 mg") tell nothing.
    """
    backbones = [each.name for each in agents if each.lot_role is LotRole.BACKBONE]
    if not backbones:
        return 0
    stated = {_days(*found) for each in printed for found in _STATED.findall(each)}
    if stated:
        return max(stated) if len(stated) == 1 else 0
    known: Mapping[str, Any] = table("drugs")["depot"]
    brands = {known["brand"][word] for each in printed for word in words_of(each) if word in known["brand"]}
    strengths = {
        days for name in backbones for mg in _strengths(printed) if (days := known.get(name, {}).get(mg))
    }
    acts = brands | strengths
    return int(next(iter(acts))) if len(acts) == 1 else 0


def _strengths(printed: Iterable[str]) -> Iterable[str]:
    for each in printed:
        for found in _STRENGTH.findall(each):
            yield f"{Decimal(found.replace(',', '.')).normalize():f}"


def _days(number: str, unit: str) -> int:
    return int(number) * (7 if unit.casefold().startswith("w") else DAYS_OF_MONTH)
