"""What other machines read of us: numbers, and our public keys.

`/metrics` asks for a token like everything else: behind a proxy on the same computer every request comes from
loopback, so an address proves nothing. Prometheus sends one by `authorization: { credentials_file: … }`.
"""

import msgspec
from flask import Response

from fhirgate.errors import ConfigurationError
from fhirgate.services.events import KeysNotRead
from fhirgate.web.gate import Gate
from fhirgate.web.metrics import CONTENT_TYPE
from fhirgate.web.problem import Problem
from fhirgate.web.route import JSON, Access, Answer, Route
from fhirgate.web.schemas import JwksBody

KEYS_KEPT = 300
"""How long a reader may keep our keys [s]; a new one signs only after an hour."""


def metrics(gate: Gate) -> Response:
    """What was counted."""
    return Response(gate.metrics.exposed(), content_type=CONTENT_TYPE)


def jwks(gate: Gate) -> Response:
    """Our public keys, for servers that let us in by SMART Backend Services."""
    try:
        keys = gate.public_keys()
    except ConfigurationError as error:
        # Anybody may ask, and the names of our files are not for anybody.
        gate.told(KeysNotRead(problems=error.problems))
        detail = "our keys cannot be read; our log says why"
        raise Problem(status=500, kind=error.category, detail=detail) from None
    found = Response(msgspec.json.encode(keys), content_type=JSON)
    found.headers["Cache-Control"] = f"public, max-age={KEYS_KEPT}"
    return found


ROUTES = (
    Route(
        rule="/metrics",
        method="GET",
        name="metrics",
        access=Access.CALLER,
        view=metrics,
        summary="What was counted, for Prometheus.",
        answers={200: Answer(says="Text exposition.", content_type="text/plain")},
    ),
    Route(
        rule="/.well-known/jwks.json",
        method="GET",
        name="jwks",
        access=Access.OPEN,
        view=jwks,
        summary="The public keys by which servers of the registry know us.",
        answers={200: Answer(says="A JWK set (RFC 7517).", schema=JwksBody)},
    ),
)
