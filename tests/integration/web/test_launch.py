"""Launching by way of our routes, out of the simulated EHR: cookies, the way back, and every way it can fail."""

import json
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from launched_web import APP, PATIENT, Browser, Web
from sandbox_world import NOON, query_of
from web_world import Site

from fhirgate.errors import Category
from fhirgate.services.events import Event, LaunchBegun, LaunchLetIn, LaunchStopped, line_of
from fhirgate.services.launches import Why
from fhirgate.web.browser import PREFIX, PROBE
from fhirgate.web.words import CATEGORY, NO_COOKIE, WHY

PENDING, LAUNCH = f"{PREFIX}p-", f"{PREFIX}l-"


def attributes(cookie: str) -> set[str]:
    _, *found = (each.strip() for each in cookie.split(";"))
    return {
        each.partition("=")[0] for each in found if each.partition("=")[0] not in ("Max-Age", "Expires")
    } | {each for each in found if each.startswith(("SameSite", "Path"))}


def stops(web: Web, browser: Browser, url: str) -> tuple[Why, str]:
    """Why a launch goes no further, and the page that says so."""
    del web.events[:]
    answer = browser.get(url)
    (event,) = (each for each in web.events if isinstance(each, LaunchStopped))
    assert answer.status_code == 400
    assert answer.content_type == "text/html; charset=utf-8"
    return Why(event.why), answer.text


def test_a_launch_out_of_the_chart_ends_at_a_page_of_its_own(web: Web, browser: Browser) -> None:
    del web.events[:]
    opened = browser.opened()

    probing = browser.get(opened)
    begun = browser.get(probing.headers["Location"])
    let_in = browser.get(browser.clicks(begun.headers["Location"]))

    assert (probing.status_code, begun.status_code, let_in.status_code) == (303, 303, 303)
    assert probing.headers["Location"] == f"/launch?{urlencode(query_of(opened))}&probed=1"
    assert re.fullmatch(r"/review/[A-Za-z0-9_-]{43}", let_in.headers["Location"])
    launch_id = let_in.headers["Location"].removeprefix("/review/")
    assert set(browser.cookies()) == {PROBE, LAUNCH + launch_id}
    told = [each for each in web.events if isinstance(each, LaunchBegun | LaunchLetIn)]
    assert told == [
        LaunchBegun(server="sandbox", flow="ehr"),
        LaunchLetIn(server="sandbox", flow="ehr"),
    ]


def test_every_cookie_is_for_our_host_alone_works_in_a_frame_and_is_out_of_reach_of_scripts(
    browser: Browser,
) -> None:
    browser.launched()

    given = [each for answer in browser.seen for each in answer.headers.getlist("Set-Cookie")]

    assert len(given) >= 4
    for each in given:
        assert each.startswith("__Host-fhirgate-")
        assert "Max-Age" in each
        assert attributes(each) == {
            "Secure",
            "HttpOnly",
            "SameSite",
            "SameSite=None",
            "Partitioned",
            "Path",
            "Path=/",
        }


def test_a_person_launches_from_our_own_door_and_chooses_the_patient(browser: Browser) -> None:
    door = browser.get("/")
    assert 'href="/launch/sandbox"' in door.text
    assert "programs" not in door.text

    authorize = browser.to_the_ehr("/launch/sandbox")
    answer = browser.get(browser.clicks(authorize, patient=PATIENT))

    assert "launch" not in parse_qs(urlsplit(authorize).query)
    assert (answer.status_code, answer.headers["Location"][:8]) == (303, "/review/")


def test_without_cookies_a_launch_offers_a_new_window_and_has_not_used_up_what_the_ehr_gave(
    web: Web, browser: Browser
) -> None:
    opened = browser.opened()
    probing = browser.get(opened)
    browser.client.delete_cookie(PROBE, domain="fhirgate.example")

    lost = browser.get(probing.headers["Location"])

    assert (lost.status_code, NO_COOKIE.heading in lost.text) == (200, True)
    (link,) = re.findall(r'<a [^>]*href="([^"]+)" target="_blank" rel="noopener">', lost.text)
    again = web.browser()
    assert again.get(again.clicks(again.to_the_ehr(link.replace("&amp;", "&")))).status_code == 303


def test_what_an_ehr_says_beside_iss_and_launch_is_passed_over(browser: Browser) -> None:
    opened = f"{browser.opened()}&next=https://evil.example.org&patient=p9&iss_=x"

    authorize = browser.to_the_ehr(opened)

    assert "evil" not in authorize
    assert "evil" not in "".join(browser.seen[0].headers.values())


@pytest.mark.parametrize("name", ["iss", "launch"])
def test_a_launch_that_says_something_twice_is_refused(web: Web, browser: Browser, name: str) -> None:
    answer = browser.get(f"{browser.opened()}&{name}=x")

    assert (answer.status_code, WHY[Why.MALFORMED].heading in answer.text) == (400, True)


@pytest.mark.parametrize(
    "iss",
    [
        "",
        "https://evil.example.org/fhir",
        "http://169.254.169.254/latest/meta-data",
        "https://programs.example.org/fhir",
        "javascript:alert(1)",
    ],
)
def test_an_ehr_that_may_not_launch_us_is_refused_before_anything_is_set_or_asked(
    web: Web, browser: Browser, iss: str
) -> None:
    why, text = stops(web, browser, f"/launch?{urlencode({'iss': iss, 'launch': 'x'})}")

    assert why is Why.UNKNOWN_ISSUER
    assert WHY[why].heading in text
    assert iss == "" or iss not in text
    assert browser.cookies() == {}


def test_a_server_that_cannot_be_launched_from_is_refused_and_its_name_is_not_repeated(
    web: Web, browser: Browser
) -> None:
    for name in ("programs", "jane-doe"):
        answer = browser.get(f"/launch/{name}")
        assert (answer.status_code, answer.content_type[:9]) == (400, "text/html")
        assert "jane" not in answer.text
    assert "jane" not in repr(web.events)


@pytest.mark.parametrize(
    ("failure", "why"),
    [("denied", Why.DENIED), ("no-context", Why.NO_PATIENT), ("no-scope", Why.NOTHING_GRANTED)],
)
def test_a_named_failure_of_the_ehr_is_told_in_plain_words_with_a_next_step(
    web: Web, browser: Browser, failure: str, why: Why
) -> None:
    found, text = stops(web, browser, browser.back(failure=failure))

    assert found is why
    for each in (WHY[why].heading, WHY[why].says, WHY[why].advice):
        assert each.replace("'", "&#39;") in text
    assert 'href="/launch/sandbox"' in text


def test_who_declines_is_told_so(web: Web, browser: Browser) -> None:
    back = browser.clicks(browser.to_the_ehr(browser.opened()), "deny")

    assert stops(web, browser, back)[0] is Why.DENIED


def test_what_came_back_is_good_once(web: Web, browser: Browser) -> None:
    back = browser.back()

    assert browser.get(back).status_code == 303
    assert stops(web, browser, back)[0] is Why.UNKNOWN_STATE


def test_what_came_back_is_good_in_the_browser_that_began_and_no_other(web: Web, browser: Browser) -> None:
    """Whoever lures somebody to an answer of his own does not get that person into his launch."""
    victim = web.browser()
    victim.launched()
    held = victim.cookies()

    why, text = stops(web, victim, browser.back())

    assert why is Why.OTHER_BROWSER
    assert 'href="/launch/sandbox" target="_blank" rel="noopener"' in text
    assert victim.cookies() == held


def test_a_launch_has_a_secret_of_its_own_that_nobody_can_set_before(browser: Browser) -> None:
    fixed = "f" * 43
    browser.to_the_ehr("/launch/sandbox")
    for name in list(browser.cookies()):
        if name.startswith(PENDING):
            browser.client.set_cookie(name, fixed, domain="fhirgate.example", secure=True)
    first = browser.launched().removeprefix("/review/")
    second = browser.launched().removeprefix("/review/")

    secrets = {browser.cookies()[LAUNCH + each].partition(".")[0] for each in (first, second)}

    assert len(secrets) == 2
    assert fixed not in secrets


@pytest.mark.parametrize("changed", ["nobody", "programs", "..%2Fsandbox"])
def test_an_answer_at_another_servers_address_is_refused(web: Web, browser: Browser, changed: str) -> None:
    back = browser.back().replace("/callback/sandbox", f"/callback/{changed}")

    answer = browser.get(back)

    assert answer.status_code in (400, 404)
    assert "Location" not in answer.headers


@pytest.mark.parametrize("name", ["next", "redirect_uri", "target_link_uri", "RelayState", "return_to"])
def test_nothing_that_comes_back_leads_anywhere(browser: Browser, name: str) -> None:
    answer = browser.get(f"{browser.back()}&{name}=https://evil.example.org/")

    assert re.fullmatch(r"/review/[A-Za-z0-9_-]{43}", answer.headers["Location"])


def test_what_is_called_without_sense_is_answered_with_a_page(web: Web, browser: Browser) -> None:
    for path in (
        "/callback/sandbox",
        "/callback/sandbox?state=a&state=b&code=c",
        "/callback/sandbox?state=%00",
    ):
        assert stops(web, browser, path)[0] is Why.MALFORMED
    for path, status in (("/review", 404), ("/launch/sandbox/x", 404)):
        answer = browser.get(path, Accept="text/html,*/*;q=0.8")
        assert (answer.status_code, answer.content_type) == (status, "text/html; charset=utf-8")


def test_asking_what_would_be_answered_uses_nothing_up(web: Web, browser: Browser) -> None:
    back = browser.back()

    looked = browser.client.head(back.removeprefix(APP), base_url=APP)

    assert (looked.status_code, looked.headers["Allow"]) == (405, "GET")
    assert browser.get(back).status_code == 303


@pytest.mark.parametrize("path", ["/", "/launch", "/launch/sandbox", "/callback/sandbox", "/review/x"])
def test_a_page_called_in_another_way_says_so_on_a_page(browser: Browser, path: str) -> None:
    answer = browser.post(path, {})

    assert (answer.status_code, answer.content_type) == (405, "text/html; charset=utf-8")
    assert "GET" in answer.headers["Allow"]


def test_launches_that_are_over_leave_no_cookie_behind(web: Web, browser: Browser) -> None:
    over, alive = browser.launched(), browser.launched()
    over_id, alive_id = (each.removeprefix("/review/") for each in (over, alive))
    secret = browser.cookies()[LAUNCH + over_id].partition(".")[0]
    assert web.service.gate.launches is not None
    web.service.gate.launches.end(over_id, secret)

    newest = browser.launched().removeprefix("/review/")

    assert {each for each in browser.cookies() if each.startswith(LAUNCH)} == {
        LAUNCH + alive_id,
        LAUNCH + newest,
    }


def test_twenty_launches_of_a_day_fit_into_what_a_browser_keeps_and_sends(browser: Browser) -> None:
    for _ in range(20):
        browser.launched()

    assert sum(len(name) + len(value) + 3 for name, value in browser.cookies().items()) < 4096


def test_launches_that_are_begun_without_end_are_held_back_and_others_are_not(
    web: Web, browser: Browser
) -> None:
    browser.to_the_ehr("/launch/sandbox")
    answers = []
    for _ in range(90):
        answers.append(browser.get("/launch/sandbox"))
        if answers[-1].status_code == 429:
            break

    assert (answers[-1].status_code, answers[-1].content_type) == (429, "text/html; charset=utf-8")
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert browser.get("/").status_code == 200


def test_pages_that_wait_for_ehrs_leave_threads_for_the_rest(web: Web, browser: Browser) -> None:
    places = web.service.gate.places_for_pages
    taken = 0
    while places.acquire(blocking=False):
        taken += 1
    try:
        busy, front, live = (browser.get(each) for each in ("/launch/sandbox", "/", "/health/live"))
    finally:
        for _ in range(taken):
            places.release()

    assert (busy.status_code, busy.headers["Retry-After"], busy.content_type[:9]) == (503, "2", "text/html")
    assert (front.status_code, live.status_code) == (200, 200)
    assert browser.get("/launch/sandbox").status_code == 303


def test_what_the_ehr_refuses_is_told_as_its_own(web: Web, browser: Browser) -> None:
    back = browser.back()
    del web.events[:]

    answer = browser.get(back.replace("code=", "code=x"))

    assert (answer.status_code, CATEGORY[Category.PROCESSING].heading in answer.text) == (502, True)
    assert [each for each in web.events if isinstance(each, LaunchStopped)] == [
        LaunchStopped(server="sandbox", why="processing")
    ]


def test_a_service_that_nobody_can_launch_says_so(at: Site) -> None:
    for path in ("/launch?iss=x&launch=y", "/launch/main", "/callback/main?state=x", "/review/x"):
        answer = at.client.get(path)
        assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
        assert "No EHR can open fhirgate here" in answer.text
    assert "no server of the registry has a launch table" in at.client.get("/").text


def test_what_became_of_launches_is_counted(web: Web, browser: Browser) -> None:
    browser.launched()
    browser.get(browser.back(failure="denied"))

    told = web.service.gate.metrics.exposed().decode()

    for outcome in ("begun", "let-in", "denied"):
        assert f'fhirgate_launches_total{{outcome="{outcome}",server="sandbox"}}' in told


def test_no_secret_of_a_launch_is_in_an_address_of_ours_a_page_or_the_log(web: Web, browser: Browser) -> None:
    del web.events[:]
    back = browser.back()
    page = browser.get(browser.get(back).headers["Location"])
    held = [each.partition(".")[0] for name, each in browser.cookies().items() if name.startswith(LAUNCH)]
    assert web.service.gate.launching is not None
    store = web.service.gate.launching.launches.store  # type: ignore[attr-defined]
    session = store.read_session(page.request.path.removeprefix("/review/"))
    never = [
        *held,
        session.tokens.access,
        session.tokens.refresh or "no refresh token",
        query_of(back)["code"],
    ]

    log = b"".join(line_of(each, NOON) for each in web.events).decode()
    told = [log, *(each.text for each in browser.seen), *(each.request.path for each in browser.seen)]
    places = [each.headers.get("Location", "") for each in browser.seen]
    told += [each for each in places if "/auth/" not in each]

    assert [each for each in never if any(each in text for text in told)] == []
    assert session.launch.id not in log
    assert PATIENT not in log
    assert json.loads(log.splitlines()[0])["event"]


def test_events_of_launches_hold_names_of_ours_only(web: Web) -> None:
    kinds: tuple[type[Event], ...] = (LaunchBegun, LaunchLetIn, LaunchStopped)
    told = [each for each in web.events if isinstance(each, kinds)]

    assert {each.server for each in told} <= {"", "sandbox"}  # type: ignore[attr-defined]
