"""The axes of a sighting, split and merged lesions."""

from typing import Any

from lesion_records import (
    LOINC,
    LONG,
    SCT,
    SHORT,
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

from fhirgate.oncology.finding import Severity
from fhirgate.oncology.lesion import Kind

SIZE = (LOINC, "21889-1")
NODE = structure(place="mediastinal lymph node")


def mcode(id: str = "o", longest: Any = 20, *further: Any, **elements: Any) -> dict[str, Any]:
    parts = [
        component((LOINC, "33728-7"), longest),
        *(component((LOINC, "33729-5"), each) for each in further),
    ]
    return on_lesion(id, SIZE, component=parts, **elements)


def test_mcode_gives_the_longest_dimension_as_a_component() -> None:
    found = parsed(structure(), mcode("o", quantity("2.4", "cm"), quantity("1.1", "cm")))

    assert (found.only.long_axis, found.only.short_axis, found.codes) == (24, None, [])


def test_a_nodes_short_axis_is_the_smallest_further_dimension_by_inference() -> None:
    found = parsed(NODE, mcode("o", 24, 14, 18))

    assert (found.only.long_axis, found.only.short_axis, found.only.short_axis_inferred) == (24, 14, True)
    assert [(each.code, each.severity) for each in found.findings] == [
        ("SHORT_AXIS_INFERRED", Severity.WARNING)
    ]


def test_a_short_axis_by_name_needs_no_inference() -> None:
    parts = [component((LOINC, "33729-5"), 12), component(SHORT, 14)]

    found = parsed(NODE, on_lesion(code=SIZE, component=parts))

    assert (found.only.short_axis, found.only.short_axis_inferred, found.codes) == (14, False, [])


def test_a_diameter_of_a_node_is_its_long_axis() -> None:
    found = parsed(NODE, on_lesion(code=(SCT, "81827009"), size=14)).only

    assert (found.long_axis, found.short_axis) == (14, None)


def test_a_size_that_older_mcode_gives_as_the_value_is_the_longest_diameter() -> None:
    assert parsed(structure(), on_lesion(code=SIZE, size=20)).only.long_axis == 20


def test_a_named_long_axis_goes_before_a_diameter() -> None:
    raw = on_lesion(code=SIZE, size=19, component=[component((LOINC, "33728-7"), 20)])

    assert [each.long_axis for each in parsed(structure(), raw).sightings] == [20]


def test_two_values_for_one_axis_are_two_sightings_for_the_core_to_judge() -> None:
    parts = [component(LONG, 24), component(LONG, 20), component(SHORT, 9), component(SHORT, 10)]

    found = parsed(structure(), on_lesion(code=SIZE, component=parts, method=concept(SCT, "77477000")))

    assert [(each.long_axis, each.short_axis) for each in found.sightings] == [
        (20, 9),
        (24, None),
        (None, 10),
    ]


def test_a_short_axis_longer_than_the_long_one_is_used_as_written_and_said() -> None:
    found = parsed(NODE, on_lesion(code=SIZE, component=[component(LONG, 9), component(SHORT, 12)]))

    assert (found.only.long_axis, found.only.short_axis, found.codes) == (9, 12, ["AXES_SWAPPED"])


def test_the_parts_of_a_split_lesion_are_fragments() -> None:
    parts = [component(LONG, 14), component(LONG, 18), component((TRIAL, "STATE"), **says("SPLIT"))]

    found = parsed(structure(), on_lesion(code=SIZE, component=parts)).only

    assert (found.kind, found.fragments, found.long_axis) == (Kind.SPLIT, (18, 14), None)


def test_a_split_lesion_of_one_size_has_that_size() -> None:
    raw = on_lesion(size=18, component=[component((TRIAL, "TUSPLIT"), valueBoolean=True)])

    found = parsed(structure(), raw).only

    assert (found.kind, found.fragments, found.long_axis) == (Kind.SPLIT, (), 18)


def test_a_merged_lesion_names_the_other_by_a_second_focus() -> None:
    focus = [{"reference": "BodyStructure/t1"}, {"reference": "BodyStructure/t2"}]

    found = parsed(structure(), structure("t2"), on_lesion(code=(TRIAL, "X"), focus=focus, **says("MERGED")))

    assert found.only.identity.identifiers == {"BodyStructure/t1"}
    assert (found.only.kind, found.only.merged_into) == (Kind.MERGED, {"BodyStructure/t2"})


def test_a_merged_lesion_names_the_other_by_an_extension_or_its_label() -> None:
    other = structure("t2", description="T02")
    extension = [{"url": "x", "valueReference": {"reference": "BodyStructure/t2"}}, {"url": "y"}]

    by_reference = parsed(
        structure(),
        other,
        on_lesion(size=42, extension=extension, component=[component((TRIAL, "X"), **says("MERGED"))]),
    )
    by_label = parsed(structure(), other, on_lesion(code=(TRIAL, "TUMERGE"), valueString="T02"))

    assert by_reference.only.merged_into == by_label.only.merged_into == {"BodyStructure/t2"}
    assert (by_reference.only.kind, by_reference.only.long_axis) == (Kind.MERGED, 42)


def test_one_size_for_several_lesions_is_not_used() -> None:
    focus = [{"reference": "BodyStructure/t1"}, {"reference": "BodyStructure/t2"}]

    found = parsed(structure(), structure("t2"), on_lesion(size=20, focus=focus))

    assert (found.sightings, found.codes) == ((), ["SEVERAL_LESIONS"])


def test_zero_is_written_as_it_stands() -> None:
    assert parsed(structure(), on_lesion(size=0)).only.long_axis == 0


def test_the_guides_own_diameter_that_is_a_volume_is_refused() -> None:
    raw = observation(
        code=(SCT, "81827009"),
        size=quantity("6705.54990898997"),
        bodyStructure={"reference": "BodyStructure/t1"},
    )

    found = parsed(structure(), raw)

    assert (found.only.kind, found.codes) == (Kind.NOT_EVALUABLE, ["SIZE_IMPLAUSIBLE"])


def test_what_is_refused_and_called_absent_is_absent() -> None:
    raw = on_lesion(size={"value": 0}, component=[component((TRIAL, "TUMSTATE"), **says("ABSENT"))])

    assert parsed(structure(), raw).only.kind is Kind.ABSENT
