"""Attacks on the pages of a launch, over our routes and with an EHR on a socket: what the attacker wins is nothing."""

import re
from collections.abc import Iterator
from time import monotonic
from typing import Any
from urllib.parse import urlencode

import pytest
from launched_web import APP, OTHER, PATIENT, Browser, Web, launched_web
from recorded import Request, before
from sandbox_world import query_of

from fhirgate.services.events import LaunchStopped, line_of
from fhirgate.services.launches import Why
from fhirgate.web.app import ROUTES
from fhirgate.web.browser import PREFIX, PROBE
from fhirgate.web.route import Reader

EVIL = "evil.example.com"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """For tests that decide nothing."""
    with launched_web(tmp_path_factory.mktemp("attacked"), PATIENT, OTHER) as found:
        yield found


@pytest.fixture
def browser(web: Web) -> Browser:
    return web.browser()


def asked_of_ehr(web: Web, act: Any) -> list[Request]:
    real = web.sandbox._server.application
    try:
        recorder = before(web.sandbox)
        act()
        return recorder.heard
    finally:
        web.sandbox._server.application = real


def issuers(base: str) -> list[str]:
    """Addresses that are nearly that of the EHR, or of something else that is not to be asked."""
    scheme, _, rest = base.partition("://")
    host, _, path = rest.partition("/")
    return [
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]:80/fhir",
        "https://good.example.evil.com/fhir",
        f"{scheme}://{host}@{EVIL}/{path}",
        f"{scheme}://user:secret@{rest}",
        f"{scheme}://{host}.{EVIL}/{path}",
        f"{scheme}://127.0.0.1:1/{path}",
        f"{base}/../fhir",
        f"{base}%2f",
        f"{base}?x=1",
        f"{base}#x",
        f"{base}\\@{EVIL}",
        base.replace("http", "https", 1),
        base.replace("fhir", "FHIR"),
        base + "\x00",
        f"//{rest}",
        "file:///etc/passwd",
        "x" * 100_000,
    ]


@pytest.mark.parametrize("number", range(18))
def test_an_iss_that_is_not_letter_by_letter_that_of_an_ehr_of_ours_is_asked_nothing(
    number: int, web: Web, browser: Browser
) -> None:
    iss = issuers(web.sandbox.fhir)[number]
    del web.events[:]

    heard = asked_of_ehr(
        web, lambda: browser.get(f"/launch?{urlencode({'iss': iss, 'launch': 'x', 'probed': '1'})}")
    )

    (answer,) = browser.seen
    assert (answer.status_code, "Location" in answer.headers, heard) == (400, False, [])
    assert EVIL not in answer.text
    assert [each.why for each in web.events if isinstance(each, LaunchStopped)] == [Why.UNKNOWN_ISSUER]


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Host", "Forwarded", "X-Forwarded-Proto"])
def test_the_host_that_a_caller_names_is_nowhere_in_what_is_answered(
    header: str, web: Web, browser: Browser
) -> None:
    value = f"host={EVIL};proto=http" if header == "Forwarded" else EVIL
    sent = {header: value}
    opened = browser.opened().removeprefix(APP)
    probed = browser.client.get(opened, base_url=APP, headers=sent)
    begun = browser.client.get(probed.headers["Location"], base_url=APP, headers=sent)
    pages = [
        browser.client.get(path, base_url=APP, headers=sent)
        for path in ("/", "/launch/nobody", "/callback/sandbox", "/review/x", "///evil", "/review/x/")
    ]

    if header != "Host":  # a browser that was sent elsewhere keeps its cookies for there
        assert query_of(begun.headers["Location"])["redirect_uri"] == f"{APP}/callback/sandbox"
    for each in (probed, begun, *pages):
        assert EVIL not in each.text
        assert EVIL not in each.headers.get("Location", "")
        assert EVIL not in "".join(each.headers.getlist("Set-Cookie"))


def test_an_address_without_a_path_leads_to_no_host_that_a_caller_names(browser: Browser) -> None:
    answer = browser.client.get(
        "/", base_url=APP, headers={"Host": EVIL}, environ_overrides={"PATH_INFO": ""}
    )

    assert (answer.status_code, "Location" in answer.headers, EVIL in answer.text) == (404, False, False)


@pytest.mark.parametrize(
    "pollution",
    [
        "state=other",
        "code=other",
        "iss=https://evil.example.com",
        "error=access_denied",
        "state=",
        "code=%00",
    ],
)
def test_an_answer_that_says_a_thing_twice_or_two_things_at_once_is_refused(
    pollution: str, web: Web, browser: Browser
) -> None:
    back = browser.back()
    heard = asked_of_ehr(web, lambda: browser.get(f"{back}&{pollution}"))

    assert browser.seen[-1].status_code == 400
    assert [each for each in heard if each.path == "/auth/token"] == []
    assert [each for each in browser.cookies() if f"{PREFIX}l-" in each] == []


def test_a_state_that_was_guessed_reaches_no_ehr(web: Web, browser: Browser) -> None:
    forged = f"{APP}/callback/sandbox?{urlencode({'code': 'c', 'state': 's' * 43})}"

    heard = asked_of_ehr(web, lambda: browser.get(forged))

    assert (browser.seen[-1].status_code, heard) == (400, [])


def test_who_plants_cookies_beforehand_gets_into_no_launch(web: Web, browser: Browser) -> None:
    """The names are known to anybody who begins a launch; the secret of each is ours alone."""
    attacker = web.browser()
    authorize = attacker.to_the_ehr(attacker.opened())
    for name, value in attacker.cookies().items():
        if name != PROBE:
            browser.client.set_cookie(name, f"{'x' * 42}y", domain="fhirgate.example", secure=True)
            assert value != f"{'x' * 42}y"
    answer = browser.get(browser.clicks(authorize))

    assert answer.status_code == 400
    assert [each for each in browser.cookies() if f"{PREFIX}l-" in each] == []


def test_the_cookie_of_one_launch_opens_no_other(web: Web, browser: Browser) -> None:
    mine = browser.launched().removeprefix("/review/")
    theirs = web.browser().launched().removeprefix("/review/")
    value = browser.cookies()[f"{PREFIX}l-{mine}"]
    browser.client.set_cookie(f"{PREFIX}l-{theirs}", value, domain="fhirgate.example", secure=True)

    shown = [browser.get(f"/review/{theirs}{each}") for each in ("", "/chart.svg", "/style.css")]
    never = [browser.get(f"/review/{'n' * 43}{each}") for each in ("", "/chart.svg", "/style.css")]

    assert [each.status_code for each in shown] == [404] * 3
    assert [_told(each.text) for each in shown[1:]] == [_told(each.text) for each in never[1:]]


def _told(text: str) -> str:
    """Without the number of the request, and without the door of an EHR that the cookie names itself."""
    without = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", text)
    return re.sub(r'<p><a class="button"[^\n]*\n', "", without)


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
PAGES = [each for each in ROUTES if each.reader is Reader.PERSON]


@pytest.mark.parametrize("route", PAGES, ids=lambda each: each.name)
def test_a_route_is_called_by_its_own_method_and_every_answer_has_its_headers(
    route: Any, web: Web, browser: Browser
) -> None:
    path = re.sub("<[a-z_]+>", "x", route.rule)
    for method in METHODS:
        for override in ({}, {"X-HTTP-Method-Override": route.method, "X-HTTP-Method": route.method}):
            answer = browser.client.open(path, base_url=APP, method=method, headers=override)
            if method not in (route.method, "HEAD"):
                assert answer.status_code == 405 or (answer.status_code, route.rule) == (404, "/")
            assert answer.status_code < 500
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "frame-ancestors" in answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "X-Frame-Options" not in answer.headers


@pytest.mark.parametrize("name", ["_method", "_HttpMethod"])
def test_a_get_that_says_it_is_a_post_is_a_get(name: str, web: Web, browser: Browser) -> None:
    where = browser.launched()

    assert browser.get(f"{where}/end?{name}=POST").status_code == 405
    assert web.service.gate.launching is not None
    launch_id = where.removeprefix("/review/")
    secret = browser.cookies()[f"{PREFIX}l-{launch_id}"].partition(".")[0]
    assert web.service.gate.launching.launches.find(launch_id, secret) is not None


@pytest.mark.parametrize(
    "path",
    [
        "/launch?iss=" + "x" * 100_000,
        "/launch/" + "x" * 100_000,
        "/callback/sandbox?state=" + "s" * 100_000 + "&code=c",
        "/callback/" + "x" * 100_000,
        "/review/" + "x" * 100_000,
        "/review/%00",
        "/review/%ff%fe",
        "/review/..%2f..%2fetc%2fpasswd",
        "/review/%0d%0aSet-Cookie:%20a=b",
        "/callback/%00?state=%00&code=%ff",
        "/launch/%0d%0aLocation:%20https://evil.example.com",
        "/launch?iss=%00&launch=%ff%00",
        "/?" + "&".join(f"a{each}=1" for each in range(20_000)),
        "/static/" + "x" * 100_000,
    ],
    ids=lambda path: path[:24],
)
def test_names_that_are_long_or_not_text_are_answered_with_a_page_at_once(
    path: str, web: Web, browser: Browser
) -> None:
    began = monotonic()
    answer = browser.get(path)

    assert answer.status_code in (200, 400, 404)
    assert len(answer.data) < 20_000
    assert monotonic() - began < 3
    assert [each for each in answer.headers.getlist("Set-Cookie") if "a=b" in each] == []


@pytest.mark.parametrize(
    "cookies",
    [
        "x=" + "y" * 100_000,
        "; ".join(f"{PREFIX}l-{each:043d}={'s' * 43}.sandbox" for each in range(3_000)),
        "; ".join(f"{PREFIX}p-{each:016x}={'s' * 43}" for each in range(3_000)),
        f"{PREFIX}l-x=\xff\xfe; {PREFIX}l-\xe9=\x01; =; ;;=;{PREFIX}l-=" + "." * 1000,
        f'{PREFIX}l-a,b<c>"d=e',
    ],
    ids=["long", "many-launches", "many-pending", "not-text", "odd-name"],
)
def test_cookies_without_number_end_or_sense_stop_nobody(cookies: str, web: Web) -> None:
    began = monotonic()
    browser = web.browser()
    back = browser.back()
    own = "; ".join(f"{name}={value}" for name, value in browser.cookies().items())
    answers = [
        browser.client.get(path.removeprefix(APP), base_url=APP, headers={"Cookie": f"{own}; {cookies}"})
        for path in ("/", "/review/x", back)
    ]

    assert [each.status_code for each in answers] == [200, 404, 303]
    given = answers[-1].headers.getlist("Set-Cookie")
    assert sum(map(len, given)) < 10_000
    assert monotonic() - began < 5


def test_nothing_of_a_patient_or_a_launch_is_in_an_address_a_log_or_a_metric(
    web: Web, browser: Browser
) -> None:
    del web.events[:]
    where = browser.launched()
    for path in ("/chart.svg", "/style.css", ""):
        browser.get(f"{where}{path}?preset=DEFAULT", Referer=f"{APP}/x?code=SECRET&patient={PATIENT}")
    launch_id = where.removeprefix("/review/")
    launches = web.service.gate.launches
    assert launches is not None
    session = launches.store.read_session(launch_id)  # type: ignore[attr-defined]
    log = b"".join(line_of(each, web.service.workers.runner.clock()) for each in web.events).decode()
    told = log + web.service.gate.metrics.exposed().decode()
    addresses = "".join(each.headers.get("Location", "") for each in browser.seen if each.status_code == 303)
    secrets = {PATIENT, "SECRET", session.tokens.access, session.tokens.refresh, *browser.cookies().values()}

    assert [each for each in secrets - {"1"} if each in told] == []
    assert launch_id not in told
    assert [each for each in (PATIENT, session.tokens.access) if each in addresses] == []
