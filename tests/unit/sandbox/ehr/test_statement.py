"""The CapabilityStatement says what is so, and nothing else."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sandbox_world import BASE, FHIR, Ehr, ehr

from fhirgate.ehr.capability import parse_statement
from fhirgate.ehr.search_plan import plans
from fhirgate.ehr.write_plan import WRITTEN, write_plan
from fhirgate.mapping.r4b import check_r4
from fhirgate.sandbox.ehr.statement import statement
from fhirgate.sandbox.ehr.table import KINDS
from fhirgate.sandbox.ehr.urls import Urls

TOLD = statement(Urls(BASE), datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def here() -> Ehr:
    return ehr()


def test_it_is_valid_and_anybody_may_read_it(here: Ehr) -> None:
    answer = here.get("/metadata")

    assert answer.status_code == 200
    assert json.loads(answer.data) == TOLD | {"date": "2026-03-01T12:00:00.000Z"}
    assert check_r4(TOLD) == ()
    assert here.get("/metadata?mode=full").status_code == 400


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_it_lists_is_searched_by_every_parameter_it_lists(kind: str, here: Ehr) -> None:
    token = here.system()
    (listed,) = (each for each in TOLD["rest"][0]["resource"] if each["type"] == kind)
    values = {"token": "x", "date": "2024", "reference": "x"}

    answers = {
        each["name"]: here.get(f"/{kind}?{each['name']}={values[each['type']]}", token).status_code
        for each in listed["searchParam"]
    }

    assert set(answers.values()) == {200}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_listed_is_not_done(kind: str, here: Ehr) -> None:
    token = here.system()
    (listed,) = (each for each in TOLD["rest"][0]["resource"] if each["type"] == kind)
    names = {each["code"] for each in listed["interaction"]}

    created = here.call("POST", f"/{kind}", token, {"resourceType": "Wrong"}).status_code
    updated = here.call("PUT", f"/{kind}/x", token, {"resourceType": "Wrong"}).status_code

    # A 400 says that the resource is looked at, and found to be of another type.
    assert created == (400 if "create" in names else 405)
    assert updated == (400 if "update" in names else 405)


def test_our_client_finds_all_it_needs() -> None:
    capability = parse_statement("main", TOLD)

    chosen, not_offered = plans("p1", capability, {})

    assert not_offered == ()
    assert {each.whole.names[0] for each in chosen} == {"patient"}
    assert all("_count" in each.whole.names for each in chosen)
    assert all(write_plan(capability, kind).taken for kind in WRITTEN)
    assert capability.software.startswith("fhirgate sandbox")


def test_it_names_where_to_be_let_in() -> None:
    security: dict[str, Any] = TOLD["rest"][0]["security"]

    (uris,) = security["extension"]
    assert {each["url"]: each["valueUri"] for each in uris["extension"]} == {
        "authorize": f"{BASE}/auth/authorize",
        "token": f"{BASE}/auth/token",
    }
    assert TOLD["implementation"]["url"] == FHIR
