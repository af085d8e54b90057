"""How sure the labels are, what other presets conclude, and what could be done next."""

from collections.abc import Iterator, Sequence

from fhirgate.oncology.assessment import Assessment, Interval
from fhirgate.oncology.follow_up import FollowUp
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.oncology.verdict import State, TherapyStatus
from fhirgate.report.columns import plain
from fhirgate.report.review.headline import tone_of
from fhirgate.report.review.parts import Chance, PresetRow, ProposalPart, Tone
from fhirgate.report.words import QUALIFIERS, STATES

_NO_CHANCE = frozenset({State.INDETERMINATE, State.BASELINE})
"""No classification of a course: reasons only, never a number."""
_SAYS = {
    State.OLIGOPROGRESSION: "Oligoprogression",
    State.LIMITED_PROGRESSION: "Limited progression",
    State.SYSTEMIC_PROGRESSION: "Systemic progression",
    State.OLIGORECURRENCE: "Oligorecurrence",
    State.SYSTEMIC_RECURRENCE: "Systemic recurrence",
}
_NONE = "No progression"
_NEARLY_NEVER, _NEARLY_SURE = "under 0.01", "over 0.99"


def chances(assessment: Assessment) -> tuple[Chance, ...]:
    """The labels with how sure each is, most likely first; nothing where no label stands."""
    state, now = assessment.current.state, assessment.current.assessed
    if now is None or now.probabilities is None or state in _NO_CHANCE:
        return ()
    found = now.probabilities
    if now.therapy_status is TherapyStatus.OFF:
        # Off therapy no criterion beyond the count is asked.
        few = Interval(
            low=min(1.0, found.oligo.low + found.limited.low),
            high=min(1.0, found.oligo.high + found.limited.high),
        )
        labels = {State.OLIGORECURRENCE: few, State.SYSTEMIC_RECURRENCE: found.systemic}
    else:
        labels = {
            State.OLIGOPROGRESSION: found.oligo,
            State.LIMITED_PROGRESSION: found.limited,
            State.SYSTEMIC_PROGRESSION: found.systemic,
        }
    rows = [_chance(_NONE, found.none, is_called=tone_of(state) is Tone.HELD)]
    rows += [_chance(_SAYS[each], interval, is_called=each is state) for each, interval in labels.items()]
    return tuple(sorted(rows, key=lambda each: (-each.low - each.high, not each.is_called)))


def _chance(label: str, interval: Interval, *, is_called: bool) -> Chance:
    return Chance(
        label=label,
        text=_range(interval),
        low=round(interval.low * 100),
        high=round(interval.high * 100),
        is_called=is_called,
    )


def _range(interval: Interval) -> str:
    low, high = _hundredths(interval.low), _hundredths(interval.high)
    if (low, high) == (_NEARLY_NEVER, _NEARLY_SURE):
        return "left open by the data"
    return low if low == high else f"{low} to {high}"


def _hundredths(chance: float) -> str:
    """A probability with two decimals; a model's answer is never told as certain."""
    if chance < 0.005:
        return _NEARLY_NEVER
    return _NEARLY_SURE if chance >= 0.995 else f"{chance:.2f}"


def preset_rows(assessments: Sequence[Assessment], shown: str) -> tuple[PresetRow, ...]:
    """What each preset concludes, and why."""
    here = next(each for each in assessments if each.preset == shown)
    return tuple(_preset(each, here) for each in assessments)


def _preset(assessment: Assessment, here: Assessment) -> PresetRow:
    state = assessment.current.state
    preset = PRESETS.get(assessment.preset)
    return PresetRow(
        name=plain(assessment.preset),
        says=preset.says if preset else "",
        state=STATES[state],
        tone=tone_of(state),
        why=tuple(dict.fromkeys(map(plain, _why(assessment)))),
        is_shown=assessment.preset == here.preset,
        differs=state is not here.current.state,
    )


def _why(assessment: Assessment) -> Iterator[str]:
    """The reason of the state, then the reasons and qualifiers that it does not name."""
    current = assessment.current
    because = current.assessed.state.because if current.assessed else ""
    if because:
        yield because
    yield from (each.text for each in current.reasons if each.text not in because)
    yield from (QUALIFIERS[each] for each in current.qualifiers)


def proposal_part(follow_up: FollowUp | None) -> ProposalPart | None:
    """What could be done next; None where nothing is proposed."""
    if follow_up is None:
        return None
    return ProposalPart(
        title=plain(f"{follow_up.title[:1].upper()}{follow_up.title[1:]}"),
        activities=tuple((_kind(each.kind.value), plain(each.text)) for each in follow_up.proposals),
        evidence_for=tuple(map(plain, follow_up.evidence_for)),
        evidence_against=tuple(map(plain, follow_up.evidence_against)),
        limits=tuple(map(plain, follow_up.limits)),
    )


def _kind(kind: str) -> str:
    return f"{kind[:1].upper()}{kind[1:]}"
