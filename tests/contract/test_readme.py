"""What the README says is what the program does."""

import re
from pathlib import Path

import pytest

from fhirgate.cli.assess import command as assess
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.cli.program import run
from fhirgate.oncology.progression.presets import PRESETS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def _between(name: str) -> str:
    return README.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0]


def test_the_two_commands_are_stated_as_a_newcomer_types_them():
    assert "\npip install .  &&  fhirgate demo " in README
    assert "\npip install '.[test]'  &&  pytest " in README


def test_the_transcript_is_what_the_command_prints(capfd: pytest.CaptureFixture[str], monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    shown = _between("transcript").strip().strip("`").strip("\n").splitlines()
    command = shown[0].removeprefix("$ fhirgate ").split()

    status = run(command)

    printed = capfd.readouterr().out.splitlines()
    assert status == 0
    assert [line for line in shown[1:] if line != "…" and line not in printed] == []


def test_every_option_of_assess_and_every_preset_is_in_the_readme():
    options = {each for option in assess.params for each in option.opts if each.startswith("-")}
    told = set(re.findall(r"(?<![\w-])-{1,2}[a-z][a-z-]*", README))

    assert options - told - {"--help", "--output"} == set()
    assert [each for each in PRESETS if each not in README] == []


def test_every_exit_status_is_in_the_readme():
    table = README.split("| exit status | meaning |")[1].split("\n\n")[0]

    assert {each.value for each in ExitStatus} == {int(each) for each in re.findall(r"\d+", table)}


def test_every_room_is_named():
    rooms = {each.name for each in (ROOT / "fhirgate").iterdir() if (each / "__init__.py").is_file()}
    pictured = README.split("## Rooms")[1].split("## ")[0]

    assert [each for each in sorted(rooms) if f"  {each}/" not in pictured] == []
