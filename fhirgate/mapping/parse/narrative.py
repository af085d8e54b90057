"""Imaging that was only described in words: said, never read (fhir-contracts §A1-2)."""

from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.studies import Studies
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.wording import count, listed

MOST_DATES = 5
"""How many dates the finding lists (our choice)."""


def note_narrative(record: Record, studies: Studies, *, measured: bool) -> None:
    """One finding for all studies with words and no measurable lesion data; a warning when there is nothing
    else."""
    only = [study for study in studies.studies if study.narrative_only]
    if not only:
        return
    dates = sorted({str(study.taken_on) for study in only if study.taken_on is not None})
    shown = listed([*dates[:MOST_DATES], *(["more"] if len(dates) > MOST_DATES else [])])
    first = min(only, key=lambda study: study.key)
    record.findings.append(
        Finding(
            code="NARRATIVE_ONLY",
            severity=Severity.INFORMATION if measured else Severity.WARNING,
            text=f"no measurable lesion data in {count(len(only), 'imaging study', 'imaging studies')}"
            f"{f' ({shown})' if shown else ''}: described in words only; sizes as Observations would settle it",
            source=first.sources[0] if first.sources else None,
        )
    )
