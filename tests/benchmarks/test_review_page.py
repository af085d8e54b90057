"""What the review page costs beyond the EHR, from the redirect to the text, and the picture after it.

    pytest tests/benchmarks/test_review_page.py --benchmark-only --benchmark-verbose

The simulated EHR answers each call after 20 ms at the soonest, from a process of its own, and keeps a clock on itself.
How long at least one call was under way there is its time; the rest of the time of a page is our *own*: reading,
judging under every preset, and writing the page. `ratio` is our own time over the EHR's.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from browser.chromium import driver
from browser.steps import launch
from browser.world import world
from databases import fresh_url
from latent_sandbox import LatentSandbox, latent_sandbox
from latent_server import busy
from launched_web import APP, Browser

from fhirgate.charts.render import warm
from fhirgate.config.settings import Settings
from fhirgate.sandbox.dialects.record import write_record
from fhirgate.sandbox.dialects.served import as_served
from fhirgate.sandbox.ehr.moved import moved_record
from fhirgate.sandbox.ehr.patients import PatientRecord
from fhirgate.sandbox.random_story import random_story
from fhirgate.web.app import create_app
from fhirgate.wiring import build

LATENCY = 0.02
GOAL_MS = 300
READER = {"resourceType": "Practitioner", "id": "reader-1", "active": True}
"""Whom the measurements name."""
_PICTURE = re.compile(r'<img src="([^"]+)"')


def record() -> PatientRecord:
    """394 resources, the last of them of today."""
    story = random_story(2, lesions=12, scans=28)
    resources = (*as_served(write_record(story)), READER)
    assert len(resources) == 394
    told = PatientRecord(title="a long record", tells="", resources=resources)
    return moved_record(told, (datetime.now(UTC).date() - date.fromisoformat(story.as_of)).days)


@dataclass
class Page:
    """A page of a launch in a browser, and what was measured of it [s]."""

    browser: Browser
    address: str
    ehr: LatentSandbox
    own: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    calls: int = 0

    def shown(self) -> str:
        """The text of the page."""
        self.ehr.served()
        began = time.monotonic()
        answer = self.browser.get(self.address)
        took = time.monotonic() - began
        assert answer.status_code == 200, answer.text
        served = self.ehr.served()
        self.theirs.append(busy(served))
        self.own.append(took - self.theirs[-1])
        self.calls = len(served)
        return answer.text

    def picture(self, text: str) -> str:
        """The picture that the page has in it."""
        found = _PICTURE.search(text)
        assert found
        answer = self.browser.get(unescape(found[1]))
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder, given = tmp_path_factory.mktemp("review"), record()
    with latent_sandbox(given, APP, latency=LATENCY) as ehr:
        registry = folder / "servers.toml"
        registry.write_text(
            f'[servers.sandbox]\nbase_url = "{ehr.url}/fhir"\nnetwork = "private"\n'
            'private_hosts = ["127.0.0.1"]\nlaunch = { kind = "public", client_id = "app" }\n'
        )
        environment = {
            "FHIRGATE_SERVERS": str(registry),
            "FHIRGATE_DATABASE_URL": fresh_url("sqlite", folder),
            "FHIRGATE_PUBLIC_URL": APP,
        }
        service = build(Settings.from_env(environment), environment, lambda _: None)
        try:
            browser = Browser(create_app(service.gate), ehr)
            yield Page(browser, browser.launched(given.patient), ehr)
        finally:
            service.stop(5)


def test_1_the_text_of_the_page(benchmark: Any, page: Page) -> None:
    benchmark.group = f"394 resources, {LATENCY * 1000:.0f} ms a call at the soonest"

    text = benchmark.pedantic(page.shown, rounds=12, warmup_rounds=2)

    own, theirs = page.own[2:], page.theirs[2:]
    benchmark.extra_info |= {
        "own": _ms(own),
        "of_the_ehr": _ms(theirs),
        "ratio": f"{median(own) / median(theirs):.2f}, at best {min(own) / min(theirs):.2f}",
        "goal": f"{GOAL_MS} ms",
        "calls": page.calls,
        "bytes": len(text.encode()),
    }
    # The picture is asked for by itself, and nothing else is waited for.
    assert "<svg" not in text.partition("</head>")[0]
    assert "<script" not in text


def test_2_the_picture_after_it(benchmark: Any, page: Page) -> None:
    benchmark.group = f"394 resources, {LATENCY * 1000:.0f} ms a call at the soonest"
    warm()
    text = page.shown()

    svg = benchmark.pedantic(page.picture, (text,), rounds=8, warmup_rounds=1)

    # What was drawn is kept for a moment: the EHR is not asked again.
    assert [each.call for each in page.ehr.served()] == []
    assert svg.startswith("<svg")
    benchmark.extra_info["bytes"] = len(svg.encode())


def test_3_first_contentful_paint_in_chromium(benchmark: Any, tmp_path: Path) -> None:
    benchmark.group = "394 resources, first contentful paint in Chromium"
    given = record()
    paints: list[tuple[float, float]] = []
    with driver() as started, started.browser() as chromium, world(tmp_path, given) as sites:
        tab = chromium.new_context(ignore_https_errors=True).new_page()
        launch(tab, sites, given.patient)

        def painted() -> None:
            tab.reload(wait_until="load")
            paints.append(tuple(tab.evaluate(_PAINTED)))

        benchmark.pedantic(painted, rounds=5, warmup_rounds=1)
    painted_after, picture_after = zip(*paints[1:], strict=True)
    benchmark.extra_info |= {
        "paint_after_first_byte": _ms(painted_after),
        "picture_after_paint": _ms(picture_after),
    }


_PAINTED = """() => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0].startTime;
  const picture = performance.getEntriesByType("resource").find(each => each.name.includes("/chart.svg"));
  const first = performance.getEntriesByType("navigation")[0].responseStart;
  return [(paint - first) / 1000, (picture.responseEnd - paint) / 1000];
}"""


def _ms(seconds: Sequence[float]) -> str:
    return f"{1000 * median(seconds):.0f} ms, at best {1000 * min(seconds):.0f} ms"
