"""A synthetic patient's truth: what happened, in the order and precision in which a record would tell it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

NOT_SEEN = "-"
"""The scan says nothing of the lesion."""
WORDS = {
    "A": "absent",
    "TSM": "too small to measure",
    "P": "present",
    "U": "unequivocal",
    "E": "equivocal",
    "NE": "not evaluable",
}
"""What a reading is when it is no size. U and E are a reader's words on progression (or on a new lesion)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the body: organ, SNOMED CT code and display, laterality, and what tells it from others."""

    organ: str
    snomed: str
    display: str
    side: str = ""
    detail: str = ""


PLACES: Mapping[str, Place] = {
    "lung left": Place(organ="lung", snomed="39607008", display="Lung structure", side="left"),
    "lung right": Place(organ="lung", snomed="39607008", display="Lung structure", side="right"),
    "liver": Place(organ="liver", snomed="10200004", display="Liver structure"),
    "adrenal left": Place(organ="adrenal", snomed="23451007", display="Adrenal structure", side="left"),
    "adrenal right": Place(organ="adrenal", snomed="23451007", display="Adrenal structure", side="right"),
    "brain": Place(organ="brain", snomed="12738006", display="Brain structure"),
    "bone": Place(organ="bone", snomed="272673000", display="Bone structure"),
    "kidney left": Place(organ="kidney", snomed="64033007", display="Kidney structure", side="left"),
    "breast left": Place(organ="breast", snomed="76752008", display="Breast structure", side="left"),
    "lymph node": Place(organ="lymph node", snomed="59441001", display="Structure of lymph node"),
}
"""Places by the name stories use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One imaging examination. Dates may be partial, as records have them."""

    on: str
    modality: str = "CT"
    body: str = "Chest and abdomen"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLesion:
    """A lesion and what each scan says of it, in order of the scans, separated by spaces.

    Sizes are millimetres on the axis that counts: long, or short for a node. `detail` distinguishes two lesions of
    one organ. `note` is the record's own word on why there is no size.
    """

    label: str
    place: str
    readings: str
    role: str = ""
    detail: str = ""
    primary: bool = False
    note: str = ""
    second_reader: str = ""
    """What another reader of the same scans says; empty when there was one reader."""

    @property
    def where(self) -> Place:
        """Its place."""
        return PLACES[self.place]

    @property
    def node(self) -> bool:
        """Whether it is a lymph node."""
        return self.where.organ == "lymph node"

    def at(self, scan: int) -> str:
        """What a scan says of it."""
        return self.readings.split()[scan]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A drug over a period, or as administrations every so many days.

    `carried_by` is the resource type that tells of it. `end` empty: still going on; `every` and `times` make single
    administrations from `start`. `stopped_for` is a reason: progression, toxicity, completed.
    """

    drug: str
    start: str
    end: str = ""
    every: int = 0
    times: int = 0
    carried_by: str = "MedicationStatement"
    intent: str = ""
    stopped_for: str = ""

    def days(self) -> tuple[str, ...]:
        """The days of single administrations."""
        first = date.fromisoformat(self.start)
        return tuple((first + timedelta(days=self.every * each)).isoformat() for each in range(self.times))


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A local treatment of one lesion. `fractions` and `dose` [Gy] for radiotherapy."""

    kind: str
    on: str
    lesion: str
    fractions: int = 0
    dose: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoneCount:
    """New lesions a reader counted on a bone scan."""

    on: str
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancer:
    """A diagnosis: what, when, primary or secondary. `kind` is a key of the dialects' code tables."""

    kind: str
    on: str
    status: str = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One synthetic patient. `expect` is the state at each scan that is judged, under `preset`, as of `as_of`."""

    slug: str
    title: str
    tells: str
    dialect: str
    as_of: str
    born: str
    sex: str
    cancers: tuple[Cancer, ...]
    scans: tuple[Scan, ...]
    lesions: tuple[SeenLesion, ...]
    given: tuple[Given, ...] = ()
    local: tuple[Local, ...] = ()
    bone_counts: tuple[BoneCount, ...] = ()
    expect: Mapping[str, str] = field(default_factory=dict)
    preset: str = "DEFAULT"
    under: Mapping[str, str] = field(default_factory=dict)
    """State of the last scan under other presets, by preset name."""
    reader: str = "Practitioner/reader-1"

    def __post_init__(self) -> None:
        rows = [(each, row) for each in self.lesions for row in (each.readings, each.second_reader) if row]
        for lesion, row in rows:
            if len(row.split()) != len(self.scans):
                raise ValueError(
                    f"{self.slug}: {lesion.label} needs one reading for each of {len(self.scans)} scans"
                )


def size(reading: str) -> Decimal | None:
    """The size of a reading [mm]; None when it is a word."""
    return None if reading in WORDS or reading == NOT_SEEN else Decimal(reading)
