"""Lesions, lines of therapy and judged timepoints of the patient in `told`."""

from datetime import date
from typing import Any

from builders import agent, lesion, measurement, mm, on, site, source, timepoint

from fhirgate.oncology.assessment import (
    Counts,
    Interval,
    LesionVerdict,
    Probabilities,
    RecistResponse,
    TimepointAssessment,
)
from fhirgate.oncology.lesion import Kind, LesionIdentity, Role
from fhirgate.oncology.therapy import (
    Evidence,
    Exposure,
    LineFlag,
    LineOfTherapy,
    LocalTreatment,
    Modality,
    OpenedBy,
    Phase,
    Segment,
    Setting,
)
from fhirgate.oncology.timepoint import Lesion, StudyAt
from fhirgate.oncology.verdict import (
    EstroEortcClass,
    LesionStatus,
    Qualifier,
    Reason,
    Response,
    State,
    TherapyStatus,
    Verdict,
)

BASELINE, SECOND, THIRD = "2024-01-10", "2024-03-12", "2024-06-04"


def seen(size: Any, day: str, id: str) -> Any:
    return measurement(size, day, sources=(source(id, version="1"),))


def lung() -> Lesion:
    return lesion(
        "L1",
        identity=LesionIdentity(label="T01", site=site("lung", "S6", "left")),
        stated_role=Role.TARGET,
        measurements=(seen(20, BASELINE, "a1"), seen("18.50", SECOND, "b1"), seen(27, THIRD, "c1")),
    )


def liver() -> Lesion:
    sbrt = LocalTreatment(
        id="p1", started_on=on("2024-03-28"), modality=Modality.SBRT, sources=(source("p1", "Procedure"),)
    )
    return lesion(
        "L2",
        identity=LesionIdentity(label="T02", site=site("liver", "segment VI")),
        stated_role=Role.TARGET,
        measurements=(seen(30, BASELINE, "a2"), seen(20, SECOND, "b2"), seen(Kind.TOO_SMALL, THIRD, "c2")),
        local_treatments=(sbrt,),
    )


def node() -> Lesion:
    return lesion(
        "L3",
        identity=LesionIdentity(site=site("lymph node", "4R")),
        measurements=(seen(None, BASELINE, "a3"), seen(Kind.NOT_EVALUABLE, THIRD, "c3")),
    )


def brain() -> Lesion:
    return lesion(
        "L4",
        identity=LesionIdentity(label="脳転移 1", site=site("brain", "left frontal")),
        measurements=(seen(8, THIRD, "c4"),),
    )


def osimertinib() -> LineOfTherapy:
    drug = agent("osimertinib")
    return LineOfTherapy(
        number=1,
        setting=Setting.PALLIATIVE,
        start=date(2024, 1, 15),
        last_exposure=date(2024, 6, 1),
        end=None,
        agents=(drug,),
        segments=(
            Segment(label="a", start=date(2024, 1, 15), end=date(2024, 3, 27)),
            Segment(label="b", start=date(2024, 3, 28), end=None),
        ),
        evidence=Evidence.STATED,
        flags=(LineFlag.BEYOND_PROGRESSION_AFTER_LAT,),
        exposures=(
            Exposure(
                agent=drug,
                start=on("2024-01-15"),
                evidence=Evidence.STATED,
                sources=(source("m1", "MedicationStatement"),),
            ),
        ),
    )


def judged(each: Lesion, status: LesionStatus, because: str, **more: Any) -> LesionVerdict:
    more.setdefault("value", None)
    more.setdefault("reference", None)
    more.setdefault("rule", "lesion-" + status.lower().replace("_", "-"))
    return LesionVerdict(lesion=each, status=status, because=because, **more)


def a_response(answer: Response, rule: str, because: str) -> Verdict[Response]:
    return Verdict(answer=answer, rule=rule, because=because, sources=(source("a1", version="1"),))


def at(day: str, known: tuple[Lesion, ...], **more: Any) -> TimepointAssessment:
    """A judged timepoint on which nothing was found but what the test says."""
    measured = {each.id: m for each in known for m in each.measurements if str(m.taken_on) == day}
    more.setdefault(
        "state", Verdict(answer=State.BASELINE, rule="nothing-to-compare", because="first imaging")
    )
    empty: dict[str, Any] = {
        "baseline": False,
        "sum_of_diameters": None,
        "nadir": None,
        "baseline_sum": None,
        "response": RecistResponse(),
        "irecist": None,
        "therapy_status": TherapyStatus.UNKNOWN,
        "line": None,
        "qualifiers": (),
        "reasons": (),
        "counts": Counts(),
        "lesions": (),
        "estro_eortc": None,
        "probabilities": None,
    }
    study = StudyAt(id=f"ct-{day}", taken_on=on(day), modality="CT")
    return TimepointAssessment(timepoint=timepoint(day, measured, studies=(study,)), **(empty | more))


def point(value: float) -> Interval:
    return Interval(low=value, high=value)


def first_timepoint(lesions: tuple[Lesion, ...]) -> TimepointAssessment:
    return at(
        BASELINE,
        lesions,
        baseline=True,
        sum_of_diameters=mm(50),
        baseline_sum=mm(50),
        therapy_status=TherapyStatus.OFF,
        line=osimertinib(),
        state=Verdict(
            answer=State.BASELINE,
            rule="nothing-to-compare",
            because="3 metastases visible, no earlier timepoint",
        ),
        reasons=(
            Reason(
                code="NO_COMPARATOR",
                text="no earlier imaging to compare with",
                resolved_by="earlier measurements of the same lesions, or the next scan",
            ),
        ),
    )


def second_timepoint(lesions: tuple[Lesion, ...]) -> TimepointAssessment:
    first, second, *_ = lesions
    return at(
        SECOND,
        lesions,
        sum_of_diameters=mm("38.5"),
        nadir=mm(50),
        baseline_sum=mm(50),
        therapy_status=TherapyStatus.ON,
        line=osimertinib(),
        response=RecistResponse(
            target=a_response(
                Response.SD, "target-stable", "sum 38.5 mm is −23 % against the baseline 50 mm"
            ),
            non_target=a_response(Response.NON_CR_NON_PD, "non-target-persists", "lymph node 4R persisting"),
            overall=a_response(
                Response.SD, "overall-stable", "target SD, non-target NON-CR/NON-PD, new lesions no"
            ),
        ),
        state=Verdict(
            answer=State.STABLE_DISEASE,
            rule="no-progression",
            because="none of 3 evaluable known lesions progresses; 3 metastases visible",
        ),
        counts=Counts(controlled=3),
        lesions=(
            judged(
                first,
                LesionStatus.STABLE,
                "18.5 mm is −7.5 % and −1.5 mm against 20 mm",
                value=mm("18.50"),
                reference=mm(20),
            ),
            judged(
                second,
                LesionStatus.RESPONDING,
                "20 mm from 30 mm at baseline",
                value=mm(20),
                reference=mm(30),
            ),
        ),
        probabilities=Probabilities(
            none=point(0.99), oligo=point(0.01), limited=point(0.0), systemic=point(0.0)
        ),
    )


def third_timepoint(lesions: tuple[Lesion, ...]) -> TimepointAssessment:
    first, second, third, fourth = lesions
    return at(
        THIRD,
        lesions,
        nadir=mm("38.5"),
        baseline_sum=mm(50),
        therapy_status=TherapyStatus.ON,
        line=osimertinib(),
        response=RecistResponse(
            target=a_response(
                Response.NE,
                "target-not-evaluable",
                "T02 (locally treated) not evaluated; the others sum to 27 mm",
            ),
            non_target=a_response(Response.NE, "non-target-not-evaluable", "lymph node 4R not evaluated"),
            new_lesions=True,
            overall=a_response(
                Response.PD, "overall-new-lesion", "target NE, non-target NE, new lesions yes"
            ),
        ),
        state=Verdict(
            answer=State.OLIGOPROGRESSION,
            rule="oligoprogression",
            because="1 of 2 evaluable known lesions progresses and 1 new lesion (T01 and 脳転移 1); limit 5",
            sources=(source("c1", version="1"), source("c4", version="1")),
        ),
        qualifiers=(Qualifier.MIXED_RESPONSE, Qualifier.NE_LESIONS_NOT_DECISIVE),
        counts=Counts(progressing=1, new=1, controlled=1, not_evaluable=1),
        lesions=(
            judged(
                first,
                LesionStatus.PROGRESSING,
                "27 mm is +45.9 % and +8.5 mm against 18.5 mm of 2024-03-12",
                value=mm(27),
                reference=mm("18.5"),
                qualifiers=(Qualifier.MIXED_TECHNIQUE,),
                sources=(source("b1", version="1"), source("c1", version="1")),
            ),
            judged(
                second,
                LesionStatus.TREATED_CONTROLLED,
                "locally treated 2 months before; 5 mm is −75 % and −15 mm against 20 mm",
                value=mm(5),
                reference=mm(20),
            ),
            judged(third, LesionStatus.NE, "recorded as not evaluable"),
            judged(fourth, LesionStatus.NEW, "first seen 2024-06-04, 8 mm", value=mm(8), rule="new-lesion"),
        ),
        estro_eortc=EstroEortcClass.REPEAT_OLIGOPROGRESSION,
        probabilities=Probabilities(
            none=point(0.0),
            oligo=Interval(low=0.91234, high=0.98766),
            limited=Interval(low=0.01234, high=0.08766),
            systemic=point(0.0),
        ),
    )


def adjuvant() -> LineOfTherapy:
    return LineOfTherapy(
        number=None,
        setting=Setting.CURATIVE,
        start=date(2023, 12, 1),
        last_exposure=date(2024, 1, 5),
        end=date(2024, 1, 5),
        agents=(agent("cisplatin", "chemotherapy"), agent("pemetrexed", "chemotherapy")),
        substitutions=(agent("carboplatin", "chemotherapy"),),
        carried=(agent("bevacizumab", "antibody"),),
        phase=Phase.SWITCH_MAINTENANCE,
        end_reason="TOXICITY",
        opened_by=OpenedBy.NEW_DRUG,
        evidence=Evidence.ADMINISTERED,
    )
