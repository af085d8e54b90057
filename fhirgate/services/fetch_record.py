"""One patient's record fetched from a server and judged: what was asked, answered and refused goes with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from fhirgate.oncology.finding import Finding, Severity, in_order
from fhirgate.services.assess_record import Choices, PatientResult, assess_patients


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One search or read, and how it ended."""

    type: str
    parameters: tuple[str, ...]
    """Names only; empty for a read by id."""
    status: int | None
    """The HTTP status it ended with; None when no answer came."""
    count: int
    """Resources it brought that were not here before."""
    refused: str = ""
    """Why not all of it came, in words; empty when it did."""

    def __str__(self) -> str:
        query = f"?{'&'.join(self.parameters)}" if self.parameters else " by id"
        return f"{self.type}{query}: " + ("refused" if self.refused and not self.count else str(self.count))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a server gave for one patient."""

    resources: tuple[tuple[Any, str], ...] = field(repr=False)
    """Each as received, with the full URL its Bundle gave it; empty where it was read by id."""
    findings: tuple[Finding, ...]
    asked: tuple[Asked, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is known to be missing of what the server offers."""
        return not any(each.severity is Severity.ERROR for each in self.findings)


class RecordSource(Protocol):
    """A server that can be asked for a patient's record."""

    def fetch(self, patient_id: str) -> Fetched:
        """Everything it offers. Raises UnknownResource without such a patient, EhrError when nothing can be had."""
        ...


def assess_fetched(fetched: Fetched, patient_id: str, as_of: date, choices: Choices) -> PatientResult:
    """The assessments of a patient whose record was fetched, with what the fetch found.

    Raises UnknownResource when the record turns out to be somebody else's.
    """
    (result,) = assess_patients(fetched.resources, as_of, choices, patient_id)
    notes = {*fetched.findings, what_was_asked(fetched.asked)}
    assessments = tuple(
        replace(each, findings=in_order({*each.findings, *notes})) for each in result.assessments
    )
    return replace(result, assessments=assessments)


def what_was_asked(asked: Iterable[Asked]) -> Finding:
    """Every search and read with what it brought, as one finding of the record."""
    told = "; ".join(str(each) for each in asked)
    return Finding(
        code="SOURCE_ASKED",
        severity=Severity.INFORMATION,
        text=f"the record was asked for from its server, with the number of resources that came: {told}",
    )
