"""Composed resources against files a reader can review: the exact text, versions put in."""

import json
from pathlib import Path
from typing import Any

from fhirgate import __version__
from fhirgate.oncology import RULES_VERSION

FOLDER = Path(__file__).parent / "data" / "compose"


def golden(name: str) -> str:
    """The expected text of a composed resource, for the versions that run."""
    text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    return text.replace("@VERSION@", __version__).replace("@RULES@", RULES_VERSION)


def as_text(resource: dict[str, Any]) -> str:
    """A resource as it stands in such a file."""
    return json.dumps(resource, indent=2, ensure_ascii=False) + "\n"
