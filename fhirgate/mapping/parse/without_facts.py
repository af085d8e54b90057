"""What was read and says nothing that is used: counted, so that nothing is dropped in silence.

Findings: NO_FACT.
"""

from collections.abc import Iterator
from itertools import chain

from fhirgate.mapping.parse.record import Record
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.source import Source

COUNTED = ("Observation", "DiagnosticReport", "Specimen")
"""Other types count themselves: diagnoses, drugs and procedures that are not of interest have findings of their own."""


def note_without_facts(record: Record, chart: Chart) -> None:
    """One finding per type with the number of resources that no fact and no finding of the chart rests on."""
    used = {(source.type, source.id) for source in _sources(record, chart)}
    for kind in COUNTED:
        idle = sum(
            id(raw) not in record.told and (kind, record.id_of(raw)) not in used
            for raw in record.of_type(kind)
        )
        if idle:
            record.note(
                "NO_FACT",
                Severity.INFORMATION,
                f"{idle} {kind} resource(s) say nothing of lesions, therapy or disease that is used",
            )


def _sources(record: Record, chart: Chart) -> Iterator[Source]:
    for one in (chart.diagnoses, chart.courses, chart.spreads, chart.bone_scans, chart.supporting):
        yield from [each.source for each in one]
    for several in (chart.sightings, chart.studies, chart.exposures, chart.local_treatments):
        yield from chain.from_iterable([each.sources for each in several])
    yield from [each.source for each in record.findings if each.source is not None]
