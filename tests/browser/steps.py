"""What a clinician does, step by step. A `frame` is a page of Playwright, or the frame of one that we are in."""

import re
from typing import Any

from browser.world import World

REVIEW = re.compile(r"/review/[^/]+$")
TWO_GROW, ONE_GROWS = "mixed-response-alectinib", "node-only-dicom-sr"
"""Patients with a proposal."""


def launch(page: Any, sites: World, patient: str = TWO_GROW, *, framed: bool = False, **more: str) -> Any:
    """Where the review page is, after a launch out of the EHR's page and a click on Allow."""
    frame = begin(page, sites, patient, framed=framed, **more)
    allow(frame)
    return frame


def begin(page: Any, sites: World, patient: str = TWO_GROW, *, framed: bool = False, **more: str) -> Any:
    """Where the EHR asks whether we may."""
    page.goto(sites.launch_link(patient, frame=framed, **more))
    if not framed:
        return page
    frame = page.locator("iframe.app").element_handle().content_frame()
    assert frame is not None
    return frame


def allow(frame: Any) -> None:
    """The person says yes, and the review page comes."""
    frame.get_by_role("button", name="Allow").click()
    frame.wait_for_url(REVIEW)


def heading(frame: Any) -> str:
    """What the page says first."""
    return str(frame.locator("h1").inner_text()).strip()


def says(frame: Any) -> str:
    """All that can be read on the page."""
    return str(frame.locator("body").inner_text())


def accept(frame: Any) -> None:
    frame.get_by_role("button", name="Accept the proposal").click()


def dismiss(frame: Any, reason: str) -> None:
    frame.get_by_label(reason).check()
    frame.get_by_role("button", name="Dismiss the proposal").click()


def plans(sites: World, patient: str = TWO_GROW, number: int = 2) -> dict[str, Any]:
    """The CarePlans of the EHR by their intent, when there are so many."""
    return {each["intent"]: each for each in sites.awaited("CarePlan", patient, number)}


def overhang(frame: Any) -> int:
    """How much wider the document is than its window [px]."""
    return int(frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def unfold(frame: Any) -> None:
    """Open every part of the page that is folded."""
    frame.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
