"""On what occasion a result is written: when, anew or again, and what it takes the place of."""

from dataclasses import dataclass
from datetime import datetime

from fhirgate.oncology.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What the one who writes a result knows and an assessment does not.

    `recorded` is the moment of writing, with its zone; None leaves it unsaid, for results that are only shown.
    `again` is set when the same result (the same scan, cancer and preset) stands on the server already.
    `former_result` and `former_plan` are those of an earlier scan that this one supersedes. `tenant` is the server
    the record comes from, for ids are only unique within a server; empty for results that no one keeps.
    """

    recorded: datetime | None = None
    again: bool = False
    former_result: Source | None = None
    former_plan: Source | None = None
    tenant: str = ""

    def __post_init__(self) -> None:
        if self.recorded is not None and self.recorded.tzinfo is None:
            raise ValueError("the moment of writing needs its zone")

    @property
    def instant(self) -> str:
        """`recorded` as a FHIR instant, empty when it is unsaid."""
        return self.recorded.isoformat(timespec="milliseconds") if self.recorded else ""


SHOWN = Occasion()
"""Nothing is written: a result to look at."""
