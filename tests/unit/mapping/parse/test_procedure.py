"""What kind of local treatment a Procedure is, when and where."""

from typing import Any

import pytest
from therapy_json import CPT, MCODE, MII, OPS, SNOMED, concept, intent, mii, procedure, record_of, resource

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.parse.procedure import modality_of, reason_site, sites_of, started_on
from fhirgate.mapping.sites import site_of
from fhirgate.oncology.site import Laterality, Site
from fhirgate.oncology.therapy import Modality

PCS = "http://hl7.org/fhir/sid/icd-10-pcs"


@pytest.mark.parametrize(
    ("code", "modality"),
    [
        (concept("1217123003", SNOMED), "RADIOTHERAPY"),
        (concept("395096001", SNOMED), "SBRT"),
        (concept("77373", CPT), "SBRT"),
        (concept("77435", CPT), "SBRT"),
        (concept("77371", CPT), "SBRT"),
        (concept("77372", CPT), "SBRT"),
        ({"coding": [{"system": SNOMED, "code": "1217123003"}, {"system": CPT, "code": "77373"}]}, "SBRT"),
        (concept("879916008", SNOMED), "RFA"),
        (concept("433058002", SNOMED), "RFA"),
        (concept("430270007", SNOMED), "ABLATION"),
        (concept("774001008", SNOMED), "ABLATION"),
        (concept("C15215", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"), "CRYOABLATION"),
        (concept("65801008", SNOMED), "SURGERY"),
        (concept("359615001", SNOMED, "Partial lobectomy of lung"), "SURGERY"),
        (concept("384692006", SNOMED), "BRACHYTHERAPY"),
        (concept(text="SBRT lung, 5 x 10 Gy"), "SBRT"),
        (concept(text="Gamma Knife radiosurgery"), "SBRT"),
        (concept(text="Stereotaktische Bestrahlung Hirn"), "SBRT"),
        (concept(text="CT-guided microwave ablation of liver"), "MICROWAVE"),
        (concept(text="Percutaneous RFA, liver segment VI"), "RFA"),
        (concept(text="Cryoablation of kidney"), "CRYOABLATION"),
        (concept(text="TACE (transarterial chemoembolization)"), "EMBOLISATION"),
        (concept(text="HDR-Brachytherapie der Leber"), "BRACHYTHERAPY"),
        (concept(text="Palliative Bestrahlung BWK 8"), "RADIOTHERAPY"),
        (concept(text="VATS wedge resection, left upper lobe"), "SURGERY"),
        (concept(text="Adrenalectomy, left"), "SURGERY"),
        (concept("430269006", SNOMED, "Ablation using computed tomography guidance"), "ABLATION"),
        (concept(text="Mastectomy with sentinel lymph node biopsy"), "SURGERY"),
        (concept(text="Biopsy, then liver resection"), "SURGERY"),
        (concept(text="Radical hysterectomy for endometrial carcinoma"), "SURGERY"),
        (concept("DB22DZZ", PCS), "SBRT"),
        (concept("D0001ZZ", PCS), "RADIOTHERAPY"),
        (concept("D711BBZ", PCS), "BRACHYTHERAPY"),
        (concept("0BTC0ZZ", PCS), "SURGERY"),
        (concept("0F500ZZ", PCS), "ABLATION"),
        (concept("8-523.00", OPS), "SBRT"),
        (concept("8-522.d0", OPS), "RADIOTHERAPY"),
        (concept("8-524.x", OPS), "BRACHYTHERAPY"),
        (concept("5-870", OPS), "SURGERY"),
    ],
)
def test_what_is_a_local_treatment(code: dict[str, Any], modality: str) -> None:
    raw = procedure("x", code)
    assert modality_of(raw, record_of(raw)) is Modality[modality]


@pytest.mark.parametrize(
    "raw",
    [
        procedure("x", concept("86273004", SNOMED, "Biopsy")),
        procedure("x", concept(text="Excisional biopsy of lymph node")),
        procedure("x", concept("65801008", SNOMED, "Excision", "Excision biopsy")),
        procedure("x", concept(text="Diagnostic excision of nodule")),
        procedure("x", concept(text="Appendectomy")),
        procedure("x", concept(text="Prophylactic cranial irradiation")),
        procedure("x", concept(text="Transfusion of irradiated red cells")),
        procedure("x", concept(text="Cardiac catheter ablation")),
        procedure("x", concept(text="Radiation therapy planning CT")),
        procedure("x", concept(text="Surface imaging")),
        procedure("x", concept("0BBC0ZX", PCS)),
        procedure("x", concept("0BB", PCS)),
        procedure("x", concept("3-222", OPS)),
        procedure("x", concept("123", "urn:x")),
        procedure(
            "x",
            concept("5-870", OPS),
            extension=[mii("operation", "intention", "D", "mii-cs-onko-intention")],
        ),
        procedure("x", concept("65801008", SNOMED), extension=[intent("261004008")]),
        procedure("x", concept("367336001", SNOMED, "Chemotherapy")),
        procedure("x"),
        procedure("x", concept(text="Coronary bypass"), category=concept("387713003", SNOMED)),
    ],
    ids=lambda raw: str(raw.get("code"))[:60],
)
def test_what_is_no_local_treatment(raw: dict[str, Any]) -> None:
    assert modality_of(raw, record_of(raw)) is None


@pytest.mark.parametrize(
    ("elements", "modality"),
    [
        ({"meta": {"profile": [f"{MCODE}/mcode-cancer-related-surgical-procedure"]}}, Modality.SURGERY),
        ({"meta": {"profile": [f"{MCODE}/mcode-cancer-related-radiation-procedure"]}}, Modality.RADIOTHERAPY),
        (
            {"meta": {"profile": [f"{MII}/StructureDefinition/mii-pr-onko-strahlentherapie"]}},
            Modality.RADIOTHERAPY,
        ),
        (
            {"category": concept("387713003", SNOMED), "reasonCode": [concept(text="Liver metastases")]},
            Modality.SURGERY,
        ),
    ],
)
def test_a_profile_or_a_category_with_cancer_as_reason_tells_the_kind(
    elements: dict[str, Any], modality: Modality
) -> None:
    raw = procedure("x", concept("999", SNOMED), **elements)
    assert modality_of(raw, record_of(raw)) is modality


@pytest.mark.parametrize(
    ("raw", "sites"),
    [
        (procedure("x", concept(text="Resection"), bodySite=[concept("10200004", SNOMED)]), ["liver"]),
        (
            procedure("x", bodySite=[concept("10200004", SNOMED), concept("39607008", SNOMED)]),
            ["liver", "lung"],
        ),
        (procedure("x", concept(text="Partial hepatectomy")), ["liver"]),
        (procedure("x", concept("47120", CPT)), ["liver"]),
        (
            procedure("x", concept("359615001", SNOMED, "Partial lobectomy of lung", "Lobectomy of lung")),
            ["lung"],
        ),
        (procedure("x", concept(text="Debulking")), []),
    ],
)
def test_where_it_was(raw: dict[str, Any], sites: list[str]) -> None:
    assert [site.organ for site in sites_of(raw)] == sites


def test_one_procedure_may_hold_several_operations() -> None:
    code = {
        "coding": [
            {"system": OPS, "code": "5-683", "display": "Hysterektomie"},
            {"system": OPS, "code": "5-501", "display": "atypische Lebersegmentresektion"},
        ]
    }
    assert [site.organ for site in sites_of(procedure("x", code))] == ["uterus", "liver"]


def test_the_reason_may_say_where() -> None:
    raw = procedure("x", reasonReference=[{"reference": "Condition/c"}, {"reference": "Condition/d"}])
    where = resource(
        "Condition", "d", code=concept("94222008", SNOMED, "Secondary malignant neoplasm of bone")
    )
    plain = resource("Condition", "c", code=concept(text="Cancer"))
    record = record_of(raw, where, plain)
    assert reason_site(raw, record).organ == "bone"
    assert reason_site(procedure("y"), record) == Site()


@pytest.mark.parametrize(
    "elements",
    [
        {"performedDateTime": "2024-03-01"},
        {"performedPeriod": {"start": "2024-03-01", "end": "2024-03-05"}},
        {"performedPeriod": {"end": "2024-03-01"}},
        {"performedString": "2024-03-01"},
        {"occurrenceDateTime": "2024-03-01"},
        {"occurrencePeriod": {"start": "2024-03-01"}},
    ],
)
def test_when_it_was(elements: dict[str, Any]) -> None:
    raw = procedure("x", **elements)
    assert str(started_on(raw, record_of(raw))) == "2024-03-01"


def test_every_target_area_is_a_place_the_sites_know() -> None:
    places = table("therapy")["target_area"].values()
    assert [place for place in places if site_of(phrases=(place,)).organ is None] == []


def test_every_operation_site_is_a_place_the_sites_know() -> None:
    places = table("therapy")["operation_site"]
    assert [place for place in places if site_of(phrases=(place,)).organ is None] == []


def test_the_side_of_a_body_site_is_kept() -> None:
    raw = procedure("x", bodySite=[concept("80248007", SNOMED, "Left breast structure")])
    assert [(site.organ, site.laterality) for site in sites_of(raw)] == [("breast", Laterality.LEFT)]
