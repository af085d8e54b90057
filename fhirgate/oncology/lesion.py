"""Lesions: who they are (identity), what one resource says of them (sighting), one reading (measurement)."""

from dataclasses import field
from decimal import Decimal
from enum import StrEnum

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.site import Site
from fhirgate.oncology.source import Source, Sources
from fhirgate.oncology.value import value


class Role(StrEnum):
    """What a lesion counts for in a RECIST assessment; fixed at baseline. CDISC TUMIDENT."""

    TARGET = "target"
    NON_TARGET = "nonTarget"
    NEW = "new"


class Axis(StrEnum):
    """Which diameter was measured."""

    LONG = "long"
    SHORT = "short"


class Kind(StrEnum):
    """What a reading of a lesion is, when it is not simply a size."""

    MEASURED = "measured"
    TOO_SMALL = "tooSmall"
    ABSENT = "absent"
    PRESENT = "present"
    NOT_EVALUABLE = "notEvaluable"
    SPLIT = "split"
    MERGED = "merged"


class Change(StrEnum):
    """The reader's own words on change, for a lesion that is not judged by size. CDISC TUMSTATE."""

    UNEQUIVOCAL = "unequivocal"
    """Unequivocal progression of a known lesion, or definitely a new lesion."""
    EQUIVOCAL = "equivocal"
    """Perhaps progression, perhaps a new lesion: followed, not counted."""
    INCREASED = "increased"
    """Any further increase; less than unequivocal, but it confirms an iUPD (iRECIST)."""


@value
class LesionIdentity:
    """What a record says to tell one lesion from another.

    `identifiers` are strings that mean the same lesion wherever they recur within one patient: tracking UIDs,
    BodyStructure references, identifiers with a system. `label` ("T01", "Nodule 1") is unique only within one
    report or site convention, so it joins two sightings only when the site agrees.
    """

    identifiers: frozenset[str] = frozenset()
    label: str = ""
    site: Site = field(default_factory=Site)
    primary: bool = False
    """The primary tumour itself: a growing one is a progressing site, but it is never a metastasis."""
    condition: str = ""
    """Id of the diagnosis this lesion belongs to, when the record says so."""
    sources: Sources = ()


@value
class Reader:
    """Who measured: `key` tells readers apart, `name` is for people."""

    key: str
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.key


@value
class Uptake:
    """PET uptake of a lesion. Values of different kinds are never compared."""

    sul_peak: Decimal | None = None
    suv_max: Decimal | None = None


@value
class Sighting:
    """What one resource says about one lesion on one date; several may make one measurement.

    Exactly what was written: `long_axis` and `short_axis` [mm] as far as given, `kind` when the resource says
    something instead of a size, `fragments` [mm] when a split lesion's parts are given one by one.
    """

    identity: LesionIdentity
    taken_on: ClinicalDate
    long_axis: Millimetres | None = None
    short_axis: Millimetres | None = None
    short_axis_inferred: bool = False
    kind: Kind | None = None
    change: Change | None = None
    role: Role | None = None
    fragments: tuple[Millimetres, ...] = ()
    merged_into: frozenset[str] = frozenset()
    """Identifiers of the lesion this one has coalesced with."""
    uptake: Uptake | None = None
    reader: Reader | None = None
    study: str = ""
    """Key of the study it was measured on; empty when the record does not say."""
    modality: str = ""
    slice_thickness: Millimetres | None = None
    preliminary: bool = False
    note: str = ""
    """The record's own words on why there is no size ("image obscured")."""
    refused: str = ""
    """Why a size that was given cannot be used (no unit, not possible); `kind` is then not evaluable."""
    sources: Sources = ()

    @property
    def says_nothing_of_size(self) -> bool:
        """Whether it only names the lesion or its role."""
        return (
            self.long_axis is None
            and self.short_axis is None
            and self.kind is None
            and self.change is None
            and self.uptake is None
        )


@value
class Measurement:
    """One reading of one lesion at one timepoint by one reader.

    `size` [mm] is the value that enters sums and comparisons: the long axis, or the short axis of a node;
    5 mm when too small to measure; 0 when absent; None when there is no number (present, not evaluable).
    """

    taken_on: ClinicalDate
    kind: Kind
    size: Millimetres | None
    axis: Axis
    change: Change | None = None
    uptake: Uptake | None = None
    reader: Reader | None = None
    modality: str = ""
    slice_thickness: Millimetres | None = None
    merged_into: str = ""
    """Id of the lesion whose size now holds this one's too."""
    note: str = ""
    refused: str = ""
    """Why the only size given cannot be used; empty when there was none or another one counts."""
    sources: Sources = ()

    @property
    def source(self) -> Source | None:
        """The resource that carries the value."""
        return self.sources[0] if self.sources else None

    @property
    def evaluable(self) -> bool:
        """Whether the lesion was assessed at all."""
        return self.kind is not Kind.NOT_EVALUABLE
