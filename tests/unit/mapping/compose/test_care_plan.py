"""The CarePlan: the largest and the smallest, and what each activity is."""

from dataclasses import replace

import pytest
from assessments import GROWING, SCAN, STILL, assessment, judged, nsclc, treated
from builders import (
    CARBOPLATIN,
    LETROZOLE,
    OSIMERTINIB,
    PEMBROLIZUMAB,
    agent,
    diagnosis,
    line,
    local_treatment,
    on,
    source,
    timepoint,
)
from golden import as_text, golden

from fhirgate.mapping.compose.care_plan import compose_care_plan
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.invariants import problems
from fhirgate.mapping.r4b import check_r4
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.follow_up import propose
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.therapy import Agent
from fhirgate.oncology.timepoint import StudyAt
from fhirgate.oncology.verdict import Qualifier, State


def composed(given: Assessment) -> Json:
    follow_up = propose(given, DEFAULT_POLICY.state)
    assert follow_up is not None
    return compose_care_plan(given, follow_up, DEFAULT_POLICY)


def detail(resource: Json, text: str) -> Json:
    (found,) = (a["detail"] for a in resource["activity"] if a["detail"]["code"]["text"] == text)
    return dict(found)


def test_the_largest() -> None:
    drugs = line("2024-03-01", SCAN, agents=(CARBOPLATIN, PEMBROLIZUMAB))
    qualifiers = (Qualifier.CNS_REPORTED_SEPARATELY, Qualifier.PREVIOUSLY_TREATED_LESION_PROGRESSING)
    lesions = (treated(GROWING[0], local_treatment("2025-02-06")), GROWING[1], *STILL)
    metastasis = diagnosis("secondary", id="c3", source=source("c3", "Condition", "1"))
    former = replace(metastasis, id="c4", active=False, source=source("c4", "Condition"))

    resource = composed(
        assessment(
            judged(line=drugs, qualifiers=qualifiers, lesions=lesions),
            diagnoses=(metastasis, former, nsclc()),
        )
    )

    assert problems(resource) == ()
    assert check_r4(resource) == ()
    assert as_text(resource) == golden("care_plan_largest")


def test_the_smallest() -> None:
    now = judged(State.PROGRESSION_UNCONFIRMED, line=None, timepoint=timepoint(SCAN))

    resource = composed(assessment(now, diagnoses=()))

    assert problems(resource) == ()
    assert check_r4(resource) == ()
    assert as_text(resource) == golden("care_plan_smallest")


def test_local_therapy_has_an_activity_for_each_lesion() -> None:
    wanted = [
        each["detail"]["description"].split(":")[0]
        for each in composed(assessment())["activity"]
        if each["detail"]["code"]["text"] == "Assessment for local ablative therapy"
    ]

    assert wanted == [
        "L1 (left lung segment 6, 27 mm, +7 mm, +35 % from 20 mm)",
        "L2 (left adrenal gland, 24.5 mm, +6.5 mm, +36.1 % from 18 mm)",
    ]


def test_only_what_an_activity_may_give_as_a_reason_is_one() -> None:
    lesion = replace(GROWING[0], sources=(source("b1", "BodyStructure"), source("o1")))

    resource = composed(assessment(judged(lesions=(lesion, *STILL))))

    assert detail(resource, "Assessment for local ablative therapy")["reasonReference"] == [
        {"reference": "Observation/o1"}
    ]


@pytest.mark.parametrize(
    ("drugs", "code"),
    [
        ((OSIMERTINIB,), "1255831008"),
        ((CARBOPLATIN,), "367336001"),
        ((CARBOPLATIN, agent("pemetrexed", "chemotherapy")), "367336001"),
        ((PEMBROLIZUMAB,), "76334006"),
        ((LETROZOLE,), "169413002"),
        ((CARBOPLATIN, PEMBROLIZUMAB), None),
        ((agent("aldesleukin", "cytokine"),), None),
    ],
)
def test_therapy_is_coded_when_all_drugs_are_of_one_kind(drugs: tuple[Agent, ...], code: str | None) -> None:
    resource = composed(assessment(judged(line=line("2024-03-01", SCAN, agents=drugs))))

    kept = detail(resource, "Continue the current systemic therapy")

    assert [each["code"] for each in kept["code"].get("coding", [])] == ([code] if code else [])
    assert kept["productCodeableConcept"]["text"] == " and ".join(each.name for each in drugs)


@pytest.mark.parametrize(
    ("modalities", "code"),
    [
        (("CT",), "77477000"),
        (("MR",), "113091000"),
        (("PET/CT",), "82918005"),
        (("CT", "CT"), "77477000"),
        (("CT", "MR"), "363679005"),
        (("US",), "363679005"),
        ((), "363679005"),
    ],
)
def test_a_scan_is_proposed_in_the_technique_of_the_last_one(modalities: tuple[str, ...], code: str) -> None:
    studies = tuple(
        StudyAt(id=str(number), taken_on=on(SCAN), modality=modality)
        for number, modality in enumerate(modalities)
    )

    resource = composed(assessment(judged(timepoint=timepoint(SCAN, studies=studies))))

    assert detail(resource, "Imaging after local therapy")["code"]["coding"][0]["code"] == code
