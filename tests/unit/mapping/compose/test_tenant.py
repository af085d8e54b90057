"""Ids are only unique within a server: the server is part of who a kept result is, in all that the Bundle says."""

import json

from assessments import assessment, facts

from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.compose.identity import Kind, identity, state_identity
from fhirgate.mapping.compose.occasion import Occasion
from fhirgate.oncology.policy import DEFAULT_POLICY

BASE = assessment()


def names(tenant: str) -> dict[str, str]:
    """The full URL of each entry, by type; every reference within the Bundle is to one of them."""
    bundle = compose_bundle(BASE, facts(), DEFAULT_POLICY, occasion=Occasion(tenant=tenant), states=True)
    urls = {each["fullUrl"] for each in bundle["entry"]}
    told = json.dumps([each["resource"] for each in bundle["entry"]], default=str)
    assert {f"urn:uuid:{rest[:36]}" for rest in told.split("urn:uuid:")[1:]} <= urls
    return {each["resource"]["resourceType"]: each["fullUrl"] for each in bundle["entry"]} | {
        "Bundle": bundle["id"]
    }


def test_the_same_ids_on_two_servers_are_two_patients() -> None:
    north, south, shown = (names(tenant) for tenant in ("north", "south", ""))

    assert list(north) == ["RiskAssessment", "CarePlan", "Observation", "Provenance", "Bundle"]
    for kind in north:
        assert len({north[kind], south[kind], shown[kind]}) == 3, kind


def test_without_a_server_an_identity_is_what_it_was() -> None:
    assert identity(BASE, Kind.RESULT, "") == identity(BASE, Kind.RESULT)
    assert state_identity(BASE, BASE.timepoints[-1], "") == state_identity(BASE, BASE.timepoints[-1])


def test_a_server_named_like_a_patient_does_not_shift_the_parts() -> None:
    """What is hashed is a list: no value can stand for two others."""
    assert identity(BASE, Kind.RESULT, BASE.patient.id) != identity(BASE, Kind.RESULT)
