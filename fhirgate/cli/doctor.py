"""`fhirgate doctor`: what works between us and a server, and what to do about the rest."""

import os
import re
import shutil
import sys
from pathlib import Path

import click
import msgspec

from fhirgate.cli import doctor_text
from fhirgate.cli.connection import SERVERS, TRACE, registered_server, told
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.cli.formats import NARROWEST, WIDEST, pretty, wants_colour
from fhirgate.ehr.doctor.examination_json import examination_json
from fhirgate.ehr.doctor.examine import Examiner
from fhirgate.errors import InvalidRequest
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.outbound.trace import unseen
from fhirgate.report.columns import Paint
from fhirgate.services.ehr_server import EhrServer

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
WIDTH = 80
"""Columns where the output is no terminal: what a ticket or a mail holds."""


@click.command(name="doctor", short_help="Find out what works with an EHR server, and what does not.")
@click.argument("server")
@click.option(
    "--patient",
    metavar="ID",
    help="A patient of the server who may be looked at; without one, nothing of a patient is read.",
)
@click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Format."
)
@click.option(
    "--timeout",
    type=click.IntRange(1, 3600),
    default=120,
    show_default=True,
    metavar="SECONDS",
    help="For everything together.",
)
@SERVERS
@TRACE
def command(
    server: str, patient: str | None, output: str, timeout: int, registry: Path, *, trace: bool
) -> int:
    """Examine SERVER of the registry: how it is reached, what it says it can do, whether it lets us in, what it
    gives, and what would become of results. Line by line, with the request that showed it and what to do.

    Nothing is written to the server. Shown are shapes of requests: no patient's id, no value, no secret.

    \b
    fhirgate doctor main
    fhirgate doctor main --patient 4711
    fhirgate doctor main --patient 4711 -o json

    \b
    Exit status
      0    nothing failed; there may be warnings
      1    something failed, and no record can be assessed, or not to any use
      2    wrong usage, or a registry that cannot be used
    """
    if patient is not None and not _ID.fullmatch(patient):
        raise InvalidRequest("--patient is a logical id: 1 to 64 letters, digits, hyphens and dots")
    entry = registered_server(registry, server)
    examiner = Examiner(
        environment=os.environ,
        trace=told if trace else unseen,
        surroundings=Surroundings(),
        seconds=float(timeout),
    )
    show = _json if output == "json" else _text
    return ExitStatus.FINE if show(examiner, entry, patient or "") else ExitStatus.UNJUDGED


def _json(examiner: Examiner, entry: EhrServer, patient: str) -> bool:
    found = examiner.examine(entry, patient)
    click.echo(pretty(msgspec.json.encode(examination_json(found))))
    return found.can_assess


def _text(examiner: Examiner, entry: EhrServer, patient: str) -> bool:
    """Each line as it comes."""
    width, paint = shown_width(), Paint(wants_colour())
    _print(doctor_text.heading(entry, width))
    printer = doctor_text.Printer(_print, width, paint)
    found = examiner.examine(entry, patient, printer.take)
    printer.end()
    _print(doctor_text.summary(found, width, paint))
    return found.can_assess


def shown_width() -> int:
    """Columns of an examination, in a terminal or anywhere else."""
    columns = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
    return max(NARROWEST, min(WIDEST, columns))


def _print(lines: list[str]) -> None:
    click.echo("\n".join(lines))
