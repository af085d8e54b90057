"""Writes the shipped examples from their stories: `python -m fhirgate.sandbox.examples examples`.

A test demands that the committed files are what this writes.
"""

import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from fhirgate.sandbox.dialects.record import as_bundle, write_record
from fhirgate.sandbox.stories import load_stories
from fhirgate.sandbox.story import Story

MANIFEST = "manifest.toml"


def example_files() -> Iterator[tuple[str, str]]:
    """Name and content of every example file, the manifest last."""
    stories = load_stories()
    for story in stories:
        yield f"{story.slug}.json", json_text(as_bundle(write_record(story)))
    yield MANIFEST, manifest(stories)


def json_text(bundle: dict[str, Any]) -> str:
    """The Bundle as JSON, one entry a line: small enough to read, stable enough to compare."""
    entries = ",\n  ".join(
        json.dumps(each, default=plain_number, ensure_ascii=False, separators=(", ", ": "))
        for each in bundle["entry"]
    )
    return f'{{"resourceType": "Bundle", "type": "{bundle["type"]}", "entry": [\n  {entries}\n]}}\n'


def plain_number(value: object) -> int | float:
    """A Decimal as the JSON number with the same digits; story sizes have one decimal at most."""
    if not isinstance(value, Decimal):
        raise TypeError(f"not JSON: {type(value).__name__}")
    return int(value) if value == value.to_integral_value() else float(value)


def manifest(stories: tuple[Story, ...]) -> str:
    """The list of examples that `fhirgate demo` reads."""
    head = (
        "# Written by fhirgate.sandbox.examples from fhirgate/sandbox/stories. All patients are synthetic.\n"
    )
    return head + "".join(_listed(story) for story in stories)


def _listed(story: Story) -> str:
    presets = json.dumps([story.preset, *story.under])
    return (
        f'\n[[example]]\nslug = "{story.slug}"\ntitle = {json.dumps(story.title)}\n'
        f"story = {json.dumps(story.tells)}\nas_of = {story.as_of}\npresets = {presets}\n"
    )


def main(folder: str) -> None:
    """Write every example file into a folder."""
    for name, content in example_files():
        Path(folder, name).write_text(content, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
