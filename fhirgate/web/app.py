"""The Flask application: the table of routes, and what stands around every request."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from uuid import uuid4

import msgspec
from flask import Flask, Response, g, request
from werkzeug.routing import RequestRedirect

from fhirgate.services.events import RequestAnswered
from fhirgate.web import assessments, assets, front, health, launch, machines, review
from fhirgate.web.auth import caller_of
from fhirgate.web.errors import answer_errors
from fhirgate.web.gate import Gate
from fhirgate.web.json_body import LONGEST_BODY, check_length
from fhirgate.web.openapi import document, template_of
from fhirgate.web.pace import Pace
from fhirgate.web.problem import Problem
from fhirgate.web.route import JSON, Access, Answer, Reader, Route

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer that does not say otherwise."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "none"
"""The route of a request that fits none; its path is never told."""


def openapi(_gate: Gate) -> Response:
    """This service as an OpenAPI document."""
    return Response(_document(), content_type=JSON)


@cache
def _document() -> bytes:
    """Made once: whoever asks needs no token."""
    return msgspec.json.encode(document(ROUTES))


ROUTES: tuple[Route, ...] = (
    *assessments.ROUTES,
    *health.ROUTES,
    *machines.ROUTES,
    *front.ROUTES,
    *launch.ROUTES,
    *review.ROUTES,
    *assets.ROUTES,
    Route(
        rule="/openapi.json",
        method="GET",
        name="openapi",
        access=Access.OPEN,
        view=openapi,
        summary="This document.",
        answers={200: Answer(says="OpenAPI 3.1.")},
    ),
)


def create_app(gate: Gate) -> Flask:
    """The application over a finished gate."""
    app = Flask("fhirgate", static_folder=None)
    # A redirect would be answered before a token is asked for, to the host that the caller names.
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY + 1
    for route in ROUTES:
        app.add_url_rule(
            route.rule,
            endpoint=route.name,
            view_func=partial(route.view, gate),
            methods=[route.method],
            provide_automatic_options=False,
        )
    app.before_request(_begin(app, gate))
    app.after_request(_end(gate))
    app.teardown_request(_leave_place(gate))
    answer_errors(app, gate.told)
    return app


def _begin(app: Flask, gate: Gate) -> Callable[[], None]:
    routes = {each.name: each for each in ROUTES}
    pace = Pace({each.name: each.requests_per_minute for each in gate.callers}, gate.monotonic)

    def begin() -> None:
        # Ours always: one given by a caller could carry a patient's id into the log.
        g.request_id = str(uuid4())
        g.started = gate.monotonic()
        g.caller = None
        g.framed_by, g.server, g.has_place, g.used_up = (), "", False, False
        route = routes.get(request.endpoint or "")
        g.reader = _reader(app, routes) if route is None else route.reader
        if isinstance(request.routing_exception, RequestRedirect):
            # Of an empty path; it would lead to the host that the caller names.
            raise Problem(status=404, kind="not-found", detail="there is no such page")
        if route is not None and route.access is Access.CALLER:
            g.caller = caller_of(gate.callers, request.headers.get("Authorization"))
            pace.take(g.caller.name)
        check_length()
        if route is not None and route.waits_for_ehr:
            _take_place(gate)

    return begin


def _reader(app: Flask, routes: Mapping[str, Route]) -> Reader:
    """Who reads that there is no such page, or no such method for it."""
    adapter = app.create_url_adapter(request)
    offered = [] if adapter is None else list(adapter.allowed_methods())
    if adapter is not None and offered:
        endpoint, _ = adapter.match(method=offered[0])
        return routes[endpoint].reader
    return Reader.PERSON if "text/html" in request.accept_mimetypes.values() else Reader.PROGRAM


def _take_place(gate: Gate) -> None:
    """Threads that wait for EHRs must leave some to answer the rest. Raises Problem 503."""
    g.has_place = gate.places_for_pages.acquire(blocking=False)
    if not g.has_place:
        raise Problem(
            status=503,
            kind="busy",
            detail="as many pages wait for their EHR as can wait in this process",
            headers={"Retry-After": "2"},
        )


def _leave_place(gate: Gate) -> Callable[[BaseException | None], None]:
    def leave(_error: BaseException | None) -> None:
        if g.get("has_place", False):
            gate.places_for_pages.release()

    return leave


def _end(gate: Gate) -> Callable[[Response], Response]:
    def end(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = g.request_id
        gate.told(
            RequestAnswered(
                request_id=g.request_id,
                method=request.method if request.method in _METHODS else "other",
                route=UNMATCHED if request.url_rule is None else template_of(request.url_rule.rule),
                status=response.status_code,
                milliseconds=round((gate.monotonic() - g.started) * 1000),
                caller="" if g.caller is None else g.caller.name,
            )
        )
        return response

    return end
