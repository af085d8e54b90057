"""One examination of one server: every check in turn, none of them skipped without a word."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from fhirgate.ehr.doctor.case import Case, WatchedOutbound
from fhirgate.ehr.doctor.checks import CHECKS, Check
from fhirgate.ehr.doctor.line import Line, Result, Told
from fhirgate.ehr.doctor.telling import not_tried, told_of
from fhirgate.errors import FhirgateError
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.outbound.trace import Sink, unseen
from fhirgate.services.ehr_server import EhrServer

C = TypeVar("C", bound=Case)
SECONDS = 120.0
"""For everything, unless told otherwise [s]."""
_HOLDS = frozenset({Result.OK, Result.WARNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """All lines of one server."""

    entry: EhrServer
    examined_at: datetime
    milliseconds: int
    with_patient: bool
    lines: tuple[Line, ...]

    def number(self, result: Result) -> int:
        """How many lines went so."""
        return Counter(each.result for each in self.lines)[result]

    @property
    def can_assess(self) -> bool:
        """Whether nothing was found that keeps a record from being assessed."""
        return not self.number(Result.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """Makes examinations; what it takes from outside is handed in."""

    environment: Mapping[str, str]
    trace: Sink = unseen
    surroundings: Surroundings
    seconds: float = SECONDS

    def examine(
        self, entry: EhrServer, patient_id: str = "", seen: Callable[[Line], None] = lambda _line: None
    ) -> Examination:
        """Every check of a server, each line also told as it comes."""
        began = self.surroundings.monotonic()
        lines: list[Line] = []
        with WatchedOutbound(
            seconds=self.seconds, trace=self.trace, surroundings=self.surroundings
        ) as outbound:
            case = Case(entry=entry, outbound=outbound, environment=self.environment, patient_id=patient_id)
            examined_at = self.surroundings.now()
            for check in CHECKS:
                for told in made(check, case, lines):
                    line = Line(check=check.name, group=check.group, title=check.title, told=told)
                    lines.append(line)
                    seen(line)
        return Examination(
            entry=entry,
            examined_at=examined_at,
            milliseconds=round((self.surroundings.monotonic() - began) * 1000),
            with_patient=bool(patient_id),
            lines=tuple(lines),
        )


def made(check: Check[C], case: C, lines: Sequence[Line]) -> Iterator[Told]:
    """What a check tells; that it was not made, where an earlier one did not hold."""
    for need in check.needs:
        of_need = [each for each in lines if each.check == need]
        if not any(each.result in _HOLDS for each in of_need):
            cause = of_need[0]
            how = "failed" if any(each.result is Result.FAILED for each in of_need) else "was not tried"
            yield not_tried(f"because {cause.group}: {cause.title} {how}")
            return
    try:
        yield from check.run(case)
    except FhirgateError as error:
        yield told_of(error, case)
