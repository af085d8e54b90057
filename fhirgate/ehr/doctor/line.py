"""One line of an examination: what was looked at, how it went, the request that showed it, and what to do."""

from dataclasses import dataclass
from enum import StrEnum

from fhirgate.outbound.trace import Try


class Result(StrEnum):
    """How a check went."""

    OK = "ok"
    WARNING = "warning"
    """A record can be assessed, with a loss or a risk that the line tells."""
    FAILED = "failed"
    """No record can be assessed, or not to any use, until it is mended."""
    NOT_TRIED = "not tried"


class Group(StrEnum):
    """What a check is about; in the order of an examination."""

    ENTRY = "registry entry"
    NETWORK = "network and TLS"
    FHIR = "FHIR"
    SMART = "SMART configuration"
    ACCESS = "access"
    READING = "reading"
    WRITING = "writing"
    MANNERS = "clock and pace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a check found."""

    result: Result
    says: str
    """In words, with numbers; no patient data, no secret."""
    about: str = ""
    """The type of resource it is about; empty when it is about none."""
    call: Try | None = None
    """The last request that showed it."""
    remedy: str = ""
    """What to do, and who; empty when there is nothing to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a check found, with the name of the check."""

    check: str
    """Stable, for programs."""
    group: StrEnum
    """What the check is about, for people."""
    title: str
    """For people."""
    told: Told

    @property
    def result(self) -> Result:
        """How it went."""
        return self.told.result
