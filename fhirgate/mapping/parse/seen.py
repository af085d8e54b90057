"""From what one Observation says to the two axes and the kind of a sighting."""

from typing import NamedTuple

from fhirgate.mapping.datatypes import Raw
from fhirgate.mapping.parse.observation import Reading
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.tally import Tally
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.lesion import Kind
from fhirgate.oncology.millimetres import ZERO, Millimetres
from fhirgate.oncology.wording import count, mm

_DIMENSIONS = 3


class Sizes(NamedTuple):
    """The axes [mm] of one sighting; `more_...` are further values for an axis, which contradict the first."""

    long_axis: Millimetres | None = None
    short_axis: Millimetres | None = None
    inferred: bool = False
    fragments: tuple[Millimetres, ...] = ()
    more_long: tuple[Millimetres, ...] = ()
    more_short: tuple[Millimetres, ...] = ()


def sizes_of(reading: Reading, node: bool, raw: Raw, record: Record, tally: Tally) -> Sizes:
    """The long and short axis of a reading.

    A diameter without an axis is the longest one. Of further diameters the smallest is a node's short axis, by
    inference; for other lesions they are of no use (fhir-contracts §A3), unless all three dimensions are given
    so: then the largest is the longest.
    """
    if len(reading.lengths) == 1 and len(only := reading.of("size.long_axis")) == 1:
        return Sizes(long_axis=only[0])  # what most Observations say
    long_axes = reading.of("size.long_axis") or reading.of("size.diameter")
    short_axes = reading.of("size.short_axis")
    inferred = False
    if not node and not long_axes and (others := reading.of("size.other_axis")):
        long_axes = [max(others)] if len(others) >= _DIMENSIONS else []
        _note_longest_missing(raw, tally, used=bool(long_axes))
    if node and not short_axes and reading.of("size.other_axis"):
        short_axes, inferred = [min(reading.of("size.other_axis"))], True
        _note_inferred(raw, tally)
    if Kind.SPLIT in reading.said.kinds and len(parts := short_axes if node else long_axes) > 1:
        return Sizes(fragments=tuple(sorted(parts, reverse=True)))
    long_values, short_values = _each_once(long_axes), _each_once(short_axes)
    if long_values and short_values and short_values[-1] > long_values[-1]:
        _note_swapped(long_values[-1], short_values[-1], raw, record)
    return Sizes(
        long_axis=long_values[0] if long_values else None,
        short_axis=short_values[0] if short_values else None,
        inferred=inferred,
        more_long=tuple(long_values[1:]),
        more_short=tuple(short_values[1:]),
    )


def _each_once(values: list[Millimetres]) -> list[Millimetres]:
    return values if len(values) < 2 else sorted(set(values))


def kind_of(reading: Reading, sizes: Sizes, raw: Raw, record: Record) -> Kind | None:
    """What the Observation says instead of a size, or of it: split, merged."""
    if reading.lengths and not reading.said.kinds:
        return None
    said = reading.said.kind
    if reading.refused and not reading.lengths and said not in (Kind.ABSENT, Kind.TOO_SMALL):
        return Kind.NOT_EVALUABLE
    if not reading.lengths:
        return said
    if said is Kind.ABSENT:
        _note_contradiction(sizes, raw, record)
    return said if said in (Kind.SPLIT, Kind.MERGED) else None


def _note_contradiction(sizes: Sizes, raw: Raw, record: Record) -> None:
    largest = max(
        (each for each in (sizes.long_axis, sizes.short_axis, *sizes.fragments) if each), default=ZERO
    )
    if largest > ZERO:
        record.note(
            "STATE_CONTRADICTS_SIZE",
            Severity.WARNING,
            f"called absent and measured {mm(largest)} in one statement; the size is used",
            raw,
        )


def _note_inferred(raw: Raw, tally: Tally) -> None:
    tally.add(
        "SHORT_AXIS_INFERRED",
        Severity.WARNING,
        "",
        lambda met: (
            f"{count(met, 'lymph node size')} with a further diameter whose axis is not named; the smaller"
            " one is taken as the short axis. A code for the short axis would settle it"
        ),
        raw,
    )


def _note_longest_missing(raw: Raw, tally: Tally, *, used: bool) -> None:
    what = "the largest of three is taken as the longest" if used else "not used, as the longest is needed"
    tally.add(
        "LONGEST_DIAMETER_MISSING",
        Severity.WARNING,
        what,
        lambda met: (
            f"{count(met, 'lesion size')} with further diameters (33729-5) only: {what}. The longest diameter"
            " under its own code (33728-7) would settle it"
        ),
        raw,
    )


def _note_swapped(long_axis: Millimetres, short_axis: Millimetres, raw: Raw, record: Record) -> None:
    record.note(
        "AXES_SWAPPED",
        Severity.WARNING,
        f"the short axis ({mm(short_axis)}) is longer than the long axis ({mm(long_axis)}); both are used as written",
        raw,
    )
