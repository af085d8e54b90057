"""The states considered, with how sure each is: never a number about benefit, survival or toxicity.

Probabilities are percentages, as RiskAssessment asks (ras-2); a 0.83 is written 83. They come from
measurement error alone and every rationale says so.
"""

from dataclasses import dataclass

from fhirgate.mapping.compose.basis import period
from fhirgate.mapping.compose.codes import RISK_PROBABILITY
from fhirgate.mapping.compose.elements import Json, coding, concept, plain
from fhirgate.mapping.compose.states import NO_PROGRESSION, StateCode, state_code
from fhirgate.mapping.datatypes import UCUM
from fhirgate.oncology.assessment import Assessment, Interval, Probabilities, TimepointAssessment
from fhirgate.oncology.policy import Policy
from fhirgate.oncology.uncertainty import LIMITS_OF_THE_MODEL
from fhirgate.oncology.verdict import State, TherapyStatus
from fhirgate.oncology.wording import count, listed

CANNOT_CLASSIFY = frozenset({State.INDETERMINATE, State.BASELINE})
"""States that are no classification of a course: reasons only, never a probability."""

_WITHOUT_PROGRESSION = frozenset(
    {
        State.COMPLETE_RESPONSE,
        State.PARTIAL_RESPONSE,
        State.STABLE_DISEASE,
        State.OLIGOPERSISTENCE,
        State.OFF_THERAPY_STABLE,
        State.NED,
    }
)

_CATEGORIES = (
    (0.05, "negligible", "Negligible likelihood"),
    (0.25, "low", "Low likelihood"),
    (0.75, "moderate", "Moderate likelihood"),
)
_HIGH = ("high", "High likelihood")
"""Cut-offs of the qualitative risk (our choice), each exclusive; `certain` is never said of a model's answer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One state considered. `chance` None: judged, but no probability stands for it."""

    code: StateCode
    chance: Interval | None
    is_call: bool


def predictions(assessment: Assessment, policy: Policy) -> list[Json]:
    """The states considered, most likely first; the rationale says which one is the judged state.

    A judged state that is none of the alternatives (such as progression not confirmed) comes first, without
    a number.
    """
    when = period(assessment, policy)
    return [_prediction(each, assessment, when) for each in outcomes(assessment)]


def outcomes(assessment: Assessment) -> tuple[Outcome, ...]:
    """The states considered, in order."""
    state, now = assessment.current.state, assessment.current.assessed
    call = state_code(state)
    if now is None or now.probabilities is None or state in CANNOT_CLASSIFY:
        return (Outcome(call, None, True),)
    none = call if state in _WITHOUT_PROGRESSION else NO_PROGRESSION
    found = [
        Outcome(code, chance, code is call)
        for code, chance in ((none, now.probabilities.none), *_progressions(now, now.probabilities))
    ]
    found.sort(key=lambda each: (-_middle(each.chance), not each.is_call))
    judged_apart = () if any(each.is_call for each in found) else (Outcome(call, None, True),)
    return (*judged_apart, *found)


def _progressions(now: TimepointAssessment, chances: Probabilities) -> tuple[tuple[StateCode, Interval], ...]:
    """On therapy three states; off therapy two, because no criterion beyond the count is asked there."""
    if now.therapy_status is TherapyStatus.OFF:
        few = Interval(
            low=min(1.0, chances.oligo.low + chances.limited.low),
            high=min(1.0, chances.oligo.high + chances.limited.high),
        )
        return (
            (state_code(State.OLIGORECURRENCE), few),
            (state_code(State.SYSTEMIC_RECURRENCE), chances.systemic),
        )
    return (
        (state_code(State.OLIGOPROGRESSION), chances.oligo),
        (state_code(State.LIMITED_PROGRESSION), chances.limited),
        (state_code(State.SYSTEMIC_PROGRESSION), chances.systemic),
    )


def _middle(chance: Interval | None) -> float:
    return (chance.low + chance.high) / 2 if chance else 0.0


def _prediction(outcome: Outcome, assessment: Assessment, when: Json) -> Json:
    return (
        {"outcome": outcome.code.concept()}
        | probability(outcome.chance)
        | {"whenPeriod": dict(when), "rationale": _rationale(outcome, assessment)}
    )


def probability(chance: Interval | None) -> Json:
    """A probability as a percentage with two decimals or as a range of them, with its word.

    No word where the bounds of a range fall into different categories.
    """
    if chance is None:
        return {}
    low, high = _percent(chance.low), _percent(chance.high)
    number: Json = (
        {"probabilityDecimal": low}
        if low == high
        else {"probabilityRange": {"low": _quantity(low), "high": _quantity(high)}}
    )
    word = _category(chance.low)
    if word != _category(chance.high):
        return number
    return number | {"qualitativeRisk": concept(coding(RISK_PROBABILITY, *word))}


def _percent(chance: float) -> float:
    return round(min(1.0, max(0.0, chance)) * 100, 2)


def _quantity(percent: float) -> Json:
    return {"value": percent, "unit": "%", "system": UCUM, "code": "%"}


def _category(chance: float) -> tuple[str, str]:
    for below, code, display in _CATEGORIES:
        if chance < below:
            return code, display
    return _HIGH


def _rationale(outcome: Outcome, assessment: Assessment) -> str:
    now, current = assessment.current.assessed, assessment.current
    if outcome.is_call:
        why = now.state.because if now else listed(reason.text for reason in current.reasons)
        parts = [f"Judged state: {(why or outcome.code.definition).removesuffix('.')}."]
    else:
        parts = ["Not the judged state."]
    if now is not None:
        parts += [counts_in_words(now), therapy_in_words(now)]
    if outcome.chance is not None:
        parts.append(f"Probability that this label is right at the scan. {LIMITS_OF_THE_MODEL}")
    return plain(" ".join(part for part in parts if part))


def counts_in_words(now: TimepointAssessment) -> str:
    """How many lesions do what, in a sentence."""
    counts = now.counts
    return (
        f"{count(counts.progressing, 'known lesion')} progressing, {counts.new} new,"
        f" {counts.controlled} controlled, {counts.equivocal} equivocal, {counts.not_evaluable} not"
        f" evaluable on the scan of {now.timepoint.date}."
    )


def therapy_in_words(now: TimepointAssessment) -> str:
    """The therapy at a timepoint, in a sentence."""
    if now.line is None:
        return f"Systemic therapy: {now.therapy_status}."
    name = f"line {now.line.number}" if now.line.number else "therapy with curative intent"
    agents = listed(agent.name for agent in now.line.all_agents)
    return f"Systemic therapy: {now.therapy_status}, {name} since {now.line.start} ({agents})."
