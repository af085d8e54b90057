"""Attacks that only a browser can show: what other sites, and a hostile record, can make of our pages."""

import json
from pathlib import Path
from typing import Any

import pytest
from browser.chromium import NewContext, Watch
from browser.steps import TWO_GROW, heading, launch, overhang, says, unfold
from browser.third_site import another_form, third_site
from browser.world import World, current, record_of, world
from peers.axe.peer import violations

pytestmark = pytest.mark.peer

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg onload=alert(1)>javascript:alert(1)"
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 40
FIXED = frozenset(
    {
        *(
            "code",
            "comparator",
            "contentType",
            "gender",
            "id",
            "intent",
            "lastUpdated",
            "profile",
            "reference",
        ),
        *("resourceType", "status", "system", "type", "unit", "url", "use", "versionId"),
    }
)
"""Elements that are no free text: changed, they would mean something else."""


def with_words(value: Any, extra: str, name: str = "") -> Any:
    """A resource with something added to each of its free texts."""
    if isinstance(value, dict):
        return {key: with_words(each, extra, key) for key, each in value.items()}
    if isinstance(value, list):
        return [with_words(each, extra, name) for each in value]
    is_text = isinstance(value, str) and name not in FIXED and not value[:4].isdigit()
    return f"{value} {extra}" if is_text else value


def test_another_site_cannot_show_us_in_a_frame(sites: World, new_context: NewContext, watch: Watch) -> None:
    context = new_context(sites)
    page = launch(context.new_page(), sites)
    with third_site(
        sites, f'<iframe src="{page.url}"></iframe><iframe src="{sites.app}/"></iframe>'
    ) as third:
        watch.origins |= {third}
        other = context.new_page()
        other.goto(third)
        framed = [says(each) for each in other.frames[1:]]

    watch.expect("frame-ancestors", "status of 404")
    assert len(framed) == 2
    assert not any("progression" in each.lower() or "fhirgate" in each for each in framed)


@pytest.mark.parametrize("knows_token", [False, True], ids=["without the token", "with the token"])
def test_a_form_of_another_site_does_nothing(
    sites: World, new_context: NewContext, watch: Watch, knows_token: bool
) -> None:
    context = new_context(sites)
    page = launch(context.new_page(), sites)
    with another_form(sites, page, "/end", knows_token=knows_token) as third:
        watch.origins |= {third}
        other = context.new_page()
        other.goto(third)
        other.get_by_role("button", name="Win").click()
        other.wait_for_url(f"{sites.app}/**")

        watch.expect("status of 403")
        assert "nothing was done" in says(other)
    page.reload()
    assert heading(page) == "Oligoprogression"


def test_no_token_of_the_ehr_comes_to_the_browser(
    own_sites: World, new_context: NewContext, watch: Watch
) -> None:
    context = new_context(own_sites)
    headers: list[str] = []
    context.on("response", lambda each: headers.append(str(each.headers)))
    page = launch(context.new_page(), own_sites)
    page.wait_for_load_state("networkidle")

    held = json.dumps(context.storage_state()) + page.evaluate(
        "JSON.stringify([{...sessionStorage}, document.cookie])"
    )
    shown = "".join([page.content(), held, *headers, *watch.requested])
    assert len(own_sites.secrets) >= 2
    assert [each for each in own_sites.secrets if each in shown] == []
    assert [each for each in own_sites.secrets if each in repr(own_sites.events)] == []


def test_script_in_every_text_of_a_record_is_text(
    browser: Any, new_context: NewContext, tmp_path: Path
) -> None:
    record = record_of("Hostile", (with_words(each, SCRIPT) for each in current(TWO_GROW).resources))
    with world(tmp_path, record) as sites:
        page = new_context(sites).new_page()
        dialogs: list[str] = []
        page.on("dialog", lambda each: (dialogs.append(each.message), each.dismiss()))
        launch(page, sites)
        unfold(page)
        page.locator("picture img").evaluate("each => each.decode()")

        assert "<script>alert(1)</script>" in says(page)
        assert page.locator("script, main img:not(.picture img), [onload], [onerror]").count() == 0
        assert violations(page) == []
        page.goto(page.locator("picture img").evaluate("each => each.currentSrc"))
        assert page.locator("script").count() == 0
        assert dialogs == []


@pytest.mark.parametrize("width", [1280, 400])
def test_very_long_names_break_no_page(
    browser: Any, new_context: NewContext, tmp_path: Path, width: int
) -> None:
    record = record_of("Long", (with_words(each, LONG) for each in current(TWO_GROW).resources))
    with world(tmp_path, record) as sites:
        page = launch(new_context(sites, viewport={"width": width, "height": 900}).new_page(), sites)
        unfold(page)

        assert heading(page) == "Oligoprogression"
        assert overhang(page) == 0
        assert page.get_by_role("heading", name="Decision", exact=True).is_visible()
