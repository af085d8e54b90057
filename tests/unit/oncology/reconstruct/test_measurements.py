"""Which value of a lesion counts at one timepoint."""

from typing import Any

import pytest
from builders import linked, mm, reader, sighting, source, uptake

from fhirgate.oncology.lesion import Axis, Change, Kind, Sighting, Uptake
from fhirgate.oncology.reconstruct.measurements import Measured, measure

HOMES = {"L1": "L1", "L2": "L2", "uid:2": "L2"}


def _measure(*said: Sighting, organ: str = "lung", highest: bool = False) -> Measured:
    lesion = linked("L1", *said, organ=organ)
    return measure(lesion, lesion.sightings, HOMES, highest=highest)


def _codes(measured: Measured) -> list[str]:
    return [each.code for each in measured.findings]


@pytest.mark.parametrize(
    ("said", "kind", "size"),
    [
        ({"long": 20, "short": 12}, Kind.MEASURED, 20),
        ({"long": "3.5"}, Kind.MEASURED, mm("3.5")),
        ({"kind": Kind.TOO_SMALL}, Kind.TOO_SMALL, 5),
        ({"kind": Kind.TOO_SMALL, "long": 3}, Kind.MEASURED, 3),
        ({"kind": Kind.ABSENT}, Kind.ABSENT, 0),
        ({"long": 0}, Kind.ABSENT, 0),
        ({"short": 0}, Kind.ABSENT, 0),
        ({"kind": Kind.PRESENT}, Kind.PRESENT, None),
        ({"kind": Kind.NOT_EVALUABLE}, Kind.NOT_EVALUABLE, None),
        ({"change": Change.UNEQUIVOCAL}, Kind.PRESENT, None),
        ({"uptake": uptake(5)}, Kind.PRESENT, None),
        ({"kind": Kind.SPLIT, "fragments": (mm(18), mm(14))}, Kind.SPLIT, 32),
        ({"kind": Kind.SPLIT, "long": 18}, Kind.SPLIT, 18),
        ({"kind": Kind.SPLIT}, Kind.PRESENT, None),
        ({"kind": Kind.MERGED, "long": 42}, Kind.MERGED, 42),
        ({"kind": Kind.MERGED}, Kind.MERGED, None),
        ({}, Kind.PRESENT, None),
    ],
)
def test_a_sighting_becomes_a_measurement(said: dict[str, Any], kind: Kind, size: int | None) -> None:
    measured = _measure(sighting(**said))

    assert (measured.measurement.kind, measured.measurement.size) == (kind, size)
    assert (measured.findings, measured.conflict) == ((), False)


def test_a_node_is_measured_by_its_short_axis() -> None:
    measured = _measure(sighting(long=20, short=12), organ="lymph node").measurement

    assert (measured.size, measured.axis) == (12, Axis.SHORT)
    assert _measure(sighting(long=20, short=12)).measurement.axis is Axis.LONG


@pytest.mark.parametrize(
    ("organ", "said", "code", "text"),
    [
        (
            "lymph node",
            {"long": 20},
            "NODE_WITHOUT_SHORT_AXIS",
            "L1 on 2024-01-10: only the long axis is given, the short axis is needed;"
            " the lesion is taken as present without a size",
        ),
        (
            "lung",
            {"short": 20},
            "LONG_AXIS_MISSING",
            "L1 on 2024-01-10: only the short axis is given, the long axis is needed;"
            " the lesion is taken as present without a size",
        ),
    ],
)
def test_the_axis_that_does_not_count_is_never_taken_for_the_one_that_does(
    organ: str, said: dict[str, Any], code: str, text: str
) -> None:
    measured = _measure(sighting(**said), organ=organ)

    assert (measured.measurement.kind, measured.measurement.size) == (Kind.PRESENT, None)
    assert [(each.code, each.text) for each in measured.findings] == [(code, text)]


def test_a_size_goes_before_words_and_words_of_absence_before_mere_presence() -> None:
    assert _measure(sighting(kind=Kind.NOT_EVALUABLE), sighting(long=20)).measurement.size == 20
    assert _measure(sighting(kind=Kind.PRESENT), sighting(kind=Kind.TOO_SMALL)).measurement.size == 5
    assert (
        _measure(sighting(kind=Kind.NOT_EVALUABLE), sighting(kind=Kind.PRESENT)).measurement.kind
        is Kind.PRESENT
    )


def test_fragments_told_one_by_one_are_added() -> None:
    parts = [sighting(long=size, kind=Kind.SPLIT, sources=(source(str(size)),)) for size in (18, 14)]

    measured = _measure(*parts)

    assert (measured.measurement.size, measured.conflict) == (32, False)
    assert measured.measurement.sources == (source("14"), source("18"))


def test_a_fragment_that_is_told_twice_by_one_resource_counts_once() -> None:
    part = sighting(long=18, kind=Kind.SPLIT, sources=(source("1"),))

    assert _measure(part, part).measurement.size == 18


def test_contradicting_sizes_are_reported_and_judged_both_ways() -> None:
    said = (sighting(long=27, sources=(source("b"),)), sighting(long=20, sources=(source("a"),)))

    lowest, highest = _measure(*said), _measure(*said, highest=True)

    assert (lowest.measurement.size, highest.measurement.size) == (20, 27)
    assert lowest.conflict
    assert highest.conflict
    assert [(each.code, each.text, each.source) for each in lowest.findings] == [
        (
            "CONTRADICTORY_MEASUREMENTS",
            "L1 on 2024-01-10: 20 and 27 mm for one lesion in one assessment; name the readers, or retract the wrong"
            " value",
            source("a"),
        )
    ]


def test_the_same_size_told_twice_is_no_contradiction() -> None:
    measured = _measure(sighting(long="20.0"), sighting(long=20))

    assert (measured.conflict, measured.findings) == (False, ())


@pytest.mark.parametrize(
    ("other", "kind", "used"),
    [
        (sighting(kind=Kind.PRESENT), Kind.PRESENT, "present"),
        (sighting(long=12), Kind.MEASURED, "the size"),
    ],
)
def test_a_lesion_called_absent_and_seen_at_once_is_reported(other: Sighting, kind: Kind, used: str) -> None:
    measured = _measure(sighting(kind=Kind.ABSENT), other)

    assert measured.measurement.kind is kind
    assert [(each.code, each.text) for each in measured.findings] == [
        ("CONTRADICTORY_STATE", f"L1 on 2024-01-10 is called both absent and present; {used} is used")
    ]


def test_a_merged_lesion_names_the_lesion_that_holds_its_size_now() -> None:
    merged = sighting(kind=Kind.MERGED, merged_into=frozenset({"uid:2", "L1", "unknown"}))

    assert _measure(merged).measurement.merged_into == "L2"
    assert (
        _measure(sighting(kind=Kind.MERGED, merged_into=frozenset({"unknown"}))).measurement.merged_into == ""
    )


def test_the_strongest_word_on_change_counts() -> None:
    said = [sighting(change=change) for change in (Change.INCREASED, Change.UNEQUIVOCAL, Change.EQUIVOCAL)]

    assert _measure(*said).measurement.change is Change.UNEQUIVOCAL
    assert _measure(said[0], said[2]).measurement.change is Change.EQUIVOCAL
    assert _measure(said[0]).measurement.change is Change.INCREASED
    assert _measure(sighting()).measurement.change is None


def test_the_highest_uptake_counts_each_metric_for_itself() -> None:
    said = (
        sighting(uptake=uptake(5, 9)),
        sighting(uptake=uptake(6)),
        sighting(uptake=uptake(suv_max=8)),
        sighting(),
    )

    assert _measure(*said).measurement.uptake == uptake(6, 9)
    assert _measure(sighting(long=20)).measurement.uptake is None
    assert _measure(sighting(uptake=Uptake())).measurement.uptake == Uptake()


def test_a_measurement_keeps_its_reader_technique_notes_and_sources_the_carrier_first() -> None:
    said = (
        sighting(kind=Kind.PRESENT, modality="PT", note="b", sources=(source("a"), source("s"))),
        sighting(
            long=20,
            reader=reader("x"),
            note="a",
            slice_thickness=mm(3),
            sources=(source("z"), source("s")),
        ),
    )

    measured = _measure(*said).measurement

    assert (measured.reader, measured.modality, measured.slice_thickness) == (reader("x"), "PT", 3)
    assert measured.note == "a; b"
    assert measured.sources == (source("z"), source("s"), source("a"))


def test_a_size_that_was_refused_is_told_only_when_there_is_no_other() -> None:
    refused = sighting(kind=Kind.NOT_EVALUABLE, refused="no unit")

    assert _measure(refused).measurement.refused == "no unit"
    assert _measure(refused, sighting(long=20)).measurement.refused == ""


def test_findings_are_told_by_the_site_when_the_lesion_has_no_label_and_no_source() -> None:
    lesion = linked("L1", sighting(long=20), sighting(long=22))
    unnamed = linked("L1", *lesion.sightings, identity=lesion.identity.__class__(site=lesion.identity.site))

    (finding,) = measure(unnamed, unnamed.sightings, HOMES).findings

    assert finding.text.startswith("lung on 2024-01-10: 20 and 22 mm")
    assert finding.source is None


def test_a_size_on_ct_and_one_on_mri_are_no_contradiction_and_the_usual_modality_counts() -> None:
    ct, mr = sighting(long=30, modality="CT"), sighting(long=24, modality="MR")
    usual = linked("L1", sighting("2023-06-01", 20, modality="CT"), ct, mr)

    measured = measure(usual, [ct, mr], {})

    assert (measured.measurement.size, measured.measurement.modality, measured.conflict) == (
        mm(30),
        "CT",
        False,
    )
    assert [(each.code, each.text) for each in measured.findings] == [
        (
            "MEASURED_ON_SEVERAL_MODALITIES",
            "L1 on 2024-01-10 is measured on CT and MR; CT is used, as on most of its dates",
        )
    ]
