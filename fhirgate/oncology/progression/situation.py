"""One timepoint as the state machine sees it: what each lesion does, on what therapy, after what history."""

from collections.abc import Iterable
from datetime import date

from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.progression.presets import Preset, Scope
from fhirgate.oncology.source import Sources
from fhirgate.oncology.therapy import Agent
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import LesionStatus, Reason, TherapyStatus

CONTROLLED = frozenset(
    {
        LesionStatus.ABSENT,
        LesionStatus.RESPONDING,
        LesionStatus.STABLE,
        LesionStatus.EQUIVOCAL,
        LesionStatus.TREATED_CONTROLLED,
    }
)
"""Statuses that count as controlled; equivocal ones do, and are listed."""
ACTIVE = frozenset({LesionStatus.PROGRESSING, LesionStatus.NEW})
"""Statuses of a lesion that definitely progresses or is definitely new."""


@value
class LesionInPlay:
    """What the state machine must know of one lesion.

    `new`: first seen since the baseline of the line. `primary`: the primary tumour, a site but no metastasis.
    `contributes`: it makes the sum grow without progressing by itself (at least 20 %, else any growth).
    """

    id: str
    label: str
    status: LesionStatus
    new: bool = False
    cns: bool = False
    organ: str = ""
    size: Millimetres | None = None
    treated: bool = False
    irradiated: bool = False
    visible: bool = True
    primary: bool = False
    contributes: bool = False
    sources: Sources = ()

    @property
    def active(self) -> bool:
        """Whether it is progressing or an unequivocal new lesion."""
        return self.status in ACTIVE


@value
class History:
    """What came before: None where the record does not tell.

    `metastases_ever`: documented now or before. `first_documentation`: this timepoint is the first to show
    them and nothing earlier is missing. `synchronous`: within six months of the primary.
    """

    metastases_ever: bool = True
    first_documentation: bool = False
    synchronous: bool | None = None
    polymetastatic_before: bool | None = None
    oligometastatic_before: bool | None = None


@value
class OnLine:
    """The systemic therapy at a timepoint. `days` on the line so far; None when there is no line."""

    status: TherapyStatus
    because: str = ""
    agents: tuple[Agent, ...] = ()
    number: int | None = None
    days: int | None = None
    adjuvant: bool = False
    on_hold: bool = False
    has_ici: bool = False
    ici_first_follow_up: bool = False
    sources: Sources = ()


@value
class Situation:
    """Everything a state is drawn from.

    `diffuse`: spread without a count that is there; `diffuse_progressing`: of it, what is new or growing.
    `sum_progressed`: RECIST target progression; `sum_partial`: the sum is at most 70 % of the line baseline.
    `bone_lesions`: new bone lesions of a confirmed PCWG3 progression, beyond the lesions listed; `bone_disease`:
    bone metastases followed by such counts, which no lesion in the list may show.
    `signals`: what needs confirmation and is nothing definite. `stops`: reasons why nothing may be said.
    `sources`: what it rests on beside lesions and line, that is statements of spread and bone scans.
    """

    date: date
    lesions: tuple[LesionInPlay, ...]
    line: OnLine
    history: History
    comparator: bool = True
    diffuse: tuple[str, ...] = ()
    diffuse_progressing: tuple[str, ...] = ()
    sum_progressed: bool = False
    sum_partial: bool = False
    bone_lesions: int = 0
    bone_disease: bool = False
    confirmed: bool = False
    signals: tuple[Reason, ...] = ()
    stops: tuple[Reason, ...] = ()
    sources: Sources = ()


def progressing(lesions: Iterable[LesionInPlay], sum_progressed: bool) -> tuple[LesionInPlay, ...]:
    """Known lesions that progress, and where their sum does, those that contribute to it without progressing."""
    grows = LesionStatus.PROGRESSING
    return tuple(
        [
            each
            for each in lesions
            if not each.new and (each.status is grows or (sum_progressed and each.contributes))
        ]
    )


def in_scope(lesions: Iterable[LesionInPlay], preset: Preset) -> tuple[LesionInPlay, ...]:
    """The lesions a preset counts."""
    if preset.scope is Scope.ALL:
        return tuple(lesions)
    return tuple([each for each in lesions if not each.cns])
