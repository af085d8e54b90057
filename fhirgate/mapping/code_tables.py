"""The package's own code tables, read once: TOML files in `codes/`, one per subject."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> Mapping[str, Any]:
    """The content of `codes/NAME.toml`. The same object every time: read it, never change it."""
    text = files("fhirgate.mapping").joinpath("codes", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
