"""Which lesions are new on a course, and whether definitely so.

RECIST 1.1 §4.3.5 (Eisenhauer 2009): a new lesion should be unequivocal; an equivocal one is followed and, if
confirmed, dated back to its first appearance. There is no least size; a policy may set one. A lesion stays
new until the next baseline. A node under 10 mm is no disease and therefore not new.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.criteria.sum_of_diameters import gone, merged_away
from fhirgate.oncology.lesion import Change, Kind, Measurement, Role
from fhirgate.oncology.millimetres import ZERO
from fhirgate.oncology.policy import LesionPolicy
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.reconstruct.history import History
from fhirgate.oncology.source import Sources, joined
from fhirgate.oncology.timepoint import Lesion
from fhirgate.oncology.value import value
from fhirgate.oncology.wording import mm

BRAIN_WORDS = ("brain", "head", "skull", "cranial", "schädel", "kopf", "neuro")
PET = "PT"


@value
class Novelty:
    """A lesion that is new on the course, as of one timepoint.

    `since` is the date of its first image, at the timepoint of which it is `first_here`.
    `region_not_imaged_before`: no earlier study covered it.
    """

    definite: bool
    first_here: bool
    since: ClinicalDate
    rule: str
    because: str
    pet_only: bool = False
    region_not_imaged_before: bool = False
    sources: Sources = ()


@value
class _Appearance:
    """Where a lesion first shows on a course, why it may not be truly new, and where that doubt ends."""

    position: int
    first: Measurement
    doubt: str
    settled_at: int | None
    settled_by: Measurement | None
    region_is_new: bool


class Newness:
    """Answers, for one course, whether a lesion is new at a timepoint."""

    def __init__(self, history: History, course: Course, policy: LesionPolicy) -> None:
        self._timepoints = history.timepoints
        self._course = course
        self._known_before = course.baseline + 1 if course.has_line_baseline else course.followed[0]
        """Position from which a lesion is new: of a line without a baseline, its first timepoint."""
        self._policy = policy
        self._lesions = {lesion.id: lesion for lesion in history.lesions}
        self._masses = [_masses(timepoint.measurements) for timepoint in history.timepoints]
        self._appeared = {lesion.id: self._appearance(lesion) for lesion in history.lesions}
        self._parts: dict[int, Mapping[str, Sequence[str]]] = {}

    def at(self, lesion: Lesion, position: int) -> Novelty | None:
        """The lesion's novelty at a timepoint; None when it was known at the baseline of the course."""
        appeared = self._appeared[lesion.id]
        if appeared is None or position < appeared.position:
            return None
        settled = appeared.settled_by if position >= (appeared.settled_at or 0) else None
        definite = not appeared.doubt or settled is not None
        now = self._timepoints[position].measurements.get(lesion.id) or appeared.first
        because = f"first seen {appeared.first.taken_on}"
        if now.size is not None:
            because += f", {mm(now.size)}"
        if appeared.doubt:
            because += f"; {appeared.doubt}" + (f", confirmed {settled.taken_on}" if settled else "")
        return Novelty(
            definite=definite,
            first_here=position == appeared.position,
            since=appeared.first.taken_on,
            rule="new-lesion" if definite else "new-lesion-equivocal",
            because=because,
            pet_only=appeared.doubt == _PET_DOUBT and not definite,
            region_not_imaged_before=appeared.region_is_new,
            sources=joined(appeared.first.sources, settled.sources if settled else ()),
        )

    def merged_into(self, lesion: str, position: int) -> list[tuple[str, Measurement]]:
        """The lesions that have coalesced into this one by a timepoint, each with its reference on the course."""
        if not self._masses[position]:
            return []
        others = self._coalesced(position).get(lesion, ())
        return [(other, size) for other in others for size in self._own_reference(other, position)]

    def label_of(self, lesion: str) -> str:
        """What a reader calls a lesion."""
        return self._lesions[lesion].label

    def mass_of(self, lesion: str, position: int) -> str:
        """Id of the measured lesion that holds this one's size too; empty when it is no part of any."""
        return self._masses[position].get(lesion, "")

    def _coalesced(self, position: int) -> Mapping[str, Sequence[str]]:
        """The lesions that have coalesced by a timepoint, by the mass that holds them."""
        if position not in self._parts:
            parts: dict[str, list[str]] = defaultdict(list)
            for lesion, mass in self._masses[position].items():
                parts[mass].append(lesion)
            self._parts[position] = parts
        return self._parts[position]

    def _own_reference(self, lesion: str, before: int) -> list[Measurement]:
        """Its lowest size on the course before it coalesced, else the last one of all.

        Empty without any, and for a lesion that is new on the course: what a new lesion adds is growth.
        """
        if self._appeared[lesion] is not None:
            return []
        sized = [
            (position, measurement)
            for position, timepoint in enumerate(self._timepoints[:before])
            if (measurement := timepoint.measurements.get(lesion)) is not None
            and measurement.size is not None
        ]
        on_course = [measurement for position, measurement in sized if position >= self._course.baseline]
        lowest = sorted(on_course, key=lambda each: each.size or ZERO)[:1]
        return lowest or [measurement for _, measurement in sized[-1:]]

    def _appearance(self, lesion: Lesion) -> _Appearance | None:
        """Where the lesion first shows, if that is after the baseline and it was unknown before."""
        if lesion.stated_role in (Role.TARGET, Role.NON_TARGET) or lesion.identity.primary:
            return None
        for position, timepoint in enumerate(self._timepoints):
            measurement = timepoint.measurements.get(lesion.id)
            after_baseline = position >= self._known_before
            if measurement is None or measurement.kind is Kind.ABSENT:
                continue
            if not measurement.evaluable:
                if after_baseline:
                    continue
                return None  # it was there to be evaluated: known, whatever its size
            known_as_normal_node = gone(lesion, measurement)
            return self._told(lesion, position) if after_baseline and not known_as_normal_node else None
        return None

    def _told(self, lesion: Lesion, position: int) -> _Appearance:
        first = self._timepoints[position].measurements[lesion.id]
        doubt = self._doubt(lesion, first, position)
        settled = self._settled(lesion, position) if doubt else None
        return _Appearance(
            position=position,
            first=first,
            doubt=doubt,
            settled_at=settled,
            settled_by=None if settled is None else self._timepoints[settled].measurements[lesion.id],
            region_is_new=self._region_is_new(lesion, position),
        )

    def _doubt(self, lesion: Lesion, seen: Measurement, position: int) -> str:
        """Why a lesion may not be truly new; empty when it is."""
        least = self._policy.new_node_min_mm if lesion.site.node else self._policy.new_lesion_min_mm
        if seen.change is Change.EQUIVOCAL:
            return "called equivocal"
        if seen.change is Change.UNEQUIVOCAL:
            return ""
        if least is not None and seen.size is not None and seen.size < least:
            return f"under {mm(least)}"
        if seen.modality == PET and seen.size is None and not self._pet_before(position):
            return _PET_DOUBT
        return ""

    def _pet_before(self, position: int) -> bool:
        """Whether a PET since the baseline did not show it: then a lesion on PET is new (RECIST 1.1 §4.3.5)."""
        earlier = self._timepoints[self._course.baseline : position]
        return any(
            PET in {study.modality for study in each.studies}
            or any(said.modality == PET for said in each.measurements.values())
            for each in earlier
        )

    def _settled(self, lesion: Lesion, appeared: int) -> int | None:
        """Position of the next timepoint at which an equivocal lesion is there without doubt."""
        for later in range(appeared + 1, len(self._timepoints)):
            measurement = self._timepoints[later].measurements.get(lesion.id)
            if measurement is None or not measurement.evaluable or gone(lesion, measurement):
                continue
            if not self._doubt(lesion, measurement, appeared):
                return later
        return None

    def _region_is_new(self, lesion: Lesion, appeared: int) -> bool:
        """Whether a CNS lesion appears on the first study of the head, as far as studies name their region."""
        if not lesion.site.cns:
            return False
        earlier = [study for each in self._timepoints[:appeared] for study in each.studies]
        named = [study for study in earlier if study.body]
        heads = any(
            word in region.casefold() for study in named for region in study.body for word in BRAIN_WORDS
        )
        seen_before = any(
            self._lesions[other].site.cns
            for each in self._timepoints[:appeared]
            for other in each.measurements
        )
        return bool(named) and not heads and not seen_before


def _masses(here: Mapping[str, Measurement]) -> dict[str, str]:
    """For each coalesced lesion of a timepoint, the id of the measured one that holds its size too.

    A mass that the record does not name is the one lesion called merged that has a size.
    """
    mass = Kind.MERGED
    called = [each for each, said in here.items() if said.kind is mass and said.size is not None]
    found = {}
    for lesion, measurement in here.items():
        if merged_away(measurement):
            into = measurement.merged_into
            sized = into in here and here[into].size is not None
            masses = ([into] if sized else []) if into else called
            if len(masses) == 1:
                found[lesion] = masses[0]
    return found


_PET_DOUBT = "seen on PET only"
