import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest
import told

from fhirgate.cli.formats import FHIR_VERSION, Format, Judged, wants_colour
from fhirgate.cli.output import write_all, write_whole
from fhirgate.mapping.compose.bundle import FhirVersion
from fhirgate.oncology.chart import Chart, Patient
from fhirgate.oncology.policy import DEFAULT_POLICY


def judged(patient: str = "p1", preset: str = "DEFAULT") -> Judged:
    assessment = replace(told.rich(), patient=Patient(id=patient), preset=preset)
    return Judged(assessment=assessment, chart=Chart(patient=assessment.patient), policy=DEFAULT_POLICY)


def printed(capfdbinary: pytest.CaptureFixture[bytes], chosen: Format, *all_of: Judged) -> bytes:
    assert list(write_all(iter(all_of), chosen, None)) == list(all_of)
    return capfdbinary.readouterr().out


def test_one_assessment_is_one_json_object(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    output = printed(capfdbinary, Format.JSON, judged())

    assert output.startswith(b'{\n  "patient": "p1",\n')
    assert output.endswith(b"\n}\n")
    assert json.loads(output)["preset"] == "DEFAULT"


def test_several_assessments_are_a_json_array(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    output = printed(capfdbinary, Format.JSON, judged("a"), judged("b"), judged("b", "HALT"))

    assert [(each["patient"], each["preset"]) for each in json.loads(output)] == [
        ("a", "DEFAULT"),
        ("b", "DEFAULT"),
        ("b", "HALT"),
    ]


def test_nothing_to_write_writes_nothing(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert printed(capfdbinary, Format.JSON) == b""
    assert printed(capfdbinary, Format.TEXT) == b""


def test_stories_follow_each_other(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    output = printed(capfdbinary, Format.TEXT, judged("a"), judged("b")).decode()

    assert output.startswith("PATIENT a\n")
    assert "\n\nPATIENT b\n" in output
    assert output.endswith("\n")
    assert "\x1b" not in output


def test_every_result_is_written_before_the_next_is_made_but_for_one(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    made: list[str] = []

    def source() -> Iterator[Judged]:
        for patient in "abcd":
            made.append(patient)
            yield judged(patient)

    results = write_all(source(), Format.JSON, None)
    next(results)

    assert made == ["a", "b"]
    assert capfdbinary.readouterr().out.startswith(b'[\n{\n  "patient": "a"')


def test_a_folder_gets_a_file_for_each_patient_and_preset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "results"
    results = [judged("a"), judged("../b"), judged("a", "HALT")]

    list(write_all(results, Format.JSON, folder))

    names = sorted(each.name for each in folder.iterdir())
    assert [name for name in names if name.startswith("a")] == ["a.DEFAULT.json", "a.HALT.json"]
    assert len(names) == 3
    assert capsys.readouterr().out.split() == [
        str(folder / "a.DEFAULT.json"),
        str(folder / next(name for name in names if "b-" in name)),
        str(folder / "a.HALT.json"),
    ]
    assert json.loads((folder / "a.HALT.json").read_bytes())["preset"] == "HALT"


def test_a_story_in_a_file_is_plain_text(tmp_path: Path) -> None:
    list(write_all([judged("a")], Format.TEXT, tmp_path))

    text = (tmp_path / "a.DEFAULT.txt").read_text("utf-8")
    assert text.startswith("PATIENT a\n")
    assert text.endswith("\n")
    assert "\x1b" not in text


def test_a_file_is_never_seen_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def failing(self: Path, content: bytes) -> int:
        with self.open("wb") as stream:
            stream.write(content[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", failing)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")

    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"old"]


@pytest.mark.parametrize(
    ("terminal", "no_colour", "term", "wanted"),
    [
        (True, None, "xterm", True),
        (True, "", "xterm", True),
        (True, "1", "xterm", False),
        (True, None, "dumb", False),
        (False, None, "xterm", False),
    ],
)
def test_colour_is_for_terminals_whose_user_has_not_declined(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, no_colour: str | None, term: str, wanted: bool
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_colour is not None:
        monkeypatch.setenv("NO_COLOR", no_colour)

    assert wants_colour() is wanted


def test_a_story_on_a_terminal_is_as_wide_as_it_and_coloured(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.delenv("NO_COLOR", raising=False)

    output = printed(capfdbinary, Format.TEXT, judged()).decode()

    assert "\x1b[" in output
    assert "═" * 70 in output
    assert "═" * 71 not in output


def test_the_releases_to_choose_from_are_those_that_are_composed() -> None:
    @click.command
    @FHIR_VERSION
    def command(fhir_version: str) -> None:
        """Takes the option."""

    assert command.params[0].type.choices == tuple(FhirVersion)
