"""One HAPI server for all tests of this folder that want it."""

from collections.abc import Iterator

import pytest
from peers.hapi.server import Hapi, start


@pytest.fixture(scope="session")
def hapi() -> Iterator[Hapi]:
    server = start()
    yield server
    server.stop()
