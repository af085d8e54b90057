"""Which searches are made on which server: nothing that it does not list."""

import pytest
from ehr_world import VENDORS, everything, statement, vendor

from fhirgate.ehr.capability import Capability, parse_statement
from fhirgate.ehr.search_plan import TYPES, plans

ALL = ("Condition", "Observation", "DiagnosticReport", "Procedure", "MedicationRequest")


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("epic-r4", (*ALL, "MedicationAdministration", "BodyStructure", "ImagingStudy")),
        ("oracle-millennium-r4", (*ALL, "MedicationAdministration")),
        ("athena-r4", ALL),
        ("meditech-greenfield-r4", ALL),
    ],
)
def test_of_each_vendor_only_what_its_statement_lists_is_asked(name: str, asked: tuple[str, ...]) -> None:
    made, missing = plans("p1", parse_statement("main", vendor(name)), {})

    assert tuple(each.type for each in made) == asked
    assert {*asked, *missing} == set(TYPES)
    for plan in made:
        listed = VENDORS[name]["types"][plan.type]["searchParams"]
        for query in (plan.whole, *plan.parts):
            assert set(query.names) <= set(listed)
            assert ("patient", "Patient/p1") in query.parameters
    requests = next(each for each in made if each.type == "MedicationRequest")
    assert requests.whole.url == "MedicationRequest?patient=Patient/p1&intent=order,plan&_count=200"


def test_without_a_statement_each_type_is_asked_by_patient_alone() -> None:
    made, missing = plans("p1", Capability(assumed=True), {"ah-practice": "x"})

    assert [each.whole.url for each in made] == [f"{kind}?patient=Patient/p1" for kind in TYPES]
    assert (missing, [each.parts for each in made if each.parts]) == ((), [])


def test_a_type_that_lists_only_subject_is_asked_by_subject() -> None:
    said = statement({"Specimen": {"interactions": [], "searchParams": ["subject"]}})

    made, _ = plans("p1", parse_statement("main", said), {})

    assert [each.whole.url for each in made] == ["Specimen?subject=Patient/p1"]


def test_a_type_without_a_parameter_for_the_patient_is_not_asked() -> None:
    said = statement({"Specimen": {"interactions": [], "searchParams": ["identifier"]}})

    assert plans("p1", parse_statement("main", said), {}) == ((), TYPES)


def test_parameters_of_the_site_go_where_they_are_listed() -> None:
    made, _ = plans(
        "p1", parse_statement("main", vendor("athena-r4")), {"ah-practice": "a-1.Practice-9", "no": "x"}
    )

    observations = next(each for each in made if each.type == "Observation")
    assert observations.whole.url == "Observation?patient=Patient/p1&ah-practice=a-1.Practice-9&_count=200"


def test_the_parts_are_categories_and_codes_where_listed() -> None:
    made, _ = plans("p1", parse_statement("main", everything("category", "code")), {})

    parts = {each.type: [query.names[1] for query in each.parts] for each in made if each.parts}
    assert parts == {
        "Condition": ["category"] * 3,
        "Observation": [*["category"] * 7, "code"],
        "DiagnosticReport": ["category"] * 4,
    }
    observations = next(each for each in made if each.type == "Observation")
    assert "97509-4,http%3A//loinc.org%7C88040-1" in observations.parts[-1].url


def test_what_would_end_a_parameter_is_encoded_and_nothing_of_it_is_shown() -> None:
    made, _ = plans("p1&code=x", Capability(assumed=True), {})

    assert made[0].whole.url == "Condition?patient=Patient/p1%26code%3Dx"
    assert "p1" not in repr(made[0])
