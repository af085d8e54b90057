"""Assessments built by hand, for tests of what is done with one.

The standard one: non-small-cell lung cancer on osimertinib, two of nine lesions progressing on the scan of
2025-02-03, judged on 2025-02-10.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from builders import (
    OSIMERTINIB,
    chart,
    diagnosis,
    exposure,
    lesion,
    line,
    measurement,
    mm,
    on,
    site,
    study,
    timepoint,
)

from fhirgate.oncology import RULES_VERSION
from fhirgate.oncology.assessment import (
    Assessment,
    BestOverallResponse,
    Counts,
    Current,
    Interval,
    LesionVerdict,
    Probabilities,
    RecistResponse,
    TimepointAssessment,
)
from fhirgate.oncology.chart import Chart, Patient
from fhirgate.oncology.diagnosis import Diagnosis, Tumour
from fhirgate.oncology.follow_up import FollowUp, propose
from fhirgate.oncology.lesion import Sighting
from fhirgate.oncology.policy import StatePolicy
from fhirgate.oncology.site import BONE, Site
from fhirgate.oncology.source import Source
from fhirgate.oncology.therapy import Agent
from fhirgate.oncology.timepoint import Lesion, StudyAt
from fhirgate.oncology.verdict import LesionStatus, State, TherapyStatus, Verdict

SCAN = "2025-02-03"
AS_OF = date(2025, 2, 10)
PATIENT = Patient(id="p1", source=Source("Patient", "p1", "3"))


def interval(low: float, high: float | None = None) -> Interval:
    """A probability."""
    return Interval(low=low, high=low if high is None else high)


def probabilities(none: float, oligo: float, limited: float, systemic: float) -> Probabilities:
    """Four points."""
    return Probabilities(
        none=interval(none), oligo=interval(oligo), limited=interval(limited), systemic=interval(systemic)
    )


def verdict(
    id: str = "L1",
    status: str = "STABLE",
    value: str | None = "20",
    reference: str | None = "20",
    **more: Any,
) -> LesionVerdict:
    """What one lesion does; `lesion` overrides `id` and `place`."""
    place: Site = more.pop("place", site())
    status_ = LesionStatus(status)
    more.setdefault("lesion", lesion(id, site=place))
    more.setdefault("sources", (Source("Observation", f"{id.lower()}-2", "1"),))
    return LesionVerdict(
        status=status_,
        value=mm(value) if value else None,
        reference=mm(reference) if reference else None,
        rule=status.lower(),
        because=f"{id} {status.lower()}",
        **more,
    )


GROWING = (
    verdict("L1", "PROGRESSING", "27", "20", place=site("lung", "segment 6", "left")),
    verdict("L2", "PROGRESSING", "24.5", "18", place=site("adrenal gland", laterality="left")),
)
STILL = tuple(verdict(f"L{number}", place=site(BONE, f"T{number}")) for number in range(3, 10))


def nsclc(**more: Any) -> Diagnosis:
    """The primary cancer."""
    more.setdefault("tumour", Tumour.NSCLC)
    return diagnosis(id="c1", source=Source("Condition", "c1", "2"), site=site("lung"), **more)


def judged(
    state: State = State.OLIGOPROGRESSION,
    lesions: tuple[LesionVerdict, ...] = GROWING + STILL,
    **more: Any,
) -> TimepointAssessment:
    """A judged timepoint with the counts of its lesions."""
    values = {
        each.lesion.id: measurement(each.value, SCAN, sources=each.sources, modality="CT") for each in lesions
    }
    studies = (StudyAt(id="s2", taken_on=on(SCAN), modality="CT", sources=(Source("ImagingStudy", "s2"),)),)
    defaults: dict[str, Any] = {
        "timepoint": timepoint(SCAN, values, studies=studies),
        "baseline": False,
        "sum_of_diameters": mm("51.5"),
        "nadir": mm(38),
        "baseline_sum": mm(44),
        "response": RecistResponse(),
        "irecist": None,
        "therapy_status": TherapyStatus.ON,
        "line": line("2024-03-01", "2025-02-03", exposures=(_osimertinib(),)),
        "state": Verdict(answer=state, rule="a rule", because="2 of 9 evaluable known lesions progress"),
        "qualifiers": (),
        "reasons": (),
        "counts": _counts(lesions),
        "lesions": lesions,
        "estro_eortc": None,
        "probabilities": None,
    }
    return TimepointAssessment(**(defaults | more))


def assessment(now: TimepointAssessment | None = None, state: State | None = None, **more: Any) -> Assessment:
    """The assessment whose current timepoint is `now`; `state` alone changes that of the standard one."""
    now = now or judged(state or State.OLIGOPROGRESSION)
    stale = more.pop("stale", False)
    current = Current(
        assessed=now, state=now.state.answer, qualifiers=now.qualifiers, reasons=now.reasons, stale=stale
    )
    defaults: dict[str, Any] = {
        "patient": PATIENT,
        "as_of": AS_OF,
        "preset": "DEFAULT",
        "rules_version": RULES_VERSION,
        "policy": "default 1",
        "reader": None,
        "diagnoses": (nsclc(),),
        "lesions": tuple(each.lesion for each in now.lesions),
        "roles": {},
        "lines": (now.line,) if now.line else (),
        "timepoints": (now,),
        "best_overall": BestOverallResponse(),
        "first_progression": None,
        "current": current,
        "findings": (),
    }
    return Assessment(**(defaults | more))


def without_imaging(**more: Any) -> Assessment:
    """The assessment of a record without any timepoint."""
    current = Current(
        assessed=None, state=State.INDETERMINATE, qualifiers=(), reasons=more.pop("reasons", ()), stale=False
    )
    return assessment(**({"lesions": (), "lines": (), "timepoints": (), "current": current} | more))


def facts(*sightings: Sighting, **more: Any) -> Chart:
    """A chart with one CT and one exposure."""
    more.setdefault("studies", (study("ImagingStudy/s2", SCAN),))
    more.setdefault("exposures", (_osimertinib(),))
    return chart(*sightings, patient=PATIENT, **more)


def treated(each: LesionVerdict, *treatments: Any) -> LesionVerdict:
    """The same verdict on a lesion with local treatments."""
    changed: Lesion = replace(each.lesion, local_treatments=treatments)
    return replace(each, lesion=changed)


def proposed(given: Assessment, policy: StatePolicy | None = None) -> FollowUp:
    """The proposals of an assessment that has some."""
    follow_up = propose(given, policy or StatePolicy())
    assert follow_up is not None
    return follow_up


def on_drugs(*agents: Agent, **more: Any) -> Assessment:
    """The standard assessment on other drugs; `more` goes to the timepoint."""
    return assessment(judged(line=line("2024-03-01", SCAN, agents=agents), **more))


def _osimertinib() -> Any:
    return exposure(
        "2024-03-01",
        agent=OSIMERTINIB,
        asserted_on=on("2025-02-03"),
        sources=(Source("MedicationStatement", "m1", "4"),),
    )


def _counts(lesions: tuple[LesionVerdict, ...]) -> Counts:
    of = [each.status for each in lesions]
    return Counts(
        progressing=of.count(LesionStatus.PROGRESSING),
        new=of.count(LesionStatus.NEW),
        controlled=of.count(LesionStatus.STABLE),
        not_evaluable=of.count(LesionStatus.NE),
    )
