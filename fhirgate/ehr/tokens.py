"""Access tokens: read from a token answer with doubt, and never shown.

RFC 6749 §5.1, RFC 6750 §2.1, SMART App Launch 2.2.0 "Backend Services".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fhirgate.ehr.scopes import Scopes
from fhirgate.oncology.finding import Finding, Severity

SHORT_LIFE = 60.0
"""How long a token is used whose answer does not say how long it lives [s]."""
LONGEST_LIFE = 86_400.0
"""No token is used longer [s]."""
LONGEST_ADVISED = 3_600.0
"""SMART advises at most an hour for any token, five minutes for a backend's [s]."""
RENEW_EARLY = 30.0
"""How long before its end a token is no longer used [s], so that none ends on its way."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}")
_DIGITS = re.compile(r"[0-9]{1,9}")


class UnusableToken(ValueError):
    """A token answer that gives nothing to use; says why without quoting it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What lets us in; printing it does not show it."""

    secret: str = field(repr=False)
    use_until: float
    """On the clock it was taken with [s]."""
    granted: Scopes | None
    """None when the answer does not say."""

    def headers(self) -> Mapping[str, str]:
        """What a request carries."""
        return {"Authorization": f"Bearer {self.secret}"}


def token_of(body: Any, asked_at: float) -> Token:
    """The token of an answer; its life is counted from when it was asked for [s]. Raises UnusableToken."""
    if not isinstance(body, Mapping):
        raise UnusableToken("its token answer is not a JSON object")
    secret, kind, scope = body.get("access_token"), body.get("token_type"), body.get("scope")
    if not isinstance(secret, str) or not _TOKEN.fullmatch(secret):
        raise UnusableToken("its token answer has no access_token that can be sent")
    if kind is not None and (not isinstance(kind, str) or kind.lower() != "bearer"):
        raise UnusableToken("its token is not of type bearer, and no other type is known here")
    life = _life(body.get("expires_in")) or SHORT_LIFE
    return Token(
        secret=secret,
        # A token of seconds would be renewed before its first use if all of RENEW_EARLY were taken off.
        use_until=asked_at + life - min(RENEW_EARLY, life / 4),
        granted=Scopes.of(scope) if isinstance(scope, str) else None,
    )


def _life(value: Any) -> float | None:
    """Seconds, from a number or from digits in a string; None when it says nothing usable."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value <= 0:
        return None
    return float(min(Decimal(value), Decimal(LONGEST_LIFE)))


def token_findings(body: Mapping[str, Any], headers: Mapping[str, str], wanted: Scopes) -> Iterator[Finding]:
    """What is odd in a token answer that can be used; `headers` by lower-case name."""
    if body.get("token_type") is None:
        yield _warning("TOKEN_TYPE_MISSING", "The token answer has no token_type; taken for a bearer token.")
    yield from _life_findings(body.get("expires_in"))
    if "no-store" not in headers.get("cache-control", "").lower():
        yield _warning(
            "TOKEN_MAY_BE_CACHED",
            "The token answer lacks Cache-Control: no-store, so something in between may keep the token.",
        )
    if "no-cache" not in headers.get("pragma", "").lower():
        yield _note("TOKEN_PRAGMA_MISSING", "The token answer lacks Pragma: no-cache, which SMART asks for.")
    if "refresh_token" in body:
        yield _note("REFRESH_TOKEN_UNASKED", "The token answer holds a refresh_token; it is not used.")
    yield from _scope_findings(body.get("scope"), wanted)


def _life_findings(value: Any) -> Iterator[Finding]:
    life = _life(value)
    if value is None or life is None:
        said = (
            "does not say how long the token lives" if value is None else "has an expires_in that is no time"
        )
        yield _warning("TOKEN_LIFE_UNKNOWN", f"The token answer {said}; it is used for {SHORT_LIFE:.0f} s.")
    elif isinstance(value, str):
        yield _warning(
            "TOKEN_LIFE_AS_TEXT", "The token answer has expires_in as a string; it is a number in OAuth."
        )
    elif life > LONGEST_ADVISED:
        yield _note("TOKEN_LIVES_LONG", f"The token lives {life:.0f} s; SMART advises at most an hour.")


def _scope_findings(scope: Any, wanted: Scopes) -> Iterator[Finding]:
    if not isinstance(scope, str):
        yield _warning(
            "SCOPES_NOT_TOLD",
            "The token answer does not say which scopes it grants. In OAuth that means all that were asked for, yet"
            f" some servers leave it out when they grant none. Asked for: {wanted.in_words() or 'nothing'}.",
        )
        return
    missing = wanted.missing_from(Scopes.of(scope))
    if missing:
        yield _warning(
            "SCOPES_NOT_GRANTED",
            f"The server did not grant all that was asked for. Missing: {missing.in_words()}. Have these scopes"
            " registered for the client, or leave them out of its registry entry.",
        )


def _warning(code: str, text: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, text=text)


def _note(code: str, text: str) -> Finding:
    return Finding(code=code, severity=Severity.INFORMATION, text=text)
