"""Launches out of the EHR's page in a real browser, in a frame and outside, with and without cookies."""

from pathlib import Path

import pytest
from browser.chromium import Driver, NewContext, Watch
from browser.steps import ONE_GROWS, REVIEW, TWO_GROW, allow, begin, heading, launch, says
from browser.world import World
from peers.axe.peer import violations
from sqlalchemy import delete

from fhirgate.store.tables import launch_session

pytestmark = pytest.mark.peer

OPEN_ALONE = "Open in a new window"


def test_a_launch_outside_a_frame_comes_to_the_page_of_the_patient(
    sites: World, new_context: NewContext
) -> None:
    page = launch(new_context(sites).new_page(), sites)

    assert page.url.startswith(f"{sites.app}/review/")
    assert heading(page) == "Oligoprogression"
    # The EHR said that nobody sees whose chart it is.
    assert TWO_GROW in page.get_by_role("region", name="Patient").inner_text()


def test_a_launch_in_a_frame_of_another_site_comes_to_the_page_of_the_patient(
    sites: World, new_context: NewContext
) -> None:
    page = new_context(sites).new_page()

    frame = launch(page, sites, framed=True)

    assert page.url.startswith(sites.ehr)
    assert frame.url.startswith(f"{sites.app}/review/")
    assert heading(frame) == "Oligoprogression"
    # The EHR shows whose chart it is.
    assert frame.get_by_role("region", name="Patient").count() == 0


def test_the_cookies_of_a_launch_are_kept_apart_for_the_site_that_frames_us(
    sites: World, new_context: NewContext
) -> None:
    context = new_context(sites)

    launch(context.new_page(), sites, framed=True)

    cookies = context.cookies()
    assert cookies
    for each in cookies:
        assert (each["secure"], each["httpOnly"], each["sameSite"]) == (True, True, "None"), each
        assert each["partitionKey"] == "https://localhost", each


def test_the_launch_of_a_frame_cannot_be_seen_outside_it(
    sites: World, new_context: NewContext, watch: Watch
) -> None:
    context = new_context(sites)
    frame = launch(context.new_page(), sites, framed=True)
    other = context.new_page()

    answer = other.goto(frame.url)

    watch.expect(f"status of {answer.status}")
    assert answer.status in (401, 403, 404, 410)
    assert "Oligoprogression" not in says(other)


def test_where_cookies_are_blocked_in_frames_the_launch_goes_on_in_a_window_of_its_own(
    sites: World, started: Driver, watch: Watch, tmp_path: Path
) -> None:
    with started.without_cookies_in_frames(tmp_path, sites.app, sites.ehr) as context:
        watch.origins |= {sites.ehr, sites.app}
        watch.over(context)
        page = context.new_page()
        frame = begin(page, sites, framed=True)
        frame.get_by_role("link", name=OPEN_ALONE).wait_for()
        found = violations(frame)
        with page.expect_popup() as opened:
            frame.get_by_role("link", name=OPEN_ALONE).click()
        window = opened.value
        allow(window)

        assert found == []
        assert heading(window) == "Oligoprogression"
        # The EHR shows whose chart it is around its frame, and not here.
        assert TWO_GROW in window.get_by_role("region", name="Patient").inner_text()


def test_two_tabs_with_two_patients_never_mix(sites: World, new_context: NewContext) -> None:
    context = new_context(sites)
    tabs = {}
    # Both are under way before the first is let in.
    for patient in (TWO_GROW, ONE_GROWS):
        tabs[patient] = begin(context.new_page(), sites, patient)
    for each in tabs.values():
        allow(each)
    for each in tabs.values():
        each.reload()

    for patient, each in tabs.items():
        told = each.get_by_role("region", name="Patient").inner_text()
        assert [other in told for other in tabs] == [other == patient for other in tabs]


def test_a_denied_launch_says_what_to_do(sites: World, new_context: NewContext, watch: Watch) -> None:
    page = begin(new_context(sites).new_page(), sites)

    page.get_by_role("button", name="Deny").click()
    page.wait_for_url(lambda url: url.startswith(sites.app))

    watch.expect("status of 4")
    assert "chart" in says(page)


@pytest.mark.parametrize("framed", [False, True], ids=["window", "frame"])
def test_a_launch_that_is_over_says_so_and_shows_nothing(
    own_sites: World, new_context: NewContext, watch: Watch, framed: bool
) -> None:
    page = new_context(own_sites).new_page()
    frame = launch(page, own_sites, framed=framed)
    with own_sites.service.database.writing() as connection:
        connection.execute(delete(launch_session))

    # With its page still in front of them, the person clicks on.
    frame.get_by_role("link", name="HALT").click()
    frame.wait_for_url("**/review/*preset=HALT")

    watch.expect("status of 4")
    assert heading(frame) == "This session is over"
    assert "alectinib" not in says(frame)
    assert violations(frame) == []


def test_who_logs_out_is_out(own_sites: World, new_context: NewContext, watch: Watch) -> None:
    page = launch(new_context(own_sites).new_page(), own_sites)
    review = page.url

    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="logged out").wait_for()
    said, found = says(page), violations(page)
    answer = page.goto(review)

    watch.expect("status of 4")
    assert "alectinib" not in said
    assert found == []
    assert answer.status >= 400
    assert "alectinib" not in says(page)


def test_the_way_back_leads_to_nothing_a_second_time(
    sites: World, new_context: NewContext, watch: Watch
) -> None:
    context = new_context(sites)
    page = context.new_page()
    called = []
    context.on("request", lambda each: called.append(each.url))
    launch(page, sites)
    (callback,) = {each for each in called if "/callback/" in each}

    answer = page.goto(callback)

    watch.expect(f"status of {answer.status}")
    assert answer.status == 400
    assert not REVIEW.search(page.url)
