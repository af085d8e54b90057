"""`fhirgate launch --simulate`: a launch from a server, made by a script, and told step by step."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import click
import msgspec

from fhirgate.cli import doctor_text, launch_text
from fhirgate.cli.connection import SERVERS, TRACE, registered_server, told
from fhirgate.cli.doctor import shown_width
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.cli.formats import pretty, wants_colour
from fhirgate.cli.launch_listener import Listener
from fhirgate.config.settings import PUBLIC_URL
from fhirgate.ehr.rehearsal.case import Handle
from fhirgate.ehr.rehearsal.person import Manner
from fhirgate.ehr.rehearsal.rehearsal_json import rehearsal_json
from fhirgate.ehr.rehearsal.rehearse import Rehearser
from fhirgate.errors import InvalidRequest
from fhirgate.outbound.trace import unseen
from fhirgate.report.columns import Paint
from fhirgate.services.ehr_server import EhrServer
from fhirgate.services.launches import Flow

USUAL_CALLBACK = "http://127.0.0.1:8080/callback"


@click.command(name="launch", short_help="Make a launch by a script, and tell each step.")
@click.option("--simulate", "server", required=True, metavar="SERVER", help="A server of the registry.")
@click.option(
    "--launch",
    metavar="TOKEN|URL",
    help="The launch that the EHR has prepared: its launch parameter, or the whole address it opens the app with."
    " Without it, a standalone launch.",
)
@click.option(
    "--callback",
    metavar="URL",
    help="Where the redirect URI begins; /SERVER follows. Nothing needs to listen there."
    f"  [default: /callback below {PUBLIC_URL.name}, or {USUAL_CALLBACK}]",
)
@click.option(
    "--field", "fields", multiple=True, metavar="NAME=VALUE", help="Fill in a field of any page that has it."
)
@click.option(
    "--secret-field",
    "secret_fields",
    multiple=True,
    metavar="NAME=VARIABLE",
    help="The same, with the value of an environment variable.",
)
@click.option(
    "--press", default="", metavar="VALUE", help="Press the button of this value or label where there is one."
)
@click.option("--browser", is_flag=True, help="Wait for a person with a real browser instead of playing one.")
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
    server: str,
    output: str,
    timeout: int,
    registry: Path,
    *,
    browser: bool,
    trace: bool,
    **played: Any,
) -> int:
    """Launch from SERVER of the registry as a clinician would: the request, the pages of the EHR, the token and what
    it grants, the patient, renewal and the end. Line by line, with the request that showed it and what to do.

    Pages are answered by a small browser without script: what --field names is filled in, and the first button that
    does not refuse is pressed. No token, no code and nothing of a patient is shown; nothing is written to the server.

    \b
    fhirgate launch --simulate main --field patient=4711
    fhirgate launch --simulate main --field login=me --secret-field password=EHR_PASSWORD
    fhirgate launch --simulate main --launch 'https://fhirgate.example.org/launch?iss=...&launch=...'
    fhirgate launch --simulate main --browser

    \b
    Exit status
      0    the launch went through to its patient; there may be warnings
      1    something failed, or the launch was not finished
      2    wrong usage, or a registry that cannot be used
    """
    entry = registered_server(registry, server)
    rehearser = Rehearser(
        environment=os.environ,
        callback=played["callback"] or _usual_callback(),
        manner=_manner(**played),
        visitor=Listener(timeout) if browser else None,
        trace=told if trace else unseen,
        seconds=float(timeout),
    )
    show = _json if output == "json" else _text
    return (
        ExitStatus.FINE if show(rehearser, entry, _handle(played["launch"], entry)) else ExitStatus.UNJUDGED
    )


def _json(rehearser: Rehearser, entry: EhrServer, handle: Handle | None) -> bool:
    found = rehearser.rehearse(entry, handle)
    click.echo(pretty(msgspec.json.encode(rehearsal_json(found))))
    return found.can_launch


def _text(rehearser: Rehearser, entry: EhrServer, handle: Handle | None) -> bool:
    """Each line as it comes."""
    width, paint = shown_width(), Paint(wants_colour())
    _print(launch_text.heading(entry, Flow.STANDALONE if handle is None else Flow.EHR, width))
    printer = doctor_text.Printer(_print, width, paint)
    found = rehearser.rehearse(entry, handle, printer.take)
    printer.end()
    _print(launch_text.summary(found, width, paint))
    return found.can_launch


def _print(lines: list[str]) -> None:
    click.echo("\n".join(lines))


def _manner(*, fields: tuple[str, ...], secret_fields: tuple[str, ...], press: str, **_: Any) -> Manner:
    """What the person does with pages. Raises InvalidRequest."""
    return Manner(fields={**_pairs(fields, "--field"), **_secrets(secret_fields)}, press=press)


def _usual_callback() -> str:
    public = os.environ.get(PUBLIC_URL.name, "").rstrip("/")
    return f"{public}/callback" if public else USUAL_CALLBACK


def _handle(launch: str | None, entry: EhrServer) -> Handle | None:
    """The launch of the EHR: its parameter, or those of a whole address. Raises InvalidRequest."""
    if launch is None:
        return None
    if "://" not in launch:
        return Handle(iss=entry.base_url, launch=launch)
    said = dict(parse_qsl(urlsplit(launch).query))
    if not said.get("iss") or not said.get("launch"):
        raise InvalidRequest(
            "--launch is an address without iss and launch; copy the one the EHR opens the app with"
        )
    return Handle(iss=said["iss"], launch=said["launch"])


def _pairs(given: tuple[str, ...], option: str) -> Mapping[str, str]:
    pairs = [each.partition("=") for each in given]
    if not all(name and equals for name, equals, _ in pairs):
        raise InvalidRequest(f"{option} is NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _secrets(given: tuple[str, ...]) -> Mapping[str, str]:
    named = _pairs(given, "--secret-field")
    for variable in named.values():
        if variable not in os.environ:
            raise InvalidRequest(f"--secret-field: the environment variable {variable} is not set")
    return {name: os.environ[variable] for name, variable in named.items()}
