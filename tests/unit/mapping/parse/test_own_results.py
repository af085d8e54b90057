"""What fhirgate wrote is no evidence for what it judges next."""

from typing import Any

import pytest
from assessments import assessment, facts

from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.own_results import is_own_result
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.vocabulary import STANDARD
from fhirgate.oncology.policy import DEFAULT_POLICY

OURS = [
    each["resource"] for each in compose_bundle(assessment(), facts(), DEFAULT_POLICY, states=True)["entry"]
]


@pytest.mark.parametrize("resource", OURS, ids=lambda each: each["resourceType"])
class TestOurs:
    def test_all_that_we_compose_is_known_as_ours(self, resource: dict[str, Any]) -> None:
        assert is_own_result(resource)

    def test_without_meta_its_identifier_says_it(self, resource: dict[str, Any]) -> None:
        bare = {name: value for name, value in resource.items() if name != "meta"}

        assert is_own_result(bare) == (resource["resourceType"] != "Provenance")

    def test_without_identifier_its_tag_says_it(self, resource: dict[str, Any]) -> None:
        assert is_own_result({name: value for name, value in resource.items() if name != "identifier"})


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Observation"},
        {"resourceType": "Observation", "identifier": [{"system": "urn:dicom:uid", "value": "1.2"}]},
        {
            "resourceType": "Observation",
            "identifier": "x",
            "meta": {"tag": [{"system": "http://other.example"}]},
        },
    ],
)
def test_others_are_not(resource: dict[str, Any]) -> None:
    assert not is_own_result(resource)


def test_one_in_a_record_is_told_and_not_used() -> None:
    state = next(each for each in OURS if each["resourceType"] == "Observation")

    found = Record("p1", [Entry(state)], (), STANDARD)

    assert found.of_type("Observation") == ()
    assert [(each.code, each.source and each.source.id) for each in found.findings] == [
        ("OWN_RESULT", state["id"])
    ]
