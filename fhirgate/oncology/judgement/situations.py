"""One judged timepoint as the state machine sees it."""

from collections.abc import Iterable, Sequence

from fhirgate.oncology.assessment import LesionVerdict
from fhirgate.oncology.criteria.recist_1_1 import PARTIAL_RESPONSE_FACTOR, PROGRESSION_FACTOR, grew
from fhirgate.oncology.judgement.background import Spreading
from fhirgate.oncology.judgement.bones import BonesAt
from fhirgate.oncology.judgement.lesion_at import LesionAt
from fhirgate.oncology.judgement.response import ResponseAt
from fhirgate.oncology.judgement.signals import signals_at
from fhirgate.oncology.millimetres import ZERO
from fhirgate.oncology.progression.situation import History as Background
from fhirgate.oncology.progression.situation import LesionInPlay, OnLine, Situation
from fhirgate.oncology.source import joined
from fhirgate.oncology.therapy import LineOfTherapy
from fhirgate.oncology.timepoint import Timepoint
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import LesionStatus, Reason, Response


@value
class Surroundings:
    """What surrounds the lesions of a timepoint: therapy, history, diffuse disease, and what stops a judgement.

    `line` is the therapy as the state machine sees it, `judged_on` the line of therapy itself.
    """

    line: OnLine
    judged_on: LineOfTherapy | None
    background: Background
    spreading: Spreading
    bone_disease: bool
    stops: tuple[Reason, ...]


@value
class Followed:
    """What following a course gives at one timepoint.

    `targets` are the ids of the lesions in the sum; `confirmed`: progression is confirmed by iRECIST.
    """

    targets: frozenset[str]
    lesions: tuple[LesionAt, ...]
    response: ResponseAt
    bones: BonesAt | None
    confirmed: bool


def followed_situation(timepoint: Timepoint, followed: Followed, around: Surroundings) -> Situation:
    """The situation at a timepoint that has something to be compared with.

    A sum that grew only by lesions changing after local treatment is no progression: that is their signal.
    """
    in_play = [each for each in followed.lesions if not each.merged]
    bones, target = followed.bones, followed.response.response.target
    grown = any(each.verdict.status is LesionStatus.PROGRESSING for each in in_play)
    contributing = _contributing(in_play, followed.targets, alone=not grown)
    progressed = target is not None and target.answer is Response.PD and (grown or bool(contributing))
    played = tuple(_in_play(each, contributes=each.lesion.id in contributing) for each in in_play)
    return Situation(
        date=timepoint.date.earliest,
        lesions=played,
        line=around.line,
        history=around.background,
        diffuse=around.spreading.there,
        diffuse_progressing=around.spreading.progressing,
        sum_progressed=progressed,
        sum_partial=_shrank(followed.response),
        bone_lesions=_beyond_listed(bones, played),
        bone_disease=around.bone_disease,
        confirmed=followed.confirmed,
        signals=signals_at(in_play, bones.verdict if bones else None),
        stops=around.stops,
        sources=joined(around.spreading.sources, bones.sources if bones else ()),
    )


def first_situation(
    timepoint: Timepoint, verdicts: Iterable[LesionVerdict], around: Surroundings
) -> Situation:
    """The situation at a timepoint with nothing before it."""
    return Situation(
        date=timepoint.date.earliest,
        lesions=tuple(_at_start(each) for each in verdicts),
        line=around.line,
        history=around.background,
        comparator=False,
        diffuse=around.spreading.there,
        bone_disease=around.bone_disease,
        stops=around.stops,
        sources=around.spreading.sources,
    )


def _at_start(verdict: LesionVerdict) -> LesionInPlay:
    lesion = verdict.lesion
    return LesionInPlay(
        id=lesion.id,
        label=lesion.label,
        status=verdict.status,
        cns=lesion.site.cns,
        organ=lesion.site.organ or "",
        size=verdict.value,
        visible=verdict.visible,
        primary=lesion.identity.primary,
        sources=verdict.sources,
    )


def _in_play(at: LesionAt, *, contributes: bool) -> LesionInPlay:
    verdict, lesion = at.verdict, at.lesion
    return LesionInPlay(
        id=lesion.id,
        label=lesion.label,
        status=verdict.status,
        new=at.novelty is not None,
        cns=lesion.site.cns,
        organ=lesion.site.organ or "",
        size=verdict.value,
        treated=at.treated,
        irradiated=at.irradiated,
        visible=verdict.visible and verdict.status is not LesionStatus.NEW_EQUIVOCAL,
        primary=lesion.identity.primary,
        contributes=contributes,
        sources=verdict.sources,
    )


def _contributing(lesions: Sequence[LesionAt], targets: frozenset[str], *, alone: bool) -> frozenset[str]:
    """Lesions that make a sum grow though none of them grows by itself: those with 20 % or more, else any that grew.

    Beside lesions that do progress by themselves they count only where the sum of the other targets alone has
    grown by the rule of the sum: else a lesion that starts to progress would lower the count. Our choice.
    """
    others = [
        each
        for each in lesions
        if each.novelty is None
        and each.verdict.change is not None
        and each.verdict.status not in _BY_THEMSELVES
    ]
    if not alone and not _sum_grew([each for each in others if each.lesion.id in targets]):
        return frozenset()
    grown = [each for each in others if each.verdict.change is not None and each.verdict.change > 0]
    strongly = [each for each in grown if _by_a_fifth(each)]
    return frozenset(each.lesion.id for each in strongly or grown)


_BY_THEMSELVES = (LesionStatus.TREATED_INDETERMINATE, LesionStatus.PROGRESSING)


def _sum_grew(lesions: Sequence[LesionAt]) -> bool:
    """Whether the sizes of these lesions together are 20 % and 5 mm over their references."""
    now = sum((each.verdict.value or ZERO for each in lesions), start=ZERO)
    before = sum((each.verdict.reference or ZERO for each in lesions), start=ZERO)
    return grew(now, before)


def _by_a_fifth(at: LesionAt) -> bool:
    value, reference = at.verdict.value, at.verdict.reference
    return value is not None and reference is not None and value >= PROGRESSION_FACTOR * reference


def _shrank(response: ResponseAt) -> bool:
    total, baseline = response.sum_of_diameters, response.baseline
    return total is not None and baseline is not None and total <= PARTIAL_RESPONSE_FACTOR * baseline


def _beyond_listed(bones: BonesAt | None, lesions: Sequence[LesionInPlay]) -> int:
    """New bone lesions of a confirmed progression that are not among the lesions listed."""
    if bones is None:
        return 0
    listed = sum(each.active and each.new and each.organ == "bone" for each in lesions)
    return max(bones.new_lesions - listed, 0)
