"""How sure a state is, given measurement error alone, and what a reader of it must know besides."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from math import prod

from fhirgate.oncology.assessment import Interval, Probabilities
from fhirgate.oncology.judgement.judge import JudgedTimepoint
from fhirgate.oncology.judgement.lesion_at import LesionAt
from fhirgate.oncology.progression.classify import Conclusion
from fhirgate.oncology.progression.criteria import failed
from fhirgate.oncology.progression.picture import Picture
from fhirgate.oncology.progression.presets import Scope
from fhirgate.oncology.progression.situation import ACTIVE
from fhirgate.oncology.uncertainty import Field, state_probabilities
from fhirgate.oncology.verdict import LesionStatus, Qualifier, State

NOT_COMPARED = frozenset(
    {
        State.INDETERMINATE,
        State.BASELINE,
        State.NO_METASTATIC_DISEASE,
        State.OLIGOMETASTATIC_SYNCHRONOUS,
        State.POLYMETASTATIC_NEW,
    }
)
"""States that compare no two scans, or say nothing: there is no probability to give."""

_OPEN = (LesionStatus.NE, LesionStatus.TREATED_INDETERMINATE)
_OPEN_NEW = (*_OPEN, LesionStatus.NEW_EQUIVOCAL)
_NEW = (LesionStatus.NEW, LesionStatus.NEW_EQUIVOCAL, LesionStatus.PROGRESSING)
_COUNT_BY_ITSELF = ("MAJORITY_NOT_CONTROLLED", "NO_LESION_IN_SCOPE")
"""Criteria the distribution already decides by counting."""


def probabilities_of(
    judged: JudgedTimepoint, conclusion: Conclusion, picture: Picture
) -> Probabilities | None:
    """The probability of each label under the preset of a picture; None where nothing was compared."""
    rule = conclusion.state.rule
    if (
        judged.response is None
        or conclusion.state.answer in NOT_COMPARED
        or rule.startswith("first-metastases")
    ):
        return None
    asked = not picture.off  # off therapy only the count decides between few and systemic
    in_play = [each for each in judged.followed if not each.merged]
    everywhere = picture.preset.scope is Scope.ALL
    in_scope = [each for each in in_play if everywhere or not each.lesion.site.cns]
    known = [each for each in in_scope if each.novelty is None]
    new = [each for each in in_scope if each.novelty is not None]
    found = state_probabilities(
        Field(
            growing=tuple(each.growth for each in known if each.growth is not None),
            new=sum(_definitely(each) for each in new) + judged.situation.bone_lesions,
            open_known=sum(each.verdict.status in _OPEN for each in known),
            open_new=sum(each.verdict.status in _OPEN_NEW for each in new),
            cap=picture.cap,
            majority_needed=asked and picture.preset.majority_controlled,
            limited_anyway=asked and any(each.code not in _COUNT_BY_ITSELF for each in failed(picture)),
            diffuse=bool(judged.situation.diffuse) and picture.definite,
        )
    )
    if everywhere:
        return found
    elsewhere = _any_growth([each for each in in_play if each.lesion.site.cns])
    return _with_growth_elsewhere(found, elsewhere, limited=asked)


def _any_growth(lesions: Sequence[LesionAt]) -> Interval:
    """The probability that any of these lesions grows or is new."""
    if any(each.novelty is not None and _definitely(each) for each in lesions):
        return Interval(low=1.0, high=1.0)
    none = prod(1 - each.growth for each in lesions if each.growth is not None)
    open_ended = any(each.growth is None for each in lesions)
    return Interval(low=1 - none, high=1.0 if open_ended else 1 - none)


def _with_growth_elsewhere(found: Probabilities, elsewhere: Interval, *, limited: bool) -> Probabilities:
    """The probabilities with growth out of the preset's scope: progression, though of no lesion that counts.

    On therapy that is limited progression, off therapy a recurrence of few lesions.
    """
    if not elsewhere.high:
        return found
    low, high = found.none.low * elsewhere.low, found.none.high * elsewhere.high
    none = Interval(low=found.none.low * (1 - elsewhere.high), high=found.none.high * (1 - elsewhere.low))
    taken = found.limited if limited else found.oligo
    more = Interval(low=min(taken.low + low, 1.0), high=min(taken.high + high, 1.0))
    return replace(found, none=none, limited=more) if limited else replace(found, none=none, oligo=more)


def _definitely(at: LesionAt) -> bool:
    return at.verdict.status in ACTIVE


def qualifiers_of(
    judged: JudgedTimepoint, conclusion: Conclusion, sure: Probabilities | None, least: Decimal
) -> tuple[Qualifier, ...]:
    """The qualifiers of a state, those that the measurements add included, in the order of the enumeration."""
    if conclusion.state.answer is State.INDETERMINATE:
        return conclusion.qualifiers
    found = {*conclusion.qualifiers, *_of_lesions(judged.followed)}
    label = _label(conclusion.state.answer, sure)
    if label is not None and label.low < least:
        found.add(Qualifier.LOW_CONFIDENCE)
    return tuple(sorted(found, key=_IN_ORDER.index)) if found else ()


_IN_ORDER = tuple(Qualifier)


def _of_lesions(lesions: Sequence[LesionAt]) -> Iterable[Qualifier]:
    for each in lesions:
        yield from each.verdict.qualifiers
        here = each.verdict.status in _NEW
        if here and each.novelty is not None and each.novelty.region_not_imaged_before:
            yield Qualifier.REGION_NOT_PREVIOUSLY_IMAGED
        if each.pet_only and each.novelty is None:
            yield Qualifier.NON_PERCIST_METRIC


def _label(state: State, sure: Probabilities | None) -> Interval | None:
    """The probability of the label given; a state without progression is as sure as no lesion growing."""
    if sure is None:
        return None
    if state in _OLIGO:
        return sure.oligo
    if state is State.LIMITED_PROGRESSION:
        return sure.limited
    if state in _SYSTEMIC:
        return sure.systemic
    return None if state is State.PROGRESSION_UNCONFIRMED else sure.none


_OLIGO = (State.OLIGOPROGRESSION, State.OLIGORECURRENCE)
_SYSTEMIC = (State.SYSTEMIC_PROGRESSION, State.SYSTEMIC_RECURRENCE)
