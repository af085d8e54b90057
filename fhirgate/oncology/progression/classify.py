"""From a situation to a state with its qualifiers and reasons.

A lesion that was not evaluated is tried both ways, progressing and stable, alone and together with the
others: a state stands only if it is the same in every case, else the missing lesion decides and that is said.
"""

from dataclasses import replace
from itertools import compress

from fhirgate.oncology.criteria.rule import first_match
from fhirgate.oncology.policy import StatePolicy
from fhirgate.oncology.progression.coverage import both_ways
from fhirgate.oncology.progression.picture import Picture
from fhirgate.oncology.progression.presets import Preset, Scope
from fhirgate.oncology.progression.reasons import reasons
from fhirgate.oncology.progression.situation import LesionInPlay, Situation
from fhirgate.oncology.progression.states import STATES
from fhirgate.oncology.source import Sources, joined
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import LesionStatus, Qualifier, Reason, State, Verdict
from fhirgate.oncology.wording import count, listed, state_words


@value
class Conclusion:
    """A state with what must be known with it; `possible` are the states that unseen lesions leave open."""

    state: Verdict[State]
    qualifiers: tuple[Qualifier, ...]
    reasons: tuple[Reason, ...]
    possible: frozenset[State] = frozenset()


def classify_situation(situation: Situation, preset: Preset, policy: StatePolicy) -> Conclusion:
    """The one state of a timepoint under a preset."""
    return classify_picture(Picture(situation=situation, preset=preset, policy=policy))


def classify_picture(picture: Picture) -> Conclusion:
    """The one state of a timepoint, from its picture under a preset."""
    situation, preset = picture.situation, picture.preset
    sources = joined(situation.line.sources, situation.sources, *(each.sources for each in situation.lesions))
    missing = LesionStatus.NE
    unseen = tuple([each for each in situation.lesions if each.status is missing])
    if situation.stops or not unseen:
        return _conclude(picture, sources)
    cases = [
        replace(picture, situation=replace(situation, lesions=lesions))
        for lesions in both_ways(situation.lesions, preset, situation.date)
    ]
    states = {first_match(STATES, case).answer for case in cases}
    mildest = _conclude(cases[0], sources)
    if len(states) == 1:
        return replace(mildest, qualifiers=(*mildest.qualifiers, Qualifier.NE_LESIONS_NOT_DECISIVE))
    return _undecided(mildest, unseen, states)


def _conclude(picture: Picture, sources: Sources) -> Conclusion:
    verdict = first_match(STATES, picture, sources)
    return Conclusion(
        state=verdict, qualifiers=_qualifiers(picture, verdict), reasons=reasons(picture, verdict)
    )


def _undecided(mildest: Conclusion, unseen: tuple[LesionInPlay, ...], states: set[State]) -> Conclusion:
    names = listed(each.label for each in unseen)
    possible = [state_words(state) for state in State if state in states]
    reason = Reason(
        code="COVERAGE",
        text=f"{names} not evaluated, and decides between {listed(possible)}",
        resolved_by=f"a measurement or statement of {names} at this timepoint",
        sources=joined(*(each.sources for each in unseen)),
    )
    state = Verdict(
        answer=State.INDETERMINATE,
        rule="coverage",
        because=f"{count(len(unseen), 'lesion')} not evaluated ({names}): {listed(possible, last='or')}",
        sources=mildest.state.sources,
    )
    return Conclusion(state=state, qualifiers=(), reasons=(reason,), possible=frozenset(states))


def _qualifiers(picture: Picture, verdict: Verdict[State]) -> tuple[Qualifier, ...]:
    situation, history, line = picture.situation, picture.situation.history, picture.situation.line
    active = (*picture.growing, *picture.new)
    statuses = {each.status for each in situation.lesions}
    recurrence = verdict.answer is State.OLIGORECURRENCE
    first = verdict.rule in ("first-metastases-on-therapy", "first-metastases-off-therapy")
    judged = verdict.answer is not State.INDETERMINATE
    waits = picture.on and line.has_ici and picture.definite and not situation.confirmed
    holds = (
        bool(active) and LesionStatus.RESPONDING in statuses,
        picture.preset.scope is Scope.EXTRACRANIAL and any(each.cns for each in active),
        situation.sum_progressed and LesionStatus.PROGRESSING not in statuses,
        any(each.treated for each in active),
        first,
        verdict.rule == "first-metastases-on-therapy" and line.adjuvant,
        recurrence and not first and history.polymetastatic_before is True,
        recurrence
        and not first
        and history.polymetastatic_before is False
        and history.oligometastatic_before is True,
        judged and waits and verdict.rule != "ici-first-follow-up",
        line.on_hold,
    )
    return tuple(compress(_QUALIFIERS, holds))


_QUALIFIERS = (
    Qualifier.MIXED_RESPONSE,
    Qualifier.CNS_REPORTED_SEPARATELY,
    Qualifier.SLD_PD_NO_LESION_PD,
    Qualifier.PREVIOUSLY_TREATED_LESION_PROGRESSING,
    Qualifier.METACHRONOUS,
    Qualifier.SETTING_ADJUVANT,
    Qualifier.INDUCED,
    Qualifier.REPEAT,
    Qualifier.PSEUDOPROGRESSION_POSSIBLE,
    Qualifier.ON_HOLD,
)
"""In the order in which `_qualifiers` asks for them."""
