"""How every command can begin and end, whatever it does in between."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from fhirgate.cli.exit_status import ExitStatus

HEAVY = ("fhir", "pydantic", "vl_convert", "marshmallow", "flask", "requests", "msgspec", "fhirgate.oncology")


def test_the_version_is_told_without_importing_anything_heavy(run: Any) -> None:
    code = (
        "import sys; from fhirgate.cli.program import run; status = run(['--version']);"
        f"print([name for name in {HEAVY!r} if name in sys.modules], status)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "fhirgate, version 0.1.0\n[] 0\n"


def test_assess_is_ready_without_the_parts_it_does_not_use(run: Any) -> None:
    heavy = ("fhir", "pydantic", "vl_convert", "marshmallow", "flask", "requests")
    code = (
        "import sys; from fhirgate.cli.program import run; run(['assess', '--help']);"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.endswith("\n[]\n")


@pytest.mark.slow
def test_a_cold_start_takes_at_most_six_times_that_of_python() -> None:
    def seconds(*arguments: str) -> float:
        begin = perf_counter()
        # A clean environment, because coverage would start itself in every process.
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True, env={})
        return perf_counter() - begin

    # In turns, so that a busy machine is busy for both.
    taken = [(seconds("-c", "pass"), seconds("-m", "fhirgate", "--version")) for _ in range(20)]
    bare, version = (min(each) for each in zip(*taken, strict=True))

    assert version < 6 * bare


@pytest.mark.parametrize("command", [(), ("demo",), ("assess",), ("criteria",)])
def test_help_is_output_and_shows_how_to_use_it(run: Any, command: tuple[str, ...]) -> None:
    done = run(*command, "--help")

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Usage: fhirgate" in done.stdout
    assert b"    fhirgate " in done.stdout or b"  fhirgate " in done.stdout


def test_the_help_names_every_exit_status(run: Any) -> None:
    text = run("--help").stdout.decode()

    for status in ExitStatus:
        assert f"\n    {int(status)} " in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("asess",), "there is no command 'asess'; did you mean assess?"),
        (("zzz",), "there is no command 'zzz'"),
        (("assess",), "give either a SOURCE or --server NAME"),
        (("assess", "none.json"), "Path 'none.json' does not exist"),
        (("assess", "-", "--preset", "NONE"), "'NONE' is not one of"),
        (("assess", "-", "--as-of", "2026-13-01"), "'2026-13-01' is no day; expected one such as 2026-05-31"),
        (("assess", "-", "--chart", "a.pdf"), "'a.pdf' must end with .svg or .png"),
        (("assess", "-", "--policy", "none.toml"), "File 'none.toml' does not exist"),
        (("assess", "-", "-o", "xml"), "'xml' is not one of 'text', 'json', 'fhir'"),
        (("criteria", "NONE"), "no criterion or preset 'NONE'; there are RECIST-1.1"),
        (("demo", "none"), "no example 'none'; there are "),
    ],
)
def test_wrong_usage_is_told_on_stderr_with_status_2(
    run: Any, arguments: tuple[str, ...], words: str
) -> None:
    done = run(*arguments)

    assert (done.returncode, done.stdout) == (2, b"")
    assert words in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_criteria_without_a_name_lists_the_names_each_of_which_can_be_printed(run: Any) -> None:
    names = [line.split()[0] for line in run("criteria").stdout.decode().splitlines()]

    assert {"RECIST-1.1", "DEFAULT", "HALT"} <= set(names)
    for name in ("recist_1.1", names[-1]):
        done = run("criteria", name)
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"rules 1.0.0" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise on Windows")
def test_a_reader_that_goes_away_ends_it_without_a_complaint() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "fhirgate", "criteria"], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)

    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
def test_output_that_cannot_be_written_is_told_with_its_own_status() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "fhirgate", "criteria"], stdout=full, stderr=subprocess.PIPE, check=False
        )

    assert done.returncode == 74
    assert done.stderr == b"fhirgate: cannot write the output: No space left on device\n"


@pytest.fixture
def heard_interrupts() -> Iterator[None]:
    """A process started in the background ignores interrupts, and its children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for a child on Windows")
def test_an_interrupt_ends_it_with_its_own_status(heard_interrupts: None) -> None:
    waiting = subprocess.Popen(
        [sys.executable, "-m", "fhirgate", "assess", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert waiting.stdin is not None
    waiting.stdin.write(b'{"resourceType": "Patient", "id": "1"}\n' * 10_000)
    waiting.stdin.flush()
    waiting.send_signal(signal.SIGINT)
    output, errors = waiting.communicate(timeout=60)

    assert (waiting.returncode, output) == (130, b"")
    assert errors.decode().strip() == "fhirgate: interrupted"
