"""Programs that nobody here wrote, against the sandbox: smart-on-fhir's Python client, and HL7's validator."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from peers.hl7_validator.validator import Excused, errors, validate
from sandbox_world import PATIENT, REDIRECT, query_of, system_token, ticket_in

from fhirgate.sandbox.ehr.serve import Running

NEEDED = "fhirclient (PyPI) is not installed; it is the third-party client that reads from the sandbox"


def test_smart_on_fhirs_own_client_launches_and_reads(sandbox: Running) -> None:
    client = pytest.importorskip("fhirclient.client", reason=NEEDED)
    observation = pytest.importorskip("fhirclient.models.observation", reason=NEEDED)
    opened = requests.get(f"{sandbox.url}/launch/{PATIENT}", allow_redirects=False, timeout=10)
    told = query_of(opened.headers["Location"])
    smart = client.FHIRClient(
        settings={
            "app_id": "app",
            "api_base": told["iss"],
            "redirect_uri": REDIRECT,
            "launch_token": told["launch"],
            "scope": "launch patient/Patient.rs patient/Observation.rs",
        }
    )
    page = requests.get(smart.authorize_url, timeout=10)
    answer = requests.post(
        f"{sandbox.url}/auth/decision",
        data={"request": ticket_in(page.text), "decision": "allow"},
        allow_redirects=False,
        timeout=10,
    )

    smart.handle_callback(answer.headers["Location"])

    assert smart.patient_id == PATIENT
    assert smart.patient.id == PATIENT
    found = list(observation.Observation.where({"patient": PATIENT}).perform_resources_iter(smart.server))
    assert len({each.id for each in found}) == len(found) == 56  # pages of 20


_NO_MIME_TYPES = Excused(
    "Types of media are in no code system that the validator has at hand.",
    "The value provided \\('application/fhir\\+json'\\) was not found in the value set 'MimeType'.*",
)


def fetched(sandbox: Running) -> dict[str, Any]:
    """What the sandbox says, by the name of a file."""
    headers = {"Authorization": f"Bearer {system_token(sandbox)}"}
    paths = {
        "statement": "metadata",
        "searchset": f"Condition?patient={PATIENT}",
        "empty": "Specimen",
        "outcome": "Patient/nobody",
        "encounter": f"Encounter/visit-{PATIENT}",
        "practitioner": "Practitioner/sandbox-clinician",
    }
    found = {
        name: requests.get(f"{sandbox.fhir}/{path}", headers=headers, timeout=10).json()
        for name, path in paths.items()
    }
    faulty = {**found["statement"], "kind": "unheard"}
    return {**found, "faulty": faulty}


@pytest.mark.peer
def test_hl7s_validator_finds_no_error_in_what_it_says(sandbox: Running, tmp_path: Path) -> None:
    said = fetched(sandbox)
    for name, resource in said.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(resource), "utf-8")

    checked, issues = validate([tmp_path])

    assert sorted(checked) == sorted(f"{name}.json" for name in said)
    found = [each for each in issues if each.file != "faulty.json"]
    assert errors(each for each in found if not _NO_MIME_TYPES.covers(each)) == []
    assert any(_NO_MIME_TYPES.covers(each) for each in found)
    assert any("unheard" in each for each in errors(issues))
