"""Who measured."""

from typing import Any

import pytest
from lesion_records import DCM, on_lesion, parsed, report, structure

from fhirgate.oncology.lesion import Reader

RADIOLOGIST = {
    "resourceType": "Practitioner",
    "id": "a",
    "name": [{"given": ["Example"], "family": "Reader"}],
}
ALGORITHM = {
    "resourceType": "Device",
    "id": "d",
    "displayName": "segmenter",
    "meta": {"profile": ["http://x/algorithm-identification"]},
}


def reader(*resources: Any, **elements: Any) -> Reader | None:
    return parsed(structure(), on_lesion(size=20, **elements), *resources).only.reader


def to(name: str = "", **more: Any) -> list[dict[str, Any]]:
    return [{"reference": name, **more}] if name else [more]


def test_a_practitioner_is_known_by_reference_and_called_by_name() -> None:
    assert reader(RADIOLOGIST, performer=to("Practitioner/a")) == Reader(
        key="Practitioner/a", name="Example Reader"
    )


def test_a_practitioner_who_is_not_served_is_called_by_the_display() -> None:
    found = reader(performer=to("https://ehr.example/Practitioner/a/_history/1", display="Reader A"))

    assert found == Reader(key="Practitioner/a", name="Reader A")


def test_a_role_is_the_person_who_has_it() -> None:
    role = {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "Practitioner/a"}}

    assert reader(RADIOLOGIST, role, performer=to("PractitionerRole/r")) == Reader(
        key="Practitioner/a", name="Example Reader"
    )


def test_a_role_of_a_person_who_is_not_served_is_the_reader_itself() -> None:
    role = {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"display": "Reader B"}}

    assert reader(role, performer=to("PractitionerRole/r")) == Reader(
        key="PractitionerRole/r", name="Reader B"
    )


def test_a_logical_reference_is_known_by_its_identifier() -> None:
    found = reader(performer=to(identifier={"system": "s", "value": "7"}, display="READER 1"))

    assert found == Reader(key="identifier:s|7", name="READER 1")


def test_a_display_alone_is_a_name() -> None:
    assert reader(performer=to(display="READER 1")) == Reader(key="name:reader1", name="READER 1")


@pytest.mark.parametrize("kind", ["Organization", "CareTeam", "Patient", "RelatedPerson"])
def test_an_organisation_or_the_patient_is_no_reader(kind: str) -> None:
    assert reader(performer=to(f"{kind}/x", display="Radiology")) is None


def test_the_person_goes_before_the_organisation_and_the_device() -> None:
    performers = [*to("Organization/o"), *to("Device/d"), *to("Practitioner/a")]

    assert reader(performer=performers) == Reader(key="Practitioner/a")


def test_a_device_that_performs_is_a_reader() -> None:
    assert reader(ALGORITHM, performer=to("Device/d")) == Reader(key="Device/d", name="segmenter")


def test_an_algorithm_is_a_reader_where_nobody_performs() -> None:
    assert reader(ALGORITHM, device={"reference": "Device/d"}) == Reader(key="Device/d", name="segmenter")


@pytest.mark.parametrize(
    ("device", "reads"),
    [
        ({"type": {"coding": [{"system": DCM, "code": "111001"}]}}, True),
        ({"type": {"text": "AI software"}}, True),
        ({"type": {"text": "CT scanner"}, "deviceName": [{"name": "Scanner 3"}]}, False),
    ],
)
def test_a_scanner_has_measured_nothing(device: dict[str, Any], reads: bool) -> None:
    raw = {"resourceType": "Device", "id": "d", **device}

    assert (reader(raw, device={"reference": "Device/d"}) is not None) is reads


def test_an_r4_device_has_its_name_in_a_list() -> None:
    raw = {"resourceType": "Device", "id": "d", "deviceName": [{"name": "segmenter 2"}]}

    assert reader(raw, performer=to("Device/d")) == Reader(key="Device/d", name="segmenter 2")


def test_a_device_that_is_not_served_cannot_be_told_from_a_scanner() -> None:
    assert reader(device={"reference": "Device/d"}) is None


def test_a_contained_practitioner_is_a_reader() -> None:
    found = reader(performer=to("#p"), contained=[{**RADIOLOGIST, "id": "p"}])

    assert found == Reader(key="Practitioner/p", name="Example Reader")


def test_a_contained_practitioner_who_is_missing_is_nobody() -> None:
    assert reader(performer=to("#p")) is None


def test_a_member_is_read_by_whoever_read_its_group() -> None:
    group = on_lesion("g", performer=to("Practitioner/a"), hasMember=to("Observation/m"))
    member = {**on_lesion("m", size=20)}

    found = parsed(structure(), group, member)

    assert {str(each.reader) for each in found.sightings if each.long_axis} == {"Practitioner/a"}


def test_whoever_interpreted_the_report_read_its_results() -> None:
    found = reader(
        report(
            result=to("Observation/o"),
            resultsInterpreter=to("Practitioner/a"),
            performer=to("Organization/x"),
        )
    )

    assert found == Reader(key="Practitioner/a")


def test_a_reference_without_a_type_is_still_a_reader() -> None:
    assert reader(performer=to("urn:uuid:7")) == Reader(key="urn:uuid:7")


def test_the_same_reference_within_two_resources_is_whom_each_contains() -> None:
    def seen(id: str, *contained: Any) -> Any:
        held = {"contained": list(contained)} if contained else {}
        return on_lesion(id, size=20, performer=to("#p"), **held)

    def person(name: str) -> dict[str, Any]:
        return {"resourceType": "Practitioner", "id": "p", "name": [{"text": name}]}

    found = parsed(structure(), seen("a", person("Reader A")), seen("b", person("Reader B")), seen("c"))

    assert [each.reader and each.reader.name for each in found.sightings] == ["Reader A", "Reader B", None]
