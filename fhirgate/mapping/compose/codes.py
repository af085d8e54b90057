"""Codes of others that our results carry, each as found in its source, and our own for what they are.

Every SNOMED CT, DICOM and HL7 code here stands in a published guide or terminology with the display given.
"""

from fhirgate.mapping.canonical import CODES_VERSION, METHODS, ORIGINS, RESULTS
from fhirgate.mapping.compose.elements import Json, coding
from fhirgate.mapping.datatypes import DICOM, SNOMED

OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
RISK_PROBABILITY = "http://terminology.hl7.org/CodeSystem/risk-probability"
CAREPLAN_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/careplan-category"

DEVICE_ASSERTED = coding(OBSERVATION_VALUE, "DEVAST", "device asserted")
AI_ASSERTED = coding(OBSERVATION_VALUE, "AIAST", "artificial intelligence asserted")
"""HL7 AI Transparency on FHIR, newer than R4's bundled code system; sent beside DEVAST, never alone."""

ASSESS_PLAN = coding(CAREPLAN_CATEGORY, "assess-plan", "Assessment and Plan of Treatment")
"""What US EHRs ask for in a search for CarePlans."""

CLASSIFICATION = coding(
    RESULTS, "progression-state-classification", "Progression state classification", CODES_VERSION
)
PROPOSAL = coding(RESULTS, "follow-up-proposal", "Follow-up proposal", CODES_VERSION)
FHIRGATE = coding(ORIGINS, "fhirgate", "Made by fhirgate", CODES_VERSION)


def method(rules_version: str) -> Json:
    """How the classification was made: our rules, in their version."""
    return coding(METHODS, "progression-rules", "Rules for the progression state", rules_version)


def snomed(code: str, display: str) -> Json:
    """A SNOMED CT coding."""
    return coding(SNOMED, code, display)


STEREOTACTIC_RADIOTHERAPY = snomed("395096001", "Stereotactic radiotherapy (procedure)")
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
