"""An assessment as bytes in one of the formats a user can ask for."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import click
import msgspec

from fhirgate.errors import InvalidRequest
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.policy import Policy
from fhirgate.report.assessment_json import assessment_json
from fhirgate.report.story import tell

NARROWEST, WIDEST, WIDTH_OF_FILES = 60, 120, 100
FHIR_VERSION = click.option(
    "--fhir-version",
    type=click.Choice(["4.0", "5.0"]),
    default="4.0",
    show_default=True,
    help="The FHIR release of the Bundle of -o fhir.",
)
_JSON = msgspec.json.Encoder(decimal_format="number")


class Format(StrEnum):
    """What `--output` can be."""

    TEXT = "text"
    JSON = "json"
    FHIR = "fhir"

    @property
    def suffix(self) -> str:
        """How a file of this format ends."""
        return ".txt" if self is Format.TEXT else ".json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One assessment with the chart it was made from and the policy it was made under."""

    assessment: Assessment
    chart: Chart
    policy: Policy
    tenant: str = ""
    """The server whose record it is, where results of it are kept: then it is shown under the ids they have."""


def check_version(chosen: Format, fhir_version: str) -> None:
    """Raise InvalidRequest where a release was chosen for what is no FHIR."""
    if chosen is not Format.FHIR and fhir_version != "4.0":
        raise InvalidRequest(f"--fhir-version {fhir_version} belongs to -o fhir, not to -o {chosen}")


def encoder(chosen: Format, *, to_terminal: bool, fhir_version: str = "4.0") -> Callable[[Judged], bytes]:
    """What makes the bytes of one assessment; without a line end."""
    if chosen is Format.JSON:
        return lambda judged: pretty(_JSON.encode(assessment_json(judged.assessment)))
    if chosen is Format.FHIR:
        return lambda judged: _bundle(judged, fhir_version)
    width = terminal_width() if to_terminal else WIDTH_OF_FILES
    colour = to_terminal and wants_colour()
    return lambda judged: tell(judged.assessment, width=width, colour=colour).rstrip("\n").encode()


def pretty(compact: bytes) -> bytes:
    """JSON for people: two spaces."""
    return msgspec.json.format(compact, indent=2)


def wants_colour() -> bool:
    """Whether colour is welcome on standard output: a terminal, and NO_COLOR (no-color.org) not set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """Columns to write for: those of the terminal, within reason."""
    if not sys.stdout.isatty():
        return WIDTH_OF_FILES
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))


def _bundle(judged: Judged, fhir_version: str) -> bytes:
    # fhir.resources takes more than a second to import.
    from fhirgate.mapping.compose.bundle import compose_bundle  # noqa: PLC0415
    from fhirgate.mapping.compose.occasion import Occasion  # noqa: PLC0415

    shown = Occasion(tenant=judged.tenant)
    bundle = compose_bundle(
        judged.assessment, judged.chart, judged.policy, occasion=shown, fhir_version=fhir_version
    )
    return _JSON.encode(bundle)
