"""An `Outbound` on stubbed answers and fake time, with everything it told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fake_time import FakeTime
from responses import RequestsMock
from responses.registries import OrderedRegistry

from fhirgate.outbound.client import Outbound
from fhirgate.outbound.destination import Destination
from fhirgate.outbound.trace import Try

BASE = "https://ehr.example.org/fhir"


def main(**terms: Any) -> Destination:
    """The destination of most tests."""
    return Destination(name="main", base_url=BASE, **terms)


@dataclass
class World:
    """The client, the answers it will get in their order, its time and its trace."""

    stub: RequestsMock
    time: FakeTime = field(default_factory=FakeTime)
    told: list[Try] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outbound = Outbound(trace=self.told.append, surroundings=self.time.surroundings())

    def answers(self, *statuses: int, method: str = "GET", path: str = "/Patient/77", **more: Any) -> None:
        """The next calls are answered with these statuses."""
        for status in statuses:
            self.stub.add(method, f"{BASE}{path}", status=status, **({"json": {"ok": True}} | more))

    def fails(self, error: Exception, method: str = "GET", path: str = "/Patient/77") -> None:
        """The next call fails like this."""
        self.stub.add(method, f"{BASE}{path}", body=error)

    def lines(self) -> list[str]:
        return [str(each) for each in self.told]


@contextmanager
def world() -> Iterator[World]:
    """Every answer prepared must be asked for, in the order they were prepared."""
    with RequestsMock(registry=OrderedRegistry) as stub:
        found = World(stub=stub)
        with found.outbound:
            yield found
