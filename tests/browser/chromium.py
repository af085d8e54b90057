"""Debian's Chromium, driven by Playwright; in every test it is watched that no page complains or calls others."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

NewContext = Callable[..., Any]
"""Makes a profile without any past for the browser, for some sites (`conftest.new_context`)."""


def _cannot(why: str) -> None:
    reason = f"NOT SEEN IN A BROWSER: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True)
class Driver:
    """Starts browsers."""

    playwright: Any
    program: str

    @property
    def usual(self) -> dict[str, Any]:
        """How each is started: root, as in CI's containers, has no sandbox of processes; the pages are our own."""
        return {"executable_path": self.program, "chromium_sandbox": False}

    @contextmanager
    def browser(self) -> Iterator[Any]:
        """One with its usual settings."""
        found = self.playwright.chromium.launch(**self.usual)
        try:
            yield found
        finally:
            found.close()

    @contextmanager
    def without_cookies_in_frames(self, folder: Path, ours: str, theirs: str) -> Iterator[Any]:
        """A profile of a browser of its own, which keeps no cookie of ours in a frame of theirs, partitioned or not."""
        blocked = {"cookies": {f"{ours},{theirs}": {"setting": 2}}}
        settings = folder / "Default/Preferences"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"profile": {"content_settings": {"exceptions": blocked}}}))
        context = self.playwright.chromium.launch_persistent_context(
            str(folder), ignore_https_errors=True, **self.usual
        )
        try:
            yield context
        finally:
            context.close()


@contextmanager
def driver() -> Iterator[Driver]:
    """Playwright over Chromium; without one of them the test is skipped, and fails in CI."""
    program = shutil.which("chromium")
    if program is None:
        _cannot("there is no chromium; Debian has it as the package chromium")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ImportError:
        _cannot("playwright is missing: pip install '.[test]'")
    with sync_playwright() as playwright:
        yield Driver(playwright, program or "")


@dataclass
class Watch:
    """What pages of one context complained of, and where they went."""

    origins: frozenset[str]
    """Where they may go."""
    complaints: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    awaited: list[str] = field(default_factory=list)
    """Parts of complaints that a test is about."""

    def over(self, context: Any) -> None:
        """Begin to watch."""
        context.on("console", lambda each: self.complaints.append(f"{each.type}: {each.text}"))
        context.on("weberror", lambda each: self.complaints.append(f"error: {each.error}"))
        context.on("request", lambda each: self.requested.append(each.url))

    def expect(self, *parts: str) -> None:
        """These complaints belong to what is tested."""
        self.awaited += parts

    def problems(self) -> list[str]:
        """Complaints that nobody awaited, awaited ones that did not come, and addresses of others."""
        unexpected = [each for each in self.complaints if not any(part in each for part in self.awaited)]
        missing = [part for part in self.awaited if not any(part in each for each in self.complaints)]
        return [
            *unexpected,
            *(f"it did not complain of: {part}" for part in missing),
            *(f"it called {url}" for url in self.requested if _origin(url) not in self.origins),
        ]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else parts.scheme
