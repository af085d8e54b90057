"""Where in the body a lesion sits."""

from enum import StrEnum

from fhirgate.oncology.value import value


class Laterality(StrEnum):
    """Side of a paired organ."""

    LEFT = "left"
    RIGHT = "right"
    BILATERAL = "bilateral"


class Diffuse(StrEnum):
    """Spread that has no count: never "oligo" (our choice, in line with the exclusions of the trials)."""

    EFFUSION = "malignant effusion"
    ASCITES = "malignant ascites"
    LEPTOMENINGEAL = "leptomeningeal disease"
    LYMPHANGITIC = "lymphangitic spread"
    PERITONEAL = "peritoneal carcinomatosis"
    MARROW = "bone-marrow infiltration"
    MILIARY = "miliary spread"
    INNUMERABLE = "innumerable metastases"
    WIDESPREAD = "widespread metastatic disease"


@value
class Site:
    """A place in the body, as far as the record tells.

    `organ` is a lower-case English noun ("lung", "lymph node", "bone"); paired organs are one organ and all
    lymph nodes together are one organ (RECIST 1.1, EORTC clarifications). `detail` is what tells two places
    of one organ apart (segment, vertebra, nodal station), in the record's own words.
    """

    organ: str | None = None
    laterality: Laterality | None = None
    detail: str = ""
    diffuse: Diffuse | None = None

    @property
    def node(self) -> bool:
        """Whether it is a lymph node, measured by its short axis."""
        return self.organ == LYMPH_NODE

    @property
    def cns(self) -> bool:
        """Whether it lies in the central nervous system."""
        return self.organ in CNS or self.diffuse is Diffuse.LEPTOMENINGEAL

    @property
    def bone(self) -> bool:
        """Whether it lies in bone."""
        return self.organ == BONE

    def __str__(self) -> str:
        words = [self.laterality.value if self.laterality else "", self.organ or "", self.detail]
        return " ".join(word for word in words if word) or (
            self.diffuse.value if self.diffuse else "unknown site"
        )


LYMPH_NODE = "lymph node"
BONE = "bone"
LUNG = "lung"
CNS = frozenset({"brain", "spinal cord", "meninges"})
UNKNOWN_SITE = Site()
