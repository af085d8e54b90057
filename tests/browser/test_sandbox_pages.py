"""The pages of the simulated EHR, as a person sees them."""

from urllib.parse import urlencode

import pytest
from browser.chromium import NewContext, Watch
from browser.steps import overhang, says
from browser.world import World
from peers.axe.peer import violations
from sandbox_world import READ, VERIFIER, challenge

pytestmark = pytest.mark.peer


def consent(sites: World, **more: str) -> str:
    """The authorization request of an app."""
    asked = {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": f"{sites.app}/callback/sandbox",
        "scope": READ,
        "state": "s" * 22,
        "aud": f"{sites.ehr}/fhir",
        "code_challenge": challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    return f"{sites.ehr}/auth/authorize?{urlencode(asked | more)}"


def pages(sites: World) -> dict[str, str]:
    return {
        "patients": f"{sites.ehr}/",
        "patients, with a failure chosen": f"{sites.ehr}/?failure=slow",
        "consent of a standalone launch": consent(sites, scope=READ.replace("launch ", "launch/patient ")),
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_pages(sites: World, new_context: NewContext, scheme: str) -> None:
    page = new_context(sites, color_scheme=scheme).new_page()
    found = {}
    for name, url in pages(sites).items():
        page.goto(url)
        found[name] = violations(page)

    assert found == {name: [] for name in found}


@pytest.mark.parametrize("width", [1280, 768, 400])
def test_no_page_is_wider_than_the_window(sites: World, new_context: NewContext, width: int) -> None:
    page = new_context(sites, viewport={"width": width, "height": 900}).new_page()
    found = {}
    for name, url in pages(sites).items():
        page.goto(url)
        found[name] = overhang(page)

    assert found == dict.fromkeys(found, 0)


def test_a_problem_is_told_on_a_page_everybody_can_use(
    sites: World, new_context: NewContext, watch: Watch
) -> None:
    page = new_context(sites).new_page()

    page.goto(f"{sites.ehr}/launch/nobody")

    watch.expect("status of 400")
    assert "no such patient" in says(page)
    assert violations(page) == []
