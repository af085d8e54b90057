"""Time and chance that a test decides: sleeping takes no time and moves the clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import count

from fhirgate.outbound.surroundings import Surroundings

# Not UTC, so that a mistake about zones is seen.
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))


@dataclass
class FakeTime:
    """Seconds since the start of the test, and every sleep of it."""

    seconds: float = 1000.0
    slept: list[float] = field(default_factory=list)
    luck: Callable[[], float] = lambda: 0.5

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds - 1000.0)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def surroundings(
        self, resolve: Callable[[str, int], Sequence[str]] = lambda _host, _port: ()
    ) -> Surroundings:
        numbers = count(1)
        return Surroundings(
            monotonic=self.monotonic,
            now=self.now,
            sleep=self.sleep,
            chance=self.luck,
            resolve=resolve,
            new_id=lambda: f"id{next(numbers)}",
        )
