"""Our codes for why a state is what it is, or why there is none: those of the core, with what each means."""

from fhirgate.mapping.canonical import REASONS
from fhirgate.mapping.compose.elements import Json, concept
from fhirgate.mapping.compose.terms import Term
from fhirgate.oncology.verdict import Reason

_TERMS = (
    Term("DIAGNOSIS_MISSING", "No cancer diagnosis", "The record holds no cancer diagnosis."),
    Term(
        "CRITERIA_NOT_SUPPORTED",
        "Criteria not supported",
        "The tumour is judged by criteria of its own, which are not computed.",
    ),
    Term(
        "MULTIPLE_PRIMARIES",
        "Several primary cancers",
        "Several primary cancers, and a lesion cannot be attributed to one of them.",
    ),
    Term(
        "LESION_IDENTITY_AMBIGUOUS",
        "Lesions not told apart",
        "Lesions share a site, and nothing tells one from the other.",
    ),
    Term(
        "ASSESSMENT_ORDER_INVALID",
        "Order of imaging unclear",
        "The dates leave the order of the imaging open, or contradict the patient's birth.",
    ),
    Term("UNITS_INVALID", "Size without usable unit", "A size was recorded that cannot be used as a length."),
    Term(
        "CONFLICTING_READS",
        "Readings disagree",
        "Two readers of the same imaging lead to different states.",
    ),
    Term(
        "COVERAGE",
        "Lesions not evaluated",
        "Lesions were not evaluated, and the state depends on what they do.",
    ),
    Term(
        "NO_IMAGING",
        "No usable imaging",
        "The record holds no lesion measurement or coded description of a lesion.",
    ),
    Term("NO_COMPARATOR", "Nothing to compare with", "There is no earlier imaging to compare with."),
    Term(
        "NO_LINE_BASELINE",
        "No baseline for the line of therapy",
        "No imaging lies near the start of the line of therapy; older imaging stands in for it.",
    ),
    Term(
        "STALE",
        "Imaging too old",
        "The last assessed imaging lies further back than the policy allows to act on.",
    ),
    Term(
        "NEWER_IMAGING_NOT_MEASURED",
        "Newer imaging not measured",
        "There is imaging after the last assessed one that carries no lesion measurement.",
    ),
    Term("NO_TARGET_LESION", "No target lesion", "No lesion is a target, so there is no sum of diameters."),
    Term(
        "SUM_INCOMPLETE",
        "Sum of diameters incomplete",
        "A target lesion was not measured, so there is no sum of diameters.",
    ),
    Term(
        "TARGET_TREATED_LOCALLY",
        "Target lesion treated locally",
        "A target was treated locally and left the RECIST assessment: each lesion is judged for itself.",
    ),
    Term(
        "HISTORY_UNKNOWN",
        "Earlier extent unknown",
        "Whether there were many metastases before the record begins is not known: no ESTRO/EORTC class.",
    ),
    Term(
        "PRIMARY_DATE_UNKNOWN",
        "Date of the primary unknown",
        "Without the date of the primary it cannot be told whether the metastases are synchronous.",
    ),
    Term(
        "THERAPY_STATUS_UNKNOWN",
        "Therapy unknown",
        "Whether the patient was on systemic therapy at the imaging is not recorded.",
    ),
    Term(
        "IUPD",
        "Unconfirmed progression on a checkpoint inhibitor",
        "Progression at the first follow-up on a checkpoint inhibitor, to be confirmed 4 to 8 weeks later (iRECIST).",
    ),
    Term(
        "TREATED_LESION_CHANGE",
        "Change of a treated lesion",
        "A lesion changes after local treatment, which may be the effect of that treatment.",
    ),
    Term(
        "EQUIVOCAL_NEW_LESION",
        "Equivocal new lesion",
        "A lesion may be new disease, not unequivocally.",
    ),
    Term("PET_ONLY", "Suspicious on PET only", "A lesion is suspicious on PET and on nothing else."),
    Term(
        "PCWG3_PDU",
        "Unconfirmed bone progression",
        "New lesions on a bone scan that PCWG3 wants confirmed at least six weeks later.",
    ),
    Term("COUNT_EXCEEDED", "Too many lesions", "More progressing and new lesions than the preset allows."),
    Term(
        "DIFFUSE_DISEASE",
        "Diffuse disease",
        "Spread that has no count, such as carcinomatosis or an effusion.",
    ),
    Term(
        "NO_LESION_IN_SCOPE",
        "No lesion in scope",
        "No progressing lesion lies where the preset counts.",
    ),
    Term(
        "NEW_LESIONS_NOT_ALLOWED",
        "New lesions not allowed",
        "There are new lesions, which the preset does not allow.",
    ),
    Term("ORGANS_EXCEEDED", "Too many organs", "Progression in more organs than the preset allows."),
    Term("SIZE_CAP", "Lesion too large", "A progressing lesion is larger than the preset allows."),
    Term(
        "MAJORITY_NOT_CONTROLLED",
        "Majority not controlled",
        "Not more known lesions are controlled than progress, which the preset asks for.",
    ),
    Term("THERAPY_CLASS", "Other therapy", "The systemic therapy is not of the class the preset asks for."),
    Term(
        "TOO_EARLY_ON_LINE",
        "Too early on the line",
        "Progression came too early on the line of therapy to be progression on it.",
    ),
    Term(
        "PRIOR_CONTROL_TOO_SHORT",
        "Control too short",
        "The disease was controlled on the line for less time than the preset asks for.",
    ),
    Term(
        "PRIOR_RT_TO_LESION",
        "Lesion irradiated before",
        "A progressing lesion had radiotherapy before, which the preset does not allow.",
    ),
)

REASON_TERMS = {term.code: term for term in _TERMS}
"""By code of the core; a test finds every code the core can give and demands it here."""


def reason_concept(reason: Reason) -> Json:
    """A reason with our code and its own words; the words alone for a code that is not published."""
    term = REASON_TERMS.get(reason.code)
    return concept(*([term.coding(REASONS)] if term else []), text=reason.text)
