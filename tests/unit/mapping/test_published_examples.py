"""Every published example goes through the parser; what comes out is a reviewed snapshot."""

import copy

import pytest
from published import FOLDERS, SNAPSHOT, files, read, snapshot

from fhirgate.mapping.parse.chart import parse_charts

COUNTS = {
    "mcode": 139,
    "codex-rt": 112,
    "mii-onko": 69,
    "ihe-imr": 20,
    "fhir-r4": 202,
    "balp": 46,
    "subscriptions-backport": 17,
    "ctma": 2,
    "dicom-sr": 16,
}
JUNK = (None, 3, "x", [], [[None]], {"coding": 3}, {"reference": 3})


def reviewed(folder: str) -> list[str]:
    """The lines of one folder in the snapshot."""
    lines = SNAPSHOT.read_text(encoding="utf-8").splitlines()
    start = lines.index(f"# {folder}")
    end = next((n for n in range(start + 1, len(lines)) if lines[n].startswith("# ")), len(lines))
    return [line for line in lines[start:end] if line]


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_the_parser_makes_of_a_folder_is_what_was_reviewed(folder: str) -> None:
    assert [line for line in snapshot(folder) if line] == reviewed(folder)


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_example_is_lost(folder: str) -> None:
    assert len(files(folder)) == COUNTS[folder]


@pytest.mark.parametrize("folder", FOLDERS)
def test_order_of_the_files_changes_nothing(folder: str) -> None:
    received = [read(path) for path in files(folder)]
    assert parse_charts(received) == parse_charts(received[::-1])


@pytest.mark.parametrize("folder", FOLDERS)
def test_junk_in_place_of_any_element_is_no_crash(folder: str) -> None:
    for path in files(folder):
        resource = read(path)
        for position, element in enumerate(sorted(resource)):
            broken = copy.copy(resource)
            broken[element] = JUNK[position % len(JUNK)]
            parse_charts([broken])
