"""The JSON that a caller sends."""

from typing import Any

from flask import request

from fhirgate.exact_json import NotJson, decode
from fhirgate.web.problem import Problem
from fhirgate.web.route import JSON

LONGEST_BODY = 64 << 10
"""[bytes]; a request takes a few hundred."""


def check_length() -> None:
    """Raise Problem 413 when the request says that its body is too long."""
    if (request.content_length or 0) > LONGEST_BODY:
        raise _too_long()


def json_body() -> Any:
    """The body as plain values. Raises Problem 415, 413, 400."""
    if request.mimetype != JSON:
        raise Problem(
            status=415,
            kind="unsupported-media-type",
            detail=f"send the body as {JSON}",
            headers={"Accept-Post": JSON},
        )
    # One that is sent in chunks does not say how long it is; werkzeug reads one byte more than we take.
    content = request.get_data(cache=False)
    if len(content) > LONGEST_BODY:
        raise _too_long()
    try:
        return decode(content)
    except NotJson:
        # Its words may quote the body.
        raise Problem(status=400, kind="not-json", detail="the body is not JSON") from None


def _too_long() -> Problem:
    return Problem(
        status=413, kind="content-too-large", detail=f"the body has more than {LONGEST_BODY} bytes"
    )
