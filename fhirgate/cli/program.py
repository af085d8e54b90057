"""The program `fhirgate`: its commands, and what becomes of every way they can end."""

import importlib
import os
import sys
import traceback
from difflib import get_close_matches

import click

from fhirgate import __version__
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.cli.say import say, say_all
from fhirgate.errors import EhrError, FhirgateError, StoreError, UnknownReader

COMMANDS = {
    "assess": "Assess your own FHIR data.",
    "criteria": "Print what a criterion or preset asks for.",
    "db": "Set up or upgrade the database.",
    "demo": "Tell the stories of the examples that come with it.",
    "doctor": "Find out what works with an EHR server, and what does not.",
    "get": "Read one resource from an EHR server.",
    "keys": "Make and publish the keys for servers that want SMART Backend Services.",
    "launch": "Make a launch by a script, and tell each step.",
    "search": "Search on an EHR server.",
    "serve": "Run the service.",
    "servers": "The registry of EHR servers.",
}
"""Each is the `command` of the file of its name; what it says of itself, so that a list of them loads none."""


class _OnDemand(click.Group):
    """Commands whose files are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        if cmd_name not in COMMANDS:
            near = get_close_matches(cmd_name, COMMANDS, n=1)
            ctx.fail(
                f"there is no command {cmd_name!r}" + "".join(f"; did you mean {each}?" for each in near)
            )
        command: click.Command = importlib.import_module(f"fhirgate.cli.{cmd_name}").command
        return command


@click.group(
    cls=_OnDemand, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, "-V", "--version", prog_name="fhirgate")
def program() -> None:
    """Find oligoprogression of metastatic cancer in FHIR data, and explain it.

    Decision support for research; not validated for care.

    \b
    fhirgate demo                         the examples that come with it
    fhirgate assess record.json           your own data
    fhirgate criteria DEFAULT             what a preset asks for, and its source

    \b
    Exit status
      0    fine
      1    assessed, but a present state cannot be judged or part of the source was unreadable
      2    wrong usage, or nothing readable in the source
      3    a server could not be reached, did not let us in, or declined
      70   an error in fhirgate itself
      74   the result could not be written
      75   our own database could not be reached, or was too busy
      130  interrupted
      141  the reader of the output went away
    """


def run(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status; an exception never leaves, and no record's content with it."""
    output = sys.stdout
    try:
        ended = program.main(arguments, prog_name="fhirgate", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit:
        # click leaves so when the output is closed, with status 1 and the output replaced by a silent one.
        if sys.stdout is output:
            raise
        return _ended(BrokenPipeError())
    except Exception as error:
        return _ended(error)
    return ended if isinstance(ended, int) else ExitStatus.FINE


def _ended(error: Exception) -> ExitStatus:
    """Say why a command ended, and with which status."""
    status = ExitStatus.USAGE
    match error:
        case click.Abort():
            say("interrupted")
            status = ExitStatus.INTERRUPTED
        case click.ClickException():
            error.show()
        case EhrError():
            say(error.safe_message)
            status = ExitStatus.SERVER
        case UnknownReader():
            say(error.safe_message)
            say_all([f"a reader there is: {each}" for each in error.readers])
        case StoreError():
            say(error.safe_message)
            status = ExitStatus.DATABASE
        case FhirgateError():
            say(error.safe_message)
        case BrokenPipeError():
            # Python would complain once more when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = ExitStatus.OUTPUT_CLOSED
        case OSError():
            say(f"cannot write {error.filename or 'the output'}: {error.strerror}")
            status = ExitStatus.OUTPUT
        case MemoryError():
            say("out of memory; give the source in parts")
            status = ExitStatus.BUG
        case _:
            _report(error)
            status = ExitStatus.BUG
    return status


def _report(error: Exception) -> None:
    """Show where a bug struck, without the error's text: that may hold a piece of the record."""
    click.echo("".join(traceback.format_tb(error.__traceback__)), err=True, nl=False)
    say(
        f"{type(error).__name__}: this is an error in fhirgate. Please report the lines above;"
        " they hold no patient data"
    )
