"""One rehearsal of a launch from one server: every step in turn, none of them skipped without a word."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fhirgate.ehr.doctor.examine import made
from fhirgate.ehr.doctor.line import Line, Result
from fhirgate.ehr.rehearsal.case import Handle, HeardOutbound, LaunchCase, Visitor
from fhirgate.ehr.rehearsal.person import Manner
from fhirgate.ehr.rehearsal.steps import STEPS
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.outbound.trace import Sink, unseen
from fhirgate.services.ehr_server import EhrServer
from fhirgate.services.launches import Flow

MOST_TRIES = 4
"""As in an assessment: what passes with a second try is told, and gone past."""
_HOLDS = frozenset({Result.OK, Result.WARNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """All lines of one launch."""

    entry: EhrServer
    flow: Flow
    redirect_uri: str
    began_at: datetime
    milliseconds: int
    lines: tuple[Line, ...]

    def number(self, result: Result) -> int:
        """How many lines went so."""
        return Counter(each.result for each in self.lines)[result]

    @property
    def reads_patient(self) -> bool:
        """Whether the launch went as far as its patient."""
        return any(each.check == "patient" and each.result in _HOLDS for each in self.lines)

    @property
    def can_launch(self) -> bool:
        """Whether the launch went through, and nothing failed on its way."""
        return self.reads_patient and not self.number(Result.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearser:
    """Makes rehearsals; what it takes from outside is handed in."""

    environment: Mapping[str, str] = field(repr=False)
    callback: str
    """Our address that EHRs send browsers back to; the name of the server follows it."""
    manner: Manner = field(default_factory=Manner)
    visitor: Visitor | None = None
    trace: Sink = unseen
    surroundings: Surroundings = field(default_factory=Surroundings)
    seconds: float

    def rehearse(
        self,
        entry: EhrServer,
        handle: Handle | None = None,
        seen: Callable[[Line], None] = lambda _line: None,
    ) -> Rehearsal:
        """Every step of a launch, each line also told as it comes; without a handle of the EHR, a standalone one."""
        around = self.surroundings
        began = around.monotonic()
        lines: list[Line] = []
        with HeardOutbound(
            seconds=self.seconds, trace=self.trace, surroundings=around, most_tries=MOST_TRIES
        ) as outbound:
            case = LaunchCase(
                entry=entry,
                outbound=outbound,
                environment=self.environment,
                callback=self.callback,
                handle=handle,
                manner=self.manner,
                visitor=self.visitor,
            )
            began_at = around.now()
            for step in STEPS:
                for told in made(step, case, lines):
                    line = Line(check=step.name, group=step.group, title=step.title, told=told)
                    lines.append(line)
                    seen(line)
        return Rehearsal(
            entry=entry,
            flow=case.flow,
            redirect_uri=f"{self.callback.rstrip('/')}/{entry.name}",
            began_at=began_at,
            milliseconds=round((around.monotonic() - began) * 1000),
            lines=tuple(lines),
        )
