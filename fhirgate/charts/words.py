"""The words beside marks, and what is drawn alike: states by their tone, lesions by what they do."""

from dataclasses import dataclass
from enum import StrEnum

from fhirgate.charts import style
from fhirgate.oncology.verdict import LesionStatus, Qualifier, State


class Tone(StrEnum):
    """What a state is in one glance."""

    START = "first picture"
    HELD = "under control"
    OLIGO = "progression in few places"
    WIDE = "progression in many places"
    OPEN = "not settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLook:
    """How a tone is drawn in the ribbon: its fill, its height [px], whether its outline is dashed."""

    fill: str
    height: int
    dashed: bool = False


LOOKS = {
    Tone.START: StateLook(fill=style.FAINT, height=8),
    Tone.HELD: StateLook(fill=style.HELD, height=8),
    Tone.OLIGO: StateLook(fill=style.OLIGO, height=16),
    Tone.WIDE: StateLook(fill=style.WIDE, height=22),
    Tone.OPEN: StateLook(fill=style.PAPER, height=16, dashed=True),
}

STATES = {
    State.NO_METASTATIC_DISEASE: ("No metastatic disease", Tone.START),
    State.OLIGOMETASTATIC_SYNCHRONOUS: ("Synchronous oligometastatic disease", Tone.START),
    State.POLYMETASTATIC_NEW: ("First metastases, many or diffuse", Tone.START),
    State.BASELINE: ("Baseline", Tone.START),
    State.COMPLETE_RESPONSE: ("Complete response", Tone.HELD),
    State.PARTIAL_RESPONSE: ("Partial response", Tone.HELD),
    State.STABLE_DISEASE: ("Stable disease", Tone.HELD),
    State.OLIGOPERSISTENCE: ("Oligo- persistence", Tone.HELD),
    State.OLIGOPROGRESSION: ("Oligo- progression", Tone.OLIGO),
    State.LIMITED_PROGRESSION: ("Limited progression", Tone.OLIGO),
    State.SYSTEMIC_PROGRESSION: ("Systemic progression", Tone.WIDE),
    State.PROGRESSION_UNCONFIRMED: ("Progression unconfirmed", Tone.OPEN),
    State.OLIGORECURRENCE: ("Oligo- recurrence", Tone.OLIGO),
    State.SYSTEMIC_RECURRENCE: ("Systemic recurrence", Tone.WIDE),
    State.OFF_THERAPY_STABLE: ("Stable off therapy", Tone.HELD),
    State.NED: ("No evidence of disease", Tone.HELD),
    State.INDETERMINATE: ("Cannot be judged", Tone.OPEN),
}


def state_words(state: State) -> str:
    """The state in one line."""
    return STATES[state][0].replace("- ", "")


STATUSES = {
    LesionStatus.NE: "not evaluable",
    LesionStatus.TREATED_INDETERMINATE: "changing after local treatment",
    LesionStatus.TREATED_CONTROLLED: "treated, controlled",
    LesionStatus.PROGRESSING: "progressing",
    LesionStatus.ABSENT: "gone",
    LesionStatus.RESPONDING: "responding",
    LesionStatus.EQUIVOCAL: "equivocal",
    LesionStatus.STABLE: "stable",
    LesionStatus.NEW: "new",
    LesionStatus.NEW_EQUIVOCAL: "perhaps new",
    LesionStatus.BASELINE: "baseline",
}

QUALIFIERS = {
    Qualifier.MIXED_RESPONSE: "mixed response",
    Qualifier.PSEUDOPROGRESSION_POSSIBLE: "pseudo-progression possible",
    Qualifier.CNS_REPORTED_SEPARATELY: "brain reported separately",
    Qualifier.LOW_CONFIDENCE: "low confidence",
    Qualifier.NADIR_NOT_SUSTAINED: "nadir not sustained",
    Qualifier.MIXED_TECHNIQUE: "technique differs between scans",
    Qualifier.PREVIOUSLY_TREATED_LESION_PROGRESSING: "a treated lesion progresses",
    Qualifier.SETTING_ADJUVANT: "on adjuvant therapy",
    Qualifier.REPEAT: "oligometastatic before",
    Qualifier.INDUCED: "polymetastatic before",
    Qualifier.METACHRONOUS: "metachronous",
    Qualifier.SLD_PD_NO_LESION_PD: "the sum progresses, no single lesion does",
    Qualifier.ON_HOLD: "therapy on hold",
    Qualifier.NE_LESIONS_NOT_DECISIVE: "lesions not evaluated cannot change it",
    Qualifier.REGION_NOT_PREVIOUSLY_IMAGED: "a new lesion where no scan looked before",
    Qualifier.STALE: "too old to act on",
    Qualifier.CR_THEN_PR_REVIEW: "partial after complete response, to be reviewed",
    Qualifier.NON_PERCIST_METRIC: "PET change in SUVmax",
    Qualifier.REAPPEARED: "a lesion that was gone is back",
}
