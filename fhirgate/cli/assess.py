"""`fhirgate assess`: the user's own data in, an explained progression state out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fhirgate.cli.connection import SERVERS, TRACE, connected
from fhirgate.cli.database import DATABASE
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.cli.formats import FHIR_VERSION, Format, Judged, check_version
from fhirgate.cli.options import PRESET, day, picture, today
from fhirgate.cli.output import draw_all, write_all
from fhirgate.cli.progress import MANY_PATIENTS, progress
from fhirgate.cli.say import say, say_all
from fhirgate.cli.sources import notes_of, read_whole
from fhirgate.ehr.containers import Unreadable
from fhirgate.mapping.vocabulary import STANDARD, Vocabulary
from fhirgate.oncology.finding import Severity, in_order
from fhirgate.oncology.policy import DEFAULT_POLICY, Policy
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.oncology.verdict import State
from fhirgate.oncology.wording import count
from fhirgate.services.assess_record import Choices, PatientResult, assess_patients

if TYPE_CHECKING:
    from fhirgate.services.fetch_record import Fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user asked for."""

    source: str | None
    server: str | None
    registry: Path
    trace: bool
    write: bool
    database: str | None
    patient: str | None
    preset: tuple[str, ...]
    as_of: date
    policy: Path | None
    vocabulary: Path | None
    reader: str
    output: str
    fhir_version: str
    chart: Path | None
    out: Path | None


@click.command(name="assess", short_help="Assess your own FHIR data.")
@click.argument("source", type=click.Path(exists=True, allow_dash=True), required=False)
@click.option(
    "--server", metavar="NAME", help="Fetch the record of --patient from this server instead of a SOURCE."
)
@SERVERS
@TRACE
@click.option(
    "--write",
    is_flag=True,
    help="Keep the results in the database, and write them back to the server.",
)
@DATABASE
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
@FHIR_VERSION
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
    fhirgate assess --server main --patient 4711 --write
    """
    request = Request(**asked)
    check_version(Format(request.output), request.fhir_version)
    if (request.source is None) == (request.server is None):
        raise click.UsageError("give either a SOURCE or --server NAME")
    if request.write and request.server is None:
        raise click.UsageError(
            "--write needs --server NAME: results are written back to where the record is from"
        )
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
    if request.write:
        return _assess_and_write(request, server, request.patient, choices)
    with connected(request.registry, server, trace=request.trace) as ehr:
        fetched = ServerRecords(ehr).fetch(request.patient)
    result = assess_fetched(fetched, request.patient, request.as_of, choices)
    return _show_fetched(request, fetched, result, choices)


def _assess_and_write(request: Request, server: str, patient: str, choices: Choices) -> int:
    """The same, kept and written back; that the server failed outweighs what could not be judged."""
    from fhirgate.cli.write_back import assess_and_write, opened  # noqa: PLC0415 - imports the database
    from fhirgate.services.assess_patient import PatientRequest  # noqa: PLC0415
    from fhirgate.services.ports import PatientKey  # noqa: PLC0415

    wanted = PatientRequest(
        patient=PatientKey(server=server, id=patient), as_of=request.as_of, choices=choices, write=True
    )
    with (
        opened(request.database) as database,
        connected(request.registry, server, trace=request.trace, writes=True) as ehr,
    ):
        outcome, written = assess_and_write(wanted, ehr, database)
    shown = _show_fetched(request, outcome.fetched, outcome.result, choices, tenant=server)
    return written or shown


def _show_fetched(
    request: Request, fetched: "Fetched", result: PatientResult, choices: Choices, tenant: str = ""
) -> ExitStatus:
    lost = [each for each in fetched.findings if each.severity is Severity.ERROR]
    say_all([each.text for each in lost])
    judged = (replace(each, tenant=tenant) for each in _judged([result], choices.policy, ()))
    return _write(request, judged, len(lost))


def _assess(request: Request, source: str) -> int:
    choices = _choices(request)
    received, lost = read_whole(source)
    say_all([f"{each.where}: {each.why}" for each in lost])
    if not received:
        say("nothing in the source could be read as FHIR" if lost else "the source holds no resource")
        return ExitStatus.USAGE
    resources = [(each.resource, each.full_url) for each in received]
    results = assess_patients(resources, request.as_of, choices, request.patient)
    return _write(request, _judged(_counted(results, resources), choices.policy, lost), len(lost))


def _write(request: Request, judged: Iterator[Judged], lost: int) -> ExitStatus:
    if request.chart is not None:
        judged = draw_all(judged, request.chart)
    states = [
        each.assessment.current.state
        for each in write_all(judged, Format(request.output), request.out, request.fhir_version)
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


def _counted(
    results: Iterable[PatientResult], resources: Iterable[tuple[Any, str]]
) -> Iterator[PatientResult]:
    patients = sum(resource["resourceType"] == "Patient" for resource, _ in resources)
    with progress("Assessing", patients, MANY_PATIENTS) as advance:
        for each in results:
            yield each
            advance(1)


def _judged(results: Iterable[PatientResult], policy: Policy, lost: Iterable[Unreadable]) -> Iterator[Judged]:
    notes = notes_of(list(lost))
    for result in results:
        for assessment in result.assessments:
            findings = in_order({*assessment.findings, *notes})
            yield Judged(assessment=replace(assessment, findings=findings), chart=result.chart, policy=policy)


def _status(states: list[State], lost: int) -> ExitStatus:
    if open_ := states.count(State.INDETERMINATE):
        say(f"no judgement of the present state in {open_} of {count(len(states), 'assessment')}")
    if lost:
        say(f"{count(lost, 'part')} of the source could not be read")
    return ExitStatus.UNJUDGED if open_ or lost else ExitStatus.FINE
