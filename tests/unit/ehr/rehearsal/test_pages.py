"""Pages as the played browser and person meet them: forms, buttons, and cookies between them."""

from urllib.parse import parse_qsl

import pytest

from fhirgate.ehr.rehearsal.browser import Page
from fhirgate.ehr.rehearsal.cookies import Cookies
from fhirgate.ehr.rehearsal.forms import forms_of
from fhirgate.ehr.rehearsal.person import Manner, Pressed, Stuck, answered

URL = "https://login.example.org/interaction/17"
LOGIN = (
    '<form action="/interaction/17/login" method="post"><input type="hidden" name="prompt" value="login">'
    '<input required name="login"><input required type="password" name="password">'
    "<button type=button>Show</button><button type=submit>Sign in</button></form>"
)
CONSENT = (
    "<form method=post><select name=way><option>plain</option><option value=b selected>other</option></select>"
    "<textarea name=note>as is</textarea><input type=checkbox name=keep checked><input type=checkbox name=more>"
    '<button name=decision value=deny>Deny</button><button name=decision value="allow">Yes,\n  allow</button></form>'
)


def page(html: str) -> Page:
    return Page(url=URL, status=200, html=html)


def sent(html: str, manner: Manner | None = None) -> tuple[str, list[tuple[str, str]]]:
    found = answered(page(html), manner or Manner())
    assert isinstance(found, Pressed), found
    return found.step.url, parse_qsl((found.step.body or b"").decode(), keep_blank_values=True)


def test_a_form_is_filled_in_and_sent_where_it_says() -> None:
    manner = Manner(fields={"login": "me", "password": "s3cret", "other": "x"})

    assert sent(LOGIN, manner) == (
        "https://login.example.org/interaction/17/login",
        [("prompt", "login"), ("login", "me"), ("password", "s3cret")],
    )


def test_what_a_browser_would_not_send_without_is_named() -> None:
    assert answered(page(LOGIN), Manner(fields={"login": "me"})) == Stuck(missing=("password",))


def test_the_first_button_that_does_not_refuse_is_pressed() -> None:
    assert sent(CONSENT) == (URL, [("way", "b"), ("note", "as is"), ("keep", "on"), ("decision", "allow")])


def test_a_button_is_named_by_its_words_or_its_value() -> None:
    for name in ("deny", "DENY"):
        assert sent(CONSENT, Manner(press=name))[1][-1] == ("decision", "deny")
    assert sent(CONSENT, Manner(press="yes, allow", fields={"way": "plain"}))[1][0] == ("way", "plain")


def test_a_page_that_only_refuses_or_has_no_form_is_not_answered() -> None:
    assert answered(page("<form><button>Cancel</button></form>"), Manner()) == Stuck(only_refuses=True)
    assert answered(page("<script>go()</script>"), Manner()) == Stuck(no_form=True)


@pytest.mark.parametrize(
    "html", ["<form><input name=a>", "<form><button disabled>Go</button></form>", "", "<"]
)
def test_what_cannot_be_sent_is_no_form(html: str) -> None:
    assert forms_of(html) == []


def test_cookies_go_back_to_their_host_and_path_alone() -> None:
    kept = Cookies()
    kept.take(
        "https://a.example/login/page",
        "s=1; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT; Secure, t=2; HttpOnly, u=3; Path=/other",
    )

    assert kept.header("https://a.example/login/next") == "t=2; s=1"
    assert kept.header("https://a.example/loginx") == "s=1"
    assert kept.header("http://a.example/login/next") == "t=2"
    assert kept.header("https://b.example/login/next") == ""


@pytest.mark.parametrize("end", ["Max-Age=0", "Max-Age=-1", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_cookie_that_is_taken_back_is_forgotten(end: str) -> None:
    kept = Cookies()
    kept.take("https://a.example/", "s=1; Path=/")
    kept.take("https://a.example/", f"s=; Path=/; {end}")

    assert kept.header("https://a.example/") == ""
