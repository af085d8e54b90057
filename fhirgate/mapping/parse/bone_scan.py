"""Bone scans: how many new lesions the reader counted (PCWG3).

Findings: BONE_SCAN_COUNT_INVALID, BONE_SCAN_UNDATED.
"""

from collections.abc import Iterator
from decimal import Decimal

from fhirgate.mapping.datatypes import Raw, concept, item, items, number, quantity
from fhirgate.mapping.parse.answers import DATE, unanswered
from fhirgate.mapping.parse.record import Record
from fhirgate.oncology.chart import BoneScan
from fhirgate.oncology.finding import Severity

MEANING = "count.new_bone_lesions"


def parse_bone_scans(record: Record) -> tuple[BoneScan, ...]:
    """Every count of new bone lesions, by date and source. Components are read where the Observation itself
    means nothing else."""
    found = []
    for raw in _candidates(record):
        if record.meaning(record.code(raw)) == MEANING:
            found.append(_scan(raw, raw, record))
        elif "component" in raw:
            found += [_scan(raw, each, record) for each in items(raw, "component") if _counts(each, record)]
    scans = [each for each in found if each is not None]
    return tuple(sorted(scans, key=lambda each: (each.taken_on.earliest, each.source, each.new_lesions)))


def _candidates(record: Record) -> Iterator[Raw]:
    for said, found in record.alike("Observation").items():
        if record.meaning(said) in (MEANING, ""):
            yield from (each.raw for each in found)


def _counts(component: Raw, record: Record) -> bool:
    return record.meaning(concept(component.get("code"))) == MEANING


def _scan(raw: Raw, holder: Raw, record: Record) -> BoneScan | None:
    if unanswered(holder):
        return None
    count = _count(holder)
    if count is None or count != int(count) or count < 0:
        record.note(
            "BONE_SCAN_COUNT_INVALID",
            Severity.ERROR,
            "the number of new bone lesions is no whole number from 0 on; the count of the reader is needed",
            raw,
            "value",
        )
        return None
    taken_on = record.date(raw, *DATE)
    if taken_on is None:
        record.note(
            "BONE_SCAN_UNDATED",
            Severity.ERROR,
            "the bone scan has no usable date, so its new lesions count for no timepoint; its date is needed",
            raw,
            "effective",
        )
        return None
    return BoneScan(taken_on=taken_on, new_lesions=int(count), source=record.source(raw))


def _count(holder: Raw) -> Decimal | None:
    for element in ("valueInteger", "valueString"):
        found = number(holder.get(element))
        if found is not None:
            return found
    given = quantity(item(holder, "valueQuantity"))
    return given.value if given is not None and not given.comparator else None
