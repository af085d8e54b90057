"""What the judgement rests on, what did not come, what is left open, and what was odd in the data."""

from collections import Counter
from collections.abc import Iterator

from fhirgate.mapping.datatypes import is_object, text
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.wording import count, listed
from fhirgate.report.columns import plain
from fhirgate.report.data_notes import data_notes
from fhirgate.report.open_points import still_open
from fhirgate.report.review.parts import AskedRow, Basis, Note, OpenPoint
from fhirgate.services.fetch_record import Asked, Fetched
from fhirgate.services.launches import Launch

MOST_OPEN = 20
MOST_SOURCES = 4
_ASKED = "SOURCE_ASKED"
"""What was asked has a table of its own."""


def basis(assessment: Assessment, fetched: Fetched, launch: Launch) -> Basis:
    """Counts, searches, losses, open points and notes."""
    resources = _resources(fetched)
    points = still_open(assessment)
    hidden = len(points) - MOST_OPEN
    findings = [each for each in assessment.findings if each.code != _ASKED]
    return Basis(
        resources=tuple(resources),
        total=count(sum(number for _, number in resources), "resource"),
        asked=tuple(map(_asked, fetched.asked)),
        incomplete=_incomplete(fetched),
        lost=_lost(launch),
        launch=tuple(plain(each.text) for each in launch.findings),
        open_points=tuple(
            OpenPoint(
                code=each.reason.code,
                text=plain(each.reason.text),
                resolved_by=plain(each.reason.resolved_by),
                dates=each.when,
                sources=tuple(plain(str(source)) for source in each.sources[:MOST_SOURCES]),
            )
            for each in points[-MOST_OPEN:]
        ),
        open_left_out=f"{count(hidden, 'earlier point')} not shown here" if hidden > 0 else "",
        notes=tuple(
            Note(
                severity=each.severity.value,
                code=each.code,
                number=each.number,
                texts=tuple(map(plain, filter(None, (*each.texts, each.left_out)))),
            )
            for each in data_notes(findings)
        ),
        findings=count(len(findings), "finding"),
    )


def _resources(fetched: Fetched) -> list[tuple[str, int]]:
    """How many of each type came, the most first."""
    types = Counter(
        plain(text(raw, "resourceType")) or "no type" for raw, _ in fetched.resources if is_object(raw)
    )
    return sorted(types.items(), key=lambda each: (-each[1], each[0]))


def _asked(asked: Asked) -> AskedRow:
    by = f"by {listed(asked.parameters)}" if asked.parameters else "by id"
    return AskedRow(
        what=plain(f"{asked.type} {by}"),
        brought=asked.count,
        how=plain(asked.refused) or "all of it",
        is_whole=not asked.refused,
    )


def _incomplete(fetched: Fetched) -> str:
    missing = list(dict.fromkeys(_missing(fetched)))
    if not missing:
        return ""
    return f"Not all of the record came: {listed(missing)}. What is missing was not judged."


def _missing(fetched: Fetched) -> Iterator[str]:
    yield from (plain(each.type) for each in fetched.asked if each.refused)
    if not fetched.is_complete:
        yield from (plain(each.text) for each in fetched.findings if each.severity is Severity.ERROR)


def _lost(launch: Launch) -> str:
    lost = launch.granted.lost
    if not lost:
        return ""
    types = listed(map(plain, lost))
    return f"The EHR grants less than was asked for of {types}; what could not be read of it was not judged."
