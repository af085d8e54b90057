"""The examples, stored in a real FHIR server and fetched from it, are judged as from their files."""

import json

import pytest
from peers.hapi.server import Hapi
from served_examples import judged_from_file, judged_from_server, patient_of, resources

from fhirgate.cli.examples import Example, examples
from fhirgate.ehr.record import ServerRecords
from fhirgate.ehr.rest import FhirServer
from fhirgate.errors import UnknownResource
from fhirgate.outbound.client import Outbound
from fhirgate.services.ehr_server import EhrServer
from fhirgate.services.fetch_record import Fetched

pytestmark = pytest.mark.peer

R4 = [each for each in examples(None) if each.slug != "treated-lesion-change"]
"""That one is written in R5's shape (BodyStructure.includedStructure), which an R4 server drops without a word."""


def records(hapi: Hapi, outbound: Outbound) -> ServerRecords:
    entry = EhrServer(name="hapi", base_url=hapi.base, private_hosts=("127.0.0.1",))
    return ServerRecords(FhirServer(entry=entry, outbound=outbound))


@pytest.fixture(scope="module")
def fetched(hapi: Hapi) -> dict[str, Fetched]:
    """Every example, stored and fetched."""
    found = {}
    with Outbound() as outbound:
        source = records(hapi, outbound)
        for each in R4:
            hapi.put(entry["resource"] for entry in json.loads(each.record)["entry"])
            found[each.slug] = source.fetch(patient_of(each))
    return found


@pytest.mark.parametrize("example", R4, ids=lambda each: each.slug)
def test_every_example_fetched_is_judged_as_from_its_file(
    fetched: dict[str, Fetched], example: Example
) -> None:
    record = fetched[example.slug]

    assert record.findings == ()
    assert len(record.resources) == len(resources(example))
    assert judged_from_server(record, example) == judged_from_file(example)


def test_the_pages_of_a_real_server_are_read_to_the_end(fetched: dict[str, Fetched]) -> None:
    asked = {each.type: each.count for each in fetched["oligoprogression-osimertinib"].asked}

    assert asked["Observation"] == 56  # pages of 20


def test_a_patient_who_is_not_there_is_an_error(hapi: Hapi) -> None:
    with Outbound() as outbound, pytest.raises(UnknownResource, match="has no patient with the id asked for"):
        records(hapi, outbound).fetch("nobody")
