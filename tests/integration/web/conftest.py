"""The web application over a real database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from web_world import Site, site


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Site]:
    made = site(tmp_path)
    yield made
    made.database.close()
