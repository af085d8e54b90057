"""The state of each timepoint as an Observation: counts, responses, reasons, and when the images were taken."""

from dataclasses import replace
from typing import Any

import pytest
from assessments import SCAN, assessment, facts, judged, nsclc, verdict
from builders import on, reason, source, timepoint

from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.invariants import problems
from fhirgate.mapping.compose.state_observation import compose_state
from fhirgate.mapping.r4b import check_r4
from fhirgate.oncology.assessment import RecistResponse, TimepointAssessment
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.verdict import (
    EstroEortcClass,
    IResponse,
    Qualifier,
    Response,
    State,
    TherapyStatus,
    Verdict,
)


def composed(at: TimepointAssessment, **more: Any) -> Json:
    resource = compose_state(assessment(at, **more), at)
    assert problems(resource) == ()
    assert check_r4(resource) == ()
    return resource


def parts(resource: Json) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for each in resource["component"]:
        value = next(value for name, value in each.items() if name.startswith("value"))
        found.setdefault(each["code"]["coding"][0]["code"], []).append(value)
    return found


def codes(concepts: list[Any]) -> list[str]:
    return [each["coding"][0]["code"] for each in concepts]


@pytest.mark.parametrize("status", list(TherapyStatus))
@pytest.mark.parametrize("state", list(State))
def test_every_state_is_valid(state: State, status: TherapyStatus) -> None:
    resource = composed(judged(state, therapy_status=status))

    assert resource["valueCodeableConcept"]["coding"][0] == resource["meta"]["tag"][0]
    assert codes(parts(resource)["therapy-status"]) == [status.value]


def test_all_that_can_be_said_is_said() -> None:
    at = judged(
        response=RecistResponse(overall=Verdict(answer=Response.PD, rule="r", because="b")),
        irecist=IResponse.IUPD,
        estro_eortc=EstroEortcClass.REPEAT_OLIGOPROGRESSION,
        qualifiers=(Qualifier.MIXED_RESPONSE, Qualifier.REPEAT),
        reasons=(reason("COVERAGE", "L3 not evaluated"), reason("NOT_PUBLISHED", "another reason")),
    )

    found = parts(composed(at))

    assert [found[f"{name}-lesions"] for name in ("progressing", "new", "controlled", "equivocal")] == [
        [2],
        [0],
        [7],
        [0],
    ]
    assert found["not-evaluable-lesions"] == [0]
    assert [str(each["value"]) for each in found["sum-of-diameters"]] == ["51.5"]
    assert codes(found["recist-response"]) == ["PD"]
    assert codes(found["irecist-response"]) == ["iUPD"]
    assert codes(found["estro-eortc-class"]) == ["REPEAT_OLIGOPROGRESSION"]
    assert codes(found["qualifier"]) == ["MIXED_RESPONSE", "REPEAT"]
    assert [each["text"] for each in found["reason"]] == ["L3 not evaluated", "another reason"]
    assert found["reason"][0]["coding"][0]["code"] == "COVERAGE"
    assert "coding" not in found["reason"][1]


def test_what_there_is_not_is_left_out() -> None:
    found = parts(composed(judged(sum_of_diameters=None)))

    assert set(found) == {
        "progressing-lesions",
        "new-lesions",
        "controlled-lesions",
        "equivocal-lesions",
        "not-evaluable-lesions",
        "therapy-status",
    }


def test_a_round_of_several_days_is_a_period() -> None:
    resource = composed(judged(timepoint=replace(timepoint(SCAN), last_date=on("2025-02-05"))))

    assert resource["effectivePeriod"] == {"start": "2025-02-03", "end": "2025-02-05"}


def test_a_day_that_is_not_known_is_not_invented() -> None:
    month = timepoint("2025-02")

    assert composed(judged(timepoint=month))["effectiveDateTime"] == "2025-02"


def test_it_is_derived_from_what_an_observation_can_be_derived_from() -> None:
    lesion = replace(verdict("L1"), sources=(source("b1", "BodyStructure"), source("o1", version="2")))

    resource = composed(judged(lesions=(lesion,), timepoint=timepoint(SCAN)))

    assert resource["derivedFrom"] == [{"reference": "Observation/o1/_history/2"}]


def test_without_any_such_resource_it_is_derived_from_nothing() -> None:
    assert "derivedFrom" not in composed(judged(lesions=(), timepoint=timepoint(SCAN)))


def test_the_cancer_is_its_focus_where_there_is_one() -> None:
    at = judged()

    assert composed(at)["focus"] == [{"reference": "Condition/c1"}]
    assert "focus" not in composed(at, diagnoses=())
    assert "focus" not in composed(at, diagnoses=(replace(nsclc(), source=source("o1")),))


def test_there_is_one_for_each_timepoint() -> None:
    earlier = judged(State.STABLE_DISEASE, timepoint=timepoint("2024-11-04"))
    now = judged()

    given = assessment(now, timepoints=(earlier, now))
    entries = compose_bundle(given, facts(), DEFAULT_POLICY, states=True)["entry"]
    found = [each["resource"] for each in entries if each["resource"]["resourceType"] == "Observation"]

    assert [each["effectiveDateTime"] for each in found] == ["2024-11-04", SCAN]
    assert len({each["id"] for each in found}) == 2
