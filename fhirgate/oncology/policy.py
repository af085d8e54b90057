"""A site's choices: every parameter that is ours to set and theirs to change, with its default and reason.

The limits of published criteria (20 %, 5 mm, 28 days of confirmation) are not here: they stand in the
criteria's own files and presets. Where no source is named, a default is our engineering choice.
"""

from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum


class ReferenceMode(StrEnum):
    """Which earlier value a lesion is compared with."""

    NADIR_SINCE_LINE_BASELINE = "nadir_since_line_baseline"
    PREVIOUS = "previous"
    SECOND_LOWEST = "second_lowest"


class GapPolicy(StrEnum):
    """What a restart of the same regimen after a long gap is."""

    SAME_IF_NO_PROGRESSION = "same_if_no_progression"
    NEW_LINE = "new_line"


class IciPolicy(StrEnum):
    """What unconfirmed progression on a checkpoint inhibitor is."""

    HOLD_FIRST_FOLLOW_UP = "hold_first_followup"
    NEVER_HOLD = "never_hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagingPolicy:
    """How images become timepoints and baselines."""

    assessment_window_days: int = 21
    """Studies less than this many days after the first one form one timepoint."""
    line_baseline_before_days: int = 42
    """A line's baseline image lies at most this many days before its start ..."""
    line_baseline_after_days: int = 7
    """... or at most this many days after it."""
    no_baseline_lookback_days: int = 365
    """Without a line baseline, the oldest value of this many days is the reference."""
    lesion_memory_days: int = 365
    """A lesion not looked at since the line baseline, nor for this long, is no longer expected on a scan."""
    stale_after_days: int = 120
    """The last timepoint is too old to act on after this many days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsePolicy:
    """How responses become a best overall response."""

    confirmed_pr_persists: bool = True
    """A confirmed PR stays PR until progression (EORTC clarification); many trials judge each alone."""
    confirmation_days: int = 28
    """Least interval between a response and its confirmation (RECIST 1.1)."""
    sd_min_days: int = 42
    """Least time from start for SD to count as a best response; protocol-defined, commonly 6 weeks."""
    not_evaluable_between: int = 1
    """How many NE timepoints a confirmation tolerates in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionPolicy:
    """How one lesion's status is judged."""

    reference_mode: ReferenceMode = ReferenceMode.NADIR_SINCE_LINE_BASELINE
    treated_window_lung_months: int = 12
    """How long growth of a treated lung lesion may be treatment effect (Lee, IJROBP 2021)."""
    treated_window_other_months: int = 6
    """The same elsewhere."""
    treated_reference_restart_months: int = 3
    """A treated lesion's reference restarts at the first image this long after treatment."""
    new_lesion_min_mm: Decimal | None = None
    """Optional least size of a new non-nodal lesion [mm]; RECIST has none."""
    new_node_min_mm: Decimal | None = None
    """Optional least short axis of a new node [mm]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesPolicy:
    """How exposures become lines of therapy."""

    index_tolerance_days: int = 30
    regimen_window_days: int = 28
    gap_days: int = 120
    gap_policy: GapPolicy = GapPolicy.SAME_IF_NO_PROGRESSION
    biologic_addition_days: int = 0
    """A biologic added up to this many days after line start stays in it; 0: only the regimen window."""
    biologic_addition_never_advances: bool = False
    """Hess 2021 for NSCLC and gastric cancer: an added biologic never opens a line."""
    anti_egfr_addition_days: int | None = None
    """Another limit for anti-EGFR antibodies (Hess 2021, colorectal: 90); None: as other biologics."""
    backbone_window_days: int = 120
    cdk46_window_days: int = 90
    switch_maintenance_gap_days: int = 90
    switch_maintenance_drugs: tuple[str, ...] = (
        "pemetrexed",
        "docetaxel",
        "avelumab",
        "durvalumab",
        "olaparib",
        "niraparib",
    )
    continuation_maintenance_drugs: tuple[str, ...] = (
        "pemetrexed",
        "bevacizumab",
        "gemcitabine",
        "trastuzumab",
        "pertuzumab",
    )
    """By name; checkpoint inhibitors, fluoropyrimidines and anti-EGFR antibodies count by class."""
    local_treatment_after_progression_days: int = 120
    """A local treatment opens a segment when it follows a progression on the line by at most this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TherapyStatusPolicy:
    """When a patient is on therapy at a date."""

    oral_grace_days: int = 14
    oral_assertion_days: int = 90
    infusion_cover_days: int = 21
    infusion_grace_days: int = 21
    depot_cover_days: int = 28
    depot_grace_days: int = 14
    unknown_cover_days: int = 28
    unknown_grace_days: int = 14
    silence_days: int = 180
    """With no exposure for this long and no word that therapy ended, the status is unknown."""
    accept_orders: bool = False
    """Whether an order alone counts as exposure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePolicy:
    """How a progression state is drawn."""

    ici_policy: IciPolicy = IciPolicy.HOLD_FIRST_FOLLOW_UP
    persistence_min_days: int = 84
    """Least time on the line for oligopersistence (Gomez 2016: four cycles or three months)."""
    history_days: int = 90
    """How close the first image must lie to the first documentation of metastases to be its baseline."""
    low_confidence_below: Decimal = Decimal("0.5")
    """A label less probable than this gets LOW_CONFIDENCE and no proposal."""
    propose_on_limited_progression: bool = False
    """Whether LIMITED_PROGRESSION under ESTRO_EORTC also gets a proposal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All choices of a site; named and versioned, and named in every result."""

    name: str = "default"
    version: str = "1"
    imaging: ImagingPolicy = field(default_factory=ImagingPolicy)
    response: ResponsePolicy = field(default_factory=ResponsePolicy)
    lesion: LesionPolicy = field(default_factory=LesionPolicy)
    lines: LinesPolicy = field(default_factory=LinesPolicy)
    therapy: TherapyStatusPolicy = field(default_factory=TherapyStatusPolicy)
    state: StatePolicy = field(default_factory=StatePolicy)


DEFAULT_POLICY = Policy()


def sections() -> dict[str, type]:
    """The policy's sections by name, as a site's file spells them."""
    return {
        "imaging": ImagingPolicy,
        "response": ResponsePolicy,
        "lesion": LesionPolicy,
        "lines": LinesPolicy,
        "therapy": TherapyStatusPolicy,
        "state": StatePolicy,
    }


def parameters(section: type) -> tuple[str, ...]:
    """The names of a section's parameters."""
    return tuple(each.name for each in fields(section))
