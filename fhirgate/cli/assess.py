"""`fhirgate assess`: the user's own data in, an explained progression state out."""

import gc
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from fhirgate.cli.connection import SERVERS, TRACE, connected
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.cli.formats import Format, Judged
from fhirgate.cli.options import PRESET, day, picture, today
from fhirgate.cli.output import draw_all, write_all
from fhirgate.cli.progress import LONG_READ, MANY_PATIENTS, progress
from fhirgate.cli.say import MOST_LINES, say, say_all
from fhirgate.ehr.containers import Received, Unreadable
from fhirgate.ehr.folder import read_source, size_of
from fhirgate.mapping.vocabulary import STANDARD, Vocabulary
from fhirgate.oncology.finding import Finding, Severity, in_order
from fhirgate.oncology.policy import DEFAULT_POLICY, Policy
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.oncology.verdict import State
from fhirgate.oncology.wording import count
from fhirgate.services.assess_record import Choices, PatientResult, assess_patients


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user asked for."""

    source: str | None
    server: str | None
    registry: Path
    trace: bool
    patient: str | None
    preset: tuple[str, ...]
    as_of: date
    policy: Path | None
    vocabulary: Path | None
    reader: str
    output: str
    chart: Path | None
    out: Path | None


@click.command(name="assess", short_help="Assess your own FHIR data.")
@click.argument("source", type=click.Path(exists=True, allow_dash=True), required=False)
@click.option(
    "--server", metavar="NAME", help="Fetch the record of --patient from this server instead of a SOURCE."
)
@SERVERS
@TRACE
@click.option("--patient", metavar="ID", help="Only this patient, by logical id.")
@click.option(
    "--preset",
    multiple=True,
    type=PRESET,
    default=["DEFAULT"],
    show_default=True,
    metavar="NAME",
    help=f"Criteria of a trial or consensus; may be repeated. One of {', '.join(PRESETS)}.",
)
@click.option(
    "--as-of", type=day, metavar="DATE", default=today, show_default="today", help="The day of judgement."
)
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.toml",
    help="A site's choices, such as windows and gaps; named and versioned.",
)
@click.option(
    "--vocabulary",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.toml",
    help="What a site's own codes and phrases mean.",
)
@click.option(
    "--reader", default="", metavar="NAME", help="Whose measurements, where several read the scans."
)
@click.option(
    "-o",
    "--output",
    type=click.Choice([each.value for each in Format]),
    default=Format.TEXT.value,
    show_default=True,
    help="A story, JSON, or a FHIR Bundle with RiskAssessment and CarePlan.",
)
@click.option(
    "--chart",
    type=picture,
    metavar="FILE.svg|FILE.png",
    help="Also draw it; with several patients or presets a file for each, named for them.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write a file for each patient and preset, and print their paths.",
)
def command(**asked: Any) -> int:
    """Assess the patients of SOURCE: find progression, and say whether it is oligoprogression and why.

    SOURCE is a FHIR JSON file (a Bundle of any type, a resource, an array of resources, or NDJSON), a folder
    of such files with its subfolders (*.json, *.ndjson, *.jsonl), or - for standard input.

    \b
    fhirgate assess record.json --as-of 2026-05-31
    fhirgate assess export/ --preset CURB --preset HALT -o json
    fhirgate assess export/ --out results/ --chart results/chart.svg
    curl ... | fhirgate assess - --patient 4711 -o fhir
    fhirgate assess --server main --patient 4711
    """
    request = Request(**asked)
    if (request.source is None) == (request.server is None):
        raise click.UsageError("give either a SOURCE or --server NAME")
    if request.server is not None:
        return _assess_fetched(request, request.server)
    return _assess(request, request.source or "-")


def _choices(request: Request) -> Choices:
    return Choices(
        policy=_policy(request.policy),
        presets=tuple(PRESETS[name] for name in dict.fromkeys(request.preset)),
        vocabulary=_vocabulary(request.vocabulary),
        reader=request.reader,
    )


def _assess_fetched(request: Request, server: str) -> int:
    """Assess a patient whose record a server holds."""
    if not request.patient:
        raise click.UsageError("--server needs --patient ID")
    # The network is imported by those who use it.
    from fhirgate.ehr.record import ServerRecords  # noqa: PLC0415
    from fhirgate.services.fetch_record import assess_fetched  # noqa: PLC0415

    choices = _choices(request)
    with connected(request.registry, server, trace=request.trace) as ehr:
        fetched = ServerRecords(ehr).fetch(request.patient)
    result = assess_fetched(fetched, request.patient, request.as_of, choices)
    lost = [each for each in fetched.findings if each.severity is Severity.ERROR]
    say_all([each.text for each in lost])
    return _write(request, _judged([result], choices.policy, ()), len(lost))


def _assess(request: Request, source: str) -> int:
    choices = _choices(request)
    received, lost = _read(source)
    say_all([f"{each.where}: {each.why}" for each in lost])
    if not received:
        say("nothing in the source could be read as FHIR" if lost else "the source holds no resource")
        return ExitStatus.USAGE
    resources = [(each.resource, each.full_url) for each in received]
    results = assess_patients(resources, request.as_of, choices, request.patient)
    return _write(request, _judged(_counted(results, resources), choices.policy, lost), len(lost))


def _write(request: Request, judged: Iterator[Judged], lost: int) -> int:
    if request.chart is not None:
        judged = draw_all(judged, request.chart)
    states = [
        each.assessment.current.state for each in write_all(judged, Format(request.output), request.out)
    ]
    return _status(states, lost)


def _policy(path: Path | None) -> Policy:
    if path is None:
        return DEFAULT_POLICY
    from fhirgate.config.policy_file import load_policy  # noqa: PLC0415 - imports marshmallow

    return load_policy(path)


def _vocabulary(path: Path | None) -> Vocabulary:
    if path is None:
        return STANDARD
    from fhirgate.config.vocabulary_file import load_vocabulary  # noqa: PLC0415 - imports marshmallow

    return load_vocabulary(path).over(STANDARD)


def _read(source: str) -> tuple[list[Received], list[Unreadable]]:
    received: list[Received] = []
    lost: list[Unreadable] = []
    stdin = sys.stdin.buffer
    with _without_collecting(), progress("Reading", size_of(source), LONG_READ) as advance:
        for item in read_source(source, stdin, advance):
            if isinstance(item, Received):
                received.append(item)
            else:
                lost.append(item)
    return received, lost


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Read without Python's collector: JSON has no cycles, and looking for them took half the time of 100 MB."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _counted(
    results: Iterable[PatientResult], resources: Iterable[tuple[Any, str]]
) -> Iterator[PatientResult]:
    patients = sum(resource["resourceType"] == "Patient" for resource, _ in resources)
    with progress("Assessing", patients, MANY_PATIENTS) as advance:
        for each in results:
            yield each
            advance(1)


def _judged(results: Iterable[PatientResult], policy: Policy, lost: Iterable[Unreadable]) -> Iterator[Judged]:
    notes = _notes(list(lost))
    for result in results:
        for assessment in result.assessments:
            findings = in_order({*assessment.findings, *notes})
            yield Judged(assessment=replace(assessment, findings=findings), chart=result.chart, policy=policy)


def _notes(lost: list[Unreadable]) -> list[Finding]:
    """What could not be read, as findings: it may have been about any patient of the source."""
    texts = [f"{each.where}: {each.why}" for each in lost[:MOST_LINES]]
    if len(lost) > MOST_LINES:
        texts.append(f"{len(lost) - MOST_LINES} more parts of the source could not be read")
    return [
        Finding(
            code="SOURCE_UNREADABLE",
            severity=Severity.ERROR,
            text=f"{text}. What it says of this patient, if anything, is not part of this assessment",
        )
        for text in texts
    ]


def _status(states: list[State], lost: int) -> ExitStatus:
    if open_ := states.count(State.INDETERMINATE):
        say(f"no judgement of the present state in {open_} of {count(len(states), 'assessment')}")
    if lost:
        say(f"{count(lost, 'part')} of the source could not be read")
    return ExitStatus.UNJUDGED if open_ or lost else ExitStatus.FINE
