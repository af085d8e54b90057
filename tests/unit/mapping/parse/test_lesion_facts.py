"""Which Observations are about a lesion, and which only look like it."""

from typing import Any

import pytest
from lesion_records import (
    DCM,
    LOINC,
    LONG,
    SCT,
    TRIAL,
    component,
    concept,
    observation,
    on_lesion,
    parsed,
    quantity,
    says,
    structure,
)

from fhirgate.oncology.lesion import Kind

SIZE = (LOINC, "21889-1")


def mcode(id: str = "o", longest: Any = 20, *further: Any, **elements: Any) -> dict[str, Any]:
    parts = [
        component((LOINC, "33728-7"), longest),
        *(component((LOINC, "33729-5"), each) for each in further),
    ]
    return on_lesion(id, SIZE, component=parts, **elements)


@pytest.mark.parametrize(
    "elements",
    [
        {"method": concept(SCT, "787377000")},
        {"method": concept(SCT, "104157003")},
        {"focus": None, "specimen": {"reference": "Specimen/x"}},
    ],
)
def test_the_size_of_the_removed_tumour_is_no_follow_up(elements: dict[str, Any]) -> None:
    found = parsed(structure(), mcode(**elements))

    assert (found.sightings, found.codes) == ((), ["PATHOLOGY_SIZE"])
    assert ("contradict mCODE" in found.findings[0].text) is ("method" in elements)


def test_what_else_was_found_in_a_specimen_is_not_a_lesions_state() -> None:
    raw = on_lesion(code=(LOINC, "85337-4"), specimen={"reference": "Specimen/x"}, **says("Present"))

    assert (parsed(structure(), raw).sightings, parsed(structure(), raw).codes) == ((), [])


def test_disease_status_of_a_tumour_is_read_elsewhere() -> None:
    raw = on_lesion(code=(LOINC, "97509-4"), valueCodeableConcept=concept(SCT, "271299001"))

    assert (parsed(structure(), raw).sightings, parsed(structure(), raw).codes) == ((), [])


def test_plain_radiology_is_known_by_its_site_alone() -> None:
    found = parsed(observation(size=20, bodySite={"text": "liver segment VI"}))

    assert (str(found.only.identity.site), found.only.identity.identifiers) == (
        "liver segment 6",
        frozenset(),
    )


def test_an_axis_of_something_without_a_site_is_left_to_the_core() -> None:
    assert parsed(observation(size=20)).only.identity.site.organ is None


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ((SCT, "81827009"), "thoracic aorta"),
        ((SCT, "410668003"), "left kidney"),
        (LONG, "heart"),
        ((SCT, "81827009"), ""),
    ],
)
def test_the_size_of_an_organ_or_vessel_is_no_lesion(code: Any, place: str) -> None:
    found = parsed(observation(code=code, size=38, bodySite={"text": place} if place else None))

    assert (found.sightings, found.codes) == ((), ["SIZE_WITHOUT_LESION"])


def test_a_diameter_in_an_organ_is_taken_for_a_lesion() -> None:
    assert (
        parsed(observation(code=(SCT, "81827009"), size=38, bodySite={"text": "liver"})).only.long_axis == 38
    )


def test_a_tumour_size_without_a_lesion_or_a_site_is_still_one() -> None:
    assert parsed(observation(code=SIZE, size=38)).only.long_axis == 38


def test_what_names_no_lesion_and_is_no_size_is_not_ours() -> None:
    assert parsed(observation(code=(LOINC, "718-7"), size=quantity(13, "1"))).findings == []


@pytest.mark.parametrize("code", [(SCT, "118565006"), ("", "", "SUVmax")])
def test_a_volume_or_uptake_of_no_named_lesion_is_said(code: Any) -> None:
    found = parsed(observation(code=code, size=quantity(13, "1")))

    assert (found.sightings, found.codes) == ((), ["SIZE_WITHOUT_LESION"])


def test_a_laboratory_value_with_a_size_code_is_not_ours() -> None:
    assert parsed(observation(size=13, category=[concept("x", "laboratory")])).findings == []


def test_a_tumour_identification_by_site_alone_gives_the_role() -> None:
    found = parsed(observation(code=(TRIAL, "TUMIDENT"), bodySite={"text": "liver"}, **says("TARGET")))

    assert (found.only.role, found.only.identity.site.organ) == ("target", "liver")


def test_volumes_are_not_lengths_and_are_said_once() -> None:
    group = on_lesion(
        "g",
        (SCT, "1"),
        category=[concept(DCM, "125007")],
        component=[component((SCT, "118565006"), quantity(900, "mm3"))],
    )

    found = parsed(structure(), group, on_lesion("v", (SCT, "118565006"), quantity(900, "mm3")))

    assert [each.says_nothing_of_size for each in found.sightings] == [True, True]
    assert [each.text for each in found.findings] == [
        "2 volumes (or areas) of lesions; the criteria use diameters, so not used"
    ]


def test_a_volume_without_a_value_is_not_counted() -> None:
    assert parsed(structure(), on_lesion(code=(SCT, "118565006"))).codes == []


def test_a_group_names_the_lesion_and_its_finding_is_no_unknown_code() -> None:
    group = on_lesion(
        "g",
        (SCT, "241053004"),
        category=[concept(DCM, "125007")],
        valueCodeableConcept=concept(SCT, "126851005", "Neoplasm of liver"),
    )

    found = parsed(structure(), group)

    assert (found.only.says_nothing_of_size, found.codes) == (True, [])


def test_an_extension_that_names_no_lesion_merges_nothing() -> None:
    extension = [{"url": "x", "valueReference": {"reference": "Patient/p"}}]
    patient = {"resourceType": "Patient", "id": "p"}

    found = parsed(patient, structure(), on_lesion(code=(TRIAL, "X"), extension=extension, **says("MERGED")))

    assert (found.only.kind, found.only.merged_into) == (Kind.MERGED, frozenset())
