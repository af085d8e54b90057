"""The strict token server and a client beside it."""

from collections.abc import Iterator

import pytest
from bearer_world import KEYS
from odd_store import OddStore
from token_server import TokenServer, serving
from wire_calls import outbound

from fhirgate.ehr.keys import jwks
from fhirgate.outbound.client import Outbound


@pytest.fixture
def server() -> Iterator[TokenServer]:
    found = TokenServer(jwks=jwks(list(KEYS.values())))
    with serving(found):
        yield found


@pytest.fixture
def out() -> Iterator[Outbound]:
    with outbound() as found:
        yield found


@pytest.fixture
def store() -> Iterator[OddStore]:
    """One to which nothing of the patient is ever told in a URL."""
    found = OddStore()
    yield found
    assert not any("p1" in each for each in found.calls)
