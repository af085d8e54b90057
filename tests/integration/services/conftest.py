"""A patient, a server and a database for every test of this folder; whatever was kept is valid FHIR."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import fresh_url
from patient_world import World, world

from fhirgate.exact_json import decode
from fhirgate.mapping.compose.invariants import problems
from fhirgate.mapping.r4b import check_r4

KINDS = ("RiskAssessment", "CarePlan", "Provenance")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(fresh_url("sqlite", tmp_path)) as found:
        yield found
        for name in (each.name.resource for kind in KINDS for each in found.stored(kind)):
            for version in found.results.history(name):
                body = decode(version.body)
                assert (problems(body), check_r4(body)) == ((), ())
