"""Whose numbers belong together.

In routine care each scan has its own reader and one history is read by many. When several people measure the
*same* scan, as in a trial, their numbers never mix into one sum: each reader's history is judged by itself, with
the scans that only others measured.
Contradicting values that no reader explains are judged every way that matters, as the lowest and as the highest
reading.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from fhirgate.oncology.lesion import Reader, Sighting
from fhirgate.oncology.reconstruct.lesions import LinkedLesion
from fhirgate.oncology.value import value


@value
class Read:
    """One way to read a chart: the parallel reader whose numbers count, or None when there is only one way.

    `excluded` are the other parallel readers; `instead` are (date, key) of those whose numbers count all the same,
    on scans that this reader did not measure: no scan is lost. `highest` chooses between contradicting values of
    one reader; from the day of `turns_on` the other one of them is chosen.
    """

    reader: Reader | None = None
    excluded: frozenset[str] = frozenset()
    instead: frozenset[tuple[str, str]] = frozenset()
    only: bool = False
    highest: bool = False
    turns_on: date | None = None

    def counts(self, sighting: Sighting) -> bool:
        """Whether a sighting belongs to this read."""
        key = sighting.reader.key if sighting.reader else ""
        if self.only:
            return self.reader is not None and key == self.reader.key
        return key not in self.excluded or (sighting.taken_on.text, key) in self.instead

    def takes_highest(self, day: date) -> bool:
        """Whether the highest of contradicting values counts on a day, else the lowest."""
        return self.highest if self.turns_on is None or day < self.turns_on else not self.highest

    @property
    def name(self) -> str:
        """What to call it to people."""
        if self.reader is not None:
            return str(self.reader)
        first, second = ("highest", "lowest") if self.highest else ("lowest", "highest")
        return f"{first}{f', then {second}' if self.turns_on else ''} of contradicting values"


MOST_TURNS = 4
"""Contradictions at more timepoints than this are tried crosswise at the last of them only. Our choice."""


def crossed(read: Read, days: Sequence[date]) -> Iterator[Read]:
    """The other ways to read contradicting values that were given on these days, in order.

    All highest; and for each day but the first both crosswise readings: what was low then high has grown most,
    what was high then low has grown least.
    """
    if days:
        yield replace(read, highest=True)
    for day in days[1:][-MOST_TURNS:]:
        yield replace(read, turns_on=day)
        yield replace(read, highest=True, turns_on=day)


def parallel_readers(lesions: Sequence[LinkedLesion]) -> tuple[Reader, ...]:
    """The readers who measured the same scan, in order of key; empty when every scan has one reader.

    Two readers are parallel when they give a value for the same lesion on the same date and study, or use the
    same label there for lesions the record holds apart (trial readers number their own lesions).
    """
    seen: dict[Hashable, dict[str, Reader]] = defaultdict(dict)
    for lesion in lesions:
        label = lesion.identity.label.casefold()
        for each in lesion.sightings:
            if each.reader is None or each.says_nothing_of_size:
                continue
            seen[(lesion.id, each.taken_on.text)][each.reader.key] = each.reader
            if label:
                seen[("label", label, each.taken_on.text)][each.reader.key] = each.reader
    parallel = {
        key: reader for readers in seen.values() if len(readers) > 1 for key, reader in readers.items()
    }
    return tuple(parallel[key] for key in sorted(parallel))


def known_readers(sightings: Iterable[Sighting]) -> tuple[Reader, ...]:
    """Every reader of a chart, in order of key."""
    readers = {each.reader.key: each.reader for each in sightings if each.reader is not None}
    return tuple(readers[key] for key in sorted(readers))


def matches(reader: Reader, wanted: str) -> bool:
    """Whether a reader is the one asked for: by name, key or the id at the end of the key."""
    asked = wanted.strip().casefold()
    return asked in (reader.name.casefold(), reader.key.casefold(), reader.key.rsplit("/", 1)[-1].casefold())


def reads(lesions: Sequence[LinkedLesion], wanted: Reader | None = None) -> tuple[Read, ...]:
    """Every way the chart must be read; the one with most values first, ties by key.

    `wanted` chooses one reader: a parallel one with everything that is not parallel, another one alone.
    """
    parallel = parallel_readers(lesions)
    if wanted is not None and wanted.key not in {each.key for each in parallel}:
        return (Read(reader=wanted, excluded=frozenset(each.key for each in parallel), only=True),)
    if not parallel:
        return (Read(),)
    values: dict[str, list[str]] = defaultdict(list)
    for lesion in lesions:
        for each in lesion.sightings:
            if each.reader is not None and not each.says_nothing_of_size:
                values[each.reader.key].append(each.taken_on.text)
    ordered = sorted(parallel, key=lambda reader: (-len(values[reader.key]), reader.key))
    dates = [(reader.key, frozenset(values[reader.key])) for reader in ordered]
    asked = [wanted] if wanted is not None else ordered
    return tuple(_read_of(reader, dates) for reader in asked)


def _read_of(reader: Reader, dates: Sequence[tuple[str, frozenset[str]]]) -> Read:
    """One parallel reader's numbers, and on scans this one did not measure those of the busiest who did."""
    busiest = {day: key for key, days in reversed(dates) for day in days}
    own = frozenset().union(*(days for key, days in dates if key == reader.key))
    return Read(
        reader=reader,
        excluded=frozenset(key for key, _ in dates) - {reader.key},
        instead=frozenset((day, key) for day, key in busiest.items() if day not in own),
    )
