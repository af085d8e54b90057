"""From sightings to one measurement: which value of a lesion counts at one timepoint.

RECIST 1.1 §4.3.2 (Eisenhauer 2009): the short axis of a node, the longest diameter of any other lesion; a
lesion too small to measure counts 5 mm, an absent one 0; fragments of a split lesion are added.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date

from fhirgate.oncology.clinical_date import by_date
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.lesion import Axis, Change, Kind, Measurement, Sighting, Uptake
from fhirgate.oncology.millimetres import TOO_SMALL, ZERO, Millimetres, exact
from fhirgate.oncology.reconstruct.lesions import LinkedLesion
from fhirgate.oncology.source import Source, Sources, joined
from fhirgate.oncology.value import value


@value
class Measured:
    """A measurement with what was odd about it; `conflict` when values contradict each other."""

    measurement: Measurement
    findings: tuple[Finding, ...] = ()
    conflict: bool = False


def measure(
    lesion: LinkedLesion,
    sightings: Sequence[Sighting],
    homes: Mapping[str, str],
    *,
    highest: bool = False,
) -> Measured:
    """One measurement from everything said of a lesion at one timepoint by one reader.

    A size goes before words, words of change before mere presence. Of contradicting values the lowest counts,
    or the highest when asked; both are reported. `homes` gives the lesion id of every known identifier.
    """
    ordered = sightings if len(sightings) == 1 else sorted(sightings, key=_by_day)
    node = lesion.identity.site.node
    findings: list[Finding] = []
    values = _values(ordered, node)
    if len(values) > 1:
        values = _on_one_technique(lesion, values, findings)
    conflict = len(values) > 1 and len({value for value, _ in values}) > 1
    if conflict:
        findings.append(_contradiction(lesion, values))
    said = {each.kind for each in ordered if each.kind is not None}
    kind: Kind
    size: Millimetres | None
    if values:
        size, carrier = values[0] if len(values) == 1 else _outermost(values, highest)
        kind = _kind_of_size(said) if size else Kind.ABSENT
    else:
        kind, size, carrier = _without_size(ordered)
        findings += _why_no_size(lesion, ordered, kind)
    if _said_both(said, size):
        findings.append(_contradictory_state(lesion, ordered, used="the size" if size else "present"))
        if not size:  # to call a visible lesion gone would be the worse mistake of the two
            kind, size = Kind.PRESENT, None
    measurement = Measurement(
        taken_on=carrier.taken_on,
        kind=kind,
        size=size,
        axis=Axis.SHORT if node else Axis.LONG,
        change=_change(ordered),
        uptake=_uptake(ordered),
        reader=carrier.reader,
        modality=carrier.modality or next((each.modality for each in ordered if each.modality), ""),
        slice_thickness=next((each.slice_thickness for each in ordered if each.slice_thickness), None),
        merged_into=_merged_into(ordered, homes, lesion.id),
        note="; ".join(sorted({each.note for each in ordered if each.note})),
        refused=carrier.refused if kind is Kind.NOT_EVALUABLE else "",
        sources=_carrier_first(carrier, ordered),
    )
    return Measured(
        measurement=measurement,
        findings=tuple(findings),
        conflict=conflict,
    )


def _outermost(values: Iterable[tuple[Millimetres, Sighting]], highest: bool) -> tuple[Millimetres, Sighting]:
    return (max if highest else min)(values, key=lambda each: (each[0], each[1].sources))


def _by_day(sighting: Sighting) -> tuple[date, date, Sources]:
    return (*by_date(sighting.taken_on), sighting.sources)


def _values(sightings: Iterable[Sighting], node: bool) -> list[tuple[Millimetres, Sighting]]:
    """The sizes on the axis that counts; fragments of one split lesion are one size."""
    values = []
    fragments: dict[str, tuple[Millimetres, Sighting]] = {}
    for each in sightings:
        size = each.short_axis if node else each.long_axis
        if each.kind is Kind.SPLIT:
            parts = each.fragments or ((size,) if size is not None else ())
            for position, part in enumerate(parts):
                fragments[f"{each.sources}#{position}"] = (part, each)
        elif size is not None:
            values.append((size, each))
        elif ZERO in (each.long_axis, each.short_axis):
            values.append((ZERO, each))
    if fragments:
        total = Millimetres(sum((part for part, _ in fragments.values()), start=ZERO))
        return [(total, next(iter(fragments.values()))[1])]
    return values


def _on_one_technique(
    lesion: LinkedLesion, values: list[tuple[Millimetres, Sighting]], findings: list[Finding]
) -> list[tuple[Millimetres, Sighting]]:
    """The sizes of the modality the lesion is mostly measured on, where one round gives it several.

    CT is compared with CT and MRI with MRI (domain §0, rule 5): a size of each is no contradiction.
    """
    modalities = {each.modality for _, each in values if each.modality}
    if len(modalities) < 2 or len({size for size, _ in values}) < 2:
        return values
    used = Counter(each.modality for each in lesion.sightings if each.modality in modalities)
    chosen = min(used, key=lambda each: (-used[each], each))
    findings.append(
        Finding(
            code="MEASURED_ON_SEVERAL_MODALITIES",
            severity=Severity.INFORMATION,
            text=f"{lesion.identity.label or lesion.identity.site} on {values[0][1].taken_on} is measured on"
            f" {' and '.join(sorted(modalities))}; {chosen} is used, as on most of its dates",
            source=_first_source(values[0][1]),
        )
    )
    return [(size, each) for size, each in values if each.modality == chosen]


def _kind_of_size(said: Set[Kind]) -> Kind:
    return (
        next((kind for kind in (Kind.SPLIT, Kind.MERGED) if kind in said), Kind.MEASURED)
        if said
        else Kind.MEASURED
    )


_WORDS = (Kind.MERGED, Kind.TOO_SMALL, Kind.ABSENT, Kind.PRESENT, Kind.NOT_EVALUABLE)
"""What is believed first when no size is given."""
_SIZE_OF = {Kind.TOO_SMALL: TOO_SMALL, Kind.ABSENT: ZERO}


def _without_size(sightings: Sequence[Sighting]) -> tuple[Kind, Millimetres | None, Sighting]:
    for kind in _WORDS:
        said = [each for each in sightings if each.kind is kind]
        if kind is Kind.PRESENT:
            said = said or [each for each in sightings if each.change or each.uptake or _other_axis(each)]
        if said:
            return kind, _SIZE_OF.get(kind), said[0]
    return Kind.PRESENT, None, sightings[0]


def _other_axis(sighting: Sighting) -> bool:
    """Whether it gives only the axis that does not count."""
    return sighting.long_axis is not None or sighting.short_axis is not None


def _why_no_size(lesion: LinkedLesion, sightings: Sequence[Sighting], kind: Kind) -> list[Finding]:
    given = [each for each in sightings if _other_axis(each)]
    if kind is not Kind.PRESENT or not given:
        return []
    node = lesion.identity.site.node
    code = "NODE_WITHOUT_SHORT_AXIS" if node else "LONG_AXIS_MISSING"
    has, needs = ("long", "short") if node else ("short", "long")
    return [
        Finding(
            code=code,
            severity=Severity.WARNING,
            text=f"{lesion.identity.label or lesion.identity.site} on {given[0].taken_on}: only the {has} axis is"
            f" given, the {needs} axis is needed; the lesion is taken as present without a size",
            source=_first_source(given[0]),
        )
    ]


def _merged_into(sightings: Iterable[Sighting], homes: Mapping[str, str], own: str) -> str:
    """Id of the lesion this one has coalesced with, when the record names it."""
    named = {homes[name] for each in sightings for name in each.merged_into if name in homes}
    return min(named - {own}, default="") if named else ""


def _contradiction(lesion: LinkedLesion, values: Sequence[tuple[Millimetres, Sighting]]) -> Finding:
    sizes = sorted({size for size, _ in values})
    return Finding(
        code="CONTRADICTORY_MEASUREMENTS",
        severity=Severity.ERROR,
        text=f"{lesion.identity.label or lesion.identity.site} on {values[0][1].taken_on}:"
        f" {' and '.join(exact(size) for size in sizes)} mm for one lesion in one assessment;"
        " name the readers, or retract the wrong value",
        source=_first_source(values[0][1]),
    )


def _said_both(said: Set[Kind], size: Millimetres | None) -> bool:
    """Whether a lesion is called absent in one place, and present or measured in another."""
    return bool(said) and Kind.ABSENT in said and (Kind.PRESENT in said or bool(size))


def _contradictory_state(lesion: LinkedLesion, sightings: Sequence[Sighting], used: str) -> Finding:
    return Finding(
        code="CONTRADICTORY_STATE",
        severity=Severity.WARNING,
        text=f"{lesion.identity.label or lesion.identity.site} on {sightings[0].taken_on} is called both absent"
        f" and present; {used} is used",
        source=_first_source(sightings[0]),
    )


def _first_source(sighting: Sighting) -> Source | None:
    return sighting.sources[0] if sighting.sources else None


_STRONGEST_FIRST = (Change.UNEQUIVOCAL, Change.EQUIVOCAL, Change.INCREASED)


def _change(sightings: Iterable[Sighting]) -> Change | None:
    said = {each.change for each in sightings if each.change}
    return min(said, key=_STRONGEST_FIRST.index) if said else None


def _uptake(sightings: Iterable[Sighting]) -> Uptake | None:
    """The highest uptake given, each metric for itself."""
    taken = [each.uptake for each in sightings if each.uptake]
    if not taken:
        return None
    peaks = [each.sul_peak for each in taken if each.sul_peak is not None]
    maxima = [each.suv_max for each in taken if each.suv_max is not None]
    return Uptake(sul_peak=max(peaks, default=None), suv_max=max(maxima, default=None))


def _carrier_first(carrier: Sighting, sightings: Sequence[Sighting]) -> Sources:
    own = carrier.sources
    if len(sightings) == 1:
        return own
    return own + tuple(each for each in joined(*(said.sources for said in sightings)) if each not in own)
