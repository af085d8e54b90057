"""From Observations to sightings: dates, status, groups."""

from typing import Any

import pytest
from lesion_records import (
    SCT,
    observation,
    on_lesion,
    parsed,
    report,
    structure,
    study,
)

from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.source import Source


def date_of(*resources: Any) -> str:
    return str(parsed(structure(), *resources).only.taken_on)


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"effectiveDateTime": "2024-03-01T23:30:00-05:00"}, "2024-03-01"),
        ({"effectiveDateTime": "2018-04"}, "2018-04"),
        (
            {"effectiveDateTime": None, "effectivePeriod": {"start": "2024-03-02", "end": "2024-03-04"}},
            "2024-03-04",
        ),
        ({"effectiveDateTime": None, "effectiveInstant": "2024-03-05T10:00:00Z"}, "2024-03-05"),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2024-03-02"}}, "2024-03-02"),
        ({"effectiveDateTime": None, "issued": "2024-03-09T10:00:00Z"}, "2024-03-09"),
        (
            {
                "effectiveDateTime": None,
                "issued": "2024-03-09T10:00:00Z",
                "partOf": [{"reference": "ImagingStudy/s1"}],
            },
            "2024-03-06",
        ),
    ],
)
def test_the_date_is_that_of_the_image_as_precise_as_it_is(elements: dict[str, Any], expected: str) -> None:
    assert date_of(study(on="2024-03-06"), on_lesion(size=20, **elements)) == expected


def test_a_member_takes_the_date_of_its_group() -> None:
    group = on_lesion(
        "g", (SCT, "1"), hasMember=[{"reference": "Observation/m"}], effectiveDateTime="2024-02-01"
    )
    member = on_lesion("m", size=20, effectiveDateTime=None, issued="2024-02-09")

    found = parsed(structure(), group, member)

    assert [str(each.taken_on) for each in found.sightings] == ["2024-02-01"]


def test_an_impossible_date_is_said_and_the_next_one_counts() -> None:
    raw = on_lesion(size=20, effectiveDateTime="2024-02-30", issued="2024-03-02")

    found = parsed(structure(), raw)

    assert (str(found.only.taken_on), found.codes) == ("2024-03-02", ["DATE_INVALID"])


def test_without_any_date_a_size_is_not_used() -> None:
    found = parsed(structure(), on_lesion(size=20, effectiveDateTime=None))

    assert found.sightings == ()
    assert found.findings == [
        Finding(
            code="NO_DATE",
            severity=Severity.ERROR,
            text="neither the measurement nor its study says when the image was taken; it was not used",
            path="effective",
            source=Source("Observation", "o"),
        )
    ]


@pytest.mark.parametrize("status", ["preliminary", "registered", "unknown"])
def test_what_is_not_final_is_used_and_marked(status: str) -> None:
    found = parsed(structure(), on_lesion(size=20, status=status))

    assert (found.only.preliminary, found.codes) == (True, ["PRELIMINARY_USED"])


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_what_is_final_or_corrected_is_used(status: str) -> None:
    found = parsed(structure(), on_lesion(size=20, status=status))

    assert (found.only.preliminary, found.codes) == (False, [])


def test_of_an_amended_measurement_only_the_latest_version_counts() -> None:
    first = on_lesion(size=20, meta={"versionId": "1"})
    second = on_lesion(size=22, meta={"versionId": "2"}, status="amended")

    assert parsed(structure(), second, first).only.long_axis == 22


@pytest.mark.parametrize(
    ("status", "code"), [("cancelled", "MEASUREMENT_CANCELLED"), ("entered-in-error", "ENTERED_IN_ERROR")]
)
def test_what_was_cancelled_or_retracted_never_counts(status: str, code: str) -> None:
    found = parsed(structure(), on_lesion(size=20, status=status))

    assert (found.sightings, found.codes) == ((), [code])


def test_an_unknown_modifier_extension_forbids_the_use() -> None:
    found = parsed(structure(), on_lesion(size=20, modifierExtension=[{"url": "http://x/negated"}]))

    assert (found.sightings, found.codes) == ((), ["MODIFIER_UNKNOWN"])


def test_ten_thousand_observations_of_one_lesion_stay_linear() -> None:
    members = [{"reference": f"Observation/m{n:05}"} for n in range(10_000)]
    group = on_lesion("g", (SCT, "1"), hasMember=members)
    sizes = [observation(f"m{n:05}", size={"value": 20, "unit": "mm"}) for n in range(10_000)]

    found = parsed(structure(), study(), report(result=members), group, *sizes)

    assert len(found.sightings) == 10_000
    assert {each.identity.identifiers for each in found.sightings} == {frozenset({"BodyStructure/t1"})}
    assert found.codes == ["UNIT_BY_TEXT", "UNKNOWN_LESION_CODE"]


def test_junk_in_every_element_is_survived() -> None:
    elements = (
        "code",
        "focus",
        "bodySite",
        "identifier",
        "component",
        "category",
        "performer",
        "method",
        "partOf",
        "derivedFrom",
        "basedOn",
        "valueQuantity",
        "extension",
        "hasMember",
        "device",
        "related",
        "dataAbsentReason",
        "bodyStructure",
        "specimen",
        "effectiveDateTime",
        "issued",
    )
    for junk in (
        None,
        7,
        "x",
        [],
        {},
        [None, "x", 3],
        [[{}]],
        {"coding": "x"},
        {"reference": 3},
        {"value": {}},
    ):
        for element in elements:
            parsed(structure(), {**on_lesion(size=20), element: junk})


def test_a_group_that_says_no_more_than_its_member_changes_nothing() -> None:
    bare = observation("g", (SCT, "1"), hasMember=[{"reference": "Observation/m"}], effectiveDateTime=None)
    outer = observation(
        "h", (SCT, "1"), hasMember=[{"reference": "Observation/g"}], effectiveDateTime="2024-02"
    )
    member = on_lesion("m", size=20, effectiveDateTime=None, focus=None, bodySite={"text": "liver"})

    found = parsed(bare, outer, member)

    assert [(str(each.taken_on), str(each.identity.site), each.reader) for each in found.sightings] == [
        ("2024-02", "liver", None)
    ]


def test_an_extension_that_is_no_slice_thickness_tells_none() -> None:
    found = parsed(
        structure(), on_lesion(size=20, extension=[{"url": "http://x/spacing", "valueDecimal": 3}])
    )

    assert found.only.slice_thickness is None
