"""What the doctor says of servers that list what four vendors' statements list, to the letter.

The expected texts are for review: what would an engineer at that site read? With REVIEW=1 in the environment they are
written anew, and the difference is looked at before it is kept.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from doctor_world import Clinic, examined, of, shown
from ehr_world import Ehr

FOLDER = Path(__file__).parents[2] / "data" / "doctor"
VENDORS: dict[str, Any] = json.loads((FOLDER / "vendors.json").read_text("utf-8"))
NAMES = [name for name in VENDORS if name != "note"]


def statement(name: str) -> dict[str, Any]:
    """A CapabilityStatement with the facts of a vendor's own."""
    told = VENDORS[name]
    return {
        "resourceType": "CapabilityStatement",
        "fhirVersion": told["fhirVersion"],
        "date": told["statementDate"],
        "software": {"name": told["software"], "version": told["softwareVersion"]},
        "format": told["formats"],
        "rest": [
            {
                "mode": "server",
                "resource": [
                    {
                        "type": kind,
                        "interaction": [{"code": each} for each in facts["interactions"]],
                        "searchParam": [{"name": each} for each in facts["searchParams"]],
                        "conditionalCreate": facts.get("conditionalCreate", False),
                    }
                    for kind, facts in told["types"].items()
                    if facts is not None
                ],
            }
        ],
    }


def said(name: str) -> str:
    text = shown(examined(Clinic(ehr=Ehr(statement=statement(name)))))
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_of_a_vendors_statement_is_as_reviewed(name: str) -> None:
    path = FOLDER / f"{name}.txt"
    text = said(name)
    if os.environ.get("REVIEW") == "1":
        path.write_text(text, "utf-8")

    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_wider_than_a_terminal(name: str) -> None:
    assert [line for line in said(name).splitlines() if len(line) > 80] == []


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("epic-r4", {"MedicationStatement", "MedicationDispense", "Specimen"}),
        (
            "oracle-millennium-r4",
            {"MedicationStatement", "MedicationDispense", "BodyStructure", "ImagingStudy", "Specimen"},
        ),
        (
            "athena-r4",
            {
                "MedicationAdministration",
                "MedicationStatement",
                "MedicationDispense",
                "BodyStructure",
                "ImagingStudy",
                "Specimen",
            },
        ),
    ],
)
def test_each_type_a_vendor_does_not_list_is_told_with_what_is_lost(name: str, lost: set[str]) -> None:
    found = examined(Clinic(ehr=Ehr(statement=statement(name))))

    warned = {
        each.told.about for each in found.lines if each.check == "searches" and each.result.value == "warning"
    }
    assert warned == lost
    assert found.can_assess


def test_a_site_parameter_that_the_vendor_lists_is_sent_and_one_that_it_does_not_is_told() -> None:
    clinic = Clinic(ehr=Ehr(statement=statement("athena-r4")))

    found = examined(clinic, search_parameters={"ah-practice": "a-1.Practice-1", "ah-secret": "x"})

    line = of(found, "searches", "Observation")
    assert line.result.value == "warning"
    assert "asked whole, by patient, ah-practice and _count" in line.told.says
    assert line.told.says.endswith("the entry's ah-secret is not listed, and not sent")
    assert "a-1.Practice-1" not in shown(found)
