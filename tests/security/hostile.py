"""Records of an attacker: well-formed in places, and many times too large or too odd."""

import copy
import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from fhir_records import LOINC, SCT, SITES, Json, cancer, concept, patient, quantity, therapy

AS_OF = date(2026, 5, 31)
SCANS = ("2025-01-10", "2025-04-10", "2025-07-10")
P1 = {"reference": "Patient/p1"}
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
ABSENT = concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "error", "not evaluable")

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**30, 1.5, float("nan"), Decimal("1e400"), "", " ", "x", "\ud800", "\x1b[2J",
    "0000-01-01", "0001-01-01", "9999-12-31", "9999", "2024-02-30", "1e999999999", "-1e999999", "NaN", "sNaN",
    "9" * 500, "²", "entered-in-error", [], {}, [[]], [None], {"a": 1}, [[{}]], "#", "#x", "Patient/zz",
    {"reference": "#"}, {"reference": {"reference": {"reference": "x"}}}, {"value": "1e999999", "unit": "mm"},
)  # fmt: skip
"""What never belongs where it is put."""


def day(number: int) -> str:
    """The day so many days after the first of 1990."""
    return (date(1990, 1, 1) + timedelta(days=number)).isoformat()


def base() -> list[Json]:
    """A patient with lung cancer on osimertinib."""
    return [patient(), cancer(), therapy()]


def structure(number: int, **more: Any) -> Json:
    place = concept(SCT, *SITES[number % 4])
    return {"resourceType": "BodyStructure", "id": f"b{number}", "patient": P1, "location": place, **more}


def size(id: str, on: str, mm: Any = 20, of: int | None = None, **more: Any) -> Json:
    """A tumour size, of a BodyStructure when `of` names one."""
    value = {"code": concept(LOINC, "33728-7", "longest"), "valueQuantity": quantity(mm)}
    focus = {} if of is None else {"focus": [{"reference": f"BodyStructure/b{of}"}]}
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": concept(LOINC, "21889-1", "Size Tumor"),
        "subject": P1,
        "effectiveDateTime": on,
        "component": [value],
        **focus,
        **more,
    }


def unseen(id: str, on: str, of: int) -> Json:
    """A lesion that was looked for and could not be evaluated."""
    return size(id, on, of=of, component=[], dataAbsentReason=ABSENT)


def labelled(id: str, on: str, label: str, mm: Any = 20) -> Json:
    """A tumour size known by its label and site."""
    name = {"type": concept(DICOM, "112039", "Tracking Identifier"), "value": label}
    return size(id, on, mm, identifier=[name], bodySite=concept(SCT, *SITES[0]))


def mutated(record: Json, chance: random.Random, times: int) -> Json:
    """The record with so many places broken: wrong types, nulls, things gone, doubled, or swapped."""
    broken = copy.deepcopy(record)
    for _ in range(times):
        places = list(_places(broken))
        holder, key = chance.choice(places)
        match chance.randrange(5):
            case 0:
                holder[key] = copy.deepcopy(chance.choice(JUNK))
            case 1:
                del holder[key]
            case 2:
                holder[key] = [holder[key]]
            case 3:
                other, name = chance.choice(places)
                holder[key] = copy.deepcopy(other[name])
            case _ if isinstance(holder[key], list) and holder[key]:
                holder[key] = holder[key][0]
        if not list(_places(broken)):
            break
    return broken


def _places(value: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    if depth > 40:
        return
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _places(value[key], depth + 1)
