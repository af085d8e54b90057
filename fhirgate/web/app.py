"""The Flask application: the table of routes, and what stands around every request."""

from collections.abc import Callable
from functools import cache, partial
from uuid import uuid4

import msgspec
from flask import Flask, Response, g, request

from fhirgate.services.events import RequestAnswered
from fhirgate.web import assessments, health, machines
from fhirgate.web.auth import Pace, caller_of
from fhirgate.web.errors import answer_errors
from fhirgate.web.gate import Gate
from fhirgate.web.json_body import LONGEST_BODY, check_length
from fhirgate.web.openapi import document, template_of
from fhirgate.web.route import JSON, Access, Answer, Route

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
    app.before_request(_begin(gate))
    app.after_request(_end(gate))
    answer_errors(app, gate.told)
    return app


def _begin(gate: Gate) -> Callable[[], None]:
    routes = {each.name: each for each in ROUTES}
    pace = Pace(gate.callers, gate.monotonic)

    def begin() -> None:
        # Ours always: one given by a caller could carry a patient's id into the log.
        g.request_id = str(uuid4())
        g.started = gate.monotonic()
        g.caller = None
        if request.endpoint is not None and routes[request.endpoint].access is not Access.OPEN:
            g.caller = caller_of(gate.callers, request.headers.get("Authorization"))
            pace.take(g.caller)
        check_length()

    return begin


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
