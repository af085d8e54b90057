"""Every timepoint of a judged read under one preset."""

from collections.abc import Sequence

from fhirgate.oncology.assessment import Counts, RecistResponse, TimepointAssessment
from fhirgate.oncology.judgement.confidence import probabilities_of, qualifiers_of
from fhirgate.oncology.judgement.gates import refused_sizes
from fhirgate.oncology.judgement.judge import JudgedTimepoint, Judgement
from fhirgate.oncology.oligometastatic import MOST_METASTASES, MetastaticFacts, classify_oligometastatic
from fhirgate.oncology.policy import StatePolicy
from fhirgate.oncology.progression.classify import Conclusion, classify_picture
from fhirgate.oncology.progression.picture import Picture
from fhirgate.oncology.progression.presets import Preset
from fhirgate.oncology.progression.situation import ACTIVE, CONTROLLED, LesionInPlay, Situation
from fhirgate.oncology.source import Sources, joined
from fhirgate.oncology.verdict import EstroEortcClass, LesionStatus, Reason, State, TherapyStatus
from fhirgate.oncology.wording import listed


def conclude_timepoints(
    judgement: Judgement, preset: Preset, policy: StatePolicy
) -> tuple[TimepointAssessment, ...]:
    """The state of every timepoint, with its qualifiers, reasons and probabilities."""
    baselines = judgement.history.baselines
    return tuple(
        _concluded(judged, position in baselines, preset, policy)
        for position, judged in enumerate(judgement.timepoints)
    )


def _concluded(
    judged: JudgedTimepoint, baseline: bool, preset: Preset, policy: StatePolicy
) -> TimepointAssessment:
    situation = judged.situation
    picture = Picture(situation=situation, preset=preset, policy=policy)
    conclusion = classify_picture(picture)
    sure = probabilities_of(judged, conclusion, picture)
    estro, unknown = _estro_eortc(situation, conclusion.state.answer)
    response = judged.response
    return TimepointAssessment(
        timepoint=judged.timepoint,
        baseline=baseline,
        sum_of_diameters=judged.sum.complete if judged.sum else None,
        nadir=response.nadir if response else None,
        baseline_sum=response.baseline if response else None,
        response=response.response if response else RecistResponse(),
        irecist=judged.irecist.verdict.answer if judged.irecist else None,
        therapy_status=situation.line.status,
        line=judged.line,
        state=conclusion.state,
        qualifiers=qualifiers_of(judged, conclusion, sure, policy.low_confidence_below),
        reasons=_reasons(judged, conclusion, unknown),
        counts=_counts(situation.lesions),
        lesions=judged.lesions,
        estro_eortc=estro,
        probabilities=sure,
        possible=conclusion.possible,
    )


def _reasons(
    judged: JudgedTimepoint, conclusion: Conclusion, unknown: Sequence[Reason]
) -> tuple[Reason, ...]:
    found = (
        *conclusion.reasons,
        *judged.doubts,
        *refused_sizes(judged.timepoint),
        *_sum_incomplete(judged),
        *unknown,
    )
    return tuple({each.code + each.text: each for each in found}.values())


def _sum_incomplete(judged: JudgedTimepoint) -> tuple[Reason, ...]:
    """Why there is no sum of diameters, where there is disease to measure."""
    total = judged.sum
    if total is None:
        no_target = Reason(
            code="NO_TARGET_LESION",
            text="no target lesion: there is no sum of diameters",
            resolved_by="a measurable lesion, or the roles of the lesions at baseline",
        )
        return (no_target,) if any(each.visible for each in judged.lesions) else ()
    found = []
    unseen = [each for each in total.missing if not each.endswith(" (locally treated)")]
    if unseen:
        found.append(
            Reason(
                code="SUM_INCOMPLETE",
                text=f"the sum of diameters lacks {listed(unseen)}",
                resolved_by=f"a measurement of {listed(unseen)} at this timepoint",
                sources=joined(total.sources, _of(judged, unseen)),
            )
        )
    if total.left:
        found.append(
            Reason(
                code="TARGET_TREATED_LOCALLY",
                text=f"{listed(total.left)} was treated locally and has left the RECIST assessment: there is no sum"
                " of diameters to compare, and each lesion is judged for itself",
                sources=joined(total.sources, _of(judged, total.left)),
            )
        )
    return tuple(found)


def _of(judged: JudgedTimepoint, labels: Sequence[str]) -> Sources:
    """What the verdicts on the lesions of these labels rest on."""
    concerned = [
        each for each in judged.lesions if any(label.startswith(each.lesion.label) for label in labels)
    ]
    return joined(*(each.sources for each in concerned))


def _counts(lesions: Sequence[LesionInPlay]) -> Counts:
    """Known lesions by what they do; new ones that are definite are counted apart (our choice)."""
    known = [each.status for each in lesions if not each.new]
    new = [each.status for each in lesions if each.new]
    every = known + new
    return Counts(
        progressing=known.count(LesionStatus.PROGRESSING),
        new=sum([each in ACTIVE for each in new]),
        controlled=sum([each in CONTROLLED for each in known]),
        equivocal=sum([each in _UNSURE for each in every]),
        not_evaluable=every.count(LesionStatus.NE),
    )


_UNSURE = frozenset({LesionStatus.EQUIVOCAL, LesionStatus.NEW_EQUIVOCAL, LesionStatus.TREATED_INDETERMINATE})


_ON = {TherapyStatus.ON: True, TherapyStatus.OFF: False, TherapyStatus.UNKNOWN: None}


_NO_CLASS = (State.INDETERMINATE, State.PROGRESSION_UNCONFIRMED, State.BASELINE)
"""States that leave open whether a lesion progresses: no class follows from them."""


def _estro_eortc(situation: Situation, state: State) -> tuple[EstroEortcClass | None, tuple[Reason, ...]]:
    """The class, or why the history does not allow one."""
    metastases = [each for each in situation.lesions if each.visible and not each.primary]
    active = [each for each in metastases if each.active]
    history = situation.history
    if not metastases or state in _NO_CLASS or (len(metastases) > MOST_METASTASES and not active):
        return None, ()
    many, few = history.polymetastatic_before, history.oligometastatic_before
    if many is None or (few is None and not many):
        return None, (
            Reason(
                code="HISTORY_UNKNOWN",
                text="whether there were many metastases before this record begins is not known, so no ESTRO/EORTC"
                " class is given",
                resolved_by="earlier imaging, or a statement on the extent of disease at first metastasis",
                sources=joined(*(each.sources for each in active)),
            ),
        )
    facts = MetastaticFacts(
        metastases=len(metastases),
        active=len(active) if situation.comparator or not history.first_documentation else len(metastases),
        diffuse=bool(situation.diffuse),
        polymetastatic_before=many,
        oligometastatic_before=bool(few),
        synchronous=history.synchronous,
        on_therapy=_ON[situation.line.status],
    )
    return classify_oligometastatic(facts), ()
