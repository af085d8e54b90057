"""Laws of the state machine that hold for any situation."""

from dataclasses import replace
from itertools import product
from typing import Any

from builders import before, in_play, mm, on_line, reason, situation
from hypothesis import assume, given
from hypothesis import strategies as st

from fhirgate.oncology.policy import IciPolicy, StatePolicy
from fhirgate.oncology.progression.classify import Conclusion, classify_situation
from fhirgate.oncology.progression.presets import DEFAULT, PRESETS, Preset
from fhirgate.oncology.progression.situation import LesionInPlay, Situation
from fhirgate.oncology.verdict import LesionStatus, State, TherapyStatus
from fhirgate.oncology.wording import listed, state_words

KNOWN = [
    each
    for each in LesionStatus
    if each not in (LesionStatus.NEW, LesionStatus.NEW_EQUIVOCAL, LesionStatus.BASELINE)
]
FLAGS = st.booleans()
MAYBE = st.sampled_from([None, True, False])


@st.composite
def _lesions(draw: st.DrawFn, evaluable: bool) -> tuple[LesionInPlay, ...]:
    found: list[LesionInPlay] = []
    for number in range(draw(st.integers(0, 14))):
        new = draw(FLAGS) and draw(FLAGS)
        statuses = [LesionStatus.NEW, LesionStatus.NEW_EQUIVOCAL, LesionStatus.NE] if new else KNOWN
        status = draw(st.sampled_from([e for e in statuses if not evaluable or e is not LesionStatus.NE]))
        treated = draw(FLAGS)
        more: dict[str, Any] = {
            "new": new,
            "organ": draw(st.sampled_from(["lung", "liver", "bone", "brain", ""])),
            "size": draw(st.sampled_from([None, mm(12), mm(60), mm(80)])),
            "treated": treated,
            "irradiated": treated and draw(FLAGS),
            "primary": number == 0 and draw(FLAGS),
            "contributes": status in (LesionStatus.EQUIVOCAL, LesionStatus.STABLE) and draw(FLAGS),
        }
        found.append(in_play(status, f"L{number}", cns=more["organ"] == "brain", **more))
    return tuple(found)


@st.composite
def _situations(draw: st.DrawFn, *, on: bool = False, plain: bool = False) -> Situation:
    status = TherapyStatus.ON if on else draw(st.sampled_from(TherapyStatus))
    line = on_line(
        status,
        days=draw(st.sampled_from([None, 14, 63, 90, 400])),
        has_ici=not plain and draw(FLAGS),
        ici_first_follow_up=not plain and draw(FLAGS),
    )
    history = before(
        metastases_ever=plain or draw(FLAGS),
        first_documentation=not plain and draw(FLAGS),
        synchronous=draw(MAYBE),
        polymetastatic_before=draw(MAYBE),
        oligometastatic_before=draw(MAYBE),
    )
    diffuse = () if plain else draw(st.sampled_from([(), ("malignant ascites",)]))
    return situation(
        draw(_lesions(evaluable=plain)),
        line=line,
        history=history,
        comparator=plain or draw(FLAGS),
        diffuse=diffuse,
        diffuse_progressing=diffuse if draw(FLAGS) else (),
        sum_progressed=draw(FLAGS),
        sum_partial=draw(FLAGS),
        bone_lesions=draw(st.sampled_from([0, 0, 3, 6])),
        confirmed=draw(FLAGS),
        signals=() if plain else draw(st.sampled_from([(), (reason(),)])),
        stops=() if plain else draw(st.sampled_from([(), (), (), (reason("NO_IMAGING"),)])),
    )


presets = st.sampled_from(list(PRESETS.values()))
policies = st.builds(StatePolicy, ici_policy=st.sampled_from(IciPolicy))
ORDER = {
    State.COMPLETE_RESPONSE: 0,
    State.PARTIAL_RESPONSE: 0,
    State.STABLE_DISEASE: 0,
    State.OLIGOPERSISTENCE: 0,
    State.OLIGOPROGRESSION: 1,
    State.LIMITED_PROGRESSION: 1,
    State.SYSTEMIC_PROGRESSION: 2,
}


def _judged(seen: Situation, preset: Preset = DEFAULT) -> Conclusion:
    return classify_situation(seen, preset, StatePolicy())


def _with_lesions(seen: Situation, *lesions: LesionInPlay) -> Situation:
    return replace(seen, lesions=lesions)


def _with(seen: Situation, status: str) -> Situation:
    return _with_lesions(seen, *seen.lesions, in_play(status, "added"))


@given(_situations(), presets, policies)
def test_any_situation_has_exactly_one_state_that_explains_itself(
    seen: Situation, preset: Preset, policy: StatePolicy
) -> None:
    conclusion = classify_situation(seen, preset, policy)

    assert isinstance(conclusion.state.answer, State)
    assert conclusion.state.because
    assert len(set(conclusion.qualifiers)) == len(conclusion.qualifiers)


@given(_situations(), presets)
def test_a_state_that_cannot_be_told_always_names_what_would_settle_it(
    seen: Situation, preset: Preset
) -> None:
    assume(not seen.stops)
    conclusion = _judged(seen, preset)

    if conclusion.state.answer is State.INDETERMINATE:
        assert conclusion.reasons
        assert all(each.resolved_by for each in conclusion.reasons)


@given(st.data(), _situations(), presets)
def test_the_order_of_the_lesions_does_not_matter(
    data: st.DataObject, seen: Situation, preset: Preset
) -> None:
    shuffled = tuple(data.draw(st.permutations(seen.lesions)))
    first = _judged(seen, preset)
    second = _judged(_with_lesions(seen, *shuffled), preset)

    assert (second.state.answer, second.state.rule, second.qualifiers) == (
        first.state.answer,
        first.state.rule,
        first.qualifiers,
    )
    assert {each.code for each in second.reasons} == {each.code for each in first.reasons}


@given(_situations(on=True, plain=True), presets, st.integers(1, 5), st.integers(0, 8))
def test_a_stable_lesion_more_never_turns_oligoprogression_into_systemic_progression(
    seen: Situation, preset: Preset, growing: int, stable: int
) -> None:
    lesions = [in_play("PROGRESSING", f"p{n}") for n in range(growing)]
    lesions += [in_play("STABLE", f"s{n}") for n in range(stable)]
    seen = _with_lesions(seen, *lesions, *(each for each in seen.lesions if not each.active))
    assume(_judged(seen, preset).state.answer is State.OLIGOPROGRESSION)

    assert _judged(_with(seen, "STABLE"), preset).state.answer is State.OLIGOPROGRESSION


@given(_situations(on=True, plain=True), presets)
def test_a_progressing_lesion_more_never_makes_the_state_milder(seen: Situation, preset: Preset) -> None:
    was = _judged(seen, preset).state.answer
    becomes = _judged(_with(seen, "PROGRESSING"), preset).state.answer

    assert ORDER[becomes] >= max(ORDER[was], 1)


def _every_way(seen: Situation) -> list[Situation]:
    """The situation with every unseen lesion progressing (or new) or not: all combinations, naively."""
    unseen = [each for each in seen.lesions if each.status is LesionStatus.NE]
    every = []
    for grows in product((False, True), repeat=len(unseen)):
        assumed = {
            each.id: in_play(
                (("ABSENT", "NEW") if each.new else ("STABLE", "PROGRESSING"))[grown],
                each.id,
                **{name: getattr(each, name) for name in COPIED},
            )
            for each, grown in zip(unseen, grows, strict=True)
        }
        every.append(_with_lesions(seen, *(assumed.get(each.id, each) for each in seen.lesions)))
    return every


COPIED = ("new", "cns", "organ", "treated", "irradiated", "primary", "size")


@given(_situations(), presets)
def test_unseen_lesions_are_judged_as_if_every_combination_had_been_tried(
    seen: Situation, preset: Preset
) -> None:
    seen = replace(
        seen, stops=(), lesions=tuple(replace(e, size=None) if e.status == "NE" else e for e in seen.lesions)
    )
    unseen = sum(each.status is LesionStatus.NE for each in seen.lesions)
    assume(0 < unseen < 7)
    possible = {_judged(each, preset).state.answer for each in _every_way(seen)}
    conclusion = _judged(seen, preset)

    if len(possible) == 1:
        assert {conclusion.state.answer} == possible
    else:
        names = listed([state_words(state) for state in State if state in possible], last="or")
        assert conclusion.state.because.endswith(f": {names}")
