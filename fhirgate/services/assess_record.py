"""From a patient's resources to an assessment: the middle of the program, with no network, clock or disk."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from fhirgate.errors import InvalidRequest, UnknownReader, UnknownResource
from fhirgate.mapping.parse.chart import parse_charts
from fhirgate.mapping.vocabulary import STANDARD, Vocabulary
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.judgement.assess import assess_judged, find_reader, judge_chart
from fhirgate.oncology.policy import DEFAULT_POLICY, Policy
from fhirgate.oncology.progression.presets import DEFAULT, Preset
from fhirgate.oncology.reconstruct.readers import known_readers

_REFERENCE = re.compile(r"[A-Z][A-Za-z]{2,39}/[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the one who asks has chosen. `reader` empty: every reader, kept apart."""

    policy: Policy = DEFAULT_POLICY
    presets: tuple[Preset, ...] = (DEFAULT,)
    vocabulary: Vocabulary = STANDARD
    reader: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientResult:
    """One patient: the facts, and an assessment for each preset asked for."""

    patient: str
    chart: Chart
    assessments: tuple[Assessment, ...]


def assess_record(
    resources: Iterable[Any],
    policy: Policy,
    as_of: date,
    *,
    preset: Preset = DEFAULT,
    vocabulary: Vocabulary = STANDARD,
    reader: str = "",
) -> Assessment:
    """The assessment of the one patient these resources belong to.

    `resources` are FHIR resources as received, Bundles of them, or (resource, full URL) pairs. Raises
    InvalidRequest when they belong to several patients or to none.
    """
    choices = Choices(policy=policy, presets=(preset,), vocabulary=vocabulary, reader=reader)
    results = list(assess_patients(resources, as_of, choices))
    if len(results) != 1:
        raise InvalidRequest(f"expected the record of one patient, got {len(results)}")
    return results[0].assessments[0]


def assess_patients(
    resources: Iterable[Any], as_of: date, choices: Choices, patient: str | None = None
) -> Iterator[PatientResult]:
    """The assessments of every patient these resources belong to, in order of their ids.

    Raises UnknownResource when `patient` is not among them, InvalidRequest when no patient has the reader or a
    resource is nested too deep to be read.
    """
    try:
        charts = parse_charts(resources, choices.vocabulary)
    except RecursionError:
        raise InvalidRequest("a resource is nested deeper than any FHIR resource") from None
    if patient is not None:
        charts = tuple(each for each in charts if each.patient.id == patient)
        if not charts:
            raise UnknownResource("the source holds no patient with the id asked for")
    if choices.reader and not any(find_reader(chart, choices.reader) for chart in charts):
        raise UnknownReader(_references(charts))
    for chart in charts:
        yield _assessed(chart, as_of, choices)


def _references(charts: Iterable[Chart]) -> Iterator[str]:
    """The readers by reference, which a choice can name as well; names are of persons and are not told."""
    for each in known_readers(each for chart in charts for each in chart.sightings):
        if _REFERENCE.fullmatch(each.key):
            yield each.key


def _assessed(chart: Chart, as_of: date, choices: Choices) -> PatientResult:
    reader = find_reader(chart, choices.reader) if choices.reader else None
    judged = judge_chart(chart, choices.policy, as_of, reader)
    return PatientResult(
        patient=chart.patient.id,
        chart=chart,
        assessments=tuple(assess_judged(judged, preset) for preset in choices.presets),
    )
