"""The doctor at a real FHIR server that nobody here wrote."""

import json
import re
from urllib.request import urlopen

import pytest
from doctor_world import examined_at, of, results, shape, shown
from peers.hapi.server import Hapi
from served_examples import patient_of

from fhirgate.cli.examples import examples
from fhirgate.ehr.doctor.examine import Examination
from fhirgate.ehr.search_plan import TYPES
from fhirgate.ehr.write_plan import WRITTEN
from fhirgate.services.ehr_server import EhrServer

pytestmark = pytest.mark.peer

(EXAMPLE,) = examples("oligoprogression-osimertinib")


@pytest.fixture(scope="module")
def entry(hapi: Hapi) -> EhrServer:
    hapi.put(each["resource"] for each in json.loads(EXAMPLE.record)["entry"])
    return EhrServer(name="hapi", base_url=hapi.base, private_hosts=("127.0.0.1",))


@pytest.fixture(scope="module")
def found(entry: EhrServer) -> Examination:
    return examined_at(entry, patient_of(EXAMPLE))


def test_nothing_fails_and_only_plain_http_is_a_warning(found: Examination) -> None:
    poor = [
        (each.check, each.result.value) for each in found.lines if each.result.value in ("failed", "warning")
    ]

    assert poor == [("connection", "warning")]
    assert found.can_assess


def test_every_type_is_read_and_a_second_page_and_a_reference_are_followed(found: Examination) -> None:
    assert [each.told.about for each in found.lines if each.check == "reads"] == list(TYPES)
    assert set(results(found, "patient", "reads", "paging")) == {"ok"}
    assert re.fullmatch(
        r"GET Observation\?patient=… -> 200 in \d+ ms", shape(of(found, "reads", "Observation"))
    )
    assert of(found, "paging").told.says == "the second page of Observation came, from under base_url"


def test_what_it_is_is_told(found: Examination) -> None:
    assert of(found, "version").told.says == "FHIR 4.0.1 (R4)"
    assert of(found, "software").told.says.startswith("HAPI FHIR Server 8.")
    assert of(found, "clock").result.value == "ok"


def test_a_dry_run_finds_every_type_taken_and_leaves_none_behind(
    found: Examination, entry: EhrServer
) -> None:
    assert [each.told.about for each in found.lines if each.check == "results"] == list(WRITTEN)
    assert of(found, "validate").told.says == "asked about a RiskAssessment of nobody, it finds 0 errors"
    with urlopen(f"{entry.base_url}/RiskAssessment?_summary=count", timeout=60) as answer:  # noqa: S310 - ours
        assert json.load(answer)["total"] == 0


def test_a_patient_who_is_not_there_fails(entry: EhrServer) -> None:
    found = examined_at(entry, "nobody")

    assert [each.check for each in found.lines if each.result.value == "failed"] == ["patient"]


def test_a_path_that_is_no_fhir_base_is_told(entry: EhrServer) -> None:
    other = EhrServer(
        name="hapi", base_url=entry.base_url.removesuffix("/fhir") + "/other", private_hosts=("127.0.0.1",)
    )

    line = of(examined_at(other), "statement")

    assert line.result.value in ("warning", "failed")
    assert line.told.remedy.startswith("check that base_url is the FHIR base")


def test_the_patients_id_is_in_no_line(found: Examination) -> None:
    assert patient_of(EXAMPLE) not in shown(found)
