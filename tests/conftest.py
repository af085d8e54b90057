"""One hypothesis profile for all tests, and no way out to the network."""

import socket

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "fhirgate",
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("fhirgate")

LOCAL = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that leaves this machine fails."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family != getattr(socket, "AF_UNIX", None) and address[0] not in LOCAL:  # type: ignore[index]
            raise AssertionError("a test must not use the network")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
