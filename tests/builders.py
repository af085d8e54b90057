"""Core objects with defaults for everything a test does not speak of.

Dates are given as ISO text, sizes as text or int [mm]; the names are those of the class in lower case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from fhirgate.oncology.chart import BoneScan, Chart, Patient, Spread, SpreadStatement, Study
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.diagnosis import Diagnosis, DiagnosisKind
from fhirgate.oncology.lesion import (
    Axis,
    Kind,
    LesionIdentity,
    Measurement,
    Reader,
    Sighting,
    Uptake,
)
from fhirgate.oncology.millimetres import TOO_SMALL, ZERO, Millimetres
from fhirgate.oncology.progression.situation import History, LesionInPlay, OnLine, Situation
from fhirgate.oncology.reconstruct.lesions import LinkedLesion
from fhirgate.oncology.site import Laterality, Site
from fhirgate.oncology.source import Source, Sources
from fhirgate.oncology.therapy import (
    Agent,
    Evidence,
    Exposure,
    LineOfTherapy,
    LocalTreatment,
    LotRole,
    Modality,
    Setting,
)
from fhirgate.oncology.timepoint import Lesion, Timepoint
from fhirgate.oncology.verdict import LesionStatus, Reason, TherapyStatus

Number = str | int | Decimal


def on(text: str) -> ClinicalDate:
    """A date."""
    return ClinicalDate.parse(text)


def mm(size: Number) -> Millimetres:
    """A length [mm]."""
    return Millimetres(Decimal(size))


def mm_or_none(size: Number | None) -> Millimetres | None:
    """A length [mm], or none."""
    return None if size is None else mm(size)


def source(id: str = "1", type: str = "Observation", version: str = "") -> Source:
    """A resource."""
    return Source(type, id, version)


def reader(key: str = "Practitioner/a", name: str = "") -> Reader:
    """Who measured."""
    return Reader(key=key, name=name)


def site(organ: str | None = "lung", detail: str = "", laterality: str | None = None, **more: Any) -> Site:
    """A place in the body."""
    return Site(organ=organ, detail=detail, laterality=Laterality(laterality) if laterality else None, **more)


def node_site(detail: str = "") -> Site:
    """A lymph node."""
    return Site(organ="lymph node", detail=detail)


def identity(*identifiers: str, label: str = "", organ: str | None = "lung", **more: Any) -> LesionIdentity:
    """What a record says to tell a lesion apart; `site` overrides `organ`."""
    more.setdefault("site", Site(organ=organ))
    return LesionIdentity(identifiers=frozenset(identifiers), label=label, **more)


def sighting(taken_on: str = "2024-01-10", long: Number | None = None, **more: Any) -> Sighting:
    """What one resource says of one lesion; `long` and `short` are sizes [mm]."""
    short = mm_or_none(more.pop("short", None))
    more.setdefault("identity", identity("L1"))
    return Sighting(taken_on=on(taken_on), long_axis=mm_or_none(long), short_axis=short, **more)


def uptake(sul_peak: Number | None = None, suv_max: Number | None = None) -> Uptake:
    """PET uptake."""
    return Uptake(
        sul_peak=None if sul_peak is None else Decimal(sul_peak),
        suv_max=None if suv_max is None else Decimal(suv_max),
    )


_SIZES = {Kind.ABSENT: ZERO, Kind.TOO_SMALL: TOO_SMALL}


def measurement(size: Number | Kind | None = 20, taken_on: str = "2024-01-10", **more: Any) -> Measurement:
    """One reading: a size [mm], or a kind such as Kind.ABSENT instead of one."""
    if isinstance(size, Kind):
        more.setdefault("kind", size)
        more.setdefault("size", _SIZES.get(size))
    else:
        more.setdefault("kind", Kind.PRESENT if size is None else Kind.MEASURED)
        more.setdefault("size", mm_or_none(size))
    more.setdefault("axis", Axis.LONG)
    return Measurement(taken_on=on(taken_on), **more)


def lesion(id: str = "L1", organ: str = "lung", **more: Any) -> Lesion:
    """One tumour site; `site` overrides `organ`."""
    place = more.pop("site", Site(organ=organ))
    more.setdefault("identity", LesionIdentity(identifiers=frozenset({id}), label=id, site=place))
    return Lesion(id=id, **more)


def linked(id: str = "L1", *sightings: Sighting, organ: str = "lung", **more: Any) -> LinkedLesion:
    """A lesion with everything said about it, before timepoints are formed."""
    more.setdefault("identity", identity(id, label=id, organ=organ))
    said = tuple(replace(each, identity=more["identity"]) for each in sightings)
    return LinkedLesion(id=id, sightings=said, **more)


def timepoint(
    date: str = "2024-01-10", measurements: Mapping[str, Measurement] | None = None, **more: Any
) -> Timepoint:
    """One imaging round on one day."""
    more.setdefault("last_date", on(date))
    return Timepoint(date=on(date), measurements=measurements or {}, **more)


def study(key: str = "ImagingStudy/1", taken_on: str | None = "2024-01-10", **more: Any) -> Study:
    """One imaging examination."""
    more.setdefault("id", key.rsplit("/", 1)[-1])
    more.setdefault("modality", "CT")
    return Study(key=key, taken_on=on(taken_on) if taken_on else None, **more)


def agent(name: str = "osimertinib", drug_class: str = "tki", **more: Any) -> Agent:
    """One active ingredient."""
    return Agent(name=name, drug_class=drug_class, **more)


OSIMERTINIB = agent()
PEMBROLIZUMAB = agent("pembrolizumab", "ici")
CARBOPLATIN = agent("carboplatin", "chemotherapy", subclass="platinum", interchange_group="platinum")
PALBOCICLIB = agent("palbociclib", "targeted small molecule", subclass="CDK4/6")
LETROZOLE = agent("letrozole", "endocrine", subclass="aromatase inhibitor", lot_role=LotRole.COUNTS_ENDOCRINE)


def exposure(start: str = "2024-01-10", end: str | None = None, **more: Any) -> Exposure:
    """One agent over one period; `agent` by default osimertinib, administered."""
    more.setdefault("agent", OSIMERTINIB)
    more.setdefault("evidence", Evidence.ADMINISTERED)
    return Exposure(start=on(start), end=on(end) if end else None, **more)


def line(start: str = "2024-01-10", last: str = "2024-12-31", **more: Any) -> LineOfTherapy:
    """A palliative line of therapy, ongoing."""
    more.setdefault("number", 1)
    more.setdefault("setting", Setting.PALLIATIVE)
    more.setdefault("end", None)
    more.setdefault("agents", (OSIMERTINIB,))
    more.setdefault("evidence", Evidence.ADMINISTERED)
    return LineOfTherapy(start=date.fromisoformat(start), last_exposure=date.fromisoformat(last), **more)


def local_treatment(started_on: str = "2024-01-10", *lesions: LesionIdentity, **more: Any) -> LocalTreatment:
    """Local treatment of these lesions, SBRT by default."""
    more.setdefault("id", f"{started_on}-{len(lesions)}")
    more.setdefault("modality", Modality.SBRT)
    return LocalTreatment(started_on=on(started_on), lesions=lesions, **more)


def diagnosis(kind: str = "primary", dated: str | None = "2023-01-10", **more: Any) -> Diagnosis:
    """A cancer diagnosis."""
    more.setdefault("id", kind)
    more.setdefault("source", Source("Condition", more["id"]))
    return Diagnosis(kind=DiagnosisKind(kind), dated=on(dated) if dated else None, **more)


def spread(which: str = "present", stated_on: str | None = "2023-01-10", **more: Any) -> SpreadStatement:
    """A statement on distant metastases."""
    more.setdefault("source", source("spread"))
    return SpreadStatement(spread=Spread(which), stated_on=on(stated_on) if stated_on else None, **more)


def bone_scan(taken_on: str, new_lesions: int, persisting: int | None = None) -> BoneScan:
    """A count of new bone lesions."""
    return BoneScan(
        taken_on=on(taken_on), new_lesions=new_lesions, persisting=persisting, source=source(taken_on)
    )


def chart(*sightings: Sighting, **more: Any) -> Chart:
    """The facts of one record."""
    more.setdefault("patient", Patient(id="p1"))
    return Chart(sightings=sightings, **more)


def in_play(status: str | LesionStatus = "STABLE", id: str = "L1", **more: Any) -> LesionInPlay:
    """One lesion as the state machine sees it; a new status makes it new, ABSENT makes it invisible."""
    status = LesionStatus(status)
    more.setdefault("label", id)
    more.setdefault("organ", "lung")
    more.setdefault("new", status in (LesionStatus.NEW, LesionStatus.NEW_EQUIVOCAL))
    more.setdefault("visible", status is not LesionStatus.ABSENT)
    return LesionInPlay(id=id, status=status, **more)


def on_line(status: str | TherapyStatus = "on", **more: Any) -> OnLine:
    """The therapy at a timepoint: a TKI for 400 days unless said otherwise."""
    status = TherapyStatus(status)
    if status is TherapyStatus.ON:
        more.setdefault("agents", (OSIMERTINIB,))
        more.setdefault("number", 1)
        more.setdefault("days", 400)
    more.setdefault("because", f"therapy {status.value}")
    return OnLine(status=status, **more)


def before(**more: Any) -> History:
    """What came before: polymetastatic disease unless said otherwise."""
    more.setdefault("polymetastatic_before", True)
    more.setdefault("oligometastatic_before", False)
    return History(**more)


def situation(lesions: Iterable[LesionInPlay] = (), **more: Any) -> Situation:
    """One timepoint as the state machine sees it."""
    more.setdefault("date", date(2024, 6, 1))
    more.setdefault("line", on_line())
    more.setdefault("history", before())
    return Situation(lesions=tuple(lesions), **more)


def reason(code: str = "EQUIVOCAL_NEW_LESION", text: str = "", sources: Sources = ()) -> Reason:
    """A reason."""
    return Reason(code=code, text=text or code, sources=sources)
