"""What a status other than success means, and who must act."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from fhirgate.errors import EhrDenied, EhrRefused, EhrThrottled, EhrUnavailable
from fhirgate.outbound.address import origin_of
from fhirgate.outbound.failure import Failure
from fhirgate.outbound.reasons import challenge_of, reasons_of
from fhirgate.outbound.retry import seconds_asked

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({408, 502, 503, 504})
"""What a gateway or a server says about a state of its own that passes."""
TOO_MANY = 429
SAFE_METHODS = frozenset({"GET", "HEAD"})
_NEVER_DIFFERENT = frozenset({501, 505})


def failure_of_status(
    method: str, status: int, headers: Mapping[str, str], body: Any, now: datetime
) -> Failure:
    """The failure that a status is; `body` is its JSON, when there was any."""
    if status in REDIRECTS:
        return _redirect(status, headers.get("location", ""))
    asked = seconds_asked(headers.get("retry-after"), now)
    if status in (401, 403):
        return _denied(status, challenge_of(headers.get("www-authenticate")), reasons_of(body))
    if status == TOO_MANY:
        return _throttled(asked)
    reasons = reasons_of(body)
    told = f"it answered {_in_words(status)}" + (f": {'; '.join(reasons)}" if reasons else "")
    if status in PASSING or (status >= 500 and status not in _NEVER_DIFFERENT):
        return Failure(
            words=told,
            error=partial(EhrUnavailable, status=status, reached=True, retry_after=asked),
            # A 500 may be a lock that is free a moment later, or a bug: worth a second try where none can harm.
            repeat=status in PASSING or (status == 500 and method in SAFE_METHODS),
            hurts=status >= 500,
            status=status,
            retry_after=asked,
        )
    return Failure(words=told, error=partial(EhrRefused, status=status, reasons=reasons), status=status)


def _redirect(status: int, location: str) -> Failure:
    try:
        where = f"to {origin_of(location)}"
    except ValueError:
        where = "to another place"
    words = f"it answered with a redirect ({status}) {where}, which is not followed; correct base_url"
    return Failure(words=words, error=partial(EhrRefused, status=status), status=status)


def _denied(status: int, challenge: str, reasons: tuple[str, ...]) -> Failure:
    said = "; ".join(filter(None, (challenge, *reasons)))
    told = f" ({said})" if said else ""
    if status == 401:
        words = f"it did not accept our credentials (401){told}"
    else:
        words = f"it does not permit this call (403){told}; compare the scopes it granted with those it needs"
    return Failure(words=words, error=partial(EhrDenied, status=status, challenge=challenge), status=status)


def _throttled(asked: float | None) -> Failure:
    told = "" if asked is None else f"; it asks to wait {asked:.0f} s"
    return Failure(
        words=f"it answered that there are too many requests (429){told}",
        error=partial(EhrThrottled, status=TOO_MANY, retry_after=asked),
        repeat=True,
        status=TOO_MANY,
        retry_after=asked,
    )


def _in_words(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)
