"""The shipped examples' truth, one TOML file a patient, as a clinician would write it on one page."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Any

from fhirgate.sandbox.story import BoneCount, Cancer, Given, Local, Scan, SeenLesion, Story

_PARTS = {
    "cancers": Cancer,
    "scans": Scan,
    "lesions": SeenLesion,
    "given": Given,
    "local": Local,
    "bone_counts": BoneCount,
}


def load_stories() -> tuple[Story, ...]:
    """Every shipped story, in order of its file name."""
    found = sorted(
        (each for each in files(__name__).iterdir() if each.name.endswith(".toml")), key=lambda e: e.name
    )
    return tuple(
        story_from(
            each.name.removesuffix(".toml"), tomllib.loads(each.read_text("utf-8"), parse_float=Decimal)
        )
        for each in found
    )


def story_from(slug: str, table: Mapping[str, Any]) -> Story:
    """A story from its table; raises TypeError for a name the story does not know."""
    given = dict(table)
    for name, part in _PARTS.items():
        given[name] = tuple(part(**row) for row in given.get(name, ()))
    return Story(slug=slug, **given)
