"""The facts of one patient's record, in the disease's own words: what `mapping.parse` hands to the core."""

from decimal import Decimal
from enum import StrEnum

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.diagnosis import Diagnosis
from fhirgate.oncology.finding import Finding
from fhirgate.oncology.lesion import LesionIdentity, Sighting
from fhirgate.oncology.site import Diffuse, Site
from fhirgate.oncology.source import Source, Sources
from fhirgate.oncology.therapy import Exposure, LocalTreatment
from fhirgate.oncology.value import value


@value
class Patient:
    """Who the chart is about; nothing that identifies a person beyond the logical id."""

    id: str
    born_on: ClinicalDate | None = None
    died_on: ClinicalDate | None = None
    dead: bool = False
    source: Source | None = None


@value
class Study:
    """One imaging examination or its report; a carrier of a timepoint.

    `key` is what sightings name. `body` are the regions it covers, as far as recorded.
    """

    key: str
    id: str
    taken_on: ClinicalDate | None
    modality: str = ""
    body: tuple[str, ...] = ()
    slice_thickness: Decimal | None = None
    is_report: bool = False
    narrative_only: bool = False
    sources: Sources = ()


class Course(StrEnum):
    """A clinician's or registry's own statement on the course of disease."""

    COMPLETE_RESPONSE = "complete response"
    PARTIAL_RESPONSE = "partial response"
    IMPROVED = "improved"
    STABLE = "stable"
    PROGRESSION = "progression"
    RECURRENCE = "recurrence"
    DIVERGENT = "divergent course"
    UNDETERMINED = "undetermined"


@value
class CourseStatement:
    """Disease status as stated by a person: compared with our judgement, never overriding it."""

    stated_on: ClinicalDate
    course: Course
    compartments: tuple[tuple[str, str], ...] = ()
    """MII: (compartment, code) pairs; compartment is primary, nodes or distant."""
    text: str = ""
    source: Source


class Spread(StrEnum):
    """What a statement says about distant metastases as a whole."""

    NONE = "none"
    PRESENT = "present"


@value
class SpreadStatement:
    """Distant metastases stated present or absent: M category, history of metastatic cancer, MII site.

    `site` is set when the statement names one; `diffuse` when it says the spread has no count.
    """

    stated_on: ClinicalDate | None
    spread: Spread
    site: Site | None = None
    diffuse: Diffuse | None = None
    source: Source


@value
class BoneScan:
    """Number of new lesions on a bone scan, as counted by the reader (PCWG3)."""

    taken_on: ClinicalDate
    new_lesions: int
    persisting: int | None = None
    """How many of the new lesions of the scan before are still there, when the reader says so."""
    source: Source


class FactKind(StrEnum):
    """What a supporting fact is."""

    BIOPSY = "biopsy"
    MOLECULAR = "molecular"
    MARKER = "tumour marker"
    PERFORMANCE = "performance status"


@value
class SupportingFact:
    """A biopsy, molecular finding, tumour marker or performance status: shown, never a lesion."""

    kind: FactKind
    on: ClinicalDate | None
    text: str
    lesions: tuple[LesionIdentity, ...] = ()
    source: Source


@value
class Chart:
    """Everything the core may know of one patient. Order within the tuples carries no meaning."""

    patient: Patient
    diagnoses: tuple[Diagnosis, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    studies: tuple[Study, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    local_treatments: tuple[LocalTreatment, ...] = ()
    courses: tuple[CourseStatement, ...] = ()
    spreads: tuple[SpreadStatement, ...] = ()
    bone_scans: tuple[BoneScan, ...] = ()
    supporting: tuple[SupportingFact, ...] = ()
    findings: tuple[Finding, ...] = ()
