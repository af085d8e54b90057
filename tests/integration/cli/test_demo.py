"""`fhirgate demo`: the examples, told."""

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples"
LISTED = tomllib.loads((EXAMPLES / "manifest.toml").read_text("utf-8"))["example"]


def test_every_example_is_listed(run: Any) -> None:
    done = run("demo", "--list")

    assert (done.returncode, done.stderr) == (0, b"")
    slugs = [line.split()[0] for line in done.stdout.decode().splitlines()]
    assert slugs == [each["slug"] for each in LISTED]
    assert sorted(slugs) == sorted(path.stem for path in EXAMPLES.glob("*.json"))


def test_the_demo_tells_every_story_and_is_the_same_on_any_day(run: Any) -> None:
    first, second = run("demo", TZ="Pacific/Kiritimati"), run("demo", TZ="Pacific/Niue", PYTHONHASHSEED="7")

    assert (first.returncode, first.stderr) == (0, b"")
    assert first.stdout == second.stdout
    for each in LISTED:
        assert f"## {each['title']}\n" in first.stdout.decode()


@pytest.mark.parametrize("example", LISTED, ids=lambda each: each["slug"])
def test_one_example_can_be_told_alone_under_all_its_presets(run: Any, example: dict[str, Any]) -> None:
    done: subprocess.CompletedProcess[bytes] = run("demo", example["slug"])

    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert text.startswith(f"## {example['title']}\n")
    assert text.count("## ") == 1
    assert f"as of {example['as_of']} · preset {example['presets'][0]}" in text
    for preset in example["presets"][1:]:
        assert f"\nUnder {preset}: " in text
