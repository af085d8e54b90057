from typing import Any

import pytest

from fhirgate.mapping.parse.stage import is_stage_iv, m_category, means_metastatic
from fhirgate.oncology.chart import Spread
from fhirgate.oncology.diagnosis import Diagnosis, DiagnosisKind, Tumour
from fhirgate.oncology.source import Source

SNOMED = "http://snomed.info/sct"
UICC = "https://www.uicc.org/resources/tnm"


def value(system: str, code: str, display: str = "") -> dict[str, Any]:
    return {"valueCodeableConcept": {"coding": [{"system": system, "code": code, "display": display}]}}


@pytest.mark.parametrize(
    ("raw", "spread"),
    [
        (value(SNOMED, "1229901006"), Spread.NONE),
        (value(SNOMED, "1229907005"), Spread.PRESENT),
        (value(SNOMED, "373171005"), Spread.PRESENT),
        (value(SNOMED, "1", "American Joint Committee on Cancer pM1b (qualifier value)"), Spread.PRESENT),
        (value(SNOMED, "1", "American Joint Committee on Cancer cM0(i+) (qualifier value)"), Spread.NONE),
        (value(UICC, "M1"), Spread.PRESENT),
        (value(UICC, "M1c1"), Spread.PRESENT),
        (value(UICC, "M0"), Spread.NONE),
        ({"valueString": "cM1a"}, Spread.PRESENT),
        (value(UICC, "MX"), None),
        (value("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-applicable"), None),
        ({"valueString": "M10"}, None),
        ({}, None),
    ],
)
def test_the_m_category(raw: dict[str, Any], spread: Spread | None) -> None:
    assert m_category(raw) is spread


@pytest.mark.parametrize(
    ("code", "display", "four"),
    [
        ("4", "IV", True),
        ("4A", "", True),
        ("IVC", "Stage IVC", True),
        ("1", "American Joint Committee on Cancer stage IVB (qualifier value)", True),
        ("1", "Stadium IV", True),
        ("3", "IIIC", False),
        ("1222806003", "American Joint Committee on Cancer stage IIIC (qualifier value)", False),
        ("432", "", False),
    ],
)
def test_stage_four(code: str, display: str, four: bool) -> None:
    assert is_stage_iv(value("x", code, display)["valueCodeableConcept"]) is four


def test_stage_four_means_metastases_only_where_the_manual_says_so() -> None:
    def primary(tumour: Tumour) -> Diagnosis:
        return Diagnosis(id="c", kind=DiagnosisKind.PRIMARY, tumour=tumour, source=Source("Condition", "c"))

    assert means_metastatic([primary(Tumour.NSCLC)])
    assert not means_metastatic([primary(Tumour.NSCLC), primary(Tumour.SOLID_OTHER)])
    assert not means_metastatic([primary(Tumour.KIDNEY)])
    assert not means_metastatic([])
