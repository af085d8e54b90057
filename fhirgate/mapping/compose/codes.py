"""Codes of others that our results carry, each as found in its source, and our own for what they are.

Every SNOMED CT, DICOM and HL7 code here stands in a published guide or terminology with the display given.
"""

from fhirgate.mapping.canonical import METHODS, ORIGINS, RESULTS
from fhirgate.mapping.compose.elements import Json, coding
from fhirgate.mapping.compose.terms import Term
from fhirgate.mapping.datatypes import DICOM, SNOMED

RISK_PROBABILITY = "http://terminology.hl7.org/CodeSystem/risk-probability"
PARTICIPANT_TYPE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
DATA_OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
CAREPLAN_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/careplan-category"

ASSESS_PLAN = coding(CAREPLAN_CATEGORY, "assess-plan", "Assessment and Plan of Treatment")
"""What US EHRs ask for in a search for CarePlans."""

RESULT_TERMS: dict[str, Term] = {
    each.code: each
    for each in (
        Term(
            "progression-state-classification",
            "Progression state classification",
            "Which progression state a patient with metastatic cancer is in, judged by rules from the record.",
        ),
        Term(
            "follow-up-proposal",
            "Follow-up proposal",
            "Options for the treating team. Nothing in it is an order.",
        ),
        Term(
            "accepted-plan",
            "Accepted plan",
            "What a clinician took up of a proposal, as it stood or with changes.",
        ),
        Term("proposal-accepted", "Proposal accepted", "A clinician took up the proposal as it stands."),
        Term(
            "proposal-amended", "Proposal accepted with changes", "A clinician took up part of the proposal."
        ),
        Term("proposal-dismissed", "Proposal dismissed", "A clinician declined the proposal."),
        Term("dismissed-state", "State judged otherwise", "The clinician judges the state otherwise."),
        Term(
            "dismissed-data",
            "Data wrong or not complete",
            "What the result rests on is wrong or not complete.",
        ),
        Term(
            "dismissed-not-suitable", "Local therapy not suitable", "Local therapy does not suit the patient."
        ),
        Term("dismissed-wish", "Patient does not wish it", "The patient does not wish what is proposed."),
        Term("dismissed-done", "Decided or treated already", "It was decided or treated already."),
        Term("dismissed-other", "Dismissed for another reason", "As the clinician's comment says."),
        Term(
            "progression-state",
            "Progression state at a timepoint",
            "The progression state of one round of imaging.",
        ),
        Term("progressing-lesions", "Progressing lesions", "How many known lesions progress."),
        Term("new-lesions", "New lesions", "How many lesions are unequivocally new."),
        Term("controlled-lesions", "Controlled lesions", "How many known lesions do not progress."),
        Term(
            "equivocal-lesions",
            "Equivocal lesions",
            "How many lesions may progress or be new, or change after local treatment.",
        ),
        Term("not-evaluable-lesions", "Lesions not evaluable", "How many lesions were not evaluated."),
        Term(
            "sum-of-diameters",
            "Sum of diameters",
            "RECIST 1.1: long axes of the targets, short axes of nodal ones, in millimetres.",
        ),
        Term("recist-response", "RECIST 1.1 response", "The overall response by RECIST 1.1."),
        Term("irecist-response", "iRECIST response", "The overall response by iRECIST."),
        Term(
            "therapy-status", "Systemic therapy", "Whether the patient is on systemic therapy at the imaging."
        ),
        Term("estro-eortc-class", "ESTRO/EORTC class", "The class of oligometastatic disease."),
        Term("qualifier", "Qualifier", "What a reader of the state must also know."),
        Term("reason", "Reason", "Why the state is what it is, or why there is none."),
    )
}
"""What our resources and their parts are."""

METHOD_TERM = Term(
    "progression-rules",
    "Rules for the progression state",
    "Named rules, each with its source, read in order: the first that holds decides. Their version stands beside it.",
)
ORIGIN_TERM = Term("fhirgate", "Made by fhirgate", "The resource was composed by fhirgate.")


def result(code: str) -> Json:
    """What a resource of ours, or a part of one, is."""
    return RESULT_TERMS[code].coding(RESULTS)


CLASSIFICATION = result("progression-state-classification")
PROPOSAL = result("follow-up-proposal")
ACCEPTED = result("accepted-plan")
FHIRGATE = ORIGIN_TERM.coding(ORIGINS)
METHOD = METHOD_TERM.coding(METHODS)
"""How a classification is made; the version of the rules and the preset stand beside it."""

ASSEMBLER = coding(PARTICIPANT_TYPE, "assembler", "Assembler")
CREATE = coding(DATA_OPERATION, "CREATE", "create")
UPDATE = coding(DATA_OPERATION, "UPDATE", "revise")
TREATMENT = coding(ACT_REASON, "TREAT", "treatment")
IMAGING_CATEGORY = coding(OBSERVATION_CATEGORY, "imaging", "Imaging")


def snomed(code: str, display: str) -> Json:
    """A SNOMED CT coding."""
    return coding(SNOMED, code, display)


STEREOTACTIC_RADIOTHERAPY = snomed("395096001", "Stereotactic radiotherapy (procedure)")
RADIOTHERAPY = snomed("1287742003", "Radiotherapy (procedure)")
EXCISION = snomed("65801008", "Excision")
BIOPSY = snomed("86273004", "Biopsy")
ACTIVE_SURVEILLANCE = snomed("424313000", "Active surveillance (regime/therapy)")
TUMOUR_BOARD = coding(DICOM, "128203", "For Tumor Board")

CT = snomed("77477000", "Computed tomography")
MRI = snomed("113091000", "Magnetic resonance imaging")
PET = snomed("82918005", "Positron emission tomography")
IMAGING = snomed("363679005", "Imaging (procedure)")

CHEMOTHERAPY = snomed("367336001", "Chemotherapy (procedure)")
IMMUNOTHERAPY = snomed("76334006", "Immunotherapy (procedure)")
HORMONE_THERAPY = snomed("169413002", "Hormone therapy (procedure)")
TARGETED_THERAPY = snomed(
    "1255831008", "Chemotherapy for malignant neoplastic disease using targeted agent (procedure)"
)

THERAPY_BY_CLASS: dict[str, Json] = {
    "chemotherapy": CHEMOTHERAPY,
    "ici": IMMUNOTHERAPY,
    "endocrine": HORMONE_THERAPY,
    "tki": TARGETED_THERAPY,
    "targeted small molecule": TARGETED_THERAPY,
    "monoclonal antibody": TARGETED_THERAPY,
}
"""By drug class of the agent list; a class that is not here goes without a code and with its name only."""
