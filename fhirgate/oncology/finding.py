"""A note on the data that the user must see: what is odd, where, and what it does to the judgement."""

from enum import StrEnum

from fhirgate.oncology.source import Source
from fhirgate.oncology.value import value


class Severity(StrEnum):
    """How much a finding matters; the words are those of FHIR's issue-severity."""

    ERROR = "error"
    """A fact could not be used."""
    WARNING = "warning"
    """A fact was used with a doubt, or an assumption was made."""
    INFORMATION = "information"
    """Worth knowing; nothing was lost and nothing assumed."""


@value
class Finding:
    """One note on the data.

    `code` is one of the names in the catalogue of the file that makes it (upper case, stable);
    `path` is a FHIRPath into the source, empty when the finding is about the record as a whole.
    """

    code: str
    severity: Severity
    text: str
    path: str = ""
    source: Source | None = None


def in_order(findings: frozenset[Finding] | set[Finding]) -> tuple[Finding, ...]:
    """Findings by severity, code, source and text, so that input order is never meaning."""
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFORMATION: 2}
    return tuple(
        sorted(findings, key=lambda f: (rank[f.severity], f.code, str(f.source or ""), f.path, f.text))
    )
