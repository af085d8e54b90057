"""The web application over a real database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from launched_web import OTHER, PATIENT, Browser, Web, launched_web
from web_world import Site, site


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Site]:
    made = site(tmp_path)
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The service launched out of a simulated EHR with two patients; for tests that decide nothing."""
    with launched_web(tmp_path_factory.mktemp("web"), PATIENT, OTHER) as found:
        yield found


@pytest.fixture
def browser(web: Web) -> Browser:
    return web.browser()
