"""The drug of a medication resource, and what is told about drugs that do not count."""

from typing import Any

import pytest
from therapy_json import (
    ATC,
    MII,
    RXNORM,
    SNOMED,
    codes,
    concept,
    intent,
    names,
    procedure,
    record_of,
    resource,
    statement,
)

from fhirgate.mapping.agent_table import standard_agents, with_products
from fhirgate.mapping.parse.exposures import parse_exposures
from fhirgate.mapping.parse.medication import resolve_agents
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.therapy import LotRole

SINCE = {"effectivePeriod": {"start": "2024-01-01"}}
CARBOPLATIN = concept("40048")


def medication(id: str = "m", **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Medication", "id": id, **elements}


@pytest.mark.parametrize(
    ("raw", "agents"),
    [
        (statement(drug=CARBOPLATIN), ["carboplatin"]),
        (statement(drug=None, medicationReference={"reference": "Medication/m"}), ["carboplatin"]),
        (statement(drug=None, medication={"concept": CARBOPLATIN}), ["carboplatin"]),
        (statement(drug=None, medication={"reference": {"reference": "Medication/m"}}), ["carboplatin"]),
        (
            statement(
                drug=None, medicationReference={"reference": "Medication/gone", "display": "Carboplatin"}
            ),
            ["carboplatin"],
        ),
        (statement(drug=None, medicationReference={"display": "Carboplatin AUC 5"}), ["carboplatin"]),
        (
            statement(
                drug=None,
                contained=[medication("c", code=CARBOPLATIN)],
                medicationReference={"reference": "#c"},
            ),
            ["carboplatin"],
        ),
        (statement(drug=None), []),
    ],
    ids=["concept", "reference", "R5 concept", "R5 reference", "gone", "display only", "contained", "none"],
)
def test_a_drug_is_read_in_every_shape(raw: dict[str, Any], agents: list[str]) -> None:
    record = record_of(raw, medication(code=CARBOPLATIN))
    assert [each.name for each in resolve_agents(raw, record).agents] == agents


@pytest.mark.parametrize(
    "ingredient",
    [
        [{"itemCodeableConcept": concept("4492")}, {"itemCodeableConcept": concept("32592")}],
        [{"item": {"concept": concept("4492")}}, {"item": {"reference": {"reference": "Medication/oxali"}}}],
        [
            {"itemReference": {"reference": "Medication/fu"}},
            {"itemReference": {"reference": "Medication/oxali"}},
        ],
        [
            {"itemCodeableConcept": concept("4492")},
            {"itemCodeableConcept": concept("32592")},
            {"itemCodeableConcept": concept("40048"), "isActive": False},
        ],
    ],
    ids=["R4 concepts", "R5", "R4 references", "inactive left out"],
)
def test_a_bag_gives_its_active_ingredients(ingredient: list[dict[str, Any]]) -> None:
    bag = medication(code=concept(text="pump"), ingredient=ingredient)
    raw = statement(drug=None, medicationReference={"reference": "Medication/m"})
    record = record_of(
        raw, bag, medication("fu", code=concept("4492")), medication("oxali", code=concept("32592"))
    )
    assert [each.name for each in resolve_agents(raw, record).agents] == ["fluorouracil", "oxaliplatin"]


def test_a_contained_bag_may_refer_to_contained_ingredients() -> None:
    raw = statement(
        drug=None,
        contained=[
            medication("bag", ingredient=[{"itemReference": {"reference": "#fu"}}]),
            medication("fu", code=concept("4492")),
        ],
        medicationReference={"reference": "#bag"},
    )
    assert [each.name for each in resolve_agents(raw, record_of(raw)).agents] == ["fluorouracil"]


def test_a_medication_that_contains_itself_ends() -> None:
    raw = statement(drug=None, medicationReference={"reference": "Medication/m"})
    itself = medication(code=CARBOPLATIN, ingredient=[{"itemReference": {"reference": "Medication/m"}}])
    assert [each.name for each in resolve_agents(raw, record_of(raw, itself)).agents] == ["carboplatin"]


def test_a_medication_and_a_bare_concept_can_be_resolved_too() -> None:
    record = record_of(statement())
    assert [each.name for each in resolve_agents(medication(code=CARBOPLATIN), record).agents] == [
        "carboplatin"
    ]
    assert [each.name for each in resolve_agents(CARBOPLATIN, record).agents] == ["carboplatin"]


def test_a_site_table_of_products_is_used() -> None:
    site = with_products(standard_agents(), ["code,ingredient", "999,carboplatin"])
    record = record_of(statement(drug=concept("999"), **SINCE))
    assert names(parse_exposures(record, site)) == ["carboplatin"]


def test_an_unknown_antineoplastic_code_counts_by_its_class_and_is_told() -> None:
    record = record_of(statement(drug=concept("L01FF99", ATC, "Foolimab"), **SINCE))
    (exposure,) = parse_exposures(record)
    (finding,) = record.findings
    assert (exposure.agent.name, exposure.agent.drug_class) == ("foolimab", "ici")
    assert (finding.code, finding.severity) == ("UNKNOWN_ANTINEOPLASTIC", Severity.WARNING)
    assert finding.text == (
        f"Foolimab ({ATC}|L01FF99) is in no list of agents; by its ATC group it counts as ici under the name foolimab"
    )


@pytest.mark.parametrize(
    "context",
    [
        {"extension": [intent("363676003")]},
        {"reasonCode": [concept(text="Metastatic lung cancer")]},
        {"reasonCode": [concept("C34.1", "http://hl7.org/fhir/sid/icd-10-cm")]},
        {"reasonReference": [{"reference": "Condition/c"}]},
        {"reasonReference": [{"reference": "Condition/gone", "display": "Carcinoma of lung"}]},
        {"reason": [{"concept": concept(text="Melanoma")}]},
        {"reason": [{"reference": {"reference": "Condition/c"}}]},
        {"category": {"text": "Oncology"}},
        {
            "meta": {
                "profile": [
                    "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-request"
                ]
            }
        },
    ],
    ids=["intent", "words", "ICD", "Condition", "gone", "R5 concept", "R5 reference", "category", "profile"],
)
def test_an_unknown_drug_given_for_cancer_is_told_and_leaves_open_whether_it_is_therapy(
    context: dict[str, Any],
) -> None:
    condition = resource("Condition", "c", code=concept("254637007", SNOMED, "Non-small cell lung cancer"))
    record = record_of(statement(drug=concept("123", display="Foozumab"), **SINCE, **context), condition)
    (exposure,) = parse_exposures(record)
    assert (exposure.agent.name, exposure.agent.lot_role) == ("foozumab", LotRole.UNCLEAR)
    (finding,) = record.findings
    assert (finding.code, finding.severity) == ("UNKNOWN_ANTINEOPLASTIC", Severity.WARNING)
    assert finding.text == (
        f"Foozumab ({RXNORM}|123) is given for cancer and is in no list of agents; it counts for no line of therapy; an"
        " RxNorm ingredient, an ATC code or the ingredient's name would settle what it is"
    )


def test_an_unknown_drug_is_told_once_however_often_it_is_given() -> None:
    doses = [
        statement(str(n), concept(text="Foozumab"), extension=[intent("363676003")], **SINCE)
        for n in range(5)
    ]
    record = record_of(*doses)
    parse_exposures(record)
    assert codes(record) == ["UNKNOWN_ANTINEOPLASTIC"]


@pytest.mark.parametrize("reason", ["Cancer pain", "Chemotherapy-induced nausea", "Hypertension"])
def test_what_accompanies_cancer_is_no_cancer(reason: str) -> None:
    record = record_of(statement(drug=concept(text="Foozine"), reasonCode=[concept(text=reason)], **SINCE))
    parse_exposures(record)
    assert codes(record) == ["OTHER_MEDICATION"]


def test_drugs_that_are_none_of_ours_are_one_finding_with_ten_names() -> None:
    drugs = [statement(f"{n:02}", concept(text=f"Drug {n:02}"), **SINCE) for n in range(12)]
    record = record_of(*drugs, statement("twice", concept(text="Drug 01"), **SINCE))
    parse_exposures(record)
    (finding,) = record.findings
    assert (finding.code, finding.severity) == ("OTHER_MEDICATION", Severity.INFORMATION)
    assert finding.text == (
        "13 medication resource(s) name drugs that are no cancer drugs as far as known, and are not used: "
        + ", ".join(f"Drug {n:02}" for n in range(10))
        + " and 2 more"
    )


def test_a_drug_without_name_or_code_is_named_so() -> None:
    record = record_of(statement(drug=None, **SINCE))
    parse_exposures(record)
    assert record.findings[0].text.endswith("a drug without code or name")


def test_a_code_that_its_name_contradicts_is_told() -> None:
    record = record_of(statement(drug=concept("2555", display="carboplatin"), **SINCE))
    assert names(parse_exposures(record)) == ["cisplatin"]
    assert record.findings[0].text == (
        f"the code {RXNORM}|2555 means cisplatin, the words beside it say carboplatin; the code was used"
    )


EVEROLIMUS = concept("141704", display="everolimus")


def test_an_ambiguous_drug_without_context_does_not_count_and_says_what_would_settle_it() -> None:
    record = record_of(statement(drug=EVEROLIMUS, **SINCE))
    assert parse_exposures(record) == ()
    (finding,) = record.findings
    assert (finding.code, finding.severity) == ("CANCER_CONTEXT_MISSING", Severity.WARNING)
    assert finding.text == (
        "everolimus is also used for other diseases, and nothing says that it was given for cancer; it does not"
        " count as a therapy; a reason, an intent or an ATC code of L01 or L02 would settle it"
    )


@pytest.mark.parametrize(
    "context",
    [{"extension": [intent("363676003")]}, {"reasonCode": [concept(text="Breast cancer")]}],
)
def test_an_ambiguous_drug_counts_where_cancer_is_treated(context: dict[str, Any]) -> None:
    record = record_of(statement(drug=EVEROLIMUS, **SINCE, **context))
    assert names(parse_exposures(record)) == ["everolimus"]
    assert record.findings == []


@pytest.mark.parametrize(
    ("drug", "context"),
    [
        (EVEROLIMUS, {"reasonCode": [concept(text="Kidney transplant")]}),
        (concept("L04AX03", ATC, "Methotrexat"), {}),
        (concept(text="Eylea"), {}),
    ],
)
def test_an_ambiguous_drug_for_another_disease_is_only_information(
    drug: dict[str, Any], context: dict[str, Any]
) -> None:
    record = record_of(statement(drug=drug, **SINCE, **context))
    assert parse_exposures(record) == ()
    (finding,) = record.findings
    assert (finding.code, finding.severity) == ("OTHER_USE_OF_AGENT", Severity.INFORMATION)


def test_the_order_may_hold_the_context_of_a_dose() -> None:
    dose = resource(
        "MedicationAdministration",
        "a",
        status="completed",
        medicationCodeableConcept=EVEROLIMUS,
        effectiveDateTime="2024-01-02",
        request={"reference": "MedicationRequest/o"},
    )
    asked = resource(
        "MedicationRequest",
        "o",
        status="active",
        intent="order",
        medicationCodeableConcept=EVEROLIMUS,
        authoredOn="2024-01-01",
        reasonCode=[concept(text="Renal cell carcinoma")],
    )
    assert names(parse_exposures(record_of(dose, asked))) == ["everolimus"]


def test_an_order_without_reason_leaves_the_context_open() -> None:
    dose = resource(
        "MedicationAdministration",
        "a",
        status="completed",
        medicationCodeableConcept=EVEROLIMUS,
        effectiveDateTime="2024-01-02",
        request={"reference": "MedicationRequest/o"},
    )
    asked = resource("MedicationRequest", "o", status="cancelled", medicationCodeableConcept=EVEROLIMUS)
    record = record_of(dose, asked)
    assert parse_exposures(record) == ()
    assert set(codes(record)) == {"CANCER_CONTEXT_MISSING"}


def test_the_profile_of_a_diagnosis_tells_cancer_where_its_code_is_unknown() -> None:
    url = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-primary-cancer-condition"
    diagnosis = resource("Condition", "c", code=concept("1", SNOMED), meta={"profile": [url]})
    told = statement(drug=EVEROLIMUS, reasonReference=[{"reference": "Condition/c"}], **SINCE)
    assert names(parse_exposures(record_of(told, diagnosis))) == ["everolimus"]


def test_a_reason_that_is_not_here_and_not_named_tells_nothing() -> None:
    record = record_of(statement(drug=EVEROLIMUS, reasonReference=[{"reference": "Condition/gone"}], **SINCE))
    parse_exposures(record)
    assert codes(record) == ["CANCER_CONTEXT_MISSING"]


def test_a_cream_is_no_systemic_therapy() -> None:
    record = record_of(statement(drug=concept(text="fluorouracil 50 MG/ML Topical Cream"), **SINCE))
    assert parse_exposures(record) == ()
    assert codes(record) == ["MEDICATION_LOCAL_USE"]


def test_a_local_companion_is_kept() -> None:
    record = record_of(statement(drug=concept(text="dexamethasone ophthalmic"), **SINCE))
    assert names(parse_exposures(record)) == ["dexamethasone"]


def test_an_unknown_drug_in_a_systemic_therapy_counts_under_its_name() -> None:
    therapy = procedure(
        "t",
        concept("CH", f"{MII}/CodeSystem/mii-cs-onko-therapie-typ"),
        performedPeriod={"start": "2024-01-01", "end": "2024-02-01"},
    )
    record = record_of(
        therapy, statement(drug=concept(text="Foo-Platin 5"), partOf=[{"reference": "Procedure/t"}], **SINCE)
    )
    (exposure,) = parse_exposures(record)
    assert (exposure.agent.name, exposure.agent.drug_class) == ("foo-platin 5", "chemotherapy")
    assert codes(record) == ["UNKNOWN_ANTINEOPLASTIC"]


def test_a_companion_in_a_systemic_therapy_is_no_antineoplastic() -> None:
    therapy = procedure("t", concept("367336001", SNOMED), performedPeriod={"start": "2024-01-01"})
    record = record_of(
        therapy, statement(drug=concept(text="Aprepitant"), partOf=[{"reference": "Procedure/t"}], **SINCE)
    )
    parse_exposures(record)
    assert "OTHER_MEDICATION" in codes(record)
    assert "UNKNOWN_ANTINEOPLASTIC" not in codes(record)
