"""The way through the authorization server: what it shows, what is pressed, and what comes back."""

import re
from collections.abc import Iterator

from fhirgate.ehr.doctor.line import Told
from fhirgate.ehr.doctor.telling import failed, in_short, not_tried, ok, told_of, warning
from fhirgate.ehr.rehearsal.browser import Browser, Page, Step
from fhirgate.ehr.rehearsal.case import LaunchCase, there
from fhirgate.ehr.rehearsal.person import Pressed, Stuck, answered
from fhirgate.errors import EhrError, EhrForbiddenAddress
from fhirgate.oncology.wording import count, listed
from fhirgate.services.launches import LaunchRefused, Why

MOST_PAGES = 8
"""A person would have given up."""
PLAY_IT_YOURSELF = "run it again with --browser, and be the person yourself"
_NAME = re.compile(r"[A-Za-z_][A-Za-z_.:\[\]-]{0,39}")
_BEFORE_TOKEN = frozenset(
    {
        *(Why.MALFORMED, Why.UNKNOWN_STATE, Why.OTHER_BROWSER, Why.OTHER_ISSUER),
        *(Why.REGISTRATION_CHANGED, Why.DENIED, Why.AUTHORIZATION_FAILED),
    }
)
_ANSWER_REMEDIES = {
    Why.DENIED: "choose what allows it (--press), or have the server's operator permit the app for this user",
    Why.OTHER_ISSUER: "compare the issuer of its smart-configuration with the one its answers name (RFC 9207)",
    Why.MALFORMED: "tell the server's operator: its answer is not that of OAuth",
}
_COMPARE = "compare with what is registered at the server, where the reason may be logged"


def pages(case: LaunchCase) -> Iterator[Told]:
    """Every page up to the redirect URI."""
    begun = there(case.begun)
    uri = case.live.redirect_uri(case.entry.name)
    if case.visitor is not None:
        case.returned = case.visitor(begun.url, uri)
        yield ok("a person's browser came back from it")
        return
    browser = Browser(
        outbound=case.outbound,
        place=lambda url: case.registered.place(url, "page"),
        redirect_uri=uri,
    )
    try:
        yield from _walk(case, browser, Step(url=begun.url))
    except EhrForbiddenAddress as error:
        yield not_tried(
            f"it leads a browser on, and this one does not follow: {in_short(error)}",
            f"{PLAY_IT_YOURSELF}; or list the host in launch.authorization_hosts",
        )
    except EhrError as error:
        yield told_of(error, case)


def _walk(case: LaunchCase, browser: Browser, step: Step) -> Iterator[Told]:
    seen: list[tuple[str, ...]] = []
    was_named = not case.manner.press
    for _ in range(MOST_PAGES):
        page = browser.go(step)
        if not isinstance(page, Page):
            case.returned = page.parameters
            if not seen:
                yield ok("it sends the browser back at once, without a page", call=case.last_call)
            if not was_named:
                yield warning(
                    "no page had the button that --press names", "give the words or the value of one"
                )
            return
        chosen = answered(page, case.manner)
        if isinstance(chosen, Stuck):
            yield _stuck(case, page, chosen)
            return
        if chosen.shape in seen and chosen.asks:
            yield failed(
                f"the same page came again (status {page.status}): what was filled in or pressed is not accepted",
                f"compare the values given by --field; or {PLAY_IT_YOURSELF}",
                call=case.last_call,
            )
            return
        yield ok(_pressed(chosen), call=case.last_call)
        was_named |= chosen.as_told
        seen.append(chosen.shape)
        step = chosen.step
    yield failed(f"it showed {MOST_PAGES} pages and did not send the browser back", PLAY_IT_YOURSELF)


def _pressed(chosen: Pressed) -> str:
    button = "the button that --press names" if chosen.as_told else "the first button that does not refuse"
    filled = f"filled in {names(chosen.filled)}, " if chosen.filled else ""
    return f"a page with a form: {filled}pressed {button}"


def _stuck(case: LaunchCase, page: Page, stuck: Stuck) -> Told:
    call = case.last_call
    if stuck.missing:
        return failed(
            f"a page asks for {names(stuck.missing)}",
            f"give it by --field NAME=VALUE, a password by --secret-field NAME=VARIABLE; or {PLAY_IT_YOURSELF}",
            call=call,
        )
    if stuck.no_choice:
        told = f"a page has no such choice for {names(stuck.no_choice)}"
        return failed(told, "give a value that it offers by --field", call=call)
    if stuck.only_refuses:
        return failed(
            "a page offers only what refuses",
            "see that page in a browser (--browser), and ask the operator",
            call=call,
        )
    if page.status >= 400:
        uri = case.live.redirect_uri(case.entry.name)
        return failed(
            f"it shows a page with status {page.status} and does not send the browser back; so servers do that do not"
            " know the client_id, or not this redirect URI for it",
            f"have {case.registered.launch.client_id!r} registered with the redirect URI {uri}",
            call=call,
        )
    return not_tried(
        "it shows a page without a plain form, which this browser without script cannot use", PLAY_IT_YOURSELF
    )


def names(found: tuple[str, ...]) -> str:
    """Names of fields, as far as they can hold nobody's number."""
    plain = [each for each in found if _NAME.fullmatch(each)]
    more = len(found) - len(plain)
    return listed([*plain, *([count(more, "other field")] if more else [])])


def answer(case: LaunchCase) -> Iterator[Told]:
    """What came back, taken by the launch; what it refuses later is told by the steps below."""
    returned = there(case.returned)
    try:
        case.launch = case.live.finish(case.entry.name, returned, case.secret)
    except LaunchRefused as error:
        if error.why in _BEFORE_TOKEN:
            yield failed(in_short(error), _ANSWER_REMEDIES.get(error.why, _COMPARE))
            return
        case.refusal = error
    except EhrError as error:
        case.refusal = error
    issuer = (
        "from the issuer we asked"
        if "iss" in dict(returned)
        else "it names no issuer (RFC 9207), which few do"
    )
    yield ok(f"a code, with our state; {issuer}")
