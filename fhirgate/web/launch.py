"""Launching: out of a chart, or at our own door; and the way back from the EHR.

A browser that keeps no cookie of ours cannot be launched in: the first call gives it one and looks whether it comes
back. The EHR's handle is not used up by that, so the same launch can go on in a window of its own, where cookies are
not a third party's. Whatever comes back to the redirect URI is used up here; none of it is shown or passed on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from flask import Response, g, request

from fhirgate.errors import FhirgateError
from fhirgate.services.events import LaunchBegun, LaunchLetIn, LaunchStopped
from fhirgate.services.launches import Begun, Launch, Launches, LaunchRefused, Why
from fhirgate.web import browser
from fhirgate.web.gate import Gate, Launching
from fhirgate.web.pages import HTML, page, see_other
from fhirgate.web.problem import Problem
from fhirgate.web.route import Access, Answer, Reader, Route
from fhirgate.web.words import NO_COOKIE

PENDING_SECONDS = 600
"""How long a browser remembers a launch that waits for the EHR [s]."""


def launching_of(gate: Gate) -> Launching:
    """What launches need. Raises Problem 404 when no server can be launched from."""
    if gate.launching is None:
        raise Problem(
            status=404,
            kind="no-launches",
            detail="no server of the registry has a launch table; this service answers programs only",
        )
    return gate.launching


def from_ehr(gate: Gate) -> Response:
    """An EHR launches us in the chart of a patient; whatever else it says is passed over."""
    launching = _asked(gate)
    iss, launch = _once("iss"), _once("launch")
    _about(launching, launching.server_of(iss))
    if g.server and not browser.has_probe():
        return _probed(f"/launch?{urlencode({'iss': iss, 'launch': launch})}")
    return _begun(gate, lambda secret: launching.launches.begin_from_ehr(iss, launch, secret))


def standalone(gate: Gate, server: str) -> Response:
    """A person launches us from our own door."""
    launching = _asked(gate)
    _about(launching, server)
    if g.server and not browser.has_probe():
        return _probed(f"/launch/{server}")
    return _begun(gate, lambda secret: launching.launches.begin_standalone(server, secret))


def callback(gate: Gate, server: str) -> Response:
    """The EHR sends the browser back."""
    launching = _asked(gate)
    _about(launching, server)
    g.used_up = True
    state = request.args.get("state", "")
    secret = browser.pending_of(state)
    with _told(gate):
        launch = launching.launches.finish(server, request.args.items(multi=True), secret)
    gate.told(LaunchLetIn(server=launch.server, flow=launch.flow))
    answer = see_other(f"/review/{launch.id}")
    browser.forget_pending(answer, state)
    _remember(answer, launching.launches, launch, secret)
    return answer


def _about(launching: Launching, server: str) -> None:
    """What this request is about, for the page of a failure too; a name that is not ours is no name."""
    g.server = server if server in launching.frames else ""
    g.framed_by = launching.frames.get(server, ())


@contextmanager
def _told(gate: Gate) -> Iterator[None]:
    """Have it told when a launch goes no further."""
    try:
        yield
    except LaunchRefused as error:
        gate.told(LaunchStopped(server=g.server, why=error.why))
        raise
    except FhirgateError as error:
        gate.told(LaunchStopped(server=g.server, why=error.category))
        raise


def _asked(gate: Gate) -> Launching:
    """Raises Problem 405 for who only wants to know what would be answered: that is used up by asking."""
    if request.method == "HEAD":
        raise Problem(status=405, kind="method-not-allowed", detail="only GET", headers={"Allow": "GET"})
    return launching_of(gate)


def _remember(answer: Response, launches: Launches, launch: Launch, secret: str) -> None:
    for launch_id, held in browser.launches_held():
        if not held.secret or launches.find(launch_id, held.secret) is None:
            browser.forget_launch(answer, launch_id)
    seconds = max(0, round((launch.ends_at - launch.began_at).total_seconds()))
    browser.set_launch(answer, launch.id, browser.Held(secret=secret, server=launch.server), seconds)


def _probed(where: str) -> Response:
    """Give the browser something to keep and see whether it comes back with it; a page when it did not."""
    if request.args.get("probed") is None:
        answer = see_other(f"{where}{'&' if '?' in where else '?'}probed=1")
    else:
        answer = page("lost_cookie.html", frame_ancestors=g.framed_by, words=NO_COOKIE, where=where)
    # To both: it is kept for a while only, and the page may be loaded again after that.
    browser.set_probe(answer)
    return answer


def _begun(gate: Gate, begin: Callable[[str], Begun]) -> Response:
    secret = browser.new_secret()
    if g.server:
        launching_of(gate).pace.take(g.server)
    with _told(gate):
        begun = begin(secret)
    gate.told(LaunchBegun(server=begun.server, flow=begun.flow))
    answer = see_other(begun.url)
    browser.set_pending(answer, begun.state, secret, PENDING_SECONDS)
    return answer


def _once(name: str) -> str:
    """A parameter of an EHR's launch; empty when it is not there. Raises LaunchRefused when it comes twice."""
    values = request.args.getlist(name)
    if len(values) > 1:
        raise LaunchRefused(
            Why.MALFORMED, f"the EHR launched us with more than one {name}; launch again from the chart"
        )
    return values[0] if values else ""


_BACK = {303: Answer(says="To the EHR, or to the page of the launch.", content_type=HTML)}
ROUTES = (
    Route(
        rule="/launch",
        method="GET",
        name="launch",
        access=Access.OPEN,
        reader=Reader.PERSON,
        waits_for_ehr=True,
        view=from_ehr,
        summary="An EHR launches us in a patient's chart (SMART App Launch): `iss` and `launch`.",
        answers=_BACK,
    ),
    Route(
        rule="/launch/<server>",
        method="GET",
        name="launch-standalone",
        access=Access.OPEN,
        reader=Reader.PERSON,
        waits_for_ehr=True,
        view=standalone,
        summary="A person launches us with a server of the registry, which asks for the patient.",
        answers=_BACK,
    ),
    Route(
        rule="/callback/<server>",
        method="GET",
        name="callback",
        access=Access.BROWSER,
        reader=Reader.PERSON,
        waits_for_ehr=True,
        view=callback,
        summary="Where a server sends the browser back to: our redirect URI there.",
        answers=_BACK,
    ),
)
