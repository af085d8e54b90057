import subprocess
import sys

import click
import pytest

from fhirgate.cli import main
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.cli.program import COMMANDS, program, run
from fhirgate.errors import (
    ConfigurationError,
    EhrUnavailable,
    FhirgateError,
    InvalidRequest,
    StoreError,
)


def ended_by(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> int:
    def failing(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(program, "main", failing)
    return run([])


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (click.Abort(), ExitStatus.INTERRUPTED, "fhirgate: interrupted\n"),
        (InvalidRequest("no such reader"), ExitStatus.USAGE, "fhirgate: no such reader\n"),
        (
            ConfigurationError("the file", ["a: one", "b: two"]),
            ExitStatus.USAGE,
            "fhirgate: the file cannot be used:\n  - a: one\n  - b: two\n",
        ),
        (EhrUnavailable("it is away"), ExitStatus.SERVER, "fhirgate: it is away\n"),
        (StoreError("too busy"), ExitStatus.DATABASE, "fhirgate: too busy\n"),
        (click.ClickException("odd"), ExitStatus.USAGE, "Error: odd\n"),
        (
            PermissionError(13, "Permission denied", "out/x"),
            ExitStatus.OUTPUT,
            "fhirgate: cannot write out/x: Permission denied\n",
        ),
        (MemoryError(), ExitStatus.BUG, "fhirgate: out of memory; give the source in parts\n"),
    ],
)
def test_every_way_to_fail_has_its_words_and_its_status(
    error: BaseException,
    status: ExitStatus,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ended_by(error, monkeypatch) == status
    assert capsys.readouterr() == ("", words)


def test_a_bug_shows_where_it_struck_and_nothing_of_the_record(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended_by(KeyError("Jane Doe"), monkeypatch) == ExitStatus.BUG

    errors = capsys.readouterr().err
    assert "in failing" in errors
    assert "fhirgate: KeyError: this is an error in fhirgate." in errors
    assert "Jane" not in errors


def test_leaving_for_another_reason_than_a_closed_output_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SystemExit, match="5"):
        ended_by(SystemExit(5), monkeypatch)


def test_the_entry_point_leaves_with_the_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["fhirgate", "--nonsense"])

    with pytest.raises(SystemExit) as left:
        main()

    assert left.value.code == 2


def test_every_error_says_who_must_act_and_whether_waiting_helps() -> None:
    def below(kind: type[FhirgateError]) -> list[type[FhirgateError]]:
        return [kind, *(each for child in kind.__subclasses__() for each in below(child))]

    leaves = [each for each in below(FhirgateError) if not each.__subclasses__()]

    assert leaves
    assert all(each.category for each in leaves)
    assert {each.__name__ for each in below(FhirgateError) if vars(each).get("retry")} == {
        "EhrUnavailable",
        "EhrThrottled",
        "StoreError",
        "QueueFull",
    }


def test_the_list_of_commands_says_of_each_what_it_says_of_itself() -> None:
    told = {name: program.get_command(click.Context(program), name) for name in COMMANDS}

    assert {name: command and command.short_help for name, command in told.items()} == COMMANDS


def test_the_list_of_commands_is_told_without_loading_any() -> None:
    asked = "import sys; from fhirgate.cli.program import run; run(['--help']); print(*sys.modules)"

    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout

    assert all(f"\n  {name} " in said for name in COMMANDS)
    assert not {"requests", "sqlalchemy", "flask", "fhirgate.cli.assess"} & {*said.splitlines()[-1].split()}
