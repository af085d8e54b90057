"""Probabilities from measurement error: by the case tables, and against simulation."""

from collections.abc import Sequence
from decimal import Decimal
from math import erfc, exp, pi, sqrt
from random import Random

import pytest
from case_tables import Case, cases

from fhirgate.oncology.assessment import Interval, Probabilities
from fhirgate.oncology.policy import ReferenceMode
from fhirgate.oncology.uncertainty import (
    LEAST_SPREAD,
    SAME_READER,
    Field,
    Reading,
    probability_of_growth,
    probability_of_rise,
    spread_of,
    state_probabilities,
)

TOLERANCE = 0.005
DRAWS = 40_000


def _readings(*sizes: object) -> list[Reading]:
    return [Reading(value=Decimal(str(size))) for size in sizes]


def _growth(priors: Sequence[object], now: object, **more: object) -> float:
    given = {"same_reader": True, **more}
    return probability_of_growth(_readings(*priors), *_readings(now), **given)  # type: ignore[arg-type]


def _labels(found: Probabilities) -> dict[str, float]:
    assert all(each.is_point for each in (found.none, found.oligo, found.limited, found.systemic))
    return {name: getattr(found, name).low for name in ("none", "oligo", "limited", "systemic")}


@pytest.mark.parametrize("case", cases("uncertainty/lesions.toml"))
def test_the_probability_of_growth_is_the_one_of_the_case(case: Case) -> None:
    found = _growth(case["priors"], case["now"], same_reader=case["same_reader"])

    assert found == pytest.approx(float(case["expect"]), abs=TOLERANCE)


@pytest.mark.parametrize("case", cases("uncertainty/states.toml"))
def test_the_probability_of_each_label_is_the_one_of_the_case(case: Case) -> None:
    growing = tuple(_growth([before], now) for before, now in case["lesions"])

    found = _labels(state_probabilities(Field(growing=growing, cap=5, majority_needed=True)))

    assert found == pytest.approx(
        {name: float(value) for name, value in case["expect"].items()}, abs=TOLERANCE
    )
    assert sum(found.values()) == pytest.approx(1)


def _seeded() -> Random:
    return Random(1)  # noqa: S311


def _grows(before: float, now: float, least: float = 0) -> bool:
    return now >= max(1.2 * before, before + 5, least)


def _drawn(draw: Random, size: float) -> float:
    """A true size that a reading of `size` may come from, with a flat prior."""
    return draw.gauss(size, spread_of(size, SAME_READER, widened=False))


@pytest.mark.parametrize(
    ("before", "now", "node"),
    [(20, 26, False), (40, 47, False), (12, 18, False), (6, 12, True), (4, 11, True)],
)
def test_the_probability_of_growth_agrees_with_simulation(before: int, now: int, node: bool) -> None:
    draw = _seeded()
    least = 10 if node else 0

    share = sum(_grows(_drawn(draw, before), _drawn(draw, now), least) for _ in range(DRAWS)) / DRAWS

    assert _growth([before], now, node=node) == pytest.approx(share, abs=0.01)


def _by_simpson(before: float, now: float, least: float) -> float:
    """The same probability by Simpson's rule on 4001 points over six spreads to either side."""
    spread, width = spread_of(before, SAME_READER, widened=False), spread_of(now, SAME_READER, widened=False)
    total, step = 0.0, 12 / 4000
    for number in range(4001):
        deviation = -6 + number * step
        true = before + deviation * spread
        needed = max(1.2 * true, true + 5, least)
        share = 1 if number in (0, 4000) else 4 if number % 2 else 2
        total += share * exp(-deviation * deviation / 2) * erfc((needed - now) / (width * sqrt(2)))
    return total * step / 3 / sqrt(8 * pi)


@pytest.mark.parametrize("node", [False, True])
@pytest.mark.parametrize("before", [2, 4, "5.5", 8, 15, 21, 24, 25, 26, 29, 34, 60])
@pytest.mark.parametrize("grown", [0, 2, 4, 5, 6, 9])
def test_the_probability_of_growth_agrees_with_an_integral_over_every_corner(
    before: object, grown: int, node: bool
) -> None:
    size = Decimal(str(before))
    found = _growth([size], size + grown, node=node)

    assert found == pytest.approx(_by_simpson(float(size), float(size + grown), 10 if node else 0), abs=2e-6)


def test_the_probability_of_each_label_agrees_with_simulation() -> None:
    sizes = ((20, 26), (30, 36), (15, 16), (40, 42), (22, 23))
    draw = _seeded()
    seen = {"none": 0, "oligo": 0, "limited": 0, "systemic": 0}
    for _ in range(DRAWS):
        growing = sum(_grows(_drawn(draw, before), _drawn(draw, now)) for before, now in sizes)
        seen["none" if not growing else "oligo" if len(sizes) - growing > growing else "limited"] += 1

    growths = tuple(_growth([before], now) for before, now in sizes)
    found = _labels(state_probabilities(Field(growing=growths, cap=5, majority_needed=True)))

    assert found == pytest.approx({name: number / DRAWS for name, number in seen.items()}, abs=0.01)


def test_the_correction_of_the_nadir_agrees_with_simulation() -> None:
    """Four like values: the size behind their minimum lies the expected minimum of four draws above it."""
    draw = _seeded()
    spread = SAME_READER * 29
    share = sum(
        _grows(29 + spread * max(draw.gauss(0, 1) for _ in range(4)), draw.gauss(36, SAME_READER * 36))
        for _ in range(DRAWS)
    )

    assert _growth([30, 29, 30, 31], 36) == pytest.approx(share / DRAWS, abs=0.01)


def test_growth_far_beyond_and_far_below_the_threshold_is_certain() -> None:
    assert (_growth([20], 90), _growth([90], 20)) == (1.0, 0.0)


def test_only_values_near_the_lowest_correct_it() -> None:
    assert _growth([60, 20], 26) == pytest.approx(_growth([20], 26))


def test_more_than_eight_like_values_correct_as_eight_do() -> None:
    assert _growth([20] * 12, 26) == _growth([20] * 8, 26)


def test_wider_error_makes_growth_beyond_the_threshold_less_sure() -> None:
    assert _growth([20], 28, widened=True) < _growth([20], 28)
    assert spread_of(40, SAME_READER, widened=True) == pytest.approx(1.25 * 40 * 0.061)
    assert spread_of(5, SAME_READER, widened=False) == LEAST_SPREAD


def test_a_node_must_also_be_pathological() -> None:
    assert _growth([4], "10.5", node=True) < _growth([4], "10.5", node=False)


def test_a_value_with_its_own_spread_is_taken_with_it() -> None:
    gone = [Reading(value=Decimal(0), spread=1.0)]
    back = Reading(value=Decimal(5), spread=1.5)

    assert probability_of_growth(gone, back, same_reader=True) == pytest.approx(0.5)


def test_a_lowest_value_with_its_own_spread_is_not_corrected() -> None:
    priors = [*_readings(6, 6), Reading(value=Decimal(5), spread=1.5)]
    alone = [Reading(value=Decimal(5), spread=1.5)]
    (now,) = _readings(12)

    assert probability_of_growth(priors, now, same_reader=True) == probability_of_growth(
        alone, now, same_reader=True
    )


def test_the_previous_value_is_the_reference_when_a_site_chooses_it() -> None:
    assert _growth([20, 30], 31, mode=ReferenceMode.PREVIOUS) == _growth([30], 31)


def test_the_second_lowest_value_is_a_milder_reference() -> None:
    second = ReferenceMode.SECOND_LOWEST

    spread = SAME_READER * 29
    draw = _seeded()
    share = sum(
        _grows(30 - spread * sorted(draw.gauss(0, 1) for _ in range(4))[1], draw.gauss(36, SAME_READER * 36))
        for _ in range(DRAWS)
    )

    assert _growth([30, 29, 30, 31], 36, mode=second) == pytest.approx(share / DRAWS, abs=0.01)
    assert _growth([20], 26, mode=second) == _growth([20], 26)


def test_the_second_lowest_value_is_not_replaced_by_a_lowest_with_its_own_spread() -> None:
    priors = [Reading(value=Decimal(5), spread=1.5), *_readings(20)]
    (now,) = _readings(26)

    found = probability_of_growth(priors, now, same_reader=True, mode=ReferenceMode.SECOND_LOWEST)

    assert found == _growth([20], 26)


def test_a_rise_of_uptake_on_both_limits_is_as_likely_as_not() -> None:
    assert probability_of_rise(Decimal(8), Decimal("10.4")) == pytest.approx(0.5, abs=0.01)
    assert probability_of_rise(Decimal(8), Decimal(8)) < 0.05


def _field(*growing: float, **more: object) -> Field:
    return Field(growing=growing, **{"cap": 5, "majority_needed": True, **more})  # type: ignore[arg-type]


def test_a_new_lesion_is_counted_with_the_growing_ones() -> None:
    found = _labels(state_probabilities(_field(0.0, 0.0, 1.0, new=2)))

    assert found == {"none": 0, "oligo": 1, "limited": 0, "systemic": 0}


def test_new_lesions_are_not_among_those_of_which_most_must_be_controlled() -> None:
    assert _labels(state_probabilities(_field(0.0, new=3)))["oligo"] == 1
    assert _labels(state_probabilities(_field(new=1)))["limited"] == 1
    assert _labels(state_probabilities(_field(new=1, majority_needed=False)))["oligo"] == 1


def test_another_failed_criterion_leaves_limited_progression_whatever_the_sizes() -> None:
    assert _labels(state_probabilities(_field(0.0, 0.0, 1.0, limited_anyway=True)))["limited"] == 1


def test_diffuse_disease_is_systemic_whatever_the_sizes() -> None:
    assert _labels(state_probabilities(_field(0.0, 0.0, diffuse=True)))["systemic"] == 1


def test_a_lesion_that_was_not_evaluated_gives_bounds() -> None:
    found = state_probabilities(_field(0.0, 0.0, 0.25, open_known=1))

    assert found.none == Interval(low=0, high=0.75)
    assert found.oligo == Interval(low=0.25, high=0.75)
    assert found.limited == Interval(low=0, high=0.25)
    assert not found.oligo.is_point


def test_an_equivocal_new_lesion_gives_bounds_at_the_cap() -> None:
    found = state_probabilities(_field(*[1.0] * 5, *[0.0] * 7, open_new=1))

    assert (found.oligo, found.systemic) == (Interval(low=0, high=1), Interval(low=0, high=1))


def test_without_any_lesion_nothing_progresses() -> None:
    assert _labels(state_probabilities(_field()))["none"] == 1
