"""How sure a label is, given measurement error alone.

Every size is its true value plus normal error; the spread per measurement follows from published limits of
agreement: ±16.1 to 17.8 % between two readings by one reader, ±22.1 to 25.4 % between readers (Yoon, Eur J
Cancer 2016), which is 6.1 % and 8.6 % per measurement, and at least 1 mm. A nadir is the lowest of several
noisy values and therefore biased low: it is corrected by the expected minimum of as many normal draws.

What these numbers leave out: choice and mismatch of lesions, biology, pseudo-progression, systematic bias of
a reader, and that most lesions are stable. They have not been calibrated on patients. Floats are enough here:
a probability qualifies a label and never decides one.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from math import cos, erf, erfc, exp, hypot, inf, pi, sqrt
from typing import NamedTuple

from fhirgate.oncology.assessment import Interval, Probabilities
from fhirgate.oncology.criteria import pet, recist_1_1
from fhirgate.oncology.policy import ReferenceMode
from fhirgate.oncology.value import value

SAME_READER = 0.061
"""Spread of one measurement, relative: one reader. Derived from Yoon 2016: 17 % / 1.96 / √2."""
OTHER_READER = 0.086
"""Spread of one measurement, relative: different or unknown readers. Derived from Yoon 2016."""
LEAST_SPREAD = 1.0
"""Least spread of a measurement [mm]. Oxnard, J Clin Oncol 2011: 57 % of repeat readings differ by over 1 mm."""
TECHNIQUE_FACTOR = 1.25
"""Widening for slices over 5 mm or a change of technique. Our choice."""
TOO_SMALL_SPREAD = 1.5
"""Spread of a lesion too small to measure, counted as 5 mm [mm]. Our choice."""
UPTAKE_SPREAD = 0.10
"""Within-subject variation of uptake, relative. Lodge, J Nucl Med 2017."""
LEAST_UPTAKE_SPREAD = 0.05

LIMITS_OF_THE_MODEL = (
    "Measurement noise only: not the choice of lesions, biology or pseudo-progression; "
    "never calibrated on patients."
)

_LOWEST_MEAN = (0.0, 0.5642, 0.8463, 1.0294, 1.1630, 1.2672, 1.3522, 1.4236)
_LOWEST_SPREAD = (1.0, 0.8256, 0.7480, 0.7012, 0.6690, 0.6449, 0.6260, 0.6107)
"""Mean (sign turned) and standard deviation of the minimum of k standard normals, k = 1 to 8."""
_SECOND_MEAN = (0.0, -0.5642, 0.0, 0.2970, 0.4950, 0.6418, 0.7574, 0.8522)
_SECOND_SPREAD = (1.0, 0.8256, 0.6698, 0.6004, 0.5581, 0.5288, 0.5067, 0.4893)
"""The same of the second lowest."""
_MOST_VALUES = len(_LOWEST_MEAN)
_REACH = 6
"""How many spreads around its mean a reference is looked at."""
_WITHIN_REACH = erf(_REACH / sqrt(2))
"""The part of a reference that is looked at: a value exactly on the threshold is a shade less likely than not."""
_SURE = 8
"""A value so many spreads from what it must reach is sure to reach it, or not to."""


class _Line(NamedTuple):
    """What a value must reach, given its reference: a multiple of it and so much more."""

    factor: float
    increase: float

    def at(self, reference: float) -> float:
        """The least value over this reference."""
        return self.factor * reference + self.increase


class _Piece(NamedTuple):
    """A line where no other one is higher: from which to which reference."""

    line: _Line
    start: float
    end: float


def _highest(*lines: _Line) -> tuple[_Piece, ...]:
    """Where each line is the highest; the lines in order of their factors, the corners in order too."""
    corners = [
        (flat.increase - steep.increase) / (steep.factor - flat.factor) for flat, steep in pairwise(lines)
    ]
    return tuple(map(_Piece, lines, [-inf, *corners], [*corners, inf]))


_FIVE_MM = _Line(1.0, float(recist_1_1.PROGRESSION_INCREASE))
_A_FIFTH = _Line(float(recist_1_1.PROGRESSION_FACTOR), 0.0)
_PATHOLOGICAL = _Line(0.0, float(recist_1_1.NORMAL_NODE_BELOW))
GROWTH = _highest(_FIVE_MM, _A_FIFTH)
GROWTH_OF_NODE = _highest(_PATHOLOGICAL, _FIVE_MM, _A_FIFTH)
RISE = _highest(_Line(1.0, float(pet.ABSOLUTE)), _Line(1 + float(pet.RELATIVE), 0.0))
"""All of the lines must be reached, so the highest one counts."""


class Reading(NamedTuple):
    """A value with its own spread, or None for the usual one [mm]."""

    value: Decimal
    spread: float | None = None


class _Normal(NamedTuple):
    mean: float
    spread: float


def spread_of(value: float, relative: float, widened: bool) -> float:
    """Standard deviation of one measurement of this size [mm]."""
    return max(LEAST_SPREAD, relative * value) * (TECHNIQUE_FACTOR if widened else 1.0)


def probability_of_growth(
    priors: Sequence[Reading],
    now: Reading,
    *,
    same_reader: bool,
    node: bool = False,
    widened: bool = False,
    mode: ReferenceMode = ReferenceMode.NADIR_SINCE_LINE_BASELINE,
) -> float:
    """The probability that a lesion has truly grown by the growth rule, given its earlier readings.

    `priors` are the sizes since the baseline of the line in order of date, at least one. With one prior value
    and both sizes on the threshold it is one half.
    """
    relative = SAME_READER if same_reader else OTHER_READER
    reference = _reference(priors, relative, widened, mode)
    current = float(now.value)
    spread = now.spread if now.spread is not None else spread_of(current, relative, widened)
    return _exceeds(reference, _Normal(current, spread), GROWTH_OF_NODE if node else GROWTH)


def probability_of_rise(before: Decimal, now: Decimal) -> float:
    """The probability that uptake has truly risen by PERCIST's limits."""
    reference = _Normal(float(before), max(LEAST_UPTAKE_SPREAD, UPTAKE_SPREAD * float(before)))
    current = _Normal(float(now), max(LEAST_UPTAKE_SPREAD, UPTAKE_SPREAD * float(now)))
    return _exceeds(reference, current, RISE)


def _reference(priors: Sequence[Reading], relative: float, widened: bool, mode: ReferenceMode) -> _Normal:
    """The true size behind the reference: the lowest (or second lowest) of several noisy values, corrected."""
    if len(priors) == 1 or mode is ReferenceMode.PREVIOUS:
        return _single(priors[-1], relative, widened)
    ordered = sorted(priors, key=lambda each: each.value)
    second = mode is ReferenceMode.SECOND_LOWEST
    lowest, chosen = ordered[0], ordered[second]
    if lowest.spread is not None or chosen.spread is not None:
        return _single(chosen, relative, widened)
    values = [float(each.value) for each in ordered]
    spread = spread_of(values[0], relative, widened)
    near = min(bisect_right(values, values[0] + 1.96 * sqrt(2) * spread), _MOST_VALUES) - 1
    if second:
        return _Normal(values[1] + _SECOND_MEAN[near] * spread, _SECOND_SPREAD[near] * spread)
    return _Normal(values[0] + _LOWEST_MEAN[near] * spread, _LOWEST_SPREAD[near] * spread)


def _single(reading: Reading, relative: float, widened: bool) -> _Normal:
    value = float(reading.value)
    return _Normal(
        value, reading.spread if reading.spread is not None else spread_of(value, relative, widened)
    )


def _exceeds(reference: _Normal, current: _Normal, pieces: Sequence[_Piece]) -> float:
    """P(current >= the highest line over reference) for two independent normals.

    The line that is highest at the mean of the reference is taken to be so everywhere, which has a closed form; where
    another one is higher, the difference is integrated and taken off.
    """
    mean, reach = reference.mean, _REACH * reference.spread
    low, high = mean - reach, mean + reach
    sure = _SURE * current.spread
    if current.mean - max([line.at(high) for line, _, _ in pieces]) > sure:
        return 1.0
    if max([line.at(low) for line, _, _ in pieces]) - current.mean > sure:
        return 0.0
    highest = next(line for line, _, end in pieces if mean <= end)
    width = sqrt(2) * hypot(current.spread, highest.factor * reference.spread)
    chance = erfc((highest.at(mean) - current.mean) / width) / 2 * _WITHIN_REACH
    for line, start, end in pieces:
        if line is not highest and start < high and low < end:
            chance -= _taken_off(line, highest, reference, current, max(start, low), min(end, high))
    return min(1.0, max(0.0, chance))


def _taken_off(
    line: _Line, highest: _Line, reference: _Normal, current: _Normal, start: float, end: float
) -> float:
    """P(current between the two lines, reference between start and end), by Gauss-Legendre quadrature.

    Fourteen points agree with Simpson's rule on 401 points to 1e-6.
    """
    width = sqrt(2) * current.spread
    middle, half = (start + end) / 2, (end - start) / 2
    center, step = (middle - reference.mean) / reference.spread, half / reference.spread
    above, rise = (line.at(middle) - current.mean) / width, line.factor * half / width
    below, slope = (highest.at(middle) - current.mean) / width, highest.factor * half / width
    total = 0.0
    for point, weight in _GAUSS:
        deviation = center + step * point
        between = erfc(below + slope * point) - erfc(above + rise * point)
        total += weight * exp(-deviation * deviation / 2) * between
    return total * step / sqrt(8 * pi)


_NEWTON_STEPS = 8
"""More than enough: every step doubles the number of right digits."""


def _gauss_legendre(points: int) -> tuple[tuple[float, float], ...]:
    """Nodes and weights on [-1, 1] by Newton's method on the Legendre polynomial."""
    found = []
    for index in range(points):
        x = cos(pi * (index + 0.75) / (points + 0.5))
        slope = 1.0
        for _ in range(_NEWTON_STEPS):
            previous, value = 1.0, x
            for degree in range(2, points + 1):
                previous, value = value, ((2 * degree - 1) * x * value - (degree - 1) * previous) / degree
            slope = points * (x * value - previous) / (x * x - 1)
            x -= value / slope
        found.append((x, 2 / ((1 - x * x) * slope * slope)))
    return tuple(found)


_GAUSS = _gauss_legendre(14)


@value
class Field:
    """The lesions in the scope of a preset, as probabilities.

    `growing` are those of the known lesions that could be judged; `open_known` and `open_new` count lesions
    that may or may not grow or be new, with no number to say how likely. `new` are definite.
    """

    growing: tuple[float, ...]
    new: int = 0
    open_known: int = 0
    open_new: int = 0
    cap: int
    majority_needed: bool
    limited_anyway: bool = False
    diffuse: bool = False


def state_probabilities(field: Field) -> Probabilities:
    """How likely each label is; bounds where a lesion leaves it open. The four of one case sum to 1."""
    number_growing = _poisson_binomial(field.growing, field.cap + 1)
    cases = [
        _labels(number_growing, field, known, new)
        for known in range(field.open_known + 1)
        for new in range(field.open_new + 1)
    ]
    spans = [Interval(low=min(values), high=max(values)) for values in zip(*cases, strict=True)]
    return Probabilities(none=spans[0], oligo=spans[1], limited=spans[2], systemic=spans[3])


def _labels(
    number_growing: Sequence[float], field: Field, open_growing: int, open_new: int
) -> tuple[float, float, float, float]:
    """none, oligo, limited, systemic when so many of the open lesions grow or are new."""
    none = oligo = limited = systemic = 0.0
    known = len(field.growing) + field.open_known
    for growing, chance in enumerate(number_growing):
        progressing = growing + open_growing
        total = progressing + field.new + open_new
        if field.diffuse or total > field.cap:
            systemic += chance
        elif total == 0:
            none += chance
        elif field.limited_anyway or (field.majority_needed and known - progressing <= progressing):
            limited += chance
        else:
            oligo += chance
    return none, oligo, limited, systemic


def _poisson_binomial(chances: Iterable[float], most: int) -> list[float]:
    """The distribution of how many of several independent events happen; the last stands for `most` or more."""
    distribution = [1.0]
    for chance in chances:
        more = distribution.pop() if len(distribution) > most else 0.0
        none, one_less = [*distribution, 0.0], [0.0, *distribution]
        distribution = [
            stays * (1 - chance) + happens * chance for stays, happens in zip(none, one_less, strict=True)
        ]
        if len(distribution) > most:
            distribution[most] += more
    return distribution
