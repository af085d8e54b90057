"""The simulated EHR as a WSGI application."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from flask import Flask, Response, request
from joserfc.jwk import RSAKey
from werkzeug.exceptions import HTTPException

from fhirgate.sandbox.ehr.auth_routes import add_auth_routes, token_refusal
from fhirgate.sandbox.ehr.authorization import NotSentBack
from fhirgate.sandbox.ehr.clients import Client
from fhirgate.sandbox.ehr.failures import Failures
from fhirgate.sandbox.ehr.fhir_routes import add_fhir_routes, is_fhir, refused
from fhirgate.sandbox.ehr.front import add_front_routes, problem_page
from fhirgate.sandbox.ehr.oauth_error import OAuthError
from fhirgate.sandbox.ehr.patients import PatientRecord
from fhirgate.sandbox.ehr.refused import Refused
from fhirgate.sandbox.ehr.sandbox import joined
from fhirgate.sandbox.ehr.wire import refusal

LONGEST_BODY = 8 << 20
"""[bytes]; a transaction with the results of one patient takes some hundred thousand."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer that does not say otherwise."""


def utc_now() -> datetime:
    """The clock on the wall."""
    return datetime.now(UTC)


def sandbox_app(
    patients: Iterable[PatientRecord],
    clients: Iterable[Client],
    *,
    base_url: str,
    clock: Callable[[], datetime] = utc_now,
    failures: Failures | None = None,
    id_key: RSAKey | None = None,
) -> Flask:
    """An EHR that holds these records and knows these clients, at an address without a slash at its end.

    `id_key` signs id_tokens; a new one is made when it is None.

    Raises ValueError for records or clients that cannot be served.
    """
    sandbox = joined(
        patients,
        clients,
        base_url=base_url,
        clock=clock,
        failures=failures or Failures(time.sleep),
        id_key=id_key,
    )
    app = Flask("fhirgate.sandbox.ehr")
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    add_fhir_routes(app, sandbox)
    add_auth_routes(app, sandbox)
    add_front_routes(app, sandbox)
    app.register_error_handler(Refused, refusal)
    app.register_error_handler(OAuthError, token_refusal)
    app.register_error_handler(NotSentBack, lambda error: problem_page(str(error), 400))
    app.register_error_handler(HTTPException, _failed)
    app.after_request(_with_headers)
    return app


def _failed(error: HTTPException) -> Response:
    """What HTTP itself finds wrong, or a fault of ours, in the words of the side that was asked."""
    status, says = error.code or 500, error.description or error.name
    if is_fhir(request.path):
        answer = refusal(refused(status, says))
    elif request.path in ("/auth/token", "/auth/revoke"):
        answer = token_refusal(
            OAuthError("invalid_request" if status < 500 else "server_error", says, status=status)
        )
    else:
        answer = problem_page(says, status)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def _with_headers(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer
