"""Decisions by a person in a browser, and what the EHR holds of them afterwards."""

from typing import Any

import pytest
from browser.chromium import NewContext, Watch
from browser.steps import ONE_GROWS, TWO_GROW, accept, dismiss, launch, plans, says
from browser.third_site import another_form
from browser.world import World

pytestmark = pytest.mark.peer

CLINICIAN = "Practitioner/sandbox-clinician"
FORM = "form[action$='/decision']"


def decided(page: Any) -> str:
    """What stands in place of the form."""
    page.locator("section.decision dl").wait_for()
    assert page.locator(FORM).count() == 0
    return str(page.locator("section.decision").inner_text())


def planned(plan: dict[str, Any]) -> str:
    """A plan's lines, in words."""
    return " ".join(each["detail"].get("description", "") for each in plan["activity"])


@pytest.mark.parametrize(
    ("framed", "script"),
    [(False, True), (True, True), (True, False)],
    ids=["window", "frame", "frame without script"],
)
def test_what_is_accepted_becomes_the_persons_own_plan_in_the_ehr(
    own_sites: World, new_context: NewContext, framed: bool, script: bool
) -> None:
    page = new_context(own_sites, java_script_enabled=script).new_page()
    frame = launch(page, own_sites, framed=framed)

    accept(frame)

    assert "Accepted as it stands" in decided(frame)
    assert "Sandbox Clinician" in decided(frame)
    found = plans(own_sites)
    assert (found["proposal"]["status"], found["plan"]["status"]) == ("completed", "active")
    assert found["plan"]["author"]["reference"] == CLINICIAN
    assert found["plan"]["basedOn"][0]["reference"].startswith(f"CarePlan/{found['proposal']['id']}")


def test_what_is_dismissed_is_revoked_with_the_reason(own_sites: World, new_context: NewContext) -> None:
    page = launch(new_context(own_sites).new_page(), own_sites)

    dismiss(page, "The patient does not wish it")

    assert "The patient does not wish it" in decided(page)
    found = plans(own_sites, number=1)
    assert set(found) == {"proposal"}
    assert found["proposal"]["status"] == "revoked"


def test_a_lesion_that_is_unticked_is_not_in_the_plan(own_sites: World, new_context: NewContext) -> None:
    page = launch(new_context(own_sites).new_page(), own_sites)
    page.get_by_role("checkbox", name="N01").uncheck()
    page.get_by_role("checkbox", name="Stereotactic radiotherapy").check()
    way = page.locator("form.way", has=page.get_by_role("button", name="Accept with these changes"))
    way.get_by_label("Comment").fill("Board on Thursday <b>ü</b>")

    page.get_by_role("button", name="Accept with these changes").click()

    told = decided(page)
    assert "Accepted with changes" in told
    assert "Board on Thursday <b>ü</b>" in told
    plan = plans(own_sites)["plan"]
    assert "T02" in str(plan)
    assert "N01" not in planned(plan)


def test_two_tabs_decide_each_on_its_own_patient(own_sites: World, new_context: NewContext) -> None:
    context = new_context(own_sites)
    first = launch(context.new_page(), own_sites, TWO_GROW)
    second = launch(context.new_page(), own_sites, ONE_GROWS)

    dismiss(first, "The patient does not wish it")
    accept(second)

    assert "Dismissed" in decided(first)
    assert "Accepted as it stands" in decided(second)
    assert {each: found["status"] for each, found in plans(own_sites, TWO_GROW, 1).items()} == {
        "proposal": "revoked"
    }
    assert {each: found["status"] for each, found in plans(own_sites, ONE_GROWS, 2).items()} == {
        "proposal": "completed",
        "plan": "active",
    }


def test_nothing_is_accepted_when_the_record_has_changed_since_the_page_was_drawn(
    own_sites: World, new_context: NewContext, watch: Watch
) -> None:
    page = launch(new_context(own_sites).new_page(), own_sites)
    size = own_sites.read(f"Observation/{TWO_GROW}-t02-4")
    size["valueQuantity"]["value"] = 18
    own_sites.replace({**size, "status": "amended"})

    accept(page)
    page.wait_for_load_state()

    watch.expect("status of 409")
    assert "changed" in page.get_by_role("alert").inner_text()
    assert "1 of 8 evaluable known lesions progresses (N01)" in says(page)
    assert own_sites.search("CarePlan", TWO_GROW) == []
    accept(page)
    assert "Accepted as it stands" in decided(page)
    assert "T02" not in planned(plans(own_sites)["plan"])


def test_to_reload_or_to_go_back_decides_nothing_again(own_sites: World, new_context: NewContext) -> None:
    page = launch(new_context(own_sites).new_page(), own_sites)
    accept(page)
    first = decided(page)

    page.reload()
    again = decided(page)
    page.go_back()
    page.wait_for_load_state()

    assert again.splitlines()[:6] == first.splitlines()[:6]
    assert len(plans(own_sites)) == 2
    assert len(own_sites.search("CarePlan", TWO_GROW)) == 2


def test_who_decides_second_is_told_what_was_decided_first(
    own_sites: World, new_context: NewContext, watch: Watch
) -> None:
    first = launch(new_context(own_sites).new_page(), own_sites)
    second = launch(new_context(own_sites).new_page(), own_sites)
    accept(first)
    assert "Accepted as it stands" in decided(first)

    dismiss(second, "The patient does not wish it")

    watch.expect("status of 409")
    assert "Accepted as it stands" in decided(second)
    assert plans(own_sites)["proposal"]["status"] == "completed"


def test_another_reason_needs_words(own_sites: World, new_context: NewContext, watch: Watch) -> None:
    page = launch(new_context(own_sites).new_page(), own_sites)

    dismiss(page, "Another reason, as the comment says")
    page.wait_for_load_state()

    watch.expect("status of 4")
    assert page.get_by_label("Another reason, as the comment says").is_checked()
    assert "comment" in page.get_by_role("alert").inner_text()
    assert own_sites.search("CarePlan", TWO_GROW) == []


@pytest.mark.parametrize("knows_token", [False, True], ids=["without the token", "with the token"])
def test_a_form_of_another_site_decides_nothing(
    own_sites: World, new_context: NewContext, watch: Watch, knows_token: bool
) -> None:
    context = new_context(own_sites)
    page = launch(context.new_page(), own_sites)
    act = "name=act value=accept"
    with another_form(own_sites, page, "/decision", knows_token=knows_token, button=act) as third:
        watch.origins |= {third}
        other = context.new_page()
        other.goto(third)
        other.get_by_role("button", name="Win").click()
        other.wait_for_url(f"{own_sites.app}/**")

        watch.expect("status of 403")
        assert "nothing was done" in says(other)
    page.reload()
    assert page.get_by_role("button", name="Accept the proposal").count() == 1
    assert own_sites.search("CarePlan", TWO_GROW) == []


def test_the_form_is_not_on_paper_and_that_nothing_was_decided_is(
    own_sites: World, new_context: NewContext
) -> None:
    page = launch(new_context(own_sites).new_page(), own_sites)

    page.emulate_media(media="print")

    assert not page.get_by_role("button", name="Accept the proposal").is_visible()
    assert page.get_by_text("Nothing was decided when this was printed.").is_visible()
