"""Lengths in mm or cm under codes that nothing explains: they may be lesions, so they are named.

Findings: LENGTH_NOT_READ.
"""

from collections import Counter

from fhirgate.mapping.datatypes import Raw, codings, concept, items, quantity
from fhirgate.mapping.parse.record import Record
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.wording import count

_MOST_NAMES = 5
_LONGEST_NAME = 60
_NO_IMAGES = frozenset({"laboratory", "vital-signs"})


class UnreadLengths:
    """The lengths of one record that are of nothing known."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._names: Counter[str] = Counter()
        self._first: Raw | None = None

    def take(self, raw: Raw) -> None:
        """Count an Observation whose code means nothing, when it or a component holds a length."""
        if not any(_is_length(each) for each in (raw, *items(raw, "component"))):
            return
        if any(each.code in _NO_IMAGES for each in codings(raw.get("category"))):
            return
        self._names[str(concept(raw.get("code")))[:_LONGEST_NAME] or "no code"] += 1
        self._first = self._first or raw
        self._record.told.add(id(raw))

    def report(self) -> None:
        """One finding for all."""
        if not self._names:
            return
        named = sorted(self._names.items(), key=lambda each: (-each[1], each[0]))
        more = f", and {count(len(named) - _MOST_NAMES, 'more code')}" if len(named) > _MOST_NAMES else ""
        listed = ", ".join(f"{name} ({met})" for name, met in named[:_MOST_NAMES])
        self._record.note(
            "LENGTH_NOT_READ",
            Severity.INFORMATION,
            f"{count(self._names.total(), 'length')} under codes that are not known as the size of a lesion, not used:"
            f' {listed}{more}. Where they are, an entry in the site\'s vocabulary (means = "size.long_axis") and a'
            " focus, a tracking identifier or the site of the lesion settle it",
            self._first,
            "code",
        )


def _is_length(holder: Raw) -> bool:
    found = quantity(holder.get("valueQuantity"))
    return found is not None and found.unit in ("mm", "cm")
