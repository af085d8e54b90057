"""The page of one launch, its picture and colours, the decision taken on it, and its end.

Everything is bound to the id of a launch and the cookie of the browser session it belongs to: there is no "current"
patient. A launch that is over, was never there, or is another browser's is told in the same words. To look changes
nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from flask import Response, g, request

from fhirgate.charts.render import render_svg
from fhirgate.charts.scheme import Scheme
from fhirgate.charts.size import picture_size
from fhirgate.report.review.view import review_view
from fhirgate.services.decisions import DecidedAlready, Decision, DecisionRefused, RecordChanged
from fhirgate.services.drawings import Drawn
from fhirgate.services.events import DecisionTaken
from fhirgate.web import browser
from fhirgate.web.csrf import FIELD, check_form, form_token
from fhirgate.web.decision_form import decision_fields, decision_of, first, form_fields
from fhirgate.web.gate import Gate, Launching
from fhirgate.web.launch import launching_of
from fhirgate.web.pages import HTML, page, see_other
from fhirgate.web.problem import Problem
from fhirgate.web.route import Access, Answer, Reader, Route

SVG = "image/svg+xml"
CSS = "text/css; charset=utf-8"
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
"""Of the picture: its style element is its own, and nothing else may be done by it."""
FRAMES = ("iframe", "frame", "object", "embed")
"""What browsers say of a page that stands within another (Sec-Fetch-Dest)."""
_GONE = {404: Answer(says="There is no such launch for this browser, or it is over.", content_type=HTML)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A launch that a browser comes for, which may be there or not."""

    launching: Launching
    launch_id: str = field(repr=False)
    held: browser.Held

    @property
    def server(self) -> str:
        """The server that the browser's own cookie names; empty when it is none of ours."""
        return self.held.server if self.held.server in self.launching.frames else ""

    @property
    def frames(self) -> tuple[str, ...]:
        """Who may show it in a frame."""
        return self.launching.frames.get(self.server, ())

    @property
    def address(self) -> str:
        """Of the page."""
        return f"/review/{self.launch_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """The addresses that a page has links to."""

    address: str
    chart: Callable[[str], str]
    """By scheme."""

    @property
    def decision(self) -> str:
        """Where decisions are sent to."""
        return f"{self.address}/decision"

    @property
    def end(self) -> str:
        """Where the end of the launch is sent to."""
        return f"{self.address}/end"

    def page(self, preset: str) -> str:
        """The page under a preset."""
        return f"{self.address}?{urlencode({'preset': preset})}"


def show(gate: Gate, launch_id: str) -> Response:
    """The page."""
    visit = _visit(gate, launch_id)
    return _page(visit, _asked("preset"))


def chart(gate: Gate, launch_id: str) -> Response:
    """The picture on the page, when the record still is the one that was drawn."""
    visit = _visit(gate, launch_id)
    try:
        scheme = Scheme(_asked("scheme") or Scheme.LIGHT)
    except ValueError:
        raise Problem(status=400, kind="invalid", detail="scheme is light or dark") from None
    found = visit.launching.reviews.assessment(
        launch_id, visit.held.secret, _asked("preset"), _asked("drawn")
    )
    if found is None:
        raise Problem(status=404, kind="not-found", detail="this picture is not there any more")
    answer = Response(render_svg(found, scheme), content_type=SVG)
    answer.headers["Content-Security-Policy"] = PICTURE_POLICY
    return answer


def theme(gate: Gate, launch_id: str) -> Response:
    """The EHR's colours and fonts, as far as they are harmless."""
    visit = _visit(gate, launch_id)
    launching = visit.launching
    if launching.launches.find(launch_id, visit.held.secret) is None:
        raise Problem(status=404, kind="not-found", detail="there is no such launch for this browser")
    css = launching.themes.of(launch_id, visit.held.secret, launching.launches.style)
    return Response(css, content_type=CSS)


def decide(gate: Gate, launch_id: str) -> Response:
    """Take a person's decision."""
    visit = _visit(gate, launch_id)
    fields = decision_fields()
    if not visit.held.secret:
        return ended(visit)
    _check(visit, first(fields, FIELD))
    decision = decision_of(fields)
    try:
        decided = visit.launching.reviews.decide(launch_id, visit.held.secret, decision)
    except DecisionRefused as error:
        return _page(visit, decision.preset, 400, notice=error.safe_message, entered=decision)
    except (DecidedAlready, RecordChanged) as error:
        return _page(visit, decision.preset, 409, notice=error.safe_message, entered=decision)
    if decided is None:
        return ended(visit)
    gate.told(DecisionTaken(server=visit.server, act=decided.act))
    return see_other(f"{visit.address}?{urlencode({'preset': decision.preset})}#decision")


def end(gate: Gate, launch_id: str) -> Response:
    """Forget a launch, and hand its tokens back."""
    visit = _visit(gate, launch_id)
    fields = form_fields(frozenset({FIELD}))
    if not visit.held.secret:
        return ended(visit)
    _check(visit, first(fields, FIELD))
    visit.launching.launches.end(launch_id, visit.held.secret)
    answer = page("ended.html", frame_ancestors=visit.frames, was_ended=True, again=_again(visit))
    browser.forget_launch(answer, launch_id)
    return answer


def ended(visit: Visit) -> Response:
    """What is said of every launch that is not there for this browser."""
    return page("ended.html", 404, frame_ancestors=visit.frames, was_ended=False, again=_again(visit))


def _visit(gate: Gate, launch_id: str) -> Visit:
    visit = Visit(launching=launching_of(gate), launch_id=launch_id, held=browser.held(launch_id))
    g.framed_by, g.server = visit.frames, visit.server
    return visit


def _again(visit: Visit) -> str:
    """Where the same EHR can be launched from anew; empty when it is not known."""
    return f"/launch/{visit.server}" if visit.server else ""


def _page(
    visit: Visit, preset: str, status: int = 200, notice: str = "", entered: Decision | None = None
) -> Response:
    drawn = visit.launching.reviews.draw(visit.launch_id, visit.held.secret, preset)
    if drawn is None:
        return ended(visit)
    more: dict[str, Any] = {} if entered is None else {"entered": entered}
    stands = request.headers.get("Sec-Fetch-Dest", "")
    return page(
        "review.html",
        status,
        frame_ancestors=visit.frames,
        view=review_view(_with_banner(drawn) if stands == "document" else drawn),
        framed=stands in FRAMES,
        launch_id=visit.launch_id,
        csrf=form_token(visit.held.secret, visit.launch_id),
        notice=notice,
        urls=_urls(visit, drawn),
        picture=picture_size(drawn.assessment),
        theme=f"{visit.address}/style.css" if drawn.launch.context.smart_style_url else "",
        **more,
    )


def _with_banner(drawn: Drawn) -> Drawn:
    """In a window of its own no EHR shows whose chart it is, whatever was said of the place of the launch."""
    context = replace(drawn.launch.context, need_patient_banner=True)
    return replace(drawn, launch=replace(drawn.launch, context=context))


def _urls(visit: Visit, drawn: Drawn) -> Urls:
    def chart_of(scheme: str) -> str:
        told = urlencode({"preset": drawn.preset, "drawn": drawn.digest, "scheme": scheme})
        return f"{visit.address}/chart.svg?{told}"

    return Urls(address=visit.address, chart=chart_of)


def _check(visit: Visit, token: str) -> None:
    """Raises Problem 403."""
    check_form(token, visit.held.secret, visit.launch_id, visit.launching.public_url)


def _asked(name: str) -> str:
    """A parameter of the address; empty when it is not there. Raises Problem 400 when it comes twice."""
    values = request.args.getlist(name)
    if len(values) > 1:
        raise Problem(status=400, kind="invalid", detail=f"more than one {name}")
    return values[0] if values else ""


def _route(
    rule: str, name: str, view: Callable[..., Response], summary: str, answers: dict[int, Answer]
) -> Route:
    is_form = name in ("decide", "end-launch")
    return Route(
        rule=f"/review/<launch_id>{rule}",
        method="POST" if is_form else "GET",
        name=name,
        access=Access.BROWSER,
        reader=Reader.PERSON,
        waits_for_ehr=True,
        view=view,
        summary=summary,
        answers=answers | _GONE,
    )


ROUTES = (
    _route("", "review", show, "The page.", {200: Answer(says="The page.", content_type=HTML)}),
    _route(
        "/chart.svg",
        "review-chart",
        chart,
        "The picture on the page: `preset`, `drawn` and `scheme`.",
        {200: Answer(says="The picture.", content_type=SVG)},
    ),
    _route(
        "/style.css",
        "review-style",
        theme,
        "The EHR's colours and fonts.",
        {200: Answer(says="A style sheet.", content_type="text/css")},
    ),
    _route(
        "/decision",
        "decide",
        decide,
        "Accept, amend or dismiss what is proposed: the form of the page.",
        {
            303: Answer(says="It was decided.", content_type=HTML),
            400: Answer(says="The form cannot be taken as it is.", content_type=HTML),
            403: Answer(says="The form is not from the page of this launch.", content_type=HTML),
            409: Answer(
                says="What was seen is not what there is now; nothing was decided.", content_type=HTML
            ),
        },
    ),
    _route(
        "/end",
        "end-launch",
        end,
        "Log out: the launch is forgotten and its tokens are handed back.",
        {
            200: Answer(says="It is over.", content_type=HTML),
            403: Answer(says="The form is not from the page of this launch.", content_type=HTML),
        },
    ),
)
