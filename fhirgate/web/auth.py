"""Who is calling: a bearer token (RFC 6750)."""

from fhirgate.services.callers import Caller, recognise
from fhirgate.web.problem import Problem

REALM = 'Bearer realm="fhirgate"'


def caller_of(callers: tuple[Caller, ...], authorization: str | None) -> Caller:
    """Whose token the Authorization header holds. Raises Problem 401."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem(
            status=401,
            kind="no-token",
            detail="send a token of yours: Authorization: Bearer TOKEN",
            headers={"WWW-Authenticate": REALM},
        )
    caller = recognise(callers, token.strip())
    if caller is None:
        raise Problem(
            status=401,
            kind="unknown-token",
            detail="this token is not known here",
            headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
        )
    return caller
