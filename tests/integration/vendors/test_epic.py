"""Epic: orders with included Medications, flowsheet rows, outcome entries, payers' marks, STU3 statements."""

import json
from pathlib import Path
from typing import Any

import pytest
from integration.vendors.served import (
    AS_OF,
    BASE,
    FOUR,
    OSIMERTINIB,
    RXNORM,
    SCANS,
    UCUM,
    Json,
    assessed,
    bundle,
    concept,
    lung_cancer,
    measured,
    observation,
    patient,
    resource,
    statement,
)

ROW = "urn:oid:1.2.840.114350.1.13.0.1.7.2.707679"
"""The system of flowsheet rows."""
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [
        {
            "severity": "warning",
            "code": "suppressed",
            "details": {
                "text": "The client is not authorized for a sub-resource; its results are not returned."
            },
            "diagnostics": "Observation:category",
        }
    ],
}
TABLET = {
    "resourceType": "Medication",
    "id": "eMed1",
    "identifier": [
        {"use": "usual", "system": "urn:oid:1.2.840.114350.1.13.0.1.7.2.698288", "value": "224905"}
    ],
    "code": {
        "coding": [
            {"system": RXNORM, "code": "1721565"},
            {"system": "http://hl7.org/fhir/sid/ndc", "code": "0310"},
        ],
        "text": "osimertinib (TAGRISSO) 80 mg tablet",
    },
    "form": concept("urn:oid:1.2.840.114350.1.13.0.1.7.4.698288.310", "TABS", "tablet"),
}


def order(on: str, **more: Any) -> Json:
    return resource(
        "MedicationRequest",
        f"order-{on}",
        **{
            "status": "active",
            "intent": "order",
            "category": [{"text": "Outpatient"}],
            "medicationReference": {
                "reference": "Medication/eMed1",
                "display": "osimertinib (TAGRISSO) 80 mg tablet",
            },
            "authoredOn": on,
            "dosageInstruction": [{"text": "Take 1 tablet by mouth daily", "asNeededBoolean": False}],
            "extension": [
                {"url": "http://open.epic.com/FHIR/StructureDefinition/extension/x", "valueString": "x"}
            ],
            **more,
        },
    )


def searched(*resources: Json, **more: Any) -> Json:
    """A search's answer with the Medication it includes and an outcome at the end."""
    found = bundle(*resources, **more)
    found["entry"] += [
        {"fullUrl": "urn:uuid:0e1c", "resource": TABLET, "search": {"mode": "include"}},
        {"fullUrl": "urn:uuid:1e1c", "resource": OUTCOME, "search": {"mode": "outcome"}},
    ]
    return found


def row(lesion: str, on: str, value: int) -> Json:
    """A flowsheet row whose name alone tells the lesion."""
    code = {"coding": [{"system": ROW, "code": lesion[-1]}], "text": f"{lesion} longest diameter (mm)"}
    quantity = {"value": value, "unit": "mm", "system": UCUM, "code": "mm"}
    return observation(f"{lesion[-1]}-{on}", f"{on}T14:05:00Z", code, valueQuantity=quantity)


def test_orders_of_an_included_medication_are_a_line_that_nothing_shows_was_taken(tmp_path: Path) -> None:
    record = searched(patient(), lung_cancer(), order("2024-01-15"), order("2024-06-20"), *measured())
    answer = assessed(tmp_path, record, AS_OF)

    assert (answer.status, answer.state, answer.lines) == (1, "INDETERMINATE", [("osimertinib",)])
    assert answer.assessment["linesOfTherapy"][0]["evidence"] == "ORDERED_ONLY"
    assert answer.assessment["current"]["reasons"][0]["code"] == "THERAPY_STATUS_UNKNOWN"


def test_a_site_may_accept_orders_and_then_gets_its_answer(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('name = "site"\nversion = "1"\n[therapy]\naccept_orders = true\n')
    record = searched(patient(), lung_cancer(), order("2024-01-15"), order("2024-06-20"), *measured())
    answer = assessed(tmp_path, record, AS_OF, "--policy", str(policy))

    assert (answer.status, answer.state) == (0, "OLIGOPROGRESSION")


def test_what_the_server_says_of_its_answer_is_told_in_its_words(tmp_path: Path) -> None:
    answer = assessed(tmp_path, searched(patient(), lung_cancer(), order("2024-01-15"), *measured()), AS_OF)

    assert answer.finding("SERVER_SAID") == (
        "the server adds to its answer: The client is not authorized for a sub-resource; its results are not"
        " returned. - Observation:category"
    )


def test_a_page_that_is_missing_is_an_unreadable_part(tmp_path: Path) -> None:
    links = [
        {"relation": "self", "url": f"{BASE}/x"},
        {"relation": "next", "url": f"{BASE}/x?sessionID=22-A"},
    ]
    record = searched(patient(), lung_cancer(), statement(OSIMERTINIB, "2024-01-15"), *measured(), link=links)
    answer = assessed(tmp_path, record, AS_OF)

    assert (answer.status, answer.state) == (1, "OLIGOPROGRESSION")
    assert "fetch all pages of the search" in answer.finding("SOURCE_UNREADABLE")
    assert "sessionID" not in answer.stderr


def test_flowsheet_rows_named_for_a_lesion_give_its_label_and_role(tmp_path: Path) -> None:
    rows = {
        "Target lesion 1": (20, 20, 30),
        "Target lesion 2": (30, 30, 30),
        "Non-target lesion 3": (25, 25, 25),
    }
    record = [
        row(name, on, value) for name, sizes in rows.items() for on, value in zip(SCANS, sizes, strict=True)
    ]
    answer = assessed(
        tmp_path, [patient(), lung_cancer(), statement(OSIMERTINIB, "2024-01-15"), *record], AS_OF
    )

    assert answer.state == "OLIGOPROGRESSION"
    assert {each["label"]: each["role"] for each in answer.assessment["lesions"]} == {
        "Target lesion 1": "target",
        "Target lesion 2": "target",
        "Non-target lesion 3": "nonTarget",
    }


@pytest.mark.parametrize(
    "text",
    ["Adenocarcinoma of left lung, stage 4 (HCC)", "Malignant neoplasm of upper lobe of left lung (HCC)"],
)
def test_the_payers_mark_on_a_problem_is_no_liver_cancer(tmp_path: Path, text: str) -> None:
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "C34.12"}], "text": text}
    record = [patient(), lung_cancer(code=code), statement(OSIMERTINIB, "2024-01-15"), *measured()]

    assert assessed(tmp_path, record, AS_OF).state == "OLIGOPROGRESSION"


def test_a_real_hepatocellular_carcinoma_stays_outside_the_criteria(tmp_path: Path) -> None:
    code = {"text": "Hepatocellular carcinoma (HCC)"}
    answer = assessed(tmp_path, [patient(), lung_cancer(code=code), *measured()], AS_OF)

    assert answer.assessment["current"]["reasons"][0]["code"] == "CRITERIA_NOT_SUPPORTED"


def test_the_same_cancer_at_many_encounters_is_one_primary(tmp_path: Path) -> None:
    visits = [
        lung_cancer(id=f"visit-{month}", onsetDateTime=None, recordedDate=f"2024-0{month}-01")
        for month in range(1, 6)
    ]
    record = json.loads(
        json.dumps([patient(), lung_cancer(), *visits]).replace('"onsetDateTime": null, ', "")
    )
    answer = assessed(tmp_path, [*record, statement(OSIMERTINIB, "2024-01-15"), *measured()], AS_OF)

    assert (answer.status, answer.state) == (0, "OLIGOPROGRESSION")


@pytest.mark.parametrize(
    ("taken", "evidence", "finding"),
    [("y", ["STATED"], None), ("unk", ["ORDERED_ONLY"], "INTAKE_UNKNOWN"), ("n", [], "THERAPY_NOT_GIVEN")],
)
def test_an_stu3_statement_counts_by_what_it_says_was_taken(
    tmp_path: Path, taken: str, evidence: list[str], finding: str | None
) -> None:
    drug = {"resourceType": "Medication", "id": "m", "code": OSIMERTINIB}
    stated = statement(
        OSIMERTINIB, "2024-01-15", taken=taken, contained=[drug], medicationReference={"reference": "#m"}
    )
    del stated["medicationCodeableConcept"]
    answer = assessed(tmp_path, [patient(), lung_cancer(), stated, *measured()], AS_OF)

    assert [each["evidence"] for each in answer.assessment["linesOfTherapy"]] == evidence
    assert finding is None or finding in answer.codes


def test_full_urls_with_a_version_are_one_patient(tmp_path: Path) -> None:
    record = bundle(patient(), lung_cancer(), statement(OSIMERTINIB, "2024-01-15"), *measured(FOUR))
    for entry in record["entry"]:
        entry["fullUrl"] += "/_history/2"
    answer = assessed(tmp_path, record, AS_OF)

    assert (answer.assessment["patient"], answer.state) == ("p", "OLIGOPROGRESSION")


def test_a_condition_without_a_known_cancer_is_named(tmp_path: Path) -> None:
    answer = assessed(tmp_path, [patient(), lung_cancer(code={"text": "Lung CA"}), *measured()], AS_OF)

    assert answer.assessment["current"]["reasons"][0]["code"] == "DIAGNOSIS_MISSING"
    assert answer.finding("CONDITIONS_NOT_CANCER").endswith("not used: Lung CA")
