"""Who may show our pages in a frame, and the headers by which browsers hold to it."""

import re

import pytest
from launched_web import FRAMING, Browser, Web
from web_world import Site

from fhirgate.web.app import ROUTES
from fhirgate.web.assets import STYLE, address_of
from fhirgate.web.openapi import template_of

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
NONE = "default-src 'none'; frame-ancestors 'none'"


def framed(answer: object) -> str:
    """Who may frame it."""
    return str(answer.headers["Content-Security-Policy"]).rpartition("frame-ancestors ")[2]  # type: ignore[attr-defined]


def test_only_the_ehr_of_a_launch_may_frame_its_pages(web: Web, browser: Browser) -> None:
    opened = browser.opened()
    lost = browser.get(f"{opened}&probed=1")
    where = browser.launched()
    page = browser.get(where)
    denied = browser.get(browser.back(failure="denied"))
    stranger = web.browser().get(where)

    assert [framed(each) for each in (lost, page, denied)] == [FRAMING] * 3
    assert [framed(each) for each in (stranger, browser.get("/"), browser.get("/x"))] == ["'none'"] * 3
    assert framed(browser.get("/launch?iss=https://evil.example.org&launch=x")) == "'none'"


def test_a_cookie_that_was_written_by_somebody_names_no_origin(web: Web, browser: Browser) -> None:
    name = f"__Host-fhirgate-l-{'n' * 43}"
    for value in ("x", f"{'s' * 43}.https://evil.example.org", f"{'s' * 43}.nobody", f"{'s' * 43}.programs"):
        browser.client.set_cookie(name, value, domain="fhirgate.example", secure=True)

        answer = browser.get(f"/review/{'n' * 43}")

        assert (answer.status_code, framed(answer)) == (404, "'none'")


@pytest.mark.parametrize("route", ROUTES, ids=lambda each: each.name)
def test_every_answer_is_kept_nowhere_and_says_where_it_came_from_to_nobody(
    browser: Browser, route: object
) -> None:
    names = {"job_id": "j", "server": "sandbox", "launch_id": "l", "name": "n"}
    path = template_of(route.rule).format(**names)  # type: ignore[attr-defined]

    answer = browser._open(route.method, path, headers={})  # type: ignore[attr-defined]

    if path != "/.well-known/jwks.json":
        assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Frame-Options" not in answer.headers
    if answer.content_type.startswith("text/html"):
        assert re.fullmatch(
            re.escape(POLICY) + r"('none'|https://ehr\.example\.org)|" + NONE, _policy(answer)
        )
    else:
        assert _policy(answer) == NONE


def _policy(answer: object) -> str:
    return str(answer.headers["Content-Security-Policy"])  # type: ignore[attr-defined]


def test_pages_have_no_script_and_no_style_of_their_own(browser: Browser) -> None:
    where = browser.launched()
    lost = browser.get(f"{browser.opened()}&probed=1")
    pages = [
        browser.get("/"),
        lost,
        browser.get("/review/x"),
        browser.get("/launch?iss=x"),
        browser.get(where),
    ]

    for each in pages:
        assert re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", each.text) is None


def test_the_picture_can_do_nothing_but_be_looked_at(browser: Browser) -> None:
    where = browser.launched()
    shown = re.search(r"chart\.svg\?[^\"]+", browser.get(where).text)
    assert shown

    answer = browser.get(f"{where}/{shown[0].replace('&amp;', '&')}")

    assert answer.status_code == 200
    assert _policy(answer) == (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
    )


def test_what_pages_look_like_is_kept_for_ever_under_a_name_that_changes_with_it(at: Site) -> None:
    found = at.client.get(address_of(STYLE))
    page = at.client.get("/")

    assert re.fullmatch(r"/static/fhirgate\.[0-9a-f]{16}\.css", address_of(STYLE))
    assert (found.status_code, found.content_type) == (200, "text/css; charset=utf-8")
    assert found.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert f'<link rel="stylesheet" href="{address_of(STYLE)}">' in page.text


@pytest.mark.parametrize("name", [STYLE, "fhirgate.0000000000000000.css", "..%2fapp.py", "%2e%2e/gate.py"])
def test_no_other_file_is_given_out(at: Site, name: str) -> None:
    assert at.client.get(f"/static/{name}").status_code == 404
