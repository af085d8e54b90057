"""What a statement says, and what is assumed where it is silent."""

from typing import Any

import pytest
from ehr_world import statement, vendor

from fhirgate.ehr.capability import Capability, TypeCapability, parse_statement
from fhirgate.errors import EhrGarbled


def test_types_interactions_and_parameters_are_read() -> None:
    found = parse_statement("main", vendor("epic-r4"))

    assert found.fhir_version == "4.0.1"
    assert found.software == "Stub 1"
    structure = found.of("BodyStructure")
    assert structure is not None
    assert (structure.reads, structure.searches) == (True, True)
    assert {"patient", "_id"} <= structure.parameters
    assert found.of("MedicationStatement") is None


def test_a_type_without_search_is_not_searched() -> None:
    found = parse_statement(
        "main", statement({"Specimen": {"interactions": ["read"], "searchParams": ["patient"]}})
    )

    assert found.of("Specimen") == TypeCapability(reads=True, searches=False)


def test_a_silent_statement_promises_the_least() -> None:
    bare = {"resourceType": "CapabilityStatement", "rest": [{"resource": [{"type": "Condition"}]}]}

    assert parse_statement("main", bare).of("Condition") == TypeCapability(
        reads=True, searches=True, parameters=frozenset({"patient"})
    )


def test_parameters_of_the_whole_server_hold_for_each_type() -> None:
    said = statement({"Condition": {"interactions": [], "searchParams": ["patient"]}})
    said["rest"][0]["searchParam"] = [{"name": "_count"}]

    found = parse_statement("main", said).of("Condition")

    assert found is not None
    assert found.parameters == {"patient", "_count"}


def test_the_client_part_of_a_statement_is_not_the_server() -> None:
    said = statement({"Condition": {"interactions": [], "searchParams": []}})
    said["rest"].insert(0, {"mode": "client", "resource": [{"type": "Observation"}]})

    assert list(parse_statement("main", said).types) == ["Condition"]


def test_without_any_statement_every_type_offers_the_least() -> None:
    assert Capability(assumed=True).of("ImagingStudy") == TypeCapability()


@pytest.mark.parametrize("odd", [None, [], {"resourceType": "Patient"}, "text"])
def test_what_is_no_statement_is_said_to_be_none(odd: Any) -> None:
    with pytest.raises(EhrGarbled, match="GET metadata is no CapabilityStatement; check base_url"):
        parse_statement("main", odd)


@pytest.mark.parametrize("rest", [None, {}, [], ["x"], [{"resource": "x"}], [{"resource": [{"type": 3}]}]])
def test_a_statement_of_wrong_shape_lists_nothing(rest: Any) -> None:
    found = parse_statement("main", {"resourceType": "CapabilityStatement", "rest": rest, "software": 3})

    assert (dict(found.types), found.software, found.fhir_version) == ({}, "", "")


def test_what_can_be_written_is_read() -> None:
    said = statement({"CarePlan": {"interactions": ["create", "update"], "searchParams": ["identifier"]}})
    rest = said["rest"][0]
    rest["interaction"] = [{"code": "transaction"}, {"code": "batch"}]
    rest["resource"][0] |= {
        "versioning": "versioned-update",
        "conditionalCreate": True,
        "conditionalUpdate": True,
        "updateCreate": True,
    }
    rest["resource"][0]["interaction"].append({"code": "history-instance"})

    found = parse_statement("main", said)

    assert (found.transaction, found.batch) == (True, True)
    assert found.of("CarePlan") == TypeCapability(
        reads=False,
        searches=False,
        parameters=frozenset({"identifier"}),
        creates=True,
        updates=True,
        reads_history=True,
        conditional_create=True,
        conditional_update=True,
        update_create=True,
        versioning="versioned-update",
    )


def test_writing_is_never_assumed() -> None:
    bare = {"resourceType": "CapabilityStatement", "rest": [{"resource": [{"type": "CarePlan"}]}]}

    found = parse_statement("main", bare)

    least = found.of("CarePlan")
    assert least is not None
    assert (least.creates, least.updates, least.conditional_create) == (False, False, False)
    assert (found.transaction, found.batch) == (False, False)
