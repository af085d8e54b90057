"""The published profiles as they are committed."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PROFILES = ROOT / "profiles"
RESOURCES = PROFILES / "resources"


@lru_cache
def _all() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(path.read_text("utf-8")) for path in sorted(RESOURCES.glob("*.json")))


def resources(kind: str = "") -> tuple[dict[str, Any], ...]:
    """Everything published, or what is of one type."""
    return tuple(each for each in _all() if not kind or each["resourceType"] == kind)


def topics() -> tuple[dict[str, Any], ...]:
    """The subscription topics in their R5 form."""
    return tuple(json.loads(path.read_text("utf-8")) for path in sorted((PROFILES / "r5").glob("*.json")))
