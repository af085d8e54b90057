"""Lesions over time and the rounds of imaging that saw them: what `reconstruct` makes of a chart."""

from collections.abc import Mapping
from dataclasses import field

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.lesion import LesionIdentity, Measurement, Reader, Role
from fhirgate.oncology.site import Site
from fhirgate.oncology.source import Sources
from fhirgate.oncology.therapy import LocalTreatment
from fhirgate.oncology.value import value


@value
class Lesion:
    """One tumour site followed over time.

    `stated_role` is the record's own; the role a lesion plays on a line is chosen by the criteria.
    `measurements` are by date, at most one for a timepoint.
    """

    id: str
    identity: LesionIdentity
    stated_role: Role | None = None
    measurements: tuple[Measurement, ...] = ()
    local_treatments: tuple[LocalTreatment, ...] = ()

    @property
    def label(self) -> str:
        """What a reader calls it."""
        return self.identity.label or str(self.identity.site)

    @property
    def site(self) -> Site:
        """Where it sits."""
        return self.identity.site

    @property
    def first_seen(self) -> ClinicalDate | None:
        """Date of the first image that shows it."""
        return self.measurements[0].taken_on if self.measurements else None


@value
class StudyAt:
    """A study as listed with its timepoint."""

    id: str
    taken_on: ClinicalDate
    modality: str
    body: tuple[str, ...] = ()
    sources: Sources = ()


@value
class Timepoint:
    """One imaging round: the studies of one assessment and what they measured, by lesion id.

    `date` is that of the earliest image, `last_date` that of the latest (a response is dated by the latest,
    a progression by the earliest image that shows it). `order_uncertain` is set when partial dates leave open
    whether another timepoint came first.
    """

    date: ClinicalDate
    last_date: ClinicalDate
    studies: tuple[StudyAt, ...] = ()
    measurements: Mapping[str, Measurement] = field(default_factory=dict)
    order_uncertain: bool = False
    conflicts: tuple[str, ...] = ()
    """Ids of lesions with contradicting values that no reader explains."""
    reader: Reader | None = None
