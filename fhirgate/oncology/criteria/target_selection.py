"""Which lesions are targets at a baseline: the record's own roles, or a choice by the rules of RECIST 1.1.

Eisenhauer 2009, §3.1 (measurability), §3.2 and §4.2 (selection): at most five targets in total and two per
organ; all lymph nodes are one organ, paired organs are one organ (RECIST working group clarifications).
The order of the automatic choice is ours: the largest of each organ first, then the second of each organ.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from fhirgate.oncology.criteria.recist_1_1 import NORMAL_NODE_BELOW
from fhirgate.oncology.criteria.rule import Rule
from fhirgate.oncology.lesion import Kind, Measurement, Role
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.timepoint import Lesion
from fhirgate.oncology.value import value

MEASURABLE_FROM = Millimetres(Decimal(10))
"""Least long axis of a measurable non-nodal lesion, slices up to 5 mm [mm]. RECIST 1.1 §3.1.1."""
MEASURABLE_NODE_FROM = Millimetres(Decimal(15))
"""Least short axis of a measurable node [mm]. RECIST 1.1 §3.1.1."""
MEASURABLE_XRAY_FROM = Millimetres(Decimal(20))
"""Least long axis on a chest X-ray [mm]. RECIST 1.1 §3.1.1."""
THIN_SLICE_UP_TO = Millimetres(Decimal(5))
"""With thicker slices a lesion must be twice the slice thickness. RECIST 1.1 appendix II."""
MOST_TARGETS = 5
MOST_PER_ORGAN = 2

LIMITS = {
    "measurable: long axis, slices to 5 mm": f"at least {MEASURABLE_FROM} mm",
    "measurable: long axis, thicker slices": "at least twice the slice thickness",
    "measurable: long axis, chest X-ray": f"at least {MEASURABLE_XRAY_FROM} mm",
    "measurable: short axis of a node": f"at least {MEASURABLE_NODE_FROM} mm",
    "targets": f"at most {MOST_TARGETS}, at most {MOST_PER_ORGAN} per organ",
}

XRAY = frozenset({"CR", "DX", "RG"})


@value
class MeasurabilityFacts:
    """One lesion at baseline."""

    size: Millimetres | None
    node: bool = False
    bone: bool = False
    diffuse: bool = False
    modality: str = ""
    slice_thickness: Millimetres | None = None
    treated_without_progression: bool = False

    @property
    def least(self) -> Decimal:
        """The size from which the lesion is measurable [mm]."""
        if self.node:
            least = MEASURABLE_NODE_FROM
        elif self.modality in XRAY:
            least = MEASURABLE_XRAY_FROM
        else:
            least = MEASURABLE_FROM
        thickness = self.slice_thickness
        return max(least, 2 * thickness) if thickness is not None and thickness > THIN_SLICE_UP_TO else least


MEASURABILITY: tuple[Rule[MeasurabilityFacts, bool], ...] = (
    Rule(
        "no-size",
        "A lesion without a size is not measurable.",
        "RECIST 1.1 §3.1.1",
        lambda facts: facts.size is None,
        False,
        lambda facts: "no size",
    ),
    Rule(
        "truly-non-measurable",
        "Effusions, ascites, leptomeningeal, lymphangitic and other diffuse disease is never measurable.",
        "RECIST 1.1 §3.1.2",
        lambda facts: facts.diffuse,
        False,
        lambda facts: "diffuse disease",
    ),
    Rule(
        "bone-without-soft-tissue",
        "A bone lesion is measurable only by a soft-tissue component, which the record does not show.",
        "RECIST 1.1 §3.1.3",
        lambda facts: facts.bone,
        False,
        lambda facts: "bone lesion without a stated soft-tissue component",
    ),
    Rule(
        "treated-lesion",
        "A lesion treated before is measurable only after it has progressed.",
        "RECIST 1.1 §3.1.3",
        lambda facts: facts.treated_without_progression,
        False,
        lambda facts: "locally treated before, no progression shown since",
    ),
    Rule(
        "too-small",
        "Under the least measurable size.",
        "RECIST 1.1 §3.1.1 and appendix II",
        lambda facts: facts.size is not None and facts.size < facts.least,
        False,
        lambda facts: f"{facts.size} mm is under {facts.least} mm",
    ),
    Rule(
        "measurable",
        "Of measurable size.",
        "RECIST 1.1 §3.1.1",
        lambda facts: True,
        True,
        lambda facts: f"{facts.size} mm",
    ),
)


@value
class Candidate:
    """A lesion at baseline with what decides whether it can be a target.

    `measurable` is asked only of lesions to choose from: where the record gives roles it need not be known.
    """

    lesion: Lesion
    measurement: Measurement
    measurable: bool

    @property
    def pathological(self) -> bool:
        """Whether it is disease at all: there, and not a node under 10 mm."""
        if self.measurement.kind in (Kind.ABSENT, Kind.NOT_EVALUABLE):
            return False
        size = self.measurement.size
        return not (self.lesion.site.node and size is not None and size < NORMAL_NODE_BELOW)


def select_targets(candidates: Iterable[Candidate]) -> tuple[str, ...]:
    """Ids of the lesions chosen as targets where the record names none.

    The largest of each organ first, then the second of each, up to five; ties by id.
    """
    eligible = sorted(
        (each for each in candidates if each.measurable and each.pathological),
        key=lambda each: (-(each.measurement.size or 0), each.lesion.id),
    )
    ranked: list[tuple[int, int, str]] = []
    seen: dict[str, int] = {}
    for position, each in enumerate(eligible):
        organ = each.lesion.site.organ or each.lesion.id
        seen[organ] = rank = seen.get(organ, 0) + 1
        if rank <= MOST_PER_ORGAN:
            ranked.append((rank, position, each.lesion.id))
    return tuple(chosen for _, _, chosen in sorted(ranked)[:MOST_TARGETS])


def roles_at_baseline(candidates: Iterable[Candidate], stated: Mapping[str, Role]) -> dict[str, Role]:
    """The role of every lesion present at a baseline, by lesion id.

    Roles stated by the record are trusted as soon as any lesion has one: the others are then non-target.
    A lesion stated as new on an earlier line is simply known at this baseline: non-target.
    """
    present = tuple(candidates)
    if any(role is not Role.NEW for role in stated.values()):
        targets = frozenset(each for each, role in stated.items() if role is Role.TARGET)
    else:
        targets = frozenset(select_targets(present))
    return {
        each.lesion.id: Role.TARGET if each.lesion.id in targets else Role.NON_TARGET
        for each in present
        if each.lesion.id in targets or each.pathological
    }
