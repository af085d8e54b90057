"""The token endpoint in a launch: a code for tokens, a refresh token for new ones, and tokens handed back.

Every request is made once. RFC 6749 §4.1.3 and §6, RFC 7009, SMART App Launch 2.2.0 "Obtain access token".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from fhirgate.ehr.clients import Proof
from fhirgate.ehr.launch.registered import LONGEST_CALL, Registered
from fhirgate.ehr.token_requests import MOST_BYTES, clocks_in_words, spoken_of
from fhirgate.errors import EhrDenied, EhrError, EhrGarbled, EhrRefused
from fhirgate.outbound.answer import Answer
from fhirgate.outbound.call import Call
from fhirgate.outbound.reasons import reasons_of
from fhirgate.services.launches import PendingLaunch

REVOCATION_CALL = 5.0
"""Nobody waits long for what is over already [s]."""
_REFUSALS = frozenset({400, 401, 403})
_CODE = {
    "invalid_grant": "it does not accept the code: it is too old, was used before, or belongs to another launch;"
    " launch again from the chart",
    "invalid_client": "it does not accept us as this client",
    "unauthorized_client": "it does not let this client launch; have it registered for the authorization code flow",
    "invalid_request": "something is missing or wrong in our request",
    "unsupported_grant_type": "it does not know the authorization code flow",
}
_REFRESH = _CODE | {
    "invalid_grant": "the session there is over, or was ended by someone; launch again from the chart",
    "unsupported_grant_type": "it does not renew sessions; launch again from the chart",
    "unauthorized_client": "it does not let this client renew sessions; launch again from the chart",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAnswer:
    """What a token endpoint gave, not yet judged."""

    body: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    asked_at: datetime


def exchange_code(registered: Registered, pending: PendingLaunch, code: str) -> TokenAnswer:
    """Tokens for a code (C2-6). Raises EhrError."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": pending.redirect_uri,
        "code_verifier": pending.verifier,
    }
    return _asked(registered, pending.token_endpoint, form, _CODE)


def refresh(
    registered: Registered, endpoint: str, refresh_token: str, seconds: float = LONGEST_CALL
) -> TokenAnswer:
    """New tokens with the same scopes (C2-9). Raises EhrError; the session is over when `is_over` says so of it."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return _asked(registered, endpoint, form, _REFRESH, seconds)


def is_over(error: EhrError) -> bool:
    """Whether a failed refresh says that there will never be a token again."""
    return isinstance(error, EhrRefused) and "invalid_grant" in error.reasons


def revoke(registered: Registered, endpoint: str, token: str, hint: str) -> None:
    """Hand a token back. Raises EhrError."""
    form = {"token": token, "token_type_hint": hint}
    answer = _posted(registered, endpoint, form, "revocation endpoint", REVOCATION_CALL)
    if answer[0].status in _REFUSALS:
        # What it says is not read: some answer with a page, and there is nothing in it for us.
        raise _refusal(registered, "revocation", answer, {})


def _asked(
    registered: Registered,
    endpoint: str,
    form: Mapping[str, str],
    words: Mapping[str, str],
    seconds: float = LONGEST_CALL,
) -> TokenAnswer:
    asked_at = registered.surroundings.now().astimezone(UTC)
    answer, proof = _posted(registered, endpoint, form, "token endpoint", seconds)
    if answer.status in _REFUSALS:
        raise _refusal(registered, "token request", (answer, proof), words)
    if not isinstance(answer.json, Mapping):
        raise EhrGarbled(
            f"server {registered.name!r}: its token answer is not a JSON object", status=answer.status
        )
    return TokenAnswer(body=answer.json, headers=answer.headers, asked_at=asked_at)


def _posted(
    registered: Registered, endpoint: str, form: Mapping[str, str], what: str, seconds: float
) -> tuple[Answer, Proof]:
    destination = registered.place(endpoint, what)
    around = registered.surroundings
    proof = registered.client.proof(endpoint, around.now(), around.new_id)
    call = Call(
        method="POST",
        url=endpoint,
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            **proof.headers,
        },
        body=urlencode({**form, **proof.fields}).encode("ascii"),
        expected=_REFUSALS,
        json=what != "revocation endpoint",
        # A code, an assertion and a refresh token are all good for one time.
        repeatable=False,
        total_seconds=seconds,
        most_bytes=MOST_BYTES,
    )
    return registered.common.outbound.send(destination, call), proof


def _refusal(
    registered: Registered, what: str, answered: tuple[Answer, Proof], words: Mapping[str, str]
) -> EhrError:
    answer, proof = answered
    body = answer.json if isinstance(answer.json, Mapping) else {}
    code = "".join(reasons_of(body)[:1])
    said = [words.get(code, "")]
    if code == "invalid_client" or (answer.status == 401 and code != "invalid_grant"):
        said += [*spoken_of(body), clocks_in_words(answer, registered.surroundings.now()), proof.remedy]
    why = "; ".join(filter(None, said)) or "it does not say why in the form of OAuth"
    told = (
        f"server {registered.name!r}: {what}: it refused ({answer.status}{f' {code}' if code else ''}): {why}"
    )
    if answer.status == 400 and code != "invalid_client":
        return EhrRefused(told, status=400, reasons=(code,) if code else ())
    if code == "invalid_grant":
        return EhrRefused(told, status=answer.status, reasons=(code,))
    return EhrDenied(told, status=answer.status, challenge=code)
