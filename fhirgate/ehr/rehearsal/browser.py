"""A browser without script: it follows redirects, keeps cookies, shows pages, and sends their forms."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

from fhirgate.ehr.rehearsal.cookies import Cookies
from fhirgate.errors import EhrGarbled
from fhirgate.outbound.answer import Answer
from fhirgate.outbound.call import ANY_STATUS, Call
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.destination import Destination

MOST_REDIRECTS = 20
"""In a row; what browsers allow too."""
MOST_BYTES = 4 << 20
"""Of a page."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SAME_METHOD = frozenset({307, 308})
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where the browser goes next."""

    url: str = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    """A form that is posted; None: a plain visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a person would see now."""

    url: str = field(repr=False)
    status: int
    html: str = field(repr=False)
    """Empty when it is no page of HTML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The browser stands in front of the redirect URI."""

    parameters: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Browser:
    """One session."""

    outbound: Outbound
    place: Callable[[str], Destination]
    """Where an address may be called; raises EhrForbiddenAddress."""
    redirect_uri: str
    _cookies: Cookies = field(default_factory=Cookies, repr=False)

    def go(self, step: Step) -> Page | Returned:
        """Follow one step to the next page, or to the end. Raises EhrError."""
        for _ in range(MOST_REDIRECTS):
            answer = self._answer(step)
            if answer.status not in _REDIRECTS:
                return _page(answer)
            where, _ = urldefrag(urljoin(step.url, answer.header("Location") or ""))
            if where.partition("?")[0] == self.redirect_uri:
                pairs = parse_qsl(urlsplit(where).query, keep_blank_values=True)
                return Returned(parameters=tuple(pairs))
            step = Step(url=where, body=step.body if answer.status in _SAME_METHOD else None)
        raise EhrGarbled(f"it redirected more than {MOST_REDIRECTS} times in a row")

    def _answer(self, step: Step) -> Answer:
        cookies = self._cookies.header(step.url)
        headers = {
            "Accept": "text/html,application/xhtml+xml;q=0.9",
            **({"Cookie": cookies} if cookies else {}),
            **({} if step.body is None else {"Content-Type": _FORM}),
        }
        call = Call(
            method="GET" if step.body is None else "POST",
            url=step.url,
            headers=headers,
            body=step.body,
            expected=ANY_STATUS,
            json=False,
            # A page with a form may be good for one time.
            repeatable=False,
            most_bytes=MOST_BYTES,
        )
        answer = self.outbound.send(self.place(step.url), call)
        self._cookies.take(step.url, answer.header("Set-Cookie") or "")
        return answer


def sent(page: Page, action: str, method: str, pairs: list[tuple[str, str]]) -> Step:
    """A form of a page, on its way."""
    where, _ = urldefrag(urljoin(page.url, action))
    if method == "post":
        return Step(url=where, body=urlencode(pairs).encode("ascii"))
    return Step(url=f"{where.partition('?')[0]}?{urlencode(pairs)}")


def _page(answer: Answer) -> Page:
    kind = (answer.header("Content-Type") or "").partition(";")[0].strip().lower()
    is_html = kind in ("text/html", "application/xhtml+xml", "")
    html = answer.body.decode("utf-8", "replace") if is_html else ""
    return Page(url=answer.url, status=answer.status, html=html)
