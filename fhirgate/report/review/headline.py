"""The state to act on in one sentence, with its reason and what must be known beside it."""

from fhirgate.oncology.assessment import Assessment, TimepointAssessment
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.verdict import Qualifier, State
from fhirgate.oncology.wording import count
from fhirgate.report.columns import plain
from fhirgate.report.now import numbers, settled, stale_words
from fhirgate.report.review.parts import Headline, Tone
from fhirgate.report.story_timepoints import on_line
from fhirgate.report.words import ESTRO_EORTC, OPEN, PROGRESSIVE, QUALIFIERS, STATES

_WIDE = frozenset({State.SYSTEMIC_PROGRESSION, State.SYSTEMIC_RECURRENCE, State.POLYMETASTATIC_NEW})
_START = frozenset({State.BASELINE, State.NO_METASTATIC_DISEASE, State.OLIGOMETASTATIC_SYNCHRONOUS})


def tone_of(state: State) -> Tone:
    """What a state is in one glance."""
    if state in OPEN:
        return Tone.OPEN
    if state in PROGRESSIVE:
        return Tone.WIDE if state in _WIDE else Tone.FEW
    return Tone.START if state in _START else Tone.HELD


def headline(assessment: Assessment) -> Headline:
    """Where the patient stands; without imaging, why that cannot be told."""
    current, assessed = assessment.current, assessment.current.assessed
    return Headline(
        state=STATES[current.state],
        code=current.state.value,
        tone=tone_of(current.state),
        because=plain(_because(assessment)),
        therapy=plain(on_line(assessed)) if assessed else "",
        imaging=str(assessed.timepoint.date) if assessed else "",
        age=_age(assessment, assessed) if assessed else "",
        stale=stale_words(assessment),
        qualifiers=tuple(QUALIFIERS[each] for each in current.qualifiers if each is not Qualifier.STALE),
        lesions=tuple(plain(each) for each in numbers(assessed)) if assessed else (),
        open_points=tuple(plain(each) for each in settled(current)) if assessed else (),
        classification=ESTRO_EORTC[assessed.estro_eortc] if assessed and assessed.estro_eortc else "",
    )


def _because(assessment: Assessment) -> str:
    assessed = assessment.current.assessed
    because = assessed.state.because if assessed else "; ".join(settled(assessment.current))
    return f"{because[:1].upper()}{because[1:]}"


def _age(assessment: Assessment, assessed: TimepointAssessment) -> str:
    """How old the imaging is, as far as its date says."""
    day, as_of = assessed.timepoint.last_date, ClinicalDate.of(assessment.as_of)
    least, most = as_of.least_days_since(day), as_of.most_days_since(day)
    if most <= 0:
        return "on the day of judgement"
    return f"{count(most, 'day')} before" if least == most else f"{max(least, 0)} to {most} days before"
