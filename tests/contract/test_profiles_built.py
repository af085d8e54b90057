"""The committed profiles are what SUSHI builds from the sources, without a network."""

from pathlib import Path

import pytest
from peers.hl7_validator.validator import require_tools
from profile_files import RESOURCES
from profiles_build import build


@pytest.mark.peer
def test_the_committed_profiles_are_what_sushi_builds(tmp_path: Path) -> None:
    require_tools()

    build.build(tmp_path)

    built, committed = (
        {path.name: path.read_text("utf-8") for path in folder.glob("*.json")}
        for folder in (tmp_path, RESOURCES)
    )
    assert sorted(built) == sorted(committed)
    assert [name for name in built if built[name] != committed[name]] == [], (
        "run python profiles/build_profiles.py"
    )
