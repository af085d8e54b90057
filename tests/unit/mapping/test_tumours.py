"""Cancer or not, primary or metastasis, and of what type: by code and by words, in English and German."""

import pytest

from fhirgate.mapping.datatypes import Coding
from fhirgate.mapping.tumours import Verdict, behaviour, home_organ, spreads, suspected, tumour_of, verdict_of
from fhirgate.oncology.diagnosis import Tumour

SNOMED = "http://snomed.info/sct"
ICD_O = "http://terminology.hl7.org/CodeSystem/icd-o-3"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_10_GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
PRIMARY, SECONDARY, HISTORY = Verdict.PRIMARY, Verdict.SECONDARY, Verdict.HISTORY
UNCERTAIN, OTHER = Verdict.UNCERTAIN, Verdict.OTHER


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("Non-small cell lung cancer", PRIMARY),
        ("Mammakarzinom links", PRIMARY),
        ("High risk prostate cancer", PRIMARY),
        ("Bösartige Neubildung der Niere", PRIMARY),
        ("DLBCL", PRIMARY),
        ("Metastatic breast cancer", PRIMARY),
        ("Metastasiertes Nierenzellkarzinom", PRIMARY),
        ("Lung cancer with brain metastases", PRIMARY),
        ("Kolonkarzinom mit Lebermetastasen", PRIMARY),
        ("Non-metastatic prostate cancer", PRIMARY),
        ("Nonmetastatic prostate cancer", PRIMARY),
        ("Prostatakarzinom ohne Knochenmetastasen", PRIMARY),
        ("Breast cancer metastatic to liver", SECONDARY),
        ("Metastatic malignant neoplasm to brain (disorder)", SECONDARY),
        ("Liver metastasis from colon cancer", SECONDARY),
        ("Lebermetastasen", SECONDARY),
        ("Patient with liver metastases", SECONDARY),
        ("Secondary malignant neoplasm of bone marrow", SECONDARY),
        ("Malignant pleural effusion", SECONDARY),
        ("Peritonealkarzinose", SECONDARY),
        ("Meningeosis carcinomatosa", SECONDARY),
        ("History of colon cancer", HISTORY),
        ("Z.n. Mammakarzinom", HISTORY),
        ("Neoplasm of lung", UNCERTAIN),
        ("Raumforderung der Niere", UNCERTAIN),
        ("Family history of breast cancer", OTHER),
        ("Cancer-related fatigue", OTHER),
        ("Malignant hypertension", OTHER),
        ("Ductal carcinoma in situ of breast", OTHER),
        ("Benign neoplasm of colon", OTHER),
        ("Screening for malignant neoplasm of colon", OTHER),
        ("Kein Hinweis auf Metastasen", OTHER),
        ("Pleural effusion", OTHER),
        ("Diabetes mellitus", OTHER),
        ("", OTHER),
    ],
)
def test_words_say_what_a_diagnosis_is(words: str, verdict: Verdict) -> None:
    assert verdict_of((), (words,)) is verdict


@pytest.mark.parametrize(
    ("system", "code", "verdict"),
    [
        (SNOMED, "254637007", PRIMARY),
        (SNOMED, "363346000", PRIMARY),
        (SNOMED, "128462008", SECONDARY),
        (SNOMED, "94222008", SECONDARY),
        (SNOMED, "94180008", SECONDARY),
        (SNOMED, "429740004", OTHER),
        (SNOMED, "415076002", HISTORY),
        (ICD_10_CM, "C34.11", PRIMARY),
        (ICD_10_CM, "C7A.090", PRIMARY),
        (ICD_10_CM, "C77.3", SECONDARY),
        (ICD_10_CM, "C79.31", SECONDARY),
        (ICD_10_CM, "C7B.02", SECONDARY),
        (ICD_10_CM, "J91.0", SECONDARY),
        (ICD_10_CM, "R18.0", SECONDARY),
        (ICD_10_CM, "Z85.3", HISTORY),
        (ICD_10_CM, "Z80.3", OTHER),
        (ICD_10_CM, "D05.12", OTHER),
        (ICD_10_CM, "D38.1", UNCERTAIN),
        (ICD_10_CM, "D48.9", UNCERTAIN),
        (ICD_10_GM, "C79.5", SECONDARY),
        (ICD_10_GM, "C50.4", PRIMARY),
        (ICD_O, "8500/3", PRIMARY),
        (ICD_O, "8500/6", SECONDARY),
        (ICD_O, "8500/2", OTHER),
        (ICD_O, "8000/1", UNCERTAIN),
    ],
)
def test_a_code_says_what_a_diagnosis_is(system: str, code: str, verdict: Verdict) -> None:
    assert verdict_of((Coding(system, code),), ()) is verdict


def test_a_code_goes_before_words() -> None:
    assert verdict_of((Coding(ICD_10_CM, "G89.3"),), ("Neoplasm related pain of lung cancer",)) is OTHER
    assert verdict_of((Coding(ICD_10_CM, "C34.9"),), ("Lebermetastasen",)) is PRIMARY


def test_a_metastasis_code_among_others_decides() -> None:
    assert verdict_of((Coding(SNOMED, "363346000"), Coding(ICD_10_CM, "C79.5")), ()) is SECONDARY
    assert verdict_of((Coding(ICD_10_CM, "D48.1"), Coding(SNOMED, "363346000")), ()) is PRIMARY


def test_an_unknown_code_leaves_the_word_to_words() -> None:
    assert verdict_of((Coding("http://local", "X"), Coding(ICD_10_CM, "")), ("Lung cancer",)) is PRIMARY


@pytest.mark.parametrize(
    ("words", "organ", "tumour", "histology"),
    [
        ("Adenocarcinoma of lung", "lung", Tumour.NSCLC, True),
        ("Nicht-kleinzelliges Bronchialkarzinom", "lung", Tumour.NSCLC, True),
        ("Lung cancer", "lung", Tumour.NSCLC, False),
        ("Squamous cell carcinoma", "lung", Tumour.NSCLC, True),
        ("Small cell lung cancer", "lung", Tumour.SOLID_OTHER, True),
        ("Kleinzelliges Bronchialkarzinom", None, Tumour.SOLID_OTHER, True),
        ("Mammakarzinom", None, Tumour.BREAST, False),
        ("Carcinoma", "prostate", Tumour.PROSTATE, False),
        ("Rektumkarzinom", None, Tumour.COLORECTAL, False),
        ("Nierenzellkarzinom", None, Tumour.KIDNEY, False),
        ("Pancreatic ductal adenocarcinoma", "pancreas", Tumour.PANCREAS, True),
        ("Neuroendocrine tumor of pancreas", "pancreas", Tumour.SOLID_OTHER, True),
        ("Magenkarzinom", "stomach", Tumour.GASTRIC, False),
        ("GIST of stomach", "stomach", Tumour.GIST, True),
        ("Malignes Melanom", "skin", Tumour.MELANOMA, True),
        ("Follicular lymphoma", None, Tumour.LYMPHOMA, True),
        ("Chronic lymphocytic leukemia", None, Tumour.LEUKAEMIA, True),
        ("Multiples Myelom", None, Tumour.MYELOMA, True),
        ("Glioblastoma", "brain", Tumour.CNS, True),
        ("Hepatocellular carcinoma", "liver", Tumour.HCC, True),
        ("Pleuramesotheliom", "pleura", Tumour.MESOTHELIOMA, True),
        ("Ovarialkarzinom", "ovary", Tumour.SOLID_OTHER, False),
    ],
)
def test_words_say_which_tumour(words: str, organ: str | None, tumour: Tumour, histology: bool) -> None:
    assert tumour_of((), (words,), organ) == (tumour, histology)


@pytest.mark.parametrize(
    ("system", "code", "tumour"),
    [
        (SNOMED, "254637007", Tumour.NSCLC),
        (ICD_10_CM, "C34.90", Tumour.NSCLC),
        (ICD_O, "8041/3", Tumour.SOLID_OTHER),
        (ICD_O, "8046/3", Tumour.NSCLC),
        (ICD_O, "9680/3", Tumour.LYMPHOMA),
        (ICD_O, "9732/3", Tumour.MYELOMA),
        (ICD_O, "9861/3", Tumour.LEUKAEMIA),
        (ICD_O, "9440/3", Tumour.CNS),
        (ICD_O, "8170/3", Tumour.HCC),
        (ICD_O, "8936/3", Tumour.GIST),
        (ICD_O, "9050/3", Tumour.MESOTHELIOMA),
        (ICD_O, "8720/3", Tumour.MELANOMA),
        (ICD_10_CM, "C83.39", Tumour.LYMPHOMA),
        (ICD_10_CM, "C90.00", Tumour.MYELOMA),
        (ICD_10_CM, "C49.A2", Tumour.GIST),
        (ICD_10_CM, "C22.0", Tumour.HCC),
        (ICD_10_CM, "C22.1", Tumour.SOLID_OTHER),
        (ICD_10_GM, "C20", Tumour.COLORECTAL),
        (ICD_10_GM, "C64", Tumour.KIDNEY),
        ("http://local", "C64", Tumour.SOLID_OTHER),
    ],
)
def test_a_code_says_which_tumour(system: str, code: str, tumour: Tumour) -> None:
    assert tumour_of((Coding(system, code),), (), None)[0] is tumour


def test_small_cell_histology_goes_before_the_lung_code() -> None:
    found = (Coding(ICD_10_CM, "C34.11"), Coding(ICD_O, "8041/3"))
    assert tumour_of(found, (), "lung") == (Tumour.SOLID_OTHER, True)


def test_any_morphology_is_a_histology() -> None:
    assert tumour_of((Coding(ICD_O, "8140/3"),), (), "lung") == (Tumour.NSCLC, True)


def test_the_behaviour_digit_is_read_from_icd_o_only() -> None:
    assert behaviour((Coding(ICD_O, "8500/3"),)) == "3"
    assert behaviour((Coding(ICD_O, "8500/31"),)) == "3"
    assert behaviour((Coding("x", "12/3"), Coding("x", "C50.4"))) == ""


@pytest.mark.parametrize(
    ("words", "seat"),
    [
        ("Metastatic breast cancer", ""),
        ("Lung cancer with brain metastases", "brain metastases"),
        ("Kolonkarzinom mit Lebermetastasen", "lebermetastasen"),
        ("Lung cancer", None),
        ("Non-metastatic lung cancer", None),
        ("Prostatakarzinom ohne Knochenmetastasen", None),
    ],
)
def test_a_primary_may_say_that_it_has_spread(words: str, seat: str | None) -> None:
    assert spreads((words,)) == seat


def test_words_of_suspicion_are_seen() -> None:
    assert suspected(("V.a. Lungenkarzinom",))
    assert suspected(("Suspected lung cancer",))
    assert not suspected(("Lung cancer",))


def test_a_tumour_without_a_site_has_the_organ_of_its_type() -> None:
    assert home_organ(Tumour.BREAST, (), ("Mammakarzinom",)) == "breast"
    assert home_organ(Tumour.COLORECTAL, (Coding(ICD_10_GM, "C20"),), ()) == "rectum"
    assert home_organ(Tumour.LYMPHOMA, (), ("Lymphom",)) is None


def test_skin_cancer_other_than_melanoma_is_a_kind_of_its_own() -> None:
    assert (
        tumour_of((Coding("http://hl7.org/fhir/sid/icd-10-cm", "C44.311"),), (), "skin")[0]
        is Tumour.SKIN_OTHER
    )
