"""`fhirgate demo`: the main job on the examples that come with the package; no network, no files needed."""

import io
import textwrap

import click

from fhirgate.cli.examples import Example, examples
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.cli.formats import Format, Judged, encoder, terminal_width
from fhirgate.ehr.containers import Pages, Received
from fhirgate.ehr.folder import read_stream
from fhirgate.mapping.vocabulary import STANDARD
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.services.assess_record import Choices, assess_patients


@click.command(name="demo", short_help="Tell the stories of the examples that come with it.")
@click.argument("name", required=False)
@click.option("--list", "only_list", is_flag=True, help="Only the names and titles of the examples.")
@click.option("--serve", is_flag=True, help="Serve them: a simulated EHR, and the service to launch from it.")
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    help="With --serve: of the service.  [default: any that is free]",
)
@click.option(
    "--ehr-port",
    default=0,
    type=click.IntRange(0, 65535),
    help="With --serve: of the simulated EHR.  [default: any that is free]",
)
@click.option("--log", is_flag=True, help="With --serve: print the service's events on standard error.")
def command(name: str | None, port: int, ehr_port: int, *, only_list: bool, serve: bool, log: bool) -> int:
    """Assess the synthetic patients that come with fhirgate, and tell the story of each.

    NAME picks one. Each is judged as of the day its story ends, so the output is the same on any day.

    \b
    fhirgate demo
    fhirgate demo --list
    fhirgate demo NAME
    fhirgate demo --serve                 in a browser, launched from a simulated EHR
    """
    chosen = examples(name)
    if serve:
        # What serves takes a while to import.
        from fhirgate.cli.demo_serve import serve_demo  # noqa: PLC0415

        return serve_demo(chosen, port, ehr_port, log=log)
    if port or ehr_port or log:
        raise click.UsageError("--port, --ehr-port and --log belong to --serve")
    if only_list:
        width = max(len(each.slug) for each in chosen)
        click.echo("\n".join(f"{each.slug:{width}}  {each.title}" for each in chosen))
        return ExitStatus.FINE
    tell = encoder(Format.TEXT, to_terminal=True)
    for number, example in enumerate(chosen):
        click.echo(("\n\n" if number else "") + _heading(example))
        first, *others = _assessed(example)
        click.echo(tell(first))
        for each in others:
            click.echo(f"\n{_wrapped(_in_brief(each.assessment))}")
    return ExitStatus.FINE


def _heading(example: Example) -> str:
    alone = f"(this one alone: fhirgate demo {example.slug})"
    return f"## {example.title}\n\n{_wrapped(example.story)}\n{alone}\n"


def _wrapped(words: str) -> str:
    return textwrap.fill(words, terminal_width())


def _in_brief(assessment: Assessment) -> str:
    """The present state under another preset, and why."""
    current = assessment.current
    why = "; ".join(each.text for each in current.reasons)
    return f"Under {assessment.preset}: {current.state}" + (f" ({why})" if why else "")


def _assessed(example: Example) -> list[Judged]:
    """The example through the whole path, as a user's own file would go; one for each of its presets."""
    items = read_stream(io.BytesIO(example.record), example.slug, Pages())
    resources = [(item.resource, item.full_url) for item in items if isinstance(item, Received)]
    presets = tuple(PRESETS[name] for name in example.presets)
    choices = Choices(policy=DEFAULT_POLICY, presets=presets, vocabulary=STANDARD, reader="")
    return [
        Judged(assessment=assessment, chart=result.chart, policy=DEFAULT_POLICY)
        for result in assess_patients(resources, example.as_of, choices)
        for assessment in result.assessments
    ]
