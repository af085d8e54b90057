"""The same result in the shape of R5: valid there, with the same words and codes."""

from datetime import UTC, datetime

import pytest
from assessments import assessment, facts, judged, probabilities, without_imaging

from fhirgate.mapping.compose.bundle import FhirVersion, compose_bundle
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.occasion import SHOWN, Occasion
from fhirgate.mapping.compose.r5 import as_r5
from fhirgate.mapping.compose.retraction import retract, revoke
from fhirgate.mapping.r4b import check_r4, check_r5
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.source import Source
from fhirgate.oncology.verdict import State

SURE = probabilities(0.011, 0.944, 0.045, 0.0)
WRITTEN = Occasion(
    recorded=datetime(2025, 2, 10, 9, tzinfo=UTC),
    former_result=Source("RiskAssessment", "r0", "2"),
    former_plan=Source("CarePlan", "p0", "1"),
)


def composed(given: Assessment, version: str, occasion: Occasion = WRITTEN) -> Json:
    return compose_bundle(
        given, facts(), DEFAULT_POLICY, occasion=occasion, states=True, fhir_version=version
    )


def of_type(bundle: Json, kind: str) -> Json:
    (found,) = (each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == kind)
    return dict(found)


R4, R5 = (composed(assessment(judged(probabilities=SURE)), version) for version in FhirVersion)


@pytest.mark.parametrize("occasion", [SHOWN, WRITTEN], ids=["shown", "written"])
@pytest.mark.parametrize("state", list(State))
def test_every_state_is_valid(state: State, occasion: Occasion) -> None:
    assert check_r5(composed(assessment(judged(state, probabilities=SURE)), "5.0", occasion)) == ()


def test_a_record_without_imaging_is_valid() -> None:
    assert check_r5(composed(without_imaging(diagnoses=()), "5.0")) == ()


@pytest.mark.parametrize("kind", ["RiskAssessment", "CarePlan", "Observation"])
def test_a_retracted_result_is_valid(kind: str) -> None:
    assert check_r5(as_r5(retract(of_type(R4, kind), "wrong patient"))) == ()


def test_a_revoked_plan_is_valid() -> None:
    assert check_r5(as_r5(revoke(of_type(R4, "CarePlan"), "replaced"))) == ()


def test_the_r4_shape_is_not_valid_in_r5() -> None:
    assert check_r5(R4) != ()
    assert check_r4(R5) != ()


def test_ids_urls_and_words_are_the_same() -> None:
    assert [each["fullUrl"] for each in R5["entry"]] == [each["fullUrl"] for each in R4["entry"]]
    for old, new in zip(R4["entry"], R5["entry"], strict=True):
        assert new["resource"]["text"] == old["resource"]["text"]
        assert new["resource"]["meta"]["tag"] == old["resource"]["meta"]["tag"]


def test_a_profile_of_r4_is_not_claimed() -> None:
    assert all("profile" not in each["resource"]["meta"] for each in R5["entry"])


def test_an_option_is_a_contained_draft_request() -> None:
    old, new = of_type(R4, "CarePlan"), of_type(R5, "CarePlan")
    details = [each["detail"] for each in old["activity"]]
    _, *requests = new["contained"]

    assert [each["plannedActivityReference"]["reference"] for each in new["activity"]] == [
        f"#{each['id']}" for each in requests
    ]
    assert [each["resourceType"] for each in requests] == [each["kind"] for each in details]
    assert {(each["status"], each["intent"]) for each in requests} == {("draft", "proposal")}
    assert [each["note"][0]["text"] for each in requests] == [each["description"] for each in details]


def test_a_drug_a_task_and_a_service_are_said_where_each_has_its_element() -> None:
    _, *requests = of_type(R5, "CarePlan")["contained"]
    by_kind = {each["resourceType"]: each for each in requests}

    kept = next(each for each in requests if each["resourceType"] == "MedicationRequest")
    assert kept["medication"] == {"concept": {"text": "osimertinib"}}
    assert by_kind["Task"]["for"] == {"reference": "Patient/p1"}
    assert by_kind["Task"]["code"]["text"] == "Multidisciplinary tumour board"
    assert by_kind["ServiceRequest"]["code"]["concept"]["text"]


def test_moved_elements_are_where_r5_wants_them() -> None:
    plan, provenance = of_type(R5, "CarePlan"), of_type(R5, "Provenance")

    assert plan["custodian"] == {"reference": "#fhirgate"}
    assert "author" not in plan
    assert plan["addresses"] == [{"reference": {"reference": "Condition/c1"}}]
    assert provenance["authorization"][0]["concept"]["coding"][0]["code"] == "TREAT"
    assert plan["contained"][0]["name"] == [{"value": "fhirgate", "type": "user-friendly-name"}]


def test_a_version_that_is_not_written_is_refused() -> None:
    with pytest.raises(ValueError, match=r"3\.0"):
        composed(assessment(), "3.0")
