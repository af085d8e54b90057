"""The review page as a person sees it: what it says, how it looks in every width and scheme, who can use it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from browser.chromium import NewContext, Watch
from browser.steps import TWO_GROW, heading, launch, overhang, says, unfold
from browser.world import World, current, world
from peers.axe.peer import violations

pytestmark = pytest.mark.peer

STATES = (
    "not-evaluable-decides",
    "oligopersistence-centimetres",
    "prostate-bone-scans",
    "systemic-progression-cdk46",
    TWO_GROW,
    "two-readers-disagree",
)
"""Patients whose pages have different parts."""
LIGHT = ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
REACHED = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  return [at.dataset.stop || at.tagName, seen];
}"""
NUMBERED = """(selector) => {
  const found = [...document.querySelectorAll(selector)].filter(each => each.checkVisibility());
  found.forEach((each, number) => each.dataset.stop = each.type === 'radio' ? each.name : `${each.tagName} ${number}`);
  return found.map(each => each.dataset.stop);
}"""


def drawn_in(page: Any) -> str:
    """The scheme of the picture that is seen, when it has come."""
    picture = page.locator("picture img")
    assert picture.evaluate("each => each.decode().then(() => each.naturalWidth)") > 400
    return str(parse_qs(urlsplit(picture.evaluate("each => each.currentSrc")).query)["scheme"][0])


@pytest.fixture(scope="module")
def ward(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Patients in every kind of state, in an EHR that has no style of its own: the page follows the system's scheme."""
    with world(tmp_path_factory.mktemp("ward"), *map(current, STATES), styled=False) as found:
        yield found


def test_it_says_the_state_its_reason_and_what_decides(ward: World, new_context: NewContext) -> None:
    page = launch(new_context(ward).new_page(), ward)
    top = page.locator("section.now").inner_text()

    assert heading(page) == "Oligoprogression"
    assert "2 of 8 evaluable known lesions progress (N01 and T02); 6 lesions controlled, limit 5." in top
    assert "T02 progressing: 27 mm is +50 % and +9 mm against 18 mm" in top
    assert "line 1 (alectinib)" in top


def test_every_preset_is_a_page_of_its_own(ward: World, new_context: NewContext) -> None:
    page = launch(new_context(ward).new_page(), ward)

    page.get_by_role("link", name="HALT").click()
    page.wait_for_url("**preset=HALT")

    assert "preset HALT" in page.locator("section.now").inner_text()


@pytest.mark.parametrize("patient", STATES)
def test_everybody_can_use_the_page_in_every_state(
    ward: World, new_context: NewContext, patient: str
) -> None:
    page = launch(new_context(ward).new_page(), ward, patient)
    unfold(page)
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found[scheme] = violations(page)

    assert found == {"light": [], "dark": []}


@pytest.mark.parametrize("patient", ["prostate-bone-scans", TWO_GROW, "two-readers-disagree"])
def test_the_page_is_never_wider_than_the_window(ward: World, new_context: NewContext, patient: str) -> None:
    page = launch(new_context(ward).new_page(), ward, patient)
    unfold(page)
    found = {}
    for width in (1280, 768, 400):
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = overhang(page)

    assert found == {1280: 0, 768: 0, 400: 0}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_comes_in_the_scheme_of_the_page(
    ward: World, new_context: NewContext, scheme: str
) -> None:
    page = launch(new_context(ward, color_scheme=scheme).new_page(), ward)

    assert drawn_in(page) == scheme
    assert (page.evaluate("getComputedStyle(document.documentElement).backgroundColor") in LIGHT) == (
        scheme == "light"
    )


def test_the_style_of_the_ehr_keeps_its_scheme_and_so_does_the_picture(
    browser: Any, new_context: NewContext, tmp_path: Path
) -> None:
    with world(tmp_path, current(TWO_GROW)) as sites:
        page = launch(new_context(sites, color_scheme="dark").new_page(), sites)

        assert drawn_in(page) == "light"
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") in LIGHT
        assert violations(page) == []


def test_the_picture_alone_is_shown_without_a_complaint(ward: World, new_context: NewContext) -> None:
    page = launch(new_context(ward).new_page(), ward)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="The picture alone").click()

    assert opened.value.locator("svg").first.bounding_box()["width"] > 400


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_the_light_picture_stands_and_no_button_does(
    ward: World, new_context: NewContext, scheme: str
) -> None:
    page = launch(new_context(ward, color_scheme=scheme).new_page(), ward)
    buttons = page.locator("button")
    on_screen = buttons.first.is_visible()
    page.wait_for_load_state("networkidle")

    page.emulate_media(media="print")

    assert on_screen
    assert not any(each.is_visible() for each in buttons.all())
    (picture,) = (each for each in page.locator(".picture img").all() if each.is_visible())
    assert "scheme=light" in picture.evaluate("each => each.currentSrc")
    assert picture.evaluate("each => each.complete && each.naturalWidth") > 400
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in LIGHT
    assert page.pdf().startswith(b"%PDF")


def test_every_control_is_reached_with_the_tab_key_and_shows_it(ward: World, new_context: NewContext) -> None:
    page = launch(new_context(ward).new_page(), ward)
    wanted = set(page.evaluate(NUMBERED, FOCUSABLE))
    reached, unseen = set(), []
    for _ in range(len(wanted) + 5):
        page.keyboard.press("Tab")
        stop, is_seen = page.evaluate(REACHED)
        reached.add(stop)
        if stop in wanted and not is_seen:
            unseen.append(stop)

    assert len(wanted) > 15
    assert wanted - reached == set()
    assert unseen == []


def test_the_page_needs_no_script(ward: World, new_context: NewContext) -> None:
    page = launch(new_context(ward, java_script_enabled=False).new_page(), ward)

    assert heading(page) == "Oligoprogression"
    assert page.locator("script").count() == 0


def test_our_own_door_is_for_everybody(ward: World, new_context: NewContext) -> None:
    for scheme in ("light", "dark"):
        page = new_context(ward, color_scheme=scheme, viewport={"width": 400, "height": 800}).new_page()
        page.goto(ward.app)

        assert violations(page) == []
        assert overhang(page) == 0
        assert "sandbox" in says(page)


def test_a_launch_from_our_own_door_asks_the_ehr_for_the_patient(
    ward: World, new_context: NewContext
) -> None:
    page = new_context(ward).new_page()
    page.goto(ward.app)
    page.get_by_role("link", name="sandbox").click()
    page.get_by_role("radio", name=TWO_GROW).check()
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url("**/review/*")

    assert heading(page) == "Oligoprogression"


@pytest.mark.parametrize("path", ["/review/none", "/launch", "/callback/sandbox", "/launch/nowhere"])
def test_a_problem_is_told_on_a_page_everybody_can_use(
    ward: World, new_context: NewContext, watch: Watch, path: str
) -> None:
    page = new_context(ward, viewport={"width": 400, "height": 800}).new_page()

    page.goto(ward.app + path)

    watch.expect("status of 4")
    assert page.locator("h1").count() == 1
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
    assert overhang(page) == 0
