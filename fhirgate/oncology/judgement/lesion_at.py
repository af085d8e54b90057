"""One lesion at one timepoint: its verdict, with what the state machine and the probabilities need besides."""

from fhirgate.oncology.assessment import LesionVerdict
from fhirgate.oncology.judgement.newness import Novelty
from fhirgate.oncology.lesion import Measurement
from fhirgate.oncology.therapy import LocalTreatment
from fhirgate.oncology.timepoint import Lesion
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import LesionStatus


@value
class LesionAt:
    """One lesion at one timepoint: its verdict and what the state machine and the probabilities need besides.

    `growth` is the probability that it has truly grown; None where nothing can be said (not evaluated,
    equivocal new lesion, change after local treatment). `merged`: it is part of another lesion that holds its size.
    """

    verdict: LesionVerdict
    novelty: Novelty | None = None
    treated: bool = False
    irradiated: bool = False
    growth: float | None = None
    merged: bool = False
    increased: bool = False
    """Whether the reader says in words that it has grown further."""
    pet_only: bool = False

    @property
    def lesion(self) -> Lesion:
        """The lesion."""
        return self.verdict.lesion

    @property
    def appears(self) -> bool:
        """Whether it is new and seen here for the first time."""
        return self.novelty is not None and self.novelty.first_here


def resected(lesion: Lesion, operation: LocalTreatment, novelty: Novelty | None) -> LesionAt:
    """A lesion that was operated on and never seen since: controlled, not missing."""
    verdict = LesionVerdict(
        lesion=lesion,
        status=LesionStatus.TREATED_CONTROLLED,
        value=None,
        reference=None,
        rule="lesion-resected",
        because=f"resected {operation.started_on}, not mentioned since",
        visible=False,
        sources=operation.sources,
    )
    return LesionAt(verdict=verdict, novelty=novelty, treated=True, growth=0.0)


def merged(lesion: Lesion, measurement: Measurement, mass: str) -> LesionAt:
    """A lesion that no longer stands for itself: the mass holds its size, and its reference."""
    verdict = LesionVerdict(
        lesion=lesion,
        status=LesionStatus.NE,
        value=None,
        reference=None,
        rule="lesion-merged",
        because=f"has coalesced with {mass}, whose size holds both",
        sources=measurement.sources,
    )
    return LesionAt(verdict=verdict, merged=True)
