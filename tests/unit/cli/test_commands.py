"""The commands in this process; how they look from outside is in tests/integration/cli."""

import io
import json
import sys
import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path

import pytest
from fhir_records import AS_OF, bundle, record, resources

from fhirgate.cli import examples as shipped
from fhirgate.cli.examples import examples
from fhirgate.cli.options import today
from fhirgate.cli.program import run
from fhirgate.errors import UnknownResource
from fhirgate.oncology.progression.presets import PRESETS


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record()), "utf-8")
    return path


def outcome(capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = run([str(each) for each in arguments])
    output, errors = capfd.readouterr()
    return status, output, errors


def test_assess_with_all_its_choices(source: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    policy, words = tmp_path / "policy.toml", tmp_path / "words.toml"
    policy.write_text('name = "ours"\nversion = "3"\n', "utf-8")
    words.write_text('[[code]]\ntext = "x"\nmeans = "ignore"\n', "utf-8")
    choices = ("--policy", policy, "--vocabulary", words, "--preset", "CURB", "--patient", "p1")

    status, output, errors = outcome(capfd, "assess", source, "--as-of", AS_OF, "-o", "json", *choices)

    found = json.loads(output)
    assert (status, errors) == (0, "")
    assert (found["preset"], found["policy"]) == ("CURB", "ours 3")


def test_assess_reads_standard_input_and_says_what_it_could_not_read(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = b"\n".join(json.dumps(each).encode() for each in resources()) + b"\nx" * 22
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))

    status, output, errors = outcome(capfd, "assess", "-", "--as-of", AS_OF, "-o", "json")

    notes = [each["text"] for each in json.loads(output)["findings"] if each["code"] == "SOURCE_UNREADABLE"]
    assert status == 1
    assert len(notes) == 21
    assert sum("2 more parts of the source could not be read" in each for each in notes) == 1
    assert "fhirgate: ... and 2 more like these\n" in errors
    assert errors.endswith("fhirgate: 22 parts of the source could not be read\n")


def test_assess_of_nothing_is_wrong_usage(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    empty, bad = tmp_path / "empty.json", tmp_path / "bad.json"
    empty.write_text(json.dumps(bundle()), "utf-8")
    bad.write_text("[", "utf-8")

    assert outcome(capfd, "assess", empty) == (2, "", "fhirgate: the source holds no resource\n")
    assert outcome(capfd, "assess", bad)[0] == 2


def test_assess_without_any_date_says_so_with_status_1(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    only = tmp_path / "patient.json"
    only.write_text('{"resourceType": "Patient", "id": "p1"}', "utf-8")

    status, _, errors = outcome(capfd, "assess", only)

    assert (status, errors) == (1, "fhirgate: no judgement of the present state in 1 of 1 assessment\n")


def test_assess_as_fhir(source: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, output, errors = outcome(capfd, "assess", source, "--as-of", AS_OF, "-o", "fhir")

    assert (status, json.loads(output)["resourceType"], errors) == (0, "Bundle", "")


def test_assess_draws(source: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    one, several = tmp_path / "one.svg", tmp_path / "several.png"

    assert outcome(capfd, "assess", source, "--as-of", AS_OF, "--chart", one)[0] == 0
    both = ("--preset", "DEFAULT", "--preset", "HALT")
    assert outcome(capfd, "assess", source, "--as-of", AS_OF, "--chart", several, *both)[0] == 0

    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "one.svg",
        "record.json",
        "several-p1-DEFAULT.png",
        "several-p1-HALT.png",
    ]


def test_today_is_a_day_where_this_computer_stands() -> None:
    assert len(today()) == len("2026-05-31")


def test_criteria(capfd: pytest.CaptureFixture[str]) -> None:
    status, listed, _ = outcome(capfd, "criteria")
    assert (status, f"HALT           preset: {PRESETS['HALT'].says}" in listed.splitlines()) == (0, True)

    status, text, _ = outcome(capfd, "criteria", "halt")
    assert (status, text.startswith("HALT\n")) == (0, True)

    status, text, errors = outcome(capfd, "criteria", "none")
    assert (status, text) == (2, "")
    assert errors.startswith("fhirgate: no criterion or preset 'none'; there are ")


def test_demo(capfd: pytest.CaptureFixture[str]) -> None:
    status, listed, _ = outcome(capfd, "demo", "--list")
    assert status == 0
    assert len(listed.splitlines()) == len(examples())

    status, told, errors = outcome(capfd, "demo")
    assert (status, errors) == (0, "")
    assert told.count("\n## ") == len(examples()) - 1


def test_an_unknown_command_is_told_with_the_nearest_known_one(capfd: pytest.CaptureFixture[str]) -> None:
    status, output, errors = outcome(capfd, "dmeo")

    assert (status, output) == (2, "")
    assert errors.endswith("Error: there is no command 'dmeo'; did you mean demo?\n")


def test_help_lists_the_commands(capfd: pytest.CaptureFixture[str]) -> None:
    status, output, _ = outcome(capfd, "--help")

    assert status == 0
    assert all(f"\n  {each}" in output for each in ("assess", "criteria", "demo"))


def test_the_examples_are_those_of_the_folder_shipped() -> None:
    folder: Traversable = shipped._folder()
    listed = tomllib.loads(folder.joinpath("manifest.toml").read_text("utf-8"))["example"]

    assert [each.slug for each in examples()] == [each["slug"] for each in listed]
    assert len(listed) >= 12


def test_an_example_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UnknownResource, match=r"no example 'none'; there are \w"):
        examples("none")


def test_output_closed_by_its_reader_ends_quietly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

        def fileno(self) -> int:
            return place.fileno()

    with (tmp_path / "x").open("wb") as place:
        monkeypatch.setattr(sys, "stdout", Closed())
        status = run(["criteria"])
        monkeypatch.undo()

    assert status == 141
