"""Drugs as pharmacies print them: depots, placebos, biosimilars, fixed combinations, noise, what is in no list."""

from pathlib import Path
from typing import Any

import pytest
from integration.vendors.served import (
    AS_OF,
    SCT,
    Json,
    assessed,
    concept,
    lung_cancer,
    measured,
    patient,
    resource,
)

PROSTATE = lung_cancer(code=concept(SCT, "399068003", "Malignant tumor of prostate"))


def stated(id: str, drug: str, start: str = "2024-01-15", end: str = "", **more: Any) -> Json:
    period = {"start": start, **({"end": end} if end else {})}
    made = {
        "status": "active",
        "medicationCodeableConcept": {"text": drug},
        "effectivePeriod": period,
        **more,
    }
    return resource("MedicationStatement", id, **made)


def given(drug: str, *days: str, **more: Any) -> list[Json]:
    named = {"status": "completed", "medicationCodeableConcept": {"text": drug}, **more}
    return [
        resource("MedicationAdministration", f"{drug}-{on}", effectiveDateTime=on, **named) for on in days
    ]


def answer_to(tmp_path: Path, *drugs: Json, cancer: Json | None = None) -> Any:
    return assessed(tmp_path, [patient(), cancer or lung_cancer(), *measured(), *drugs], AS_OF)


@pytest.mark.parametrize(
    ("drug", "days"),
    [
        ("leuprolide acetate 22.5 mg (3 month) depot injection", ("2024-01-15", "2024-04-12")),
        ("3 MONTH leuprolide acetate 22.5 MG Prefilled Syringe [Eligard]", ("2024-01-15", "2024-04-12")),
        ("ELIGARD 22.5 MG SUBCUTANEOUS SYRINGE KIT", ("2024-01-15", "2024-04-12")),
        ("goserelin 10.8 mg implant", ("2024-01-15", "2024-04-12")),
        ("Trenantone 3-Monats-Depot", ("2024-01-15", "2024-04-12")),
        ("leuprolide acetate 45 mg 24 week depot", ("2024-01-15",)),
        ("triptorelin 22,5 mg", ("2024-01-15",)),
    ],
)
def test_a_depot_covers_the_months_its_product_names(
    tmp_path: Path, drug: str, days: tuple[str, ...]
) -> None:
    answer = answer_to(tmp_path, *given(drug, *days), cancer=PROSTATE)

    assert [each["therapyStatus"] for each in answer.assessment["timepoints"]] == ["off", "on", "on"]


def test_a_depot_covers_the_months_of_the_dose_that_was_given(tmp_path: Path) -> None:
    dose = {"dose": {"value": 22.5, "unit": "mg"}}
    answer = answer_to(
        tmp_path, *given("leuprolide", "2024-01-15", "2024-04-12", dosage=dose), cancer=PROSTATE
    )

    assert answer.assessment["timepoints"][-1]["therapyStatus"] == "on"


def test_a_depot_of_unknown_length_covers_a_month(tmp_path: Path) -> None:
    answer = answer_to(tmp_path, *given("leuprolide", "2024-01-15", "2024-04-12"), cancer=PROSTATE)

    assert answer.assessment["timepoints"][-1]["therapyStatus"] == "off"


@pytest.mark.parametrize(
    "drug",
    [
        "STUDY DRUG osimertinib/placebo (blinded)",
        "placebo for osimertinib",
        "matching placebo tablet",
        "IRB 20-123 investigational agent",
    ],
)
def test_what_may_be_a_placebo_is_no_line_and_is_said(tmp_path: Path, drug: str) -> None:
    answer = answer_to(tmp_path, stated("a", drug))

    assert (answer.lines, answer.state) == ([], "INDETERMINATE")
    assert answer.finding("BLINDED_DRUG").startswith(drug)


def test_a_study_drug_with_a_name_counts(tmp_path: Path) -> None:
    assert answer_to(tmp_path, stated("a", "STUDY DRUG osimertinib 80 mg")).lines == [("osimertinib",)]


def test_a_biosimilar_is_the_same_drug(tmp_path: Path) -> None:
    first = given("bevacizumab 100 mg/4 mL (AVASTIN)", "2024-01-15", "2024-02-05", "2024-02-26", "2024-03-18")
    then = given(
        "bevacizumab-bvzr (ZIRABEV)", "2024-04-08", "2024-04-29", "2024-05-20", "2024-06-10", "2024-07-01"
    )

    assert answer_to(tmp_path, *first, *then).lines == [("bevacizumab",)]


def test_a_fixed_combination_is_all_its_agents(tmp_path: Path) -> None:
    drug = "pertuzumab-trastuzumab-hyaluronidase-zzxf (PHESGO)"

    assert answer_to(tmp_path, stated("a", drug)).lines == [("pertuzumab", "trastuzumab")]


def test_what_comes_along_with_a_therapy_opens_no_line(tmp_path: Path) -> None:
    names = (
        "dexamethasone 4 mg",
        "ondansetron ODT 8 mg",
        "prednisone 10 mg",
        "denosumab (XGEVA) 120 mg",
        "leucovorin",
    )
    noise = [stated(name, name, "2024-03-15") for name in (*names, "Multivitamin", "zoledronic acid")]
    answer = answer_to(tmp_path, stated("a", "osimertinib 80 mg"), *noise)

    assert (answer.lines, answer.state) == ([("osimertinib",)], "OLIGOPROGRESSION")
    assert "Multivitamin" in answer.finding("OTHER_MEDICATION")


def test_a_drug_for_cancer_in_no_list_is_named(tmp_path: Path) -> None:
    reason = [{"reference": "Condition/c1"}]
    answer = answer_to(tmp_path, stated("a", "zelobrutinib 100 mg capsule", reasonReference=reason))

    assert "zelobrutinib 100 mg capsule is given for cancer" in answer.finding("UNKNOWN_ANTINEOPLASTIC")


def test_therapy_on_hold_is_on_and_says_so(tmp_path: Path) -> None:
    answer = answer_to(tmp_path, stated("a", "osimertinib 80 mg", status="on-hold"))

    assert (answer.state, answer.assessment["current"]["qualifiers"]) == ("OLIGOPROGRESSION", ["ON_HOLD"])


def test_adjuvant_therapy_before_the_metastases_is_no_palliative_line(tmp_path: Path) -> None:
    url = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-procedure-intent"
    intent = [{"url": url, "valueCodeableConcept": concept(SCT, "373846009", "Adjuvant")}]
    before = stated("a", "carboplatin", "2021-04-01", "2021-07-01", status="completed", extension=intent)
    answer = answer_to(tmp_path, before, stated("b", "osimertinib 80 mg"))
    lines = [(each["setting"], each["agents"]) for each in answer.assessment["linesOfTherapy"]]

    assert lines == [("curative", ["carboplatin"]), ("palliative", ["osimertinib"])]
    assert answer.states == ["OLIGORECURRENCE", "OLIGOPERSISTENCE", "OLIGOPROGRESSION"]
