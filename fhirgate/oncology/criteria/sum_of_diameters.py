"""The sum of target diameters at one timepoint, and which targets are missing from it.

RECIST 1.1 §4.3.2 (Eisenhauer 2009): longest diameters of non-nodal targets and short axes of nodes; a lesion
seen but too small to measure counts 5 mm; fragments of a split lesion are added; lesions that have coalesced
count once, as the mass they have become. A target that was resected, irradiated or ablated since baseline
leaves the assessment (EORTC RECIST FAQ on surgery and radiotherapy).
"""

from collections.abc import Iterable, Mapping

from fhirgate.oncology.criteria.recist_1_1 import NORMAL_NODE_BELOW
from fhirgate.oncology.lesion import Kind, Measurement
from fhirgate.oncology.millimetres import ZERO, Millimetres
from fhirgate.oncology.source import Sources, joined
from fhirgate.oncology.timepoint import Lesion
from fhirgate.oncology.value import value


@value
class SumOfDiameters:
    """The evaluable part of a sum [mm], and the targets that are not in it, each with the reason why.

    `left` are those of `missing` that were treated locally: no later measurement brings them back.
    """

    total: Millimetres
    missing: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    all_gone: bool = False
    some_visible: bool = False
    sources: Sources = ()

    @property
    def complete(self) -> Millimetres | None:
        """The sum [mm], or None when a target is missing."""
        return None if self.missing else self.total


def gone(lesion: Lesion, measurement: Measurement) -> bool:
    """Whether a lesion is no longer disease: absent, or a node with a short axis under 10 mm."""
    if measurement.kind is Kind.ABSENT:
        return True
    return lesion.site.node and measurement.size is not None and measurement.size < NORMAL_NODE_BELOW


def merged_away(measurement: Measurement) -> bool:
    """Whether the lesion has coalesced with another one that carries the size of both."""
    return measurement.size is None and measurement.kind is Kind.MERGED


def sum_of_diameters(
    targets: Iterable[Lesion],
    measurements: Mapping[str, Measurement],
    locally_treated: Iterable[str] = (),
) -> SumOfDiameters:
    """Add the diameters of the targets [mm]; name each target that cannot be added.

    `locally_treated` are ids of targets that have left the assessment.
    """
    total, missing, left, sources = ZERO, [], [], []
    all_gone, some_visible = True, False
    treated = frozenset(locally_treated)
    followed = tuple(targets)
    masses = _masses(followed, measurements)
    for lesion in followed:
        measurement = measurements.get(lesion.id)
        if lesion.id in treated:
            missing.append(f"{lesion.label} (locally treated)")
            left.append(lesion.label)
            continue
        if measurement is not None and merged_away(measurement):
            sources.append(measurement.sources)
            if measurement.merged_into not in masses:
                missing.append(f"{lesion.label} (coalesced with a lesion that is not in the sum)")
            continue
        if measurement is None or measurement.size is None:
            missing.append(lesion.label)
            continue
        total = Millimetres(total + measurement.size)
        sources.append(measurement.sources)
        if gone(lesion, measurement):
            continue
        all_gone, some_visible = False, True
    return SumOfDiameters(
        total=total,
        missing=tuple(missing),
        left=tuple(left),
        all_gone=all_gone and not missing,
        some_visible=some_visible,
        sources=joined(*sources),
    )


def _masses(targets: Iterable[Lesion], measurements: Mapping[str, Measurement]) -> frozenset[str]:
    """Ids of the targets that another one may have coalesced with.

    The empty id stands for a mass the record does not name: believed when one target is called a merged mass.
    """
    ids = {lesion.id for lesion in targets}
    measured = (measurements[each] for each in ids if each in measurements)
    unnamed = any(each.kind is Kind.MERGED and each.size is not None for each in measured)
    return frozenset(ids | {""} if unnamed else ids)
