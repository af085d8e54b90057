"""What could not be judged and what would settle it, how sure the labels are, and the notes on the data."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from fhirgate.oncology.assessment import Assessment, Interval, TimepointAssessment
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.source import Sources, joined
from fhirgate.oncology.uncertainty import LIMITS_OF_THE_MODEL
from fhirgate.oncology.verdict import Reason
from fhirgate.oncology.wording import count, listed
from fhirgate.report.columns import Paint, wrapped
from fhirgate.report.story_lesions import MOST_COLUMNS

MOST_TEXTS = 3
"""Most different sentences shown of one finding code; the JSON has all."""
MOST_DATES = 6
MOST_REASONS = 20
MOST_SOURCES = 4

_INDENT = " " * 6
_STYLES = {Severity.ERROR: ("bold", "red"), Severity.WARNING: ("yellow",), Severity.INFORMATION: ()}


def open_questions(assessment: Assessment, width: int, paint: Paint) -> list[str]:
    """Reasons that a datum would settle, each once with the timepoints it concerns."""
    when: dict[Reason, list[str]] = {}
    sources: dict[Reason, list[Sources]] = {}
    dated = [(str(each.timepoint.date), each.reasons) for each in assessment.timepoints]
    for date, reasons in (*dated, ("", assessment.current.reasons)):
        for each in reasons:
            reason = replace(each, sources=())
            when.setdefault(reason, []).extend([date] if date else [])
            sources.setdefault(reason, []).append(each.sources)
    lines: list[str] = []
    still_open = [(reason, dates) for reason, dates in when.items() if reason.resolved_by]
    for reason, dates in still_open[-MOST_REASONS:]:
        lines += [paint(line, "yellow") for line in wrapped(_head(reason, dates), width)]
        lines += wrapped(f"{reason.text}{_resources(joined(*sources[reason]))}", width, _INDENT)
        lines += wrapped(f"→ {reason.resolved_by}", width, _INDENT, _INDENT + "  ")
    hidden = len(still_open) - MOST_REASONS
    return lines + ([f"and {count(hidden, 'earlier reason')}; the JSON has all"] if hidden > 0 else [])


def _resources(sources: Sources) -> str:
    if not sources:
        return ""
    more = f" and {len(sources) - MOST_SOURCES} more" if len(sources) > MOST_SOURCES else ""
    return f" ({', '.join(map(str, sources[:MOST_SOURCES]))}{more})"


def _head(reason: Reason, dates: Sequence[str]) -> str:
    if len(dates) > MOST_DATES:
        return f"{reason.code} at {len(dates)} timepoints, {dates[0]} to {dates[-1]}"
    return f"{reason.code} at {listed(dates)}" if dates else reason.code


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
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for each in findings:
        groups.setdefault((each.severity, each.code), []).append(each)
    lines: list[str] = []
    for (severity, code), group in sorted(groups.items(), key=_by_weight):
        head = f"{severity.value:11}  {code}" + (f"  × {len(group)}" if len(group) > 1 else "")
        lines.append(paint(head, *_STYLES[severity]))
        texts = Counter(each.text for each in group)
        for text, number in texts.most_common(MOST_TEXTS):
            repeated = f"{number} × " if number > 1 and len(texts) > 1 else ""
            lines += wrapped(f"{repeated}{text}{_where(group, text)}", width, _INDENT, _INDENT)
        if len(texts) > MOST_TEXTS:
            lines.append(f"{_INDENT}and {count(len(texts) - MOST_TEXTS, 'other text')}; the JSON has all")
    return lines


def _by_weight(group: tuple[tuple[Severity, str], list[Finding]]) -> tuple[int, str]:
    severity, code = group[0]
    return list(Severity).index(severity), code


def _where(group: Sequence[Finding], text: str) -> str:
    """Where the first of equal findings stands."""
    first = next(each for each in group if each.text == text)
    if first.source is None:
        return ""
    more = ", and others" if sum(each.text == text for each in group) > 1 else ""
    return f" ({first.source}{f' at {first.path}' if first.path else ''}{more})"
