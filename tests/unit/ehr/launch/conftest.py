"""The EHR, and our side of a launch from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from launch_world import LaunchWorld, launching


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LaunchWorld]:
    with launching(tmp_path) as found:
        yield found
