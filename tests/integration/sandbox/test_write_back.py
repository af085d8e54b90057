"""`fhirgate assess --write` against the sandbox: created once, not repeated, updated when something changed."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from sandbox_world import PATIENT, system_token

from fhirgate.cli.program import run as run_here
from fhirgate.sandbox.ehr.serve import Running

Json = dict[str, Any]
Write = Callable[[], tuple[int, str]]
FATE = re.compile(
    r"fhirgate: (\w+)/[0-9a-f-]{36}: (created|updated|unchanged) as \w+/[0-9a-f]{32}/_history/(\d+)"
)


@pytest.fixture
def write(registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: Any) -> Write:
    """Runs the command here, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FHIRGATE_SERVERS", registry)

    def write() -> tuple[int, str]:
        asked = ("assess", "--server", "sandbox", "--patient", PATIENT, "--as-of", "2024-10-20", "--write")
        status = run_here([*asked, "-o", "json"])
        return status, capsysbinary.readouterr().err.decode()

    return write


def fates(told: str) -> list[tuple[str, ...]]:
    """Type, fate and version of each result."""
    return [match.groups() for match in map(FATE.fullmatch, told.splitlines()) if match]


class Store:
    """The sandbox as its own backend reads and changes it."""

    def __init__(self, sandbox: Running) -> None:
        self._base = sandbox.fhir
        self._headers = {
            "Authorization": f"Bearer {system_token(sandbox)}",
            "Content-Type": "application/fhir+json",
        }

    def get(self, path: str) -> Json:
        return dict(requests.get(f"{self._base}/{path}", headers=self._headers, timeout=10).json())

    def found(self, search: str) -> list[Json]:
        return [each["resource"] for each in self.get(search).get("entry", [])]

    def put(self, resource: Json) -> None:
        path = f"{resource['resourceType']}/{resource['id']}"
        answer = requests.put(f"{self._base}/{path}", json=resource, headers=self._headers, timeout=10)
        assert answer.status_code == 200, answer.text


def test_results_are_created_once_and_updated_when_a_size_changes(write: Write, sandbox: Running) -> None:
    store = Store(sandbox)

    first, again = write(), write()

    created = fates(first[1])
    assert (first[0], again[0]) == (0, 0), first[1] + again[1]
    assert {(fate, version) for _, fate, version in created} == {("created", "1")}
    assert {"RiskAssessment", "Provenance"} <= {kind for kind, _, _ in created}
    assert (fates(again[1]), "nothing new" in again[1]) == ([], True)

    sizes = [
        each for each in store.found(f"Observation?patient={PATIENT}&_count=50") if "valueQuantity" in each
    ]
    last = max(sizes, key=lambda each: each["effectiveDateTime"])
    store.put(last | {"valueQuantity": last["valueQuantity"] | {"value": last["valueQuantity"]["value"] + 1}})
    changed = write()

    assert ("RiskAssessment", "updated", "2") in fates(changed[1])
    (risk,) = store.found(f"RiskAssessment?patient={PATIENT}")
    assert store.get(f"RiskAssessment/{risk['id']}/_history")["total"] == 2
    assert risk["subject"] == {"reference": f"Patient/{PATIENT}"}
