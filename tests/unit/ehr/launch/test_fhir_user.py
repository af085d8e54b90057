"""The FHIR resource of the person: relative or absolute, on the server or elsewhere, or nothing that can be read."""

from pathlib import Path
from typing import Any

import pytest
from launch_world import (
    BASE,
    ISSUER,
    LaunchEhr,
    codes,
    launching,
)

from fhirgate.services.launches import LaunchUser


@pytest.mark.parametrize(
    ("said", "reference", "on_server"),
    [
        ("Practitioner/7", "Practitioner/7", True),
        (f"{BASE}/PractitionerRole/7.a-b", "PractitionerRole/7.a-b", True),
        ("HTTPS://EHR.example.org:443/fhir/R4/Person/1", "Person/1", True),
        (f"{BASE}/RelatedPerson/1/_history/3", "RelatedPerson/1", True),
        ("Patient/p1", "Patient/p1", True),
        (
            "https://people.example.org/fhir/Practitioner/7",
            "https://people.example.org/fhir/Practitioner/7",
            False,
        ),
        ("https://ehr.example.org/fhir/Practitioner/7", "https://ehr.example.org/fhir/Practitioner/7", False),
    ],
)
def test_c5_1_fhir_user_is_relative_or_absolute(
    said: str, reference: str, on_server: bool, tmp_path: Path
) -> None:
    with launching(tmp_path, LaunchEhr(claims={"fhirUser": said})) as world:
        launch = world.launched()

    assert launch.user is not None
    assert (launch.user.reference, launch.user.is_on_server) == (reference, on_server)
    assert launch.user.type in ("Practitioner", "PractitionerRole", "Person", "RelatedPerson", "Patient")
    assert codes(launch) == ([] if on_server else ["FHIR_USER_ELSEWHERE"])


@pytest.mark.parametrize(
    "said",
    [
        "Observation/7",
        "Practitioner/",
        "Practitioner/a b",
        "javascript:alert(1)/Practitioner/7",
        "https://people.example.org?x=/Practitioner/7",
        "https://people.example.org/fhir/Device/7",
        "/Practitioner/7",
        7,
    ],
)
def test_c5_1_a_fhir_user_that_is_no_person_is_told(said: Any, tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(claims={"fhirUser": said})) as world:
        launch = world.launched()

    assert launch.user == LaunchUser(issuer=ISSUER, subject="u7")
    assert launch.user.type == ""
    assert codes(launch) == ["FHIR_USER_UNREADABLE"]


def test_c5_3_the_older_profile_claim_is_read_in_its_place(tmp_path: Path) -> None:
    with launching(
        tmp_path, LaunchEhr(claims={"fhirUser": None, "profile": f"{BASE}/Practitioner/9"})
    ) as world:
        launch = world.launched()

    assert launch.user is not None
    assert launch.user.reference == "Practitioner/9"


def test_c5_1_a_person_without_a_resource_is_known_by_subject(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(claims={"fhirUser": None})) as world:
        launch = world.launched()

    assert (launch.user, codes(launch)) == (LaunchUser(issuer=ISSUER, subject="u7"), ["FHIR_USER_MISSING"])
