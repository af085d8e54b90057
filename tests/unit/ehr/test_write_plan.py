"""How results would be written, told from the statement alone."""

from typing import Any

import pytest
from ehr_world import VENDORS, vendor
from odd_store import takes

from fhirgate.ehr.capability import Capability, parse_statement
from fhirgate.ehr.write_plan import WRITTEN, How, write_plan, write_scopes


def plan_of(kind: str, said: Any) -> str:
    return str(write_plan(parse_statement("main", said), kind))


def test_a_server_that_takes_conditional_creates_is_used_so() -> None:
    assert plan_of("RiskAssessment", takes()) == (
        "RiskAssessment: search by identifier, then conditional create;"
        " changed by update of the version looked at; read back"
    )


def test_a_server_without_them_is_searched_before_and_after() -> None:
    assert plan_of("CarePlan", takes(conditionalCreate=False)) == (
        "CarePlan: search by identifier, then create, and search again for a copy made meanwhile;"
        " changed by update of the version looked at; read back"
    )


def test_a_server_that_is_only_searched_is_read_back_so() -> None:
    said = takes(interactions=("search-type", "create", "update"))

    assert plan_of("Observation", said).endswith("; read back by searching")


@pytest.mark.parametrize(
    ("parameters", "how"),
    [
        (("_tag", "target"), "search by _tag, then conditional create"),
        (("target",), "search by target, then create, and search again for a copy made meanwhile"),
    ],
)
def test_provenance_is_found_by_its_tag_or_by_what_it_is_about(parameters: tuple[str, ...], how: str) -> None:
    said = takes(interactions=("read", "search-type", "create"), parameters=parameters)

    assert plan_of("Provenance", said) == f"Provenance: {how}; never changed; read back"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (takes(("CarePlan",)), "the server does not list this type"),
        (takes(interactions=("read", "search-type", "update")), "the server does not take new ones"),
        (
            takes(interactions=("read", "create", "update")),
            "the server does not search them by identifier, so our copy could not be found again",
        ),
        (
            takes(parameters=("patient",)),
            "the server does not search them by identifier, so our copy could not be found again",
        ),
        (
            takes(interactions=("read", "search-type", "create")),
            "the server takes new ones and no changes, so a result could not be corrected or taken back",
        ),
        (
            takes(versioning="no-version"),
            "the server keeps no versions, so a change could overwrite somebody else's",
        ),
        (takes() | {"fhirVersion": "5.0.0"}, "the server speaks FHIR 5.0.0, and R4 is written"),
        (takes() | {"fhirVersion": ""}, "the server speaks FHIR of unknown version, and R4 is written"),
    ],
)
def test_what_is_not_taken_is_told_with_its_reason(said: Any, why: str) -> None:
    plan = write_plan(parse_statement("main", said), "RiskAssessment")

    assert (plan.taken, plan.how, plan.why) == (False, How.NOT_TAKEN, why)
    assert str(plan) == f"RiskAssessment: not taken: {why}; it stays in our own store"


def test_a_provenance_that_cannot_be_found_again_is_not_taken() -> None:
    assert "search them by _tag or target" in plan_of("Provenance", takes(parameters=("identifier",)))


def test_nothing_is_written_without_a_statement() -> None:
    plan = write_plan(Capability(assumed=True), "RiskAssessment")

    assert plan.why == "the server gives no CapabilityStatement, and writing is never assumed"


def test_only_types_of_ours_are_written() -> None:
    assert write_plan(parse_statement("main", takes(("Patient",))), "Patient").why == (
        "it is no type of our results"
    )


@pytest.mark.parametrize("name", [name for name, told in VENDORS.items() if "types" in told])
def test_no_large_vendor_takes_a_result_or_a_plan(name: str) -> None:
    found = parse_statement("main", vendor(name))

    assert [kind for kind in ("RiskAssessment", "CarePlan") if write_plan(found, kind).taken] == []


def test_scopes_let_results_be_made_found_read_and_changed() -> None:
    assert str(write_scopes()) == " ".join(f"system/{kind}.crus" for kind in WRITTEN)
