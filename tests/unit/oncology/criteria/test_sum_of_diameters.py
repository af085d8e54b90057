"""What enters a sum of diameters beyond the case tables."""

from builders import lesion, measurement, source

from fhirgate.oncology.criteria.sum_of_diameters import SumOfDiameters, gone, merged_away, sum_of_diameters
from fhirgate.oncology.lesion import Kind
from fhirgate.oncology.millimetres import ZERO


def test_the_sources_of_all_added_measurements_are_named_once_in_order() -> None:
    targets = [lesion("L1"), lesion("L2")]
    measurements = {
        "L1": measurement(10, sources=(source("b"), source("study"))),
        "L2": measurement(12, sources=(source("a"), source("study"))),
    }

    total = sum_of_diameters(targets, measurements)

    assert total.sources == (source("a"), source("b"), source("study"))


def test_without_targets_the_sum_is_nothing_and_complete() -> None:
    assert sum_of_diameters([], {}) == SumOfDiameters(total=ZERO, all_gone=True, some_visible=False)


def test_a_normal_node_counts_its_short_axis_and_is_no_disease() -> None:
    node = lesion("N1", "lymph node")

    total = sum_of_diameters([node], {"N1": measurement(9)})

    assert (total.total, total.all_gone, total.some_visible) == (9, True, False)


def test_a_node_without_a_size_is_not_known_to_be_gone() -> None:
    node = lesion("N1", "lymph node")

    assert not gone(node, measurement(None))
    assert gone(node, measurement(Kind.ABSENT))


def test_a_small_lesion_that_is_no_node_is_disease() -> None:
    assert not gone(lesion("L1"), measurement(Kind.TOO_SMALL))


def test_a_lesion_merged_with_one_nobody_names_counts_when_a_target_is_called_the_mass() -> None:
    targets = [lesion("L1"), lesion("L2")]
    mass, away = measurement(42, kind=Kind.MERGED), measurement(Kind.MERGED)

    assert not merged_away(mass)
    assert merged_away(away)
    assert sum_of_diameters(targets, {"L1": mass, "L2": away}).complete == 42
    assert sum_of_diameters(targets, {"L1": measurement(42), "L2": away}).complete is None
