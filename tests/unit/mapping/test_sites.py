"""Sites from codes and words. Codes are those of fhir-contracts §A10, mCODE, MII, and DICOM's anatomy tables."""

import pytest

from fhirgate.mapping.sites import site_in_code, site_of
from fhirgate.oncology.site import UNKNOWN_SITE, Diffuse, Laterality, Site

SNOMED = "http://snomed.info/sct"
ICD_O = "http://terminology.hl7.org/CodeSystem/icd-o-3"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_10_GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/mii-cs-onko-fernmetastasen"
LEFT, RIGHT, BOTH = Laterality.LEFT, Laterality.RIGHT, Laterality.BILATERAL


def coded(system: str, code: str, display: str = "") -> dict[str, object]:
    coding = {"system": system, "code": code}
    return {"coding": [coding | ({"display": display} if display else {})]}


@pytest.mark.parametrize(
    ("system", "code", "site"),
    [
        (SNOMED, "39607008", Site(organ="lung")),
        (SNOMED, "44029006", Site(organ="lung", laterality=LEFT)),
        (SNOMED, "44714003", Site(organ="lung", laterality=LEFT, detail="upper lobe")),
        (SNOMED, "62683002", Site(organ="lymph node", detail="mediastinal")),
        (SNOMED, "68171009", Site(organ="lymph node", detail="axillary")),
        (SNOMED, "62487009", Site(organ="bone", detail="T7")),
        (SNOMED, "277961009", Site(organ="liver", detail="segment 7")),
        (SNOMED, "80248007", Site(organ="breast", laterality=LEFT)),
        (SNOMED, "18639004", Site(organ="kidney", laterality=LEFT)),
        (SNOMED, "12738006", Site(organ="brain")),
        (SNOMED, "94222008", Site(organ="bone")),
        (SNOMED, "94161006", Site(organ="adrenal gland")),
        (SNOMED, "14016003", Site(organ="bone", detail="marrow", diffuse=Diffuse.MARROW)),
        (SNOMED, "405843009", Site(diffuse=Diffuse.WIDESPREAD)),
        (SNOMED, "71341001:272741003=7771000", Site(organ="bone", detail="femur", laterality=LEFT)),
        (ICD_O, "C34.1", Site(organ="lung", detail="upper lobe")),
        (ICD_O, "C50.4", Site(organ="breast", detail="upper outer quadrant")),
        (ICD_O, "C77.3", Site(organ="lymph node", detail="axillary")),
        (ICD_O, "C42.1", Site(organ="bone", detail="marrow", diffuse=Diffuse.MARROW)),
        (ICD_10_CM, "C78.01", Site(organ="lung", laterality=RIGHT)),
        (ICD_10_CM, "C79.72", Site(organ="adrenal gland", laterality=LEFT)),
        (ICD_10_CM, "C79.63", Site(organ="ovary", laterality=BOTH)),
        (ICD_10_CM, "C34.11", Site(organ="lung", detail="upper lobe", laterality=RIGHT)),
        (ICD_10_CM, "C34.10", Site(organ="lung", detail="upper lobe")),
        (ICD_10_CM, "C50.912", Site(organ="breast", laterality=LEFT)),
        (ICD_10_CM, "C78.7", Site(organ="liver")),
        (ICD_10_CM, "C7B.03", Site(organ="bone")),
        (ICD_10_CM, "J91.0", Site(organ="pleura", diffuse=Diffuse.EFFUSION)),
        (ICD_10_GM, "C79.3", Site(organ="brain")),
        ("urn:oid:2.16.840.1.113883.6.90", "C79.71", Site(organ="adrenal gland", laterality=RIGHT)),
        (MII, "PUL", Site(organ="lung")),
        (MII, "LYM", Site(organ="lymph node")),
        (MII, "MAR", Site(organ="bone", detail="marrow", diffuse=Diffuse.MARROW)),
        (MII, "GEN", Site(diffuse=Diffuse.WIDESPREAD)),
    ],
)
def test_a_code_names_a_place(system: str, code: str, site: Site) -> None:
    assert site_of(coded(system, code)) == site


@pytest.mark.parametrize(
    ("words", "site"),
    [
        ("Right upper lobe of lung", Site(organ="lung", laterality=RIGHT, detail="upper lobe")),
        ("RUL", Site(organ="lung", laterality=RIGHT, detail="upper lobe")),
        ("Lunge, rechter Oberlappen", Site(organ="lung", laterality=RIGHT, detail="upper lobe")),
        ("lung segment 6 left", Site(organ="lung", laterality=LEFT, detail="segment 6")),
        ("Liver segment VII", Site(organ="liver", detail="segment 7")),
        ("Leber S4a", Site(organ="liver", detail="segment 4a")),
        ("Lebermetastase Segment VIII", Site(organ="liver", detail="segment 8")),
        ("Left lobe of liver", Site(organ="liver", laterality=LEFT)),
        ("Hirnmetastase frontal links", Site(organ="brain", laterality=LEFT, detail="frontal lobe")),
        ("Kleinhirn", Site(organ="brain", detail="cerebellum")),
        ("BWK 7", Site(organ="bone", detail="T7")),
        ("LWK3", Site(organ="bone", detail="L3")),
        ("Th12 vertebral body", Site(organ="bone", detail="T12")),
        ("5th rib, left", Site(organ="bone", laterality=LEFT, detail="rib 5")),
        ("Rippe 7 rechts", Site(organ="bone", laterality=RIGHT, detail="rib 7")),
        ("rib", Site(organ="bone", detail="rib")),
        ("Sacrum", Site(organ="bone", detail="sacrum")),
        ("Beckenknochen", Site(organ="bone", detail="pelvis")),
        ("Mediastinal lymph node, station 7", Site(organ="lymph node", detail="mediastinal, station 7")),
        ("4R node", Site(organ="lymph node", detail="station 4R")),
        ("cervical lymph node level IIa", Site(organ="lymph node", detail="cervical, level IIA")),
        ("Lymphknoten axillär links", Site(organ="lymph node", laterality=LEFT, detail="axillary")),
        ("retroperitoneal lymph nodes", Site(organ="lymph node", detail="retroperitoneal")),
        ("Lymph node of the pancreas", Site(organ="lymph node", detail="pancreas")),
        ("left axilla", Site(organ="axilla", laterality=LEFT)),
        ("mediastinal mass", Site(organ="mediastinum")),
        ("Nebenniere beidseits", Site(organ="adrenal gland", laterality=BOTH)),
        ("left and right adrenal", Site(organ="adrenal gland", laterality=BOTH)),
        ("malignant pleural effusion", Site(organ="pleura", diffuse=Diffuse.EFFUSION)),
        ("Aszites", Site(organ="peritoneum", diffuse=Diffuse.ASCITES)),
        ("Meningeosis carcinomatosa", Site(organ="meninges", diffuse=Diffuse.LEPTOMENINGEAL)),
        ("lymphangitic carcinomatosis", Site(organ="lung", diffuse=Diffuse.LYMPHANGITIC)),
        ("peritoneal carcinomatosis", Site(organ="peritoneum", diffuse=Diffuse.PERITONEAL)),
        ("Pelvis", Site(organ="pelvis")),
        ("Thorax: lung", Site(organ="lung")),
    ],
)
def test_words_name_a_place_in_english_and_german(words: str, site: Site) -> None:
    assert site_of({"text": words}) == site


def test_a_place_outside_the_table_keeps_the_words_of_the_record() -> None:
    assert site_of({"text": "Behind  the Stairs"}) == Site(detail="behind the stairs")


def test_nothing_said_is_an_unknown_site() -> None:
    assert site_of() == UNKNOWN_SITE
    assert site_of({}, None, "junk") == UNKNOWN_SITE


def test_a_side_alone_is_kept() -> None:
    assert site_of(laterality=[coded(SNOMED, "7771000")]) == Site(laterality=LEFT)


def test_the_extension_mcode_puts_on_a_body_site_is_its_side() -> None:
    body_site = coded(SNOMED, "39607008") | {
        "extension": [
            {
                "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-laterality-qualifier",
                "valueCodeableConcept": coded(SNOMED, "24028007"),
            }
        ]
    }
    assert site_of(body_site) == Site(organ="lung", laterality=RIGHT)


def test_the_german_side_extension_on_a_coding_is_its_side() -> None:
    side = {"system": "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_SEITENLOKALISATION", "code": "R"}
    coding = {
        "system": ICD_10_GM,
        "code": "C50.4",
        "extension": [{"url": "http://fhir.de/StructureDefinition/seitenlokalisation", "valueCoding": side}],
    }
    assert site_of({"coding": [coding]}).laterality is RIGHT
    side["code"] = "U"
    assert site_of({"coding": [coding]}).laterality is None


def test_mcode_lobe_with_the_qualifier_lower_is_the_lower_lobe() -> None:
    lobe = coded(SNOMED, "31094006", "Structure of lobe of lung (body structure)")
    qualifiers = [coded(SNOMED, "261122009", "Lower (qualifier value)"), coded(SNOMED, "7771000", "Left")]
    assert site_of(lobe, laterality=qualifiers) == Site(organ="lung", laterality=LEFT, detail="lower lobe")
    assert site_of(lobe) == Site(organ="lung")


def test_the_same_place_in_code_and_in_words_is_one_site() -> None:
    in_code = site_of(coded(SNOMED, "62683002", "Mediastinal lymph node structure (body structure)"))
    assert in_code == site_of({"text": "mediastinaler Lymphknoten"})


def test_words_refine_a_code_and_do_not_move_it() -> None:
    assert site_of(coded(SNOMED, "272673000"), phrases=["femur, breast"]) == Site(
        organ="bone", detail="femur"
    )


def test_a_vertebra_says_more_than_its_spine() -> None:
    both = site_of(coded(SNOMED, "122495006"), coded(SNOMED, "62487009"))
    assert both == Site(organ="bone", detail="T7")
    assert site_of({"text": "thoracic spine T7"}) == Site(organ="bone", detail="T7")


def test_a_code_of_an_unknown_system_is_not_read_as_icd_or_tnm() -> None:
    assert site_of(coded("http://example.org/local", "C34")) == UNKNOWN_SITE
    assert site_of(coded("http://example.org/local", "PUL")) == UNKNOWN_SITE


def test_a_metastasis_code_names_its_seat() -> None:
    assert site_in_code(coded(SNOMED, "1", "Secondary malignant neoplasm of spleen")) == Site(organ="spleen")


def test_an_unknown_code_without_display_is_an_unknown_site() -> None:
    assert site_of(coded(SNOMED, "999999999")) == UNKNOWN_SITE
