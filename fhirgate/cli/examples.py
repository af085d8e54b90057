"""The synthetic patients that come with fhirgate: in the package, or beside it in a checkout."""

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from fhirgate.errors import UnknownResource


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One synthetic patient and the story the record was written to tell."""

    slug: str
    title: str
    story: str
    as_of: date
    presets: tuple[str, ...]
    record: bytes


def examples(wanted: str | None = None) -> list[Example]:
    """All examples, or the one wanted. Raises UnknownResource when there is no such example."""
    folder = _folder()
    listed = tomllib.loads(folder.joinpath("manifest.toml").read_text("utf-8"))["example"]
    chosen = [each for each in listed if wanted in (None, each["slug"])]
    if not chosen:
        raise UnknownResource(
            f"no example {wanted!r}; there are {', '.join(each['slug'] for each in listed)}"
        )
    return [
        Example(
            slug=each["slug"],
            title=each["title"],
            story=each["story"],
            as_of=each["as_of"],
            presets=tuple(each["presets"]),
            record=folder.joinpath(f"{each['slug']}.json").read_bytes(),
        )
        for each in chosen
    ]


def _folder() -> Traversable:
    package = files("fhirgate")
    packed = package.joinpath("_examples")
    return packed if packed.is_dir() else Path(str(package)).parent / "examples"
