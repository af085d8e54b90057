"""Who is told to be on the page, and who to look at it."""

from datetime import date
from typing import Any

import pytest
from reviewed import NAMED, drawn, launch
from told import minimal

from fhirgate.report.review.banner import LONGEST, UNNAMED, banner, signed_in
from fhirgate.report.review.parts import Banner
from fhirgate.services.launches import LaunchUser

AS_OF = date(2024, 12, 1)
PATIENT = {
    "resourceType": "Patient",
    "id": "p-1",
    "name": [{"given": ["Ada"], "family": "Sample"}],
    "birthDate": "1960-12-02",
    "gender": "female",
    "identifier": [{"type": {"text": "MRN"}, "value": "0042"}],
}


def shown(*resources: Any, needed: bool | None = True) -> Banner | None:
    fetched = drawn(minimal(), resources=resources).fetched
    return banner(launch(banner=needed), fetched, AS_OF)


def told(**more: Any) -> Banner:
    found = shown({**PATIENT, **more})
    assert found is not None
    return found


def test_a_banner_tells_name_birth_date_with_age_sex_and_identifiers() -> None:
    found = told()

    assert (found.name, found.born, found.sex) == ("Ada Sample", "1960-12-02 (63 years)", "female")
    assert found.identifiers == (("MRN", "0042"),)
    assert found.deceased == ""


@pytest.mark.parametrize("needed", [None, False])
def test_there_is_no_banner_unless_the_ehr_asks_for_one(needed: bool | None) -> None:
    assert shown(PATIENT, needed=needed) is None


@pytest.mark.parametrize(
    ("more", "born", "deceased"),
    [
        ({"birthDate": "1960-12-01"}, "1960-12-01 (64 years)", ""),
        ({"birthDate": "2023-11-30"}, "2023-11-30 (1 year)", ""),
        ({"birthDate": "1960"}, "1960", ""),
        ({"birthDate": "2030-01-01"}, "2030-01-01", ""),
        ({"deceasedDateTime": "2024-01-01"}, "1960-12-02 (63 years)", "deceased 2024-01-01"),
        ({"deceasedDateTime": "2020"}, "1960-12-02", "deceased 2020"),
        ({"deceasedBoolean": True}, "1960-12-02", "deceased"),
        ({"birthDate": "unknown"}, "", ""),
    ],
)
def test_an_age_is_told_only_where_it_is_certain(more: Any, born: str, deceased: str) -> None:
    found = told(**more)

    assert (found.born, found.deceased) == (born, deceased)


def test_another_patient_who_came_along_is_never_in_the_banner() -> None:
    assert shown({**PATIENT, "id": "p-2"}, 7, "Patient", {"resourceType": "Group", "id": "p-1"}) == Banner()


def test_a_name_of_any_length_leaves_room_for_the_page() -> None:
    assert told(name=[{"text": "W" * 10_000}]).name == "W" * (LONGEST - 1) + "…"


def test_who_looks_at_the_page_is_named_or_told_by_kind() -> None:
    nameless = LaunchUser(issuer="https://ehr.example", subject="s", reference="PractitionerRole/7")
    unknown = LaunchUser(issuer="https://ehr.example", subject="s")

    assert signed_in(launch(), NAMED, AS_OF) == "Dr Ada Example"
    assert signed_in(launch(user=nameless), None, AS_OF) == "PractitionerRole without a name"
    assert signed_in(launch(user=unknown), None, AS_OF) == UNNAMED
    assert signed_in(launch(user=None), None, AS_OF) == UNNAMED
