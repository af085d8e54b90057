"""What could not be judged and what would settle it, how sure the labels are, and the notes on the data."""

from collections.abc import Sequence

from fhirgate.oncology.assessment import Assessment, Interval, TimepointAssessment
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.source import Sources
from fhirgate.oncology.uncertainty import LIMITS_OF_THE_MODEL
from fhirgate.oncology.wording import count
from fhirgate.report.columns import Paint, wrapped
from fhirgate.report.data_notes import data_notes
from fhirgate.report.open_points import still_open
from fhirgate.report.story_lesions import MOST_COLUMNS

MOST_REASONS = 20
MOST_SOURCES = 4

_INDENT = " " * 6
_STYLES = {Severity.ERROR: ("bold", "red"), Severity.WARNING: ("yellow",), Severity.INFORMATION: ()}


def open_questions(assessment: Assessment, width: int, paint: Paint) -> list[str]:
    """Reasons that a datum would settle, each once with the timepoints it concerns."""
    points = still_open(assessment)
    lines: list[str] = []
    for each in points[-MOST_REASONS:]:
        head = f"{each.reason.code} {each.when}".rstrip()
        lines += [paint(line, "yellow") for line in wrapped(head, width)]
        lines += wrapped(f"{each.reason.text}{_resources(each.sources)}", width, _INDENT)
        lines += wrapped(f"→ {each.reason.resolved_by}", width, _INDENT, _INDENT + "  ")
    hidden = len(points) - MOST_REASONS
    return lines + ([f"and {count(hidden, 'earlier reason')}; the JSON has all"] if hidden > 0 else [])


def _resources(sources: Sources) -> str:
    if not sources:
        return ""
    more = f" and {len(sources) - MOST_SOURCES} more" if len(sources) > MOST_SOURCES else ""
    return f" ({', '.join(map(str, sources[:MOST_SOURCES]))}{more})"


def how_sure(timepoints: Sequence[TimepointAssessment], width: int) -> list[str]:
    """The probability of each label at the latest timepoints, with what these numbers leave out."""
    rows = [
        f"{assessed.timepoint.date!s:10}"
        + "".join(
            f"{_chance(interval):>12}"
            for interval in (chances.none, chances.oligo, chances.limited, chances.systemic)
        )
        for assessed in timepoints[-MOST_COLUMNS:]
        if (chances := assessed.probabilities) is not None
    ]
    if not rows:
        return []
    head = " " * 10 + "".join(f"{name:>12}" for name in ("none", "oligo", "limited", "systemic"))
    return [head, *rows, *wrapped(LIMITS_OF_THE_MODEL, width)]


def _chance(interval: Interval) -> str:
    low, high = f"{interval.low:.3f}", f"{interval.high:.3f}"
    return low if low == high else f"{low}–{high}"


def notes_on_the_data(findings: Sequence[Finding], width: int, paint: Paint) -> list[str]:
    """Findings by severity and code, equal ones counted."""
    lines: list[str] = []
    for each in data_notes(findings):
        head = f"{each.severity.value:11}  {each.code}" + (f"  × {each.number}" if each.number > 1 else "")
        lines.append(paint(head, *_STYLES[each.severity]))
        for text in each.texts:
            lines += wrapped(text, width, _INDENT, _INDENT)
        if each.left_out:
            lines.append(f"{_INDENT}{each.left_out}")
    return lines
