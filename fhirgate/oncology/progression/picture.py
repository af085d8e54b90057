"""A situation under one preset: what the rules of the state machine ask of it."""

from dataclasses import dataclass

from fhirgate.oncology.oligometastatic import MOST_METASTASES
from fhirgate.oncology.policy import IciPolicy, StatePolicy
from fhirgate.oncology.progression.presets import Preset
from fhirgate.oncology.progression.situation import CONTROLLED, LesionInPlay, Situation, in_scope, progressing
from fhirgate.oncology.value import once
from fhirgate.oncology.verdict import TherapyStatus


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A situation under one preset, with what the rules ask of it, each worked out once."""

    situation: Situation
    preset: Preset
    policy: StatePolicy

    @once
    def growing(self) -> tuple[LesionInPlay, ...]:
        """Known lesions that progress."""
        return progressing(self.situation.lesions, self.situation.sum_progressed)

    @once
    def new(self) -> tuple[LesionInPlay, ...]:
        """Unequivocal new lesions."""
        return tuple(each for each in self.situation.lesions if each.new and each.active)

    @once
    def counted(self) -> tuple[LesionInPlay, ...]:
        """Progressing and new lesions in the scope of the preset."""
        new = self.new if self.preset.new_lesions_counted else ()
        return in_scope((*self.growing, *new), self.preset)

    @once
    def total(self) -> int:
        """How many lesions are held against the cap."""
        return len(self.counted) + self.situation.bone_lesions

    @property
    def cap(self) -> int:
        """The most that may progress."""
        return self.preset.cap_on(self.situation.date)

    @once
    def controlled(self) -> tuple[LesionInPlay, ...]:
        """Known lesions in scope that are controlled."""
        known = in_scope((each for each in self.situation.lesions if not each.new), self.preset)
        growing = {each.id for each in self.growing}
        return tuple(each for each in known if each.status in CONTROLLED and each.id not in growing)

    @once
    def visible(self) -> tuple[LesionInPlay, ...]:
        """Metastases that can be seen."""
        return tuple(each for each in self.situation.lesions if each.visible and not each.primary)

    @once
    def definite(self) -> bool:
        """Whether anything definitely progresses."""
        situation = self.situation
        return bool(
            self.growing
            or self.new
            or situation.sum_progressed
            or situation.diffuse_progressing
            or situation.bone_lesions
        )

    @property
    def held_for_ici(self) -> bool:
        """Whether progression on a checkpoint inhibitor must wait for its confirmation."""
        line = self.situation.line
        return (
            self.on
            and line.has_ici
            and line.ici_first_follow_up
            and not self.situation.confirmed
            and self.policy.ici_policy is IciPolicy.HOLD_FIRST_FOLLOW_UP
        )

    @once
    def on(self) -> bool:
        """On systemic therapy."""
        return self.situation.line.status is TherapyStatus.ON

    @once
    def off(self) -> bool:
        """Off systemic therapy."""
        return self.situation.line.status is TherapyStatus.OFF

    @once
    def first(self) -> bool:
        """The first documentation of metastases that can be seen."""
        return self.situation.history.first_documentation and bool(self.visible or self.situation.diffuse)

    @property
    def over_cap(self) -> bool:
        """More progressing and new lesions than the preset allows."""
        return self.total > self.cap

    @property
    def gone(self) -> bool:
        """Nothing visible at all: no lesion, no primary tumour, no diffuse or bone disease, no open signal."""
        situation = self.situation
        elsewhere = situation.diffuse or situation.bone_disease or situation.bone_lesions or situation.signals
        return not elsewhere and not any(each.visible for each in situation.lesions)

    @property
    def few_residual(self) -> bool:
        """One to five metastases left, long enough on the line."""
        days = self.situation.line.days
        few = 1 <= len(self.visible) <= MOST_METASTASES and not self.situation.diffuse
        return few and days is not None and days >= self.policy.persistence_min_days
