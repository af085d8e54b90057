"""Which lesions are new on a course, and whether definitely so.

RECIST 1.1 §4.3.5 (Eisenhauer 2009): a new lesion should be unequivocal; an equivocal one is followed and, if
confirmed, dated back to its first appearance. There is no least size; a policy may set one. A lesion stays
new until the next baseline. A node under 10 mm is no disease and therefore not new.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fhirgate.oncology.criteria.sum_of_diameters import gone, merged_away
from fhirgate.oncology.lesion import Change, Kind, Measurement, Role
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.policy import LesionPolicy
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.reconstruct.history import History
from fhirgate.oncology.timepoint import Lesion, Timepoint
from fhirgate.oncology.wording import mm

BRAIN_WORDS = ("brain", "head", "skull", "cranial", "schädel", "kopf", "neuro")
PET = "PT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Novelty:
    """A lesion that is new on the course, as of one timepoint.

    `first_here` at the timepoint where it appears. `region_not_imaged_before`: no earlier study covered it.
    """

    definite: bool
    first_here: bool
    rule: str
    because: str
    pet_only: bool = False
    region_not_imaged_before: bool = False


class Newness:
    """Answers, for one course, whether a lesion is new at a timepoint."""

    def __init__(self, history: History, course: Course, policy: LesionPolicy) -> None:
        self._timepoints = history.timepoints
        self._course = course
        self._policy = policy
        self._lesions = {lesion.id: lesion for lesion in history.lesions}
        self._appeared = {lesion.id: self._appearance(lesion) for lesion in history.lesions}

    def at(self, lesion: Lesion, position: int) -> Novelty | None:
        """The lesion's novelty at a timepoint; None when it was known at the baseline of the course."""
        appeared = self._appeared[lesion.id]
        if appeared is None or position < appeared:
            return None
        first = self._timepoints[appeared].measurements[lesion.id]
        now = self._timepoints[position].measurements.get(lesion.id)
        doubt = self._doubt(lesion, first)
        settled = doubt and self._confirmed_by(lesion, appeared, position)
        definite = not doubt or bool(settled)
        because = f"first seen {first.taken_on}"
        size = now or first
        if size.size is not None:
            because += f", {mm(size.size)}"
        if doubt:
            because += f"; {doubt}" + (f", confirmed {settled}" if settled else "")
        return Novelty(
            definite=definite,
            first_here=position == appeared,
            rule="new-lesion" if definite else "new-lesion-equivocal",
            because=because,
            pet_only=doubt == _PET_DOUBT and not definite,
            region_not_imaged_before=self._region_is_new(lesion, appeared),
        )

    def merged_into(self, lesion: str, timepoint: Timepoint) -> list[Millimetres]:
        """The last own sizes [mm] of the lesions that have coalesced into this one by a timepoint."""
        sizes = []
        for other, measurement in timepoint.measurements.items():
            if other != lesion and merged_away(measurement) and measurement.merged_into == lesion:
                sizes += list(self._last_size(other, measurement))
        return sizes

    def _last_size(self, lesion: str, before: Measurement) -> Iterator[Millimetres]:
        earlier = [
            each.size
            for each in self._lesions[lesion].measurements
            if each.size is not None and each.taken_on.surely_before(before.taken_on)
        ]
        yield from earlier[-1:]

    def _appearance(self, lesion: Lesion) -> int | None:
        """Position where the lesion first shows, if that is after the baseline and it was unknown before."""
        if lesion.stated_role in (Role.TARGET, Role.NON_TARGET) or lesion.identity.primary:
            return None
        for position, timepoint in enumerate(self._timepoints):
            measurement = timepoint.measurements.get(lesion.id)
            if measurement is None or measurement.kind in (Kind.ABSENT, Kind.NOT_EVALUABLE):
                continue
            known_as_normal_node = gone(lesion, measurement)
            after_baseline = position > self._course.baseline
            return position if after_baseline and not known_as_normal_node else None
        return None

    def _doubt(self, lesion: Lesion, first: Measurement) -> str:
        """Why a lesion may not be truly new; empty when it is."""
        least = self._policy.new_node_min_mm if lesion.site.node else self._policy.new_lesion_min_mm
        if first.change is Change.EQUIVOCAL:
            return "called equivocal"
        if first.change is Change.UNEQUIVOCAL:
            return ""
        if least is not None and first.size is not None and first.size < least:
            return f"under {mm(least)}"
        if first.modality == PET and first.size is None:
            return _PET_DOUBT
        return ""

    def _confirmed_by(self, lesion: Lesion, appeared: int, position: int) -> str:
        """Date of a later timepoint at which an equivocal lesion is there without doubt; empty if none."""
        for later in range(appeared + 1, position + 1):
            measurement = self._timepoints[later].measurements.get(lesion.id)
            if measurement is None or measurement.kind is Kind.NOT_EVALUABLE or gone(lesion, measurement):
                continue
            if not self._doubt(lesion, measurement):
                return str(measurement.taken_on)
        return ""

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


_PET_DOUBT = "seen on PET only"
