from typing import Any

import pytest

from fhirgate.mapping.parse.entries import MOST_NESTED, Entry, entries
from fhirgate.oncology.finding import Finding, Severity

PATIENT = {"resourceType": "Patient", "id": "p"}


def read(*received: Any) -> tuple[list[Entry], list[Finding]]:
    findings: list[Finding] = []
    return list(entries(received, findings)), findings


def bundle(*found: Any, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": list(found), **more}


def test_a_resource_and_a_pair_with_its_url() -> None:
    found, findings = read(PATIENT, (PATIENT, "http://s/Patient/p"), (PATIENT, None))
    assert found == [Entry(PATIENT), Entry(PATIENT, "http://s/Patient/p"), Entry(PATIENT)]
    assert findings == []


@pytest.mark.parametrize("kind", ["searchset", "collection", "transaction", "document", "history"])
def test_a_bundle_of_any_type_gives_its_resources_with_their_urls(kind: str) -> None:
    found, findings = read(
        bundle({"fullUrl": "urn:uuid:1", "resource": PATIENT}, {"resource": PATIENT}, type=kind)
    )
    assert found == [Entry(PATIENT, "urn:uuid:1"), Entry(PATIENT)]
    assert findings == []


def test_bundles_in_bundles_are_opened() -> None:
    found, _ = read(bundle({"resource": bundle({"resource": PATIENT})}))
    assert found == [Entry(PATIENT)]


def test_parameters_are_opened_like_bundles() -> None:
    parameters = {
        "resourceType": "Parameters",
        "parameter": [{"name": "r", "resource": PATIENT}, {"name": "s"}],
    }
    assert read(parameters) == ([Entry(PATIENT)], [])


def test_an_entry_without_resource_is_a_deletion_and_no_fault() -> None:
    assert read(bundle({"request": {"method": "DELETE", "url": "Patient/p"}})) == ([], [])


def test_the_outcome_of_a_search_is_what_the_server_said() -> None:
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"diagnostics": "too many"}, {"details": {"text": "slow"}}, {"code": "timeout"}, {}],
    }
    found, findings = read(
        bundle({"search": {"mode": "outcome"}, "resource": outcome}, {"resource": PATIENT})
    )
    assert found == [Entry(PATIENT)]
    (finding,) = findings
    assert (finding.code, finding.severity) == ("SERVER_SAID", Severity.WARNING)
    assert finding.text.endswith("too many; slow; timeout")


def test_an_outcome_without_words_still_says_something() -> None:
    _, (finding,) = read(bundle({"search": {"mode": "outcome"}}))
    assert finding.text.endswith("no reason given")
    _, (finding,) = read(bundle({"search": {"mode": "outcome"}, "resource": {"issue": "junk"}}))
    assert finding.text.endswith("no reason given")
    _, (finding,) = read(bundle({"search": {"mode": "outcome"}, "resource": {"issue": ["junk"]}}))
    assert finding.text.endswith("no reason given")


@pytest.mark.parametrize("junk", [None, 3, "x", [], {}, {"resourceType": 3}, {"resourceType": " "}])
def test_what_is_no_resource_is_reported_where_it_stands(junk: Any) -> None:
    found, findings = read(PATIENT, junk)
    assert found == [Entry(PATIENT)]
    assert [(each.code, each.path, each.severity) for each in findings] == [
        ("NOT_A_RESOURCE", "[1]", Severity.ERROR)
    ]


def test_junk_in_a_bundle_is_reported_with_its_path() -> None:
    found, findings = read(bundle("junk", {"resource": 3}, {"resource": PATIENT}))
    assert found == [Entry(PATIENT)]
    assert [each.path for each in findings] == ["[0].entry[0]", "[0].entry[1].resource"]


def test_one_entry_in_place_of_a_list_is_read() -> None:
    assert read({"resourceType": "Bundle", "entry": {"resource": PATIENT}}) == ([Entry(PATIENT)], [])


def test_junk_in_place_of_a_list_is_reported() -> None:
    found, findings = read({"resourceType": "Bundle", "entry": "junk"})
    assert found == []
    assert [(each.code, each.path) for each in findings] == [("NOT_A_RESOURCE", "[0].entry[0]")]


def test_an_empty_bundle_is_nothing() -> None:
    assert read({"resourceType": "Bundle"}) == ([], [])
    assert read({"resourceType": "Bundle", "entry": []}) == ([], [])


def test_bundles_too_deep_in_each_other_end() -> None:
    deep: dict[str, Any] = PATIENT
    for _ in range(MOST_NESTED + 5):
        deep = bundle({"resource": deep})
    found, findings = read(deep)
    assert found == []
    assert [each.code for each in findings] == ["BUNDLE_NESTED_TOO_DEEP"]
