"""The probability that a lesion has truly grown, from what it is compared with, and what doubts its technique adds."""

from decimal import Decimal

from fhirgate.oncology.criteria.recist_1_1 import grew
from fhirgate.oncology.criteria.target_selection import THIN_SLICE_UP_TO
from fhirgate.oncology.judgement.past import Past, Reference
from fhirgate.oncology.lesion import Kind, Measurement
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.policy import ReferenceMode
from fhirgate.oncology.uncertainty import (
    TOO_SMALL_SPREAD,
    Reading,
    probability_of_growth,
    probability_of_rise,
)

_OWN_SPREAD = {Kind.TOO_SMALL: TOO_SMALL_SPREAD, Kind.ABSENT: 1.0}
"""Standard deviations of sizes that are no measured number [mm]."""
_MOST_READINGS = 9
"""More of the lowest earlier sizes no longer change the reference."""
_SUSTAINED_FROM = 3
"""With fewer earlier sizes there is no telling whether the lowest was an outlier. Our choice."""


def growth_probability(
    measurement: Measurement, reference: Reference, past: Past, mode: ReferenceMode, *, node: bool
) -> float:
    """How likely a lesion of this size has truly grown by the growth rule, by size or by uptake."""
    now = _reading(measurement, measurement.size) if measurement.size else None
    by_size = (
        probability_of_growth(
            _readings(reference, past, mode),
            now,
            same_reader=measurement.reader is not None and measurement.reader == reference.measured.reader,
            node=node,
            widened=technique_differs(reference.measured, measurement) or _thick(measurement),
            mode=mode,
        )
        if now is not None
        else 0.0
    )
    return 1 - (1 - by_size) * (1 - _of_uptake(past, measurement))


def nadir_not_sustained(value: Millimetres, reference: Reference) -> bool:
    """Whether a growing lesion would not be growing against its second lowest earlier size."""
    second = reference.second_lowest
    return reference.number >= _SUSTAINED_FROM and second is not None and not grew(value, second)


def technique_differs(before: Measurement, now: Measurement) -> bool:
    """Whether two sizes come from different modalities or slice thickness classes."""
    if before.modality and now.modality and before.modality != now.modality:
        return True
    both = before.slice_thickness is not None and now.slice_thickness is not None
    return both and _thick(before) != _thick(now)


def _thick(measurement: Measurement) -> bool:
    return measurement.slice_thickness is not None and measurement.slice_thickness > THIN_SLICE_UP_TO


def _readings(reference: Reference, past: Past, mode: ReferenceMode) -> list[Reading]:
    """The earlier readings that bear on the reference: the lowest ones, or the previous one."""
    if len(past.ordered) < 2 or mode is ReferenceMode.PREVIOUS:
        return [_reading(reference.measured, reference.size)]
    lowest = past.ordered[:_MOST_READINGS]
    return [Reading(size, _OWN_SPREAD.get(measurement.kind)) for size, _, measurement in lowest]


def _reading(measurement: Measurement, size: Decimal) -> Reading:
    return Reading(size, _OWN_SPREAD.get(measurement.kind))


def _of_uptake(past: Past, measurement: Measurement) -> float:
    before, now = past.uptake, measurement.uptake
    if before is None or before.sul_peak is None or now is None or now.sul_peak is None:
        return 0.0
    return probability_of_rise(before.sul_peak, now.sul_peak)
