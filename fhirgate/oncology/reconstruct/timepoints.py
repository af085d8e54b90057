"""Which studies form one timepoint.

Studies less than the assessment window after the first one belong together (a chest CT and the brain MRI a
week later), unless a therapy starts in between or a lesion is seen again: scans every two or three weeks
exist. Dates keep their precision; where a partial date leaves the order open, that is said and not guessed.
The window is our choice.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from fhirgate.oncology.chart import BoneScan, Chart, Study
from fhirgate.oncology.clinical_date import ClinicalDate, by_date
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.lesion import Measurement, Sighting
from fhirgate.oncology.reconstruct.lesions import LinkedLesion
from fhirgate.oncology.reconstruct.measurements import measure
from fhirgate.oncology.reconstruct.readers import Read
from fhirgate.oncology.source import joined
from fhirgate.oncology.timepoint import StudyAt, Timepoint
from fhirgate.oncology.value import value


@dataclass(slots=True)
class _Unit:
    """All sightings of one study, or of one date when no study is named."""

    date: ClinicalDate
    study: str
    sightings: dict[str, list[Sighting]] = field(default_factory=lambda: defaultdict(list))

    @property
    def valued(self) -> frozenset[str]:
        """Ids of the lesions about which it says more than their name."""
        return frozenset(
            lesion
            for lesion, said in self.sightings.items()
            if not all(each.says_nothing_of_size for each in said)
        )


@dataclass(slots=True)
class _Group:
    """Units that form one timepoint."""

    units: list[_Unit]
    order_uncertain: bool = False

    @property
    def first(self) -> _Unit:
        return self.units[0]

    @property
    def valued(self) -> frozenset[str]:
        return frozenset().union(*(unit.valued for unit in self.units))


@value
class Rounds:
    """The timepoints of one read in order, with what was odd in forming them."""

    timepoints: tuple[Timepoint, ...]
    findings: tuple[Finding, ...]


def group_timepoints(
    lesions: Sequence[LinkedLesion],
    chart: Chart,
    read: Read,
    therapy_starts: Iterable[date],
    window_days: int,
) -> Rounds:
    """The rounds of imaging of one read.

    `therapy_starts` are days on which a systemic therapy or local treatment began. Studies that carry neither
    a sighting nor a count of bone lesions form no timepoint.
    """
    units = _units(lesions, chart.bone_scans, read)
    findings: list[Finding] = []
    groups = _groups(units, sorted(therapy_starts), window_days, findings)
    by_key = {study.key: study for study in chart.studies}
    by_id = {lesion.id: lesion for lesion in lesions}
    homes = {name: lesion.id for lesion in lesions for name in lesion.identity.identifiers}
    timepoints = tuple(_timepoint(group, by_id, homes, by_key, read, findings) for group in groups)
    return Rounds(timepoints=timepoints, findings=tuple(findings))


def _units(lesions: Sequence[LinkedLesion], bone_scans: Iterable[BoneScan], read: Read) -> list[_Unit]:
    units = {(each.taken_on.text, ""): _Unit(each.taken_on, "") for each in bone_scans}
    for lesion in lesions:
        for sighting in lesion.sightings:
            if read.counts(sighting):
                key = (sighting.taken_on.text, sighting.study)
                unit = units.get(key) or units.setdefault(key, _Unit(sighting.taken_on, sighting.study))
                unit.sightings[lesion.id].append(sighting)
    return sorted(units.values(), key=lambda unit: (*by_date(unit.date), unit.study))


def _groups(
    units: Sequence[_Unit], starts: Sequence[date], window_days: int, findings: list[Finding]
) -> list[_Group]:
    groups: list[_Group] = []
    for unit in units:
        home = _home(groups, unit, starts, window_days)
        if home is not None:
            home.units.append(unit)
            continue
        group = _Group([unit])
        if groups and unit.date.overlaps(groups[-1].units[-1].date) and unit.date != groups[-1].first.date:
            group.order_uncertain = groups[-1].order_uncertain = True
            findings.append(_order_uncertain(groups[-1].units[-1].date, unit.date))
        groups.append(group)
    return groups


def _home(groups: Sequence[_Group], unit: _Unit, starts: Sequence[date], window_days: int) -> _Group | None:
    """The last group, if the unit belongs to it."""
    if not groups:
        return None
    last = groups[-1]
    first, same_day = last.first.date, last.first.date == unit.date
    if same_day:
        return last
    if not (first.overlaps(unit.date) or last.units[-1].date.overlaps(unit.date)):
        surely_within = unit.date.most_days_since(first) < window_days
        if not surely_within or any(first.latest < start <= unit.date.earliest for start in starts):
            return None
    seen_again = unit.valued & last.valued
    return None if seen_again else last


def _order_uncertain(earlier: ClinicalDate, later: ClinicalDate) -> Finding:
    return Finding(
        code="DATE_ORDER_UNCERTAIN",
        severity=Severity.ERROR,
        text=f"imaging of {earlier} and of {later} measures the same lesions, and the dates do not say which came"
        " first; the full date of both would",
    )


def _timepoint(
    group: _Group,
    lesions: Mapping[str, LinkedLesion],
    homes: Mapping[str, str],
    studies: Mapping[str, Study],
    read: Read,
    findings: list[Finding],
) -> Timepoint:
    said: dict[str, list[Sighting]] = defaultdict(list)
    for unit in group.units:
        for lesion, sightings in unit.sightings.items():
            said[lesion].extend(sightings)
    measurements: dict[str, Measurement] = {}
    conflicts = []
    high = read.takes_highest(group.first.date.earliest)
    for lesion in sorted(said):
        measured = measure(lesions[lesion], said[lesion], homes, highest=high)
        measurements[lesion] = measured.measurement
        findings.extend(measured.findings)
        if measured.conflict:
            conflicts.append(lesion)
    dates = sorted((unit.date for unit in group.units), key=by_date)
    return Timepoint(
        date=min(dates, key=lambda each: (each.earliest, not each.is_day)),
        last_date=max(dates, key=lambda each: each.latest),
        studies=_studies(group, studies),
        measurements=measurements,
        order_uncertain=group.order_uncertain,
        conflicts=tuple(conflicts),
        reader=read.reader,
    )


def _studies(group: _Group, studies: Mapping[str, Study]) -> tuple[StudyAt, ...]:
    found = {unit.study: (unit, studies[unit.study]) for unit in group.units if unit.study in studies}
    return tuple(
        StudyAt(
            id=study.id,
            taken_on=study.taken_on or unit.date,
            modality=study.modality,
            body=study.body,
            sources=joined(study.sources),
        )
        for unit, study in (found[key] for key in sorted(found))
    )
