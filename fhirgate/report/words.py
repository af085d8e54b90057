"""The field's words for every code that a reader of the story meets."""

from fhirgate.oncology.lesion import Role
from fhirgate.oncology.therapy import Evidence, LineFlag, Modality, Phase
from fhirgate.oncology.verdict import EstroEortcClass, LesionStatus, Qualifier, State, TherapyStatus

STATES = {
    State.NO_METASTATIC_DISEASE: "No metastatic disease",
    State.OLIGOMETASTATIC_SYNCHRONOUS: "Synchronous oligometastatic disease",
    State.POLYMETASTATIC_NEW: "First metastases, many or diffuse",
    State.BASELINE: "Baseline: nothing earlier to compare with",
    State.COMPLETE_RESPONSE: "Complete response",
    State.PARTIAL_RESPONSE: "Partial response",
    State.STABLE_DISEASE: "Stable disease",
    State.OLIGOPERSISTENCE: "Oligopersistence",
    State.OLIGOPROGRESSION: "Oligoprogression",
    State.LIMITED_PROGRESSION: "Limited progression, not oligoprogression by this preset",
    State.SYSTEMIC_PROGRESSION: "Systemic progression",
    State.PROGRESSION_UNCONFIRMED: "Progression not confirmed yet",
    State.OLIGORECURRENCE: "Oligorecurrence off therapy",
    State.SYSTEMIC_RECURRENCE: "Systemic recurrence off therapy",
    State.OFF_THERAPY_STABLE: "Stable disease off therapy",
    State.NED: "No evidence of disease",
    State.INDETERMINATE: "Cannot be judged",
}

SHORT_STATES = {
    State.NO_METASTATIC_DISEASE: "no mets",
    State.OLIGOMETASTATIC_SYNCHRONOUS: "oligo sync",
    State.POLYMETASTATIC_NEW: "poly new",
    State.BASELINE: "baseline",
    State.COMPLETE_RESPONSE: "CR",
    State.PARTIAL_RESPONSE: "PR",
    State.STABLE_DISEASE: "SD",
    State.OLIGOPERSISTENCE: "oligopers.",
    State.OLIGOPROGRESSION: "OLIGO",
    State.LIMITED_PROGRESSION: "LIMITED",
    State.SYSTEMIC_PROGRESSION: "SYSTEMIC",
    State.PROGRESSION_UNCONFIRMED: "unconf.",
    State.OLIGORECURRENCE: "OLIGOREC.",
    State.SYSTEMIC_RECURRENCE: "SYST. REC.",
    State.OFF_THERAPY_STABLE: "stable",
    State.NED: "NED",
    State.INDETERMINATE: "?",
}
"""States in at most ten characters, for the columns of a table."""

PROGRESSIVE = frozenset(
    {
        State.POLYMETASTATIC_NEW,
        State.OLIGOPROGRESSION,
        State.LIMITED_PROGRESSION,
        State.SYSTEMIC_PROGRESSION,
        State.OLIGORECURRENCE,
        State.SYSTEMIC_RECURRENCE,
    }
)
OPEN = frozenset({State.INDETERMINATE, State.PROGRESSION_UNCONFIRMED})


def state_styles(state: State) -> tuple[str, ...]:
    """How a state is painted; the words say the same."""
    return ("bold", "red") if state in PROGRESSIVE else ("bold", "yellow") if state in OPEN else ("bold",)


STATUSES = {
    LesionStatus.NE: "not evaluable",
    LesionStatus.TREATED_INDETERMINATE: "changing after local treatment, perhaps its effect",
    LesionStatus.TREATED_CONTROLLED: "locally treated, controlled",
    LesionStatus.PROGRESSING: "progressing",
    LesionStatus.ABSENT: "gone, or a normal node",
    LesionStatus.RESPONDING: "responding",
    LesionStatus.EQUIVOCAL: "equivocal",
    LesionStatus.STABLE: "stable",
    LesionStatus.NEW: "new",
    LesionStatus.NEW_EQUIVOCAL: "perhaps new",
    LesionStatus.BASELINE: "at baseline",
}

MARKS = {
    LesionStatus.NE: "",
    LesionStatus.TREATED_INDETERMINATE: "T?",
    LesionStatus.TREATED_CONTROLLED: "T",
    LesionStatus.PROGRESSING: "▲",
    LesionStatus.ABSENT: "○",
    LesionStatus.RESPONDING: "▼",
    LesionStatus.EQUIVOCAL: "?",
    LesionStatus.STABLE: "",
    LesionStatus.NEW: "+",
    LesionStatus.NEW_EQUIVOCAL: "+?",
    LesionStatus.BASELINE: "",
}
"""One sign for a status in a table; empty where the value says it."""

QUALIFIERS = {
    Qualifier.MIXED_RESPONSE: "mixed response: some lesions shrink while others grow",
    Qualifier.PSEUDOPROGRESSION_POSSIBLE: "pseudo-progression is possible on a checkpoint inhibitor",
    Qualifier.CNS_REPORTED_SEPARATELY: "progression in the brain is not counted by this preset",
    Qualifier.LOW_CONFIDENCE: "low confidence: measurement error alone could change the label",
    Qualifier.NADIR_NOT_SUSTAINED: "progression rests on one low value that was not sustained",
    Qualifier.MIXED_TECHNIQUE: "technique or slice thickness differs between the scans compared",
    Qualifier.PREVIOUSLY_TREATED_LESION_PROGRESSING: "a locally treated lesion progresses",
    Qualifier.SETTING_ADJUVANT: "on adjuvant therapy: evidence from metastatic disease may not apply",
    Qualifier.REPEAT: "repeat: oligometastatic before",
    Qualifier.INDUCED: "induced: polymetastatic before",
    Qualifier.METACHRONOUS: "metachronous: first metastases over six months after the primary",
    Qualifier.SLD_PD_NO_LESION_PD: "the sum progresses although no single lesion does",
    Qualifier.ON_HOLD: "systemic therapy is on hold",
    Qualifier.NE_LESIONS_NOT_DECISIVE: "lesions were not evaluated, but cannot change the state",
    Qualifier.REGION_NOT_PREVIOUSLY_IMAGED: "a new lesion lies where no earlier scan looked",
    Qualifier.STALE: "too old to act on",
    Qualifier.CR_THEN_PR_REVIEW: "PR after CR: to be reviewed by the reader",
    Qualifier.NON_PERCIST_METRIC: "PET change is in SUVmax, which carries no PERCIST label",
    Qualifier.REAPPEARED: "a lesion that was gone is back",
}

ESTRO_EORTC = {
    EstroEortcClass.SYNCHRONOUS_OMD: "synchronous oligometastatic disease",
    EstroEortcClass.METACHRONOUS_OLIGORECURRENCE: "metachronous oligorecurrence",
    EstroEortcClass.METACHRONOUS_OLIGOPROGRESSION: "metachronous oligoprogression",
    EstroEortcClass.REPEAT_OLIGORECURRENCE: "repeat oligorecurrence",
    EstroEortcClass.REPEAT_OLIGOPROGRESSION: "repeat oligoprogression",
    EstroEortcClass.REPEAT_OLIGOPERSISTENCE: "repeat oligopersistence",
    EstroEortcClass.INDUCED_OLIGORECURRENCE: "induced oligorecurrence",
    EstroEortcClass.INDUCED_OLIGOPROGRESSION: "induced oligoprogression",
    EstroEortcClass.INDUCED_OLIGOPERSISTENCE: "induced oligopersistence",
}

THERAPY = {
    TherapyStatus.ON: "on therapy",
    TherapyStatus.OFF: "off therapy",
    TherapyStatus.UNKNOWN: "therapy unknown",
}

PHASES = {
    Phase.INDUCTION: "",
    Phase.CONTINUATION_MAINTENANCE: "continuation maintenance",
    Phase.SWITCH_MAINTENANCE: "switch maintenance",
}
"""Where in its course a line is; the usual one goes without saying."""

EVIDENCE = {
    Evidence.ADMINISTERED: "evidence: administered",
    Evidence.DISPENSED: "evidence: dispensed",
    Evidence.STATED: "evidence: as stated",
    Evidence.ORDERED_ONLY: "evidence: ordered only, nothing shows that it was received",
}

END_REASONS = {
    "DEATH": "ended: death",
    "PROGRESSION": "ended: progression",
    "TOXICITY": "ended: toxicity",
    "PLANNED_COMPLETION": "ended: completed as planned",
    "GAP": "ended: nothing given for long",
    "UNKNOWN": "ended, the record does not say why",
    "ONGOING": "ongoing",
}

LINE_FLAGS = {
    LineFlag.RESUMED: "resumed after a long gap",
    LineFlag.BEYOND_PROGRESSION_AFTER_LAT: "continued beyond progression after local treatment",
    LineFlag.ON_ADJUVANT_AT_METASTASIS: "was adjuvant when metastases appeared",
    LineFlag.DATES_IMPRECISE: "dates imprecise",
}

MODALITIES = {
    Modality.SBRT: "SBRT",
    Modality.RADIOTHERAPY: "radiotherapy",
    Modality.BRACHYTHERAPY: "brachytherapy",
    Modality.SURGERY: "surgery",
    Modality.RFA: "radiofrequency ablation",
    Modality.MICROWAVE: "microwave ablation",
    Modality.CRYOABLATION: "cryoablation",
    Modality.ABLATION: "ablation",
    Modality.EMBOLISATION: "embolisation",
}

ROLES = {Role.TARGET: "target", Role.NON_TARGET: "non-target", Role.NEW: "new"}
