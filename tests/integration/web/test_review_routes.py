"""The routes of a launch's page: whose it is, what its forms must prove, and that to look changes nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from launched_web import APP, OTHER, PATIENT, Browser, Web, csrf_of, form_of, launched_web

from fhirgate.services.events import DecisionTaken, Fault, line_of
from fhirgate.web.browser import PREFIX
from fhirgate.web.csrf import form_token

LAUNCH = f"{PREFIX}l-"
OVER, LOGGED_OUT = "This session is over", "You are logged out of fhirgate"
FOREIGN = "This form was not sent from our page"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Web]:
    """For tests that decide."""
    with launched_web(tmp_path, PATIENT, OTHER) as found:
        yield found


def secret_of(browser: Browser, where: str) -> str:
    return browser.cookies()[LAUNCH + where.removeprefix("/review/")].partition(".")[0]


def token_of(browser: Browser, where: str) -> str:
    return form_token(secret_of(browser, where), where.removeprefix("/review/"))


def kept(web: Web) -> list[Any]:
    """Every row that a decision or a job would leave."""
    with web.service.database.reading() as connection:
        tables = [
            row[0]
            for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
            if "launch" not in row[0]
        ]
        return [
            (name, *row)
            for name in tables
            for row in connection.exec_driver_sql(f"SELECT * FROM {name}")  # noqa: S608 - names of ours
        ]


@pytest.mark.parametrize("path", ["", "?preset=CURB", "/chart.svg?preset=DEFAULT&drawn=x", "/style.css"])
def test_a_launch_of_another_browser_is_as_one_that_never_was(web: Web, browser: Browser, path: str) -> None:
    where = browser.launched()
    other = web.browser()
    other.launched()

    theirs = other.get(where + path)
    never = other.get(f"/review/{'n' * 43}{path}")

    assert (theirs.status_code, never.status_code) == (404, 404)
    told = [each.text.replace(each.headers["X-Request-Id"], "") for each in (theirs, never)]
    assert told[0] == told[1]


@pytest.mark.parametrize("form", ["decision", "end"])
def test_a_form_for_a_launch_of_another_browser_does_nothing(web: Web, browser: Browser, form: str) -> None:
    where = browser.launched()
    other = web.browser()
    other.launched()

    refused = other.post(f"{where}/{form}", {"csrf": token_of(browser, where)})

    assert (refused.status_code, OVER in refused.text) == (404, True)
    assert web.service.gate.launches is not None
    assert web.service.gate.launches.find(where.removeprefix("/review/"), secret_of(browser, where))


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        (None, {}),
        ("", {}),
        ("0" * 64, {}),
        ("of another launch", {}),
        ("ours", {"Sec_Fetch_Site": "cross-site"}),
        ("ours", {"Sec_Fetch_Site": "same-site"}),
        ("ours", {"Sec_Fetch_Site": "none"}),
        ("ours", {"Origin": "https://evil.example.org"}),
        ("ours", {"Origin": f"{APP}.evil.example.org"}),
        ("ours", {"Origin": APP.replace("https", "http")}),
    ],
)
@pytest.mark.parametrize("form", ["decision", "end"])
def test_a_form_that_is_not_from_the_page_of_this_launch_does_nothing(
    web: Web, browser: Browser, form: str, token: str | None, headers: dict[str, str]
) -> None:
    where, another = browser.launched(), browser.launched()
    tokens = {"ours": token_of(browser, where), "of another launch": token_of(browser, another)}
    sent = "" if token is None else f"csrf={tokens.get(token, token)}"

    refused = browser.post(
        f"{where}/{form}", sent, Content_Type="application/x-www-form-urlencoded", **headers
    )

    assert (refused.status_code, FOREIGN in refused.text) == (403, True)
    assert web.service.gate.launches is not None
    assert web.service.gate.launches.find(where.removeprefix("/review/"), secret_of(browser, where))


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "null", "Sec_Fetch_Site": "same-origin"}, {"Origin": APP}]
)
def test_who_logs_out_is_out_in_this_launch_alone(
    web: Web, browser: Browser, headers: dict[str, str]
) -> None:
    where, another = browser.launched(), browser.launched()
    held = browser.cookies()

    left = browser.post(f"{where}/end", {"csrf": token_of(browser, where)}, **headers)

    assert (left.status_code, LOGGED_OUT in left.text) == (200, True)
    assert 'href="/launch/sandbox"' in left.text
    assert set(held) - set(browser.cookies()) == {LAUNCH + where.removeprefix("/review/")}
    after = browser.get(where)
    assert (after.status_code, OVER in after.text) == (404, True)
    assert web.service.gate.launches is not None
    assert web.service.gate.launches.find(another.removeprefix("/review/"), secret_of(browser, another))


def test_a_session_that_is_over_says_how_to_go_on(web: Web, browser: Browser) -> None:
    where = browser.launched()
    assert web.service.gate.launches is not None
    web.service.gate.launches.end(where.removeprefix("/review/"), secret_of(browser, where))

    told = browser.get(where)

    assert (told.status_code, OVER in told.text) == (404, True)
    assert 'href="/launch/sandbox" target="_blank" rel="noopener"' in told.text
    assert "frame-ancestors https://ehr.example.org" in told.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("form", "content_type", "status"),
    [
        ("csrf={0}&act=accept&act=dismiss", "application/x-www-form-urlencoded", 400),
        ("csrf={0}&csrf={0}", "application/x-www-form-urlencoded", 400),
        ("csrf={0}&act=accept&patient=p9", "application/x-www-form-urlencoded", 400),
        ("csrf={0}&act=approve", "application/x-www-form-urlencoded", 400),
        ("csrf={0}", "application/x-www-form-urlencoded", 400),
        ("csrf={0}&act=dismiss&reason=because", "application/x-www-form-urlencoded", 400),
        ("csrf={0}&act=amend&therapy=magic", "application/x-www-form-urlencoded", 400),
        ("csrf={0}&act=dismiss&comment=%00", "application/x-www-form-urlencoded", 400),
        ("csrf={0}&act=amend" + "&lesion=l" * 300, "application/x-www-form-urlencoded", 400),
        ("csrf={0}&act=dismiss&comment=" + "x" * 70_000, "application/x-www-form-urlencoded", 413),
        ('{{"csrf": "{0}"}}', "application/json", 415),
        ("csrf={0}", "text/plain", 415),
    ],
)
def test_what_is_not_the_form_of_the_page_is_refused_on_a_page(
    browser: Browser, form: str, content_type: str, status: int
) -> None:
    where = browser.launched()
    body = form.format(token_of(browser, where))

    refused = browser.post(f"{where}/decision", body, Content_Type=content_type)

    assert (refused.status_code, refused.content_type) == (status, "text/html; charset=utf-8")


def test_two_launches_in_one_browser_show_each_its_own_patient(browser: Browser) -> None:
    first, second = browser.launched(PATIENT), browser.launched(OTHER)

    pages = [browser.get(each).text for each in (first, second, first)]

    assert pages[0] != pages[1]
    assert form_of(browser.get(first))["csrf"] != form_of(browser.get(second))["csrf"]
    assert (first in pages[0], second in pages[0]) == (True, False)
    assert (first in pages[1], second in pages[1]) == (False, True)


def test_to_look_changes_nothing(own: Web) -> None:
    browser = own.browser()
    where = browser.launched()
    before = kept(own)

    page = browser.get(where)
    chart = browser.get(f"{where}/chart.svg?preset=DEFAULT&drawn={form_of(page)['shown']}&scheme=dark")
    browser.get(f"{where}?preset=CURB")

    assert (page.status_code, chart.status_code) == (200, 200)
    assert kept(own) == before


def test_the_picture_belongs_to_what_was_drawn(browser: Browser) -> None:
    where = browser.launched()
    shown = form_of(browser.get(where))["shown"]
    asked = f"{where}/chart.svg?preset=DEFAULT"

    light, dark = (browser.get(f"{asked}&drawn={shown}&scheme={each}") for each in ("light", "dark"))
    other = browser.get(f"{asked}&drawn={'0' * 64}")
    odd = browser.get(f"{asked}&drawn={shown}&scheme=pink")

    assert (light.status_code, light.content_type) == (200, "image/svg+xml")
    assert light.data != dark.data
    assert light.text.startswith("<svg")
    assert (other.status_code, odd.status_code) == (404, 400)


def test_the_style_of_the_ehr_is_asked_for_once(web: Web, browser: Browser) -> None:
    where = browser.launched()
    link = re.search(r'<link rel="stylesheet" href="(/review/[^"]+)">\s*</body>', browser.get(where).text)
    assert link

    first = browser.get(link[1])
    calls = _calls(web)
    again = browser.get(link[1])

    assert (first.status_code, first.content_type) == (200, "text/css; charset=utf-8")
    assert again.data == first.data
    assert _calls(web) == calls
    assert web.browser().get(link[1]).status_code == 404


def _calls(web: Web) -> list[str]:
    told = web.service.gate.metrics.exposed().decode().splitlines()
    return [each for each in told if each.startswith("fhirgate_outbound_calls_total")]


def test_a_preset_that_is_not_offered_is_refused_on_a_page(browser: Browser) -> None:
    where = browser.launched()

    for asked in ("?preset=NONE", "?preset=DEFAULT&preset=CURB"):
        assert browser.get(where + asked).status_code == 400


def test_an_accepted_proposal_is_told_as_decided_and_cannot_be_decided_again(own: Web) -> None:
    browser = own.browser()
    where = browser.launched()
    form = form_of(browser.get(where), act="accept")

    taken = browser.post(f"{where}/decision", form)
    after = browser.get(taken.headers["Location"].partition("#")[0])
    again = browser.post(f"{where}/decision", {**form, "act": "dismiss", "reason": "wish"})

    assert (taken.status_code, taken.headers["Location"]) == (303, f"{where}?preset=DEFAULT#decision")
    assert "Accepted as it stands" in after.text
    assert (again.status_code, 'role="alert"' in again.text) == (409, True)
    assert [each for each in own.events if isinstance(each, DecisionTaken)] == [
        DecisionTaken(server="sandbox", act="accept")
    ]
    told = own.service.gate.metrics.exposed().decode()
    assert 'fhirgate_decisions_total{act="accept",server="sandbox"} 1.0' in told


def test_a_form_that_cannot_be_taken_comes_back_with_what_was_written(own: Web) -> None:
    browser = own.browser()
    where = browser.launched()
    form = form_of(browser.get(where), act="dismiss", reason="other", comment="")

    refused = browser.post(f"{where}/decision", form)
    too_long = browser.post(f"{where}/decision", {**form, "comment": "my <b>words " * 400})

    assert (refused.status_code, 'role="alert"' in refused.text) == (400, True)
    assert 'value="other" required checked' in refused.text
    assert too_long.status_code == 400
    assert "my &lt;b&gt;words my &lt;b&gt;words" in too_long.text


def test_what_was_shown_must_be_what_there_is(own: Web) -> None:
    browser = own.browser()
    where = browser.launched()
    form = form_of(browser.get(where), act="accept", shown="0" * 64)
    before = kept(own)

    refused = browser.post(f"{where}/decision", form)

    assert (refused.status_code, 'role="alert"' in refused.text) == (409, True)
    assert kept(own) == before
    assert csrf_of(refused) == form["csrf"]


def test_a_comment_is_in_no_log(own: Web) -> None:
    browser = own.browser()
    where = browser.launched()
    form = form_of(browser.get(where), act="dismiss", reason="other", comment="jane does not wish it")

    assert browser.post(f"{where}/decision", form).status_code == 303

    log = b"".join(line_of(each, own.service.workers.runner.clock()) for each in own.events).decode()
    assert "jane" not in log
    assert PATIENT not in log


def test_an_ehr_that_is_gone_is_told_as_that_and_everything_comes_back_with_it(own: Web) -> None:
    browser = own.browser()
    where, back = browser.launched(), browser.back()
    form = form_of(browser.get(where), act="accept")
    own.sandbox.stop()

    shown = browser.get(where)
    decided = browser.post(f"{where}/decision", form)
    let_in = browser.get(back)

    for each in (shown, decided):
        assert (each.status_code, "The EHR does not answer" in each.text) == (503, True)
        assert "nothing was decided" in each.text
        assert int(each.headers["Retry-After"]) >= 1
    assert "Wait a moment, then load this page again" in shown.text
    # What came back is used up, and loading it again would not help.
    assert let_in.status_code == 503
    assert "Open fhirgate again from the patient&#39;s chart." in let_in.text


def test_a_bug_is_told_by_its_number_alone(own: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = own.browser()
    where = browser.launched()

    def fail(*_: object) -> None:
        raise KeyError("Jane Doe")

    monkeypatch.setattr(type(own.service.gate.launches), "find", fail)

    answer = browser.get(where)
    (fault,) = (each for each in own.events if isinstance(each, Fault))

    assert (answer.status_code, answer.content_type) == (500, "text/html; charset=utf-8")
    assert fault.request_id in answer.text
    assert "Jane" not in answer.text
    assert "frame-ancestors https://ehr.example.org" in answer.headers["Content-Security-Policy"]
