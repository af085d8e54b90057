"""Biopsies, molecular findings, markers and performance status: shown beside the story, never part of a judgement."""

from collections.abc import Mapping

from fhirgate.oncology.assessment import Assessment, Support
from fhirgate.report.columns import wrapped

MOST = 20
"""How many are told, the latest ones; the JSON has all of them."""
_INDENT = " " * 12


def supporting(assessment: Assessment, width: int) -> list[str]:
    """One paragraph each: date, what it is, what was found, and on which lesion."""
    labels = {lesion.id: lesion.label for lesion in assessment.lesions}
    told = assessment.supporting[-MOST:]
    left_out = len(assessment.supporting) - len(told)
    lines = [f"{left_out} earlier ones are not shown here"] if left_out else []
    for each in told:
        lines += wrapped(support_words(each, labels), width, f"{each.fact.on or 'undated'!s:10}  ", _INDENT)
    return lines


def support_words(support: Support, labels: Mapping[str, str]) -> str:
    """What it is, on which lesion, and what was found; `labels` are those of the lesions by id."""
    where = f" ({', '.join(labels[each] for each in support.lesions)})" if support.lesions else ""
    return f"{support.fact.kind}{where}: {support.fact.text}"
