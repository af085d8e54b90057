"""The story, the JSON and the FHIR of vendors' records: written, valid, and the same in every order of the entries."""

import json
from pathlib import Path

import pytest
from integration.vendors import test_german_mii, test_trial_tracker, test_us_core_mcode
from integration.vendors.served import AS_OF, Json, assessed, bundle, run

from fhirgate.mapping.r4b import check_r4

RECORDS = {
    "mcode": test_us_core_mcode.RECORD,
    "mii": test_german_mii.RECORD,
    "tracker": test_trial_tracker.RECORD,
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_the_fhir_output_is_valid(tmp_path: Path, record: list[Json]) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(bundle(*record)))
    _, output, _ = run(path, "--as-of", AS_OF, "-o", "fhir")

    assert check_r4(json.loads(output)) == ()


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_the_order_of_the_entries_changes_nothing(tmp_path: Path, record: list[Json]) -> None:
    forwards = assessed(tmp_path, record, AS_OF)
    backwards = assessed(tmp_path, list(reversed(record)), AS_OF)

    assert forwards == backwards


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_the_story_tells_the_state_and_every_finding(tmp_path: Path, record: list[Json]) -> None:
    answer = assessed(tmp_path, record, AS_OF)
    _, story, _ = run(tmp_path / "record.json", "--as-of", AS_OF)

    assert f"[{answer.state}]" in story
    assert [code for code in answer.codes if code not in story] == []
