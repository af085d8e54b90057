"""Codes the dialects write. Taken from the published tables of the contract (fhir-contracts §A10) and agents.csv."""

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
UCUM = "http://unitsofmeasure.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://fhir.de/CodeSystem/bfarm/atc"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_10_GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
SYNTHETIC = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}

LEFT, RIGHT = ("7771000", "Left"), ("24028007", "Right")

CANCERS: dict[str, tuple[str, str, str, str]] = {
    # By kind: primary or secondary, ICD-10-CM, ICD-10-GM, words.
    "lung": ("primary", "C34.90", "C34.9", "Non-small cell lung cancer, adenocarcinoma"),
    "breast": ("primary", "C50.912", "C50.9", "Carcinoma of left breast, ER positive, HER2 negative"),
    "kidney": ("primary", "C64.2", "C64", "Renal cell carcinoma, clear cell"),
    "melanoma": ("primary", "C43.9", "C43.9", "Malignant melanoma of skin"),
    "colon": ("primary", "C18.7", "C18.7", "Adenocarcinoma of sigmoid colon"),
    "prostate": ("primary", "C61", "C61", "Adenocarcinoma of prostate"),
    "metastasis lung": ("secondary", "C78.00", "C78.0", "Secondary malignant neoplasm of lung"),
    "metastasis liver": ("secondary", "C78.7", "C78.7", "Secondary malignant neoplasm of liver"),
    "metastasis bone": ("secondary", "C79.51", "C79.5", "Secondary malignant neoplasm of bone"),
    "metastasis brain": ("secondary", "C79.31", "C79.3", "Secondary malignant neoplasm of brain"),
    "metastasis node": ("secondary", "C77.9", "C77.9", "Secondary malignant neoplasm of lymph node"),
    "metastasis adrenal": ("secondary", "C79.70", "C79.7", "Secondary malignant neoplasm of adrenal gland"),
}

DRUGS: dict[str, tuple[str, str]] = {
    # By ingredient: its RxNorm concept and its ATC code; blank where the agent list has none
    "osimertinib": ("1721560", "L01EB04"),
    "pembrolizumab": ("1547545", "L01FF02"),
    "nivolumab": ("1597876", "L01FF01"),
    "carboplatin": ("40048", "L01XA02"),
    "pemetrexed": ("68446", "L01BA04"),
    "letrozole": ("72965", "L02BG04"),
    "palbociclib": ("1601374", "L01EF01"),
    "sunitinib": ("357977", "L01EX01"),
    "capecitabine": ("194000", "L01BC06"),
    "enzalutamide": ("", "L02BB04"),
    "leuprolide": ("42375", "L02AE02"),
    "alectinib": ("1727455", "L01ED03"),
    "docetaxel": ("72962", "L01CD02"),
    "bevacizumab": ("253337", "L01FG01"),
    "fluorouracil": ("4492", "L01BC02"),
    "oxaliplatin": ("32592", "L01XA03"),
}
