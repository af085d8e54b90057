"""`fhirgate assess --write` and a real FHIR server: written once, repeated without a trace, corrected in place."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from peers.hapi.server import Hapi
from served_examples import patient_of

from fhirgate.cli.examples import Example, examples
from fhirgate.cli.program import run as run_here
from fhirgate.exact_json import decode
from fhirgate.mapping.canonical import RESULT_IDENTIFIERS, STATES

pytestmark = pytest.mark.peer

Json = dict[str, Any]
(FIRST,) = examples("mixed-response-alectinib")
R4 = [each for each in examples(None) if each.slug != "treated-lesion-change"]
"""That one is written in R5's shape, which an R4 server drops without a word."""


def plain(example: Example) -> list[Json]:
    """The resources of an example, as Python's own reader gives them."""
    return [each["resource"] for each in json.loads(example.record)["entry"]]


@dataclass(frozen=True)
class Story:
    """HAPI with the examples, and fhirgate beside it."""

    hapi: Hapi
    folder: Path
    registry: Path

    def asked(self, example: Example, *more: str) -> list[str]:
        asked = ["assess", "--server", "main", "--servers", str(self.registry), "--write", "-o", "json"]
        asked += ["--patient", patient_of(example), "--as-of", example.as_of.isoformat()]
        presets = [part for name in example.presets for part in ("--preset", name)]
        return [*asked, "--database", f"sqlite:///{self.folder / 'story.db'}", *presets, *more]

    def get(self, path: str) -> Json:
        with urlopen(f"{self.hapi.base}/{path}", timeout=60) as answer:  # noqa: S310 - our own
            found: Json = decode(answer.read())
            return found

    def ours(self, kind: str, example: Example) -> list[Json]:
        """The current copies of our results about a patient."""
        found = self.get(f"{kind}?patient={patient_of(example)}&_count=100&_cache=no-cache")
        return [each["resource"] for each in found.get("entry", ())]

    def versions(self, resource: Json) -> list[str]:
        """Of its history, the oldest first; each read by itself, for HAPI remembers how long a history was."""
        count = int(resource["meta"]["versionId"])
        path = f"{resource['resourceType']}/{resource['id']}/_history"
        return [self.get(f"{path}/{number}")["meta"]["versionId"] for number in range(1, count + 1)]


@pytest.fixture(scope="module")
def story(hapi: Hapi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("story")
    registry = folder / "servers.toml"
    registry.write_text(
        f'[servers.main]\nbase_url = "{hapi.base}"\nnetwork = "private"\nprivate_hosts = ["127.0.0.1"]\n'
    )
    for each in R4:
        hapi.put(plain(each))
    yield Story(hapi, folder, registry)
    # What comes after meets the examples as they are.
    hapi.put(plain(FIRST))


def test_the_first_assessment_writes_a_repetition_nothing_and_a_correction_the_second_version(
    story: Story, capsysbinary: Any
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fhirgate", *story.asked(FIRST)],
        capture_output=True,
        env=dict(os.environ),
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr.count(b": created as ") == 3 * len(FIRST.presets)
    first = story.ours("RiskAssessment", FIRST)
    assert len(first) == len(FIRST.presets)
    assert all(story.versions(each) == ["1"] for each in first)

    assert run_here(story.asked(FIRST)) == 0
    again = capsysbinary.readouterr()
    assert b"nothing new" in again.err
    assert _judged(again.out) == _judged(done.stdout)
    assert story.ours("RiskAssessment", FIRST) == first

    story.hapi.put(_grown(FIRST))
    assert run_here(story.asked(FIRST)) == 0
    assert b"updated as RiskAssessment/" in capsysbinary.readouterr().err
    second = story.ours("RiskAssessment", FIRST)
    assert [each["id"] for each in second] == [each["id"] for each in first]
    assert {each["status"] for each in second} == {"preliminary"}
    assert all(story.versions(each) == ["1", "2"] for each in second)
    assert {_state(each) for each in first} == {"OLIGOPROGRESSION"}
    assert {_state(each) for each in second} == {"SYSTEMIC_PROGRESSION"}
    plans = story.ours("CarePlan", FIRST)
    assert [each["status"] for each in plans] == ["revoked"] * len(FIRST.presets)
    assert all(story.versions(each) == ["1", "2"] for each in plans)

    capsysbinary.readouterr()
    assert run_here(story.asked(FIRST)) == 0
    assert b"nothing new" in capsysbinary.readouterr().err
    assert story.ours("RiskAssessment", FIRST) == second


def _state(result: Json) -> str:
    """The one state a server finds a result by."""
    (state,) = (each["code"] for each in result["meta"]["tag"] if each["system"] == STATES)
    return str(state).upper().replace("-", "_")


def _judged(shown: bytes) -> Any:
    """What was judged, without how the record was asked for: our own results there are no part of it."""
    found = json.loads(shown)
    for each in found if isinstance(found, list) else [found]:
        each["findings"] = [finding for finding in each["findings"] if finding["code"] != "SOURCE_ASKED"]
    return found


def _grown(example: Example) -> list[Json]:
    """The measurements of the latest scan, each lesion twice as large: what was limited is not any more."""
    sized = [each for each in plain(example) if each["resourceType"] == "Observation" and _size(each)]
    last = max(each["effectiveDateTime"] for each in sized)
    latest = [each for each in sized if each["effectiveDateTime"] == last]
    for each in latest:
        size = _size(each)
        assert size is not None
        size["value"] *= 2
    return latest


def _size(observation: Json) -> Json | None:
    parts = [observation, *observation.get("component", ())]
    return next((each["valueQuantity"] for each in parts if "valueQuantity" in each), None)


def test_every_example_is_written_once_and_its_repetition_says_nothing_new(
    story: Story, capsysbinary: Any
) -> None:
    for each in R4:
        for _ in range(2):
            assert run_here(story.asked(each)) in (0, 1)
            told = capsysbinary.readouterr().err.decode()
            assert "not written" not in told, f"{each.slug}: {told}"
        assert "nothing new" in told, each.slug
        results = story.ours("RiskAssessment", each)
        ours = [
            r["identifier"][0]["value"] for r in results if r["identifier"][0]["system"] == RESULT_IDENTIFIERS
        ]
        assert len(ours) == len(set(ours)) == len(each.presets), each.slug
        current = [r for r in results if r["status"] != "entered-in-error"]
        assert len(current) == len(results)
