"""Findings by severity and code, equal ones counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.wording import count

MOST_TEXTS = 3
"""Most different sentences shown of one finding code; the JSON has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataNotes:
    """The findings of one code and severity."""

    severity: Severity
    code: str
    number: int
    texts: tuple[str, ...]
    """The most frequent ones, each with how often and where first."""
    left_out: str
    """How many other texts there are; empty when there are none."""


def data_notes(findings: Sequence[Finding]) -> list[DataNotes]:
    """All findings in groups, the severe ones first."""
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for each in findings:
        groups.setdefault((each.severity, each.code), []).append(each)
    order = list(Severity)
    ordered = sorted(groups.items(), key=lambda group: (order.index(group[0][0]), group[0][1]))
    return [_notes(severity, code, group) for (severity, code), group in ordered]


def _notes(severity: Severity, code: str, group: Sequence[Finding]) -> DataNotes:
    texts = Counter(each.text for each in group)
    shown = tuple(
        f"{f'{number} × ' if number > 1 and len(texts) > 1 else ''}{text}{_where(group, text)}"
        for text, number in texts.most_common(MOST_TEXTS)
    )
    more = len(texts) - len(shown)
    return DataNotes(
        severity=severity,
        code=code,
        number=len(group),
        texts=shown,
        left_out=f"and {count(more, 'other text')}; the JSON has all" if more else "",
    )


def _where(group: Sequence[Finding], text: str) -> str:
    """Where the first of equal findings stands."""
    first = next(each for each in group if each.text == text)
    if first.source is None:
        return ""
    more = ", and others" if sum(each.text == text for each in group) > 1 else ""
    return f" ({first.source}{f' at {first.path}' if first.path else ''}{more})"
