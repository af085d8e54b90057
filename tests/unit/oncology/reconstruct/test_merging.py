"""Lesions that have coalesced stay so until they are measured apart again."""

from builders import measurement, timepoint

from fhirgate.oncology.lesion import Kind, Measurement
from fhirgate.oncology.reconstruct.merging import with_merges_carried
from fhirgate.oncology.timepoint import Timepoint

DATES = ("2024-01-10", "2024-03-10", "2024-05-10", "2024-07-10")


def _kinds(*told: dict[str, Measurement]) -> list[dict[str, Kind]]:
    timepoints = [timepoint(date, each) for date, each in zip(DATES, told, strict=False)]
    return [
        {lesion: each.kind for lesion, each in carried.measurements.items()}
        for carried in with_merges_carried(timepoints)
    ]


MERGED = measurement(Kind.MERGED, merged_into="L1")
APART = {"L1": measurement(20), "L2": measurement(15)}
MASS = {"L1": measurement(36)}


def test_a_coalesced_lesion_is_told_again_wherever_its_mass_is_measured() -> None:
    kinds = _kinds(APART, {**MASS, "L2": MERGED}, MASS, MASS)

    assert [each.get("L2") for each in kinds] == [Kind.MEASURED, Kind.MERGED, Kind.MERGED, Kind.MERGED]


def test_it_is_dated_by_the_measurement_of_the_mass() -> None:
    mass = measurement(36, "2024-05-12")

    *_, last = with_merges_carried(
        [timepoint("2024-03-10", {**MASS, "L2": MERGED}), timepoint("2024-05-10", {"L1": mass})]
    )

    assert str(last.measurements["L2"].taken_on) == "2024-05-12"


def test_a_lesion_measured_apart_again_is_no_longer_coalesced() -> None:
    kinds = _kinds({**MASS, "L2": MERGED}, APART, MASS)

    assert [each.get("L2") for each in kinds] == [Kind.MERGED, Kind.MEASURED, None]


def test_a_timepoint_that_could_not_evaluate_it_does_not_part_it_from_the_mass() -> None:
    kinds = _kinds({**MASS, "L2": MERGED}, {**MASS, "L2": measurement(Kind.NOT_EVALUABLE)}, MASS)

    assert kinds[2]["L2"] is Kind.MERGED


def test_where_the_mass_is_not_measured_nothing_is_implied() -> None:
    assert _kinds({**MASS, "L2": MERGED}, {"L3": measurement(9)})[1] == {"L3": Kind.MEASURED}


def test_a_mass_that_is_not_named_implies_nothing() -> None:
    assert _kinds({**MASS, "L2": measurement(Kind.MERGED)}, MASS)[1] == {"L1": Kind.MEASURED}


def test_timepoints_without_coalesced_lesions_are_as_they_were() -> None:
    timepoints: list[Timepoint] = [timepoint(DATES[0], APART), timepoint(DATES[1], MASS)]

    assert with_merges_carried(timepoints) == tuple(timepoints)
