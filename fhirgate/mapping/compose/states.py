"""Our state codes: what each says, and a coarse standard code for receivers who do not know ours.

No published code says "oligoprogression". A changed meaning is a new code, not a new text.
"""

from dataclasses import dataclass

from fhirgate.mapping.canonical import CODES_VERSION, STATES
from fhirgate.mapping.compose.codes import snomed
from fhirgate.mapping.compose.elements import Json, coding, concept
from fhirgate.oncology.criteria.recist_1_1 import PROGRESSION_FACTOR, PROGRESSION_INCREASE
from fhirgate.oncology.progression.presets import DEFAULT
from fhirgate.oncology.verdict import State

WORSENED = snomed("271299001", "Patient's condition worsened (finding)")
PROGRESSION = snomed("419835002", "Tumor progression (finding)")
STABLE = snomed("359746009", "Patient's condition stable (finding)")
IMPROVED = snomed("268910001", "Patient's condition improved (finding)")
UNDETERMINED = snomed("709137006", "Patient condition undetermined (finding)")
METASTATIC = snomed("399409002", "Distant metastasis present (finding)")
WIDESPREAD = snomed("405843009", "Widespread metastatic malignant neoplastic disease (disorder)")
FULL_REMISSION = snomed("103338009", "In full remission (qualifier value)")
PARTIAL_REMISSION = snomed("103337004", "In partial remission (qualifier value)")
NOT_METASTATIC = snomed("1229901006", "American Joint Committee on Cancer cM0 (qualifier value)")


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCode:
    """One code of our CodeSystem with its companions, the nearest first."""

    code: str
    display: str
    definition: str
    companions: tuple[Json, ...]

    @property
    def coding(self) -> Json:
        """Our coding alone, as a tag carries it."""
        return coding(STATES, self.code, self.display, CODES_VERSION)

    def concept(self, text: str = "") -> Json:
        """Our coding and its companions."""
        return concept(self.coding, *self.companions, text=text or self.display)


NO_PROGRESSION = StateCode(
    code="no-progression",
    display="No progression",
    definition="No known lesion progresses and no lesion is unequivocally new. Only an alternative to a state.",
    companions=(STABLE,),
)

_PRESET = f"as the preset allows (one to {DEFAULT.max_lesions} by default)"
GROWTH = (
    f"A lesion progresses when it is at least {(PROGRESSION_FACTOR - 1) * 100:f} % and {PROGRESSION_INCREASE} mm over"
    " its smallest size on the line of therapy, or unequivocally progresses without a size."
)
"""The rule that every definition with a count rests on (RECIST 1.1 §4.3.1 applied to one lesion: our choice)."""

STATE_CODES: dict[State, StateCode] = {
    State.NO_METASTATIC_DISEASE: StateCode(
        code="no-metastatic-disease",
        display="No metastatic disease",
        definition="Imaging is adequate and metastases were never documented.",
        companions=(NOT_METASTATIC,),
    ),
    State.OLIGOMETASTATIC_SYNCHRONOUS: StateCode(
        code="oligometastatic-synchronous",
        display="Synchronous oligometastatic disease",
        definition="First metastases, one to five, up to six calendar months after the primary.",
        companions=(METASTATIC,),
    ),
    State.POLYMETASTATIC_NEW: StateCode(
        code="polymetastatic-new",
        display="New polymetastatic disease",
        definition="First metastases, more than five or diffuse.",
        companions=(METASTATIC, WIDESPREAD),
    ),
    State.BASELINE: StateCode(
        code="baseline",
        display="Baseline",
        definition="Metastatic disease is present and there is no earlier imaging to compare with.",
        companions=(METASTATIC,),
    ),
    State.COMPLETE_RESPONSE: StateCode(
        code="complete-response",
        display="Complete response",
        definition="On systemic therapy, no metastasis is visible.",
        companions=(IMPROVED, FULL_REMISSION),
    ),
    State.PARTIAL_RESPONSE: StateCode(
        code="partial-response",
        display="Partial response",
        definition="On systemic therapy, no progression, the sum of diameters at most 70 % of the line's baseline.",
        companions=(IMPROVED, PARTIAL_REMISSION),
    ),
    State.STABLE_DISEASE: StateCode(
        code="stable-disease",
        display="Stable disease",
        definition="On systemic therapy, neither progression nor response.",
        companions=(STABLE,),
    ),
    State.OLIGOPERSISTENCE: StateCode(
        code="oligopersistence",
        display="Oligopersistence",
        definition="On systemic therapy for at least 84 days, no progression, one to five residual metastases.",
        companions=(STABLE,),
    ),
    State.OLIGOPROGRESSION: StateCode(
        code="oligoprogression",
        display="Oligoprogression",
        definition=f"On systemic therapy, as many progressing and new lesions {_PRESET}, every criterion met.",
        companions=(WORSENED, PROGRESSION),
    ),
    State.LIMITED_PROGRESSION: StateCode(
        code="limited-progression",
        display="Limited progression",
        definition=f"On systemic therapy, as many progressing and new lesions {_PRESET}, another criterion failed.",
        companions=(WORSENED, PROGRESSION),
    ),
    State.SYSTEMIC_PROGRESSION: StateCode(
        code="systemic-progression",
        display="Systemic progression",
        definition="On systemic therapy, more progressing and new lesions than the preset allows, or diffuse disease.",
        companions=(WORSENED, PROGRESSION),
    ),
    State.PROGRESSION_UNCONFIRMED: StateCode(
        code="progression-unconfirmed",
        display="Progression not confirmed",
        definition="A sign of progression that needs confirmation, and nothing definite.",
        companions=(UNDETERMINED,),
    ),
    State.OLIGORECURRENCE: StateCode(
        code="oligorecurrence",
        display="Oligorecurrence",
        definition=f"Off systemic therapy, as many progressing and new lesions {_PRESET}.",
        companions=(WORSENED,),
    ),
    State.SYSTEMIC_RECURRENCE: StateCode(
        code="systemic-recurrence",
        display="Systemic recurrence",
        definition="Off systemic therapy, more progressing and new lesions than the preset allows, or diffuse disease.",
        companions=(WORSENED,),
    ),
    State.OFF_THERAPY_STABLE: StateCode(
        code="off-therapy-stable",
        display="Stable off therapy",
        definition="Off systemic therapy, metastases visible, no progression.",
        companions=(STABLE,),
    ),
    State.NED: StateCode(
        code="no-evidence-of-disease",
        display="No evidence of disease",
        definition="Metastatic before, no metastasis visible now, off systemic therapy.",
        companions=(FULL_REMISSION,),
    ),
    State.INDETERMINATE: StateCode(
        code="indeterminate",
        display="Indeterminate",
        definition="Something essential is missing or contradictory; the reasons say what.",
        companions=(UNDETERMINED,),
    ),
}


def state_code(state: State) -> StateCode:
    """The code of a state."""
    return STATE_CODES[state]
