"""Where calls may go: one server as its registry entry describes it."""

from dataclasses import dataclass, field

from fhirgate.errors import ConfigurationError
from fhirgate.outbound.address import address_problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long to wait [s]."""

    connect: float = 5.0
    """For TCP, and again for TLS."""
    read: float = 30.0
    """For the next bytes."""
    total: float = 120.0
    """For one call with all its tries, waits and the whole body."""

    def __post_init__(self) -> None:
        if not (self.connect > 0 and self.read > 0 and self.total > 0):
            raise ValueError("timeouts are above zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One server: one origin that may be called, and how gently."""

    name: str
    """The name of its registry entry; shown in messages and traces."""
    base_url: str
    """Relative URLs are joined to it; absolute ones must have its scheme, host and port."""
    ca_file: str | None = None
    """PEM file of the authorities that sign its certificate, instead of the public ones."""
    private_hosts: frozenset[str] = frozenset()
    """Hosts that may have a private or loopback address, and may be called by plain http there."""
    rate_per_second: float | None = None
    """Requests per second on average; no limit of ours when None."""
    burst: int = 5
    """Requests that may go at once after a pause."""
    concurrency: int = 4
    """Requests under way at the same time."""
    timeouts: Timeouts = field(default_factory=Timeouts)
    tries: int = 4
    """How often a repeatable call is tried at most."""
    failures_to_hold: int = 10
    """Failed tries in a row after which calls are held back."""
    hold_seconds: float = 30.0
    """How long they are held back before one is tried."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "private_hosts", frozenset(each.lower() for each in self.private_hosts))
        problems = list(address_problems(self.base_url, self.private_hosts))
        if self.rate_per_second is not None and not self.rate_per_second > 0:
            problems.append("rate_per_second is above zero")
        whole = {
            "burst": self.burst,
            "concurrency": self.concurrency,
            "tries": self.tries,
            "failures_to_hold": self.failures_to_hold,
        }
        problems += [f"{name} is at least 1" for name, value in whole.items() if value < 1]
        if problems:
            raise ConfigurationError(f"Server {self.name!r}", problems)
