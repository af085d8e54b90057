"""One token from a token endpoint: asked for again with a new proof, and every refusal in words with its remedy.

Tries are counted here and not by `Outbound`: an assertion sent twice is a replay, and a server refuses it although
it never answered the first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fhirgate.ehr.clients import Client, Proof
from fhirgate.ehr.scopes import Scopes, Version
from fhirgate.ehr.tokens import Token, UnusableToken, token_findings, token_of
from fhirgate.errors import EhrDenied, EhrError, EhrGarbled, EhrRefused, EhrThrottled, EhrUnavailable
from fhirgate.oncology.finding import Finding
from fhirgate.outbound.answer import Answer
from fhirgate.outbound.call import Call
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.destination import Destination
from fhirgate.outbound.http_date import moment_of
from fhirgate.outbound.reasons import reasons_of
from fhirgate.outbound.retry import Schedule
from fhirgate.outbound.surroundings import Surroundings

MOST_BYTES = 1 << 20
CLOCKS_DIFFER = 60.0
"""How far its clock may be from ours before it is told [s]."""
_REFUSALS = frozenset({400, 401, 403})
_REMEDIES = {
    "invalid_client": "it does not accept us as this client",
    "unauthorized_client": "this client may not ask for a token without a user; have it registered for Backend"
    " Services (client_credentials)",
    "unsupported_grant_type": "it gives no tokens without a user (client_credentials)",
    "access_denied": "it does not give this client a token; ask its operator",
    "temporarily_unavailable": "it is busy; try again later",
}
_SPOKEN = {
    "the audience is not the one it expects; set the audience of the registry entry to what its"
    " documentation says": re.compile(r"\baud(?:ience)?\b", re.IGNORECASE),
    "the assertion came when it was over; compare the clocks of both sides": re.compile(
        r"\bexp(?:ir\w*)?\b|\btoo old\b", re.IGNORECASE
    ),
    "the assertion was used before": re.compile(r"\bjti\b|replay|already (?:been )?used", re.IGNORECASE),
    "it does not find our key; publish it (fhirgate keys publish) and have its address registered": re.compile(
        r"\bkid\b|\bjwks?\b|\bkeys?\b", re.IGNORECASE
    ),
    "our signature does not fit the key it has for this client": re.compile(r"signature", re.IGNORECASE),
}
"""What error_description speaks of; its own text is never told, since servers quote the request in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """Everything that one token needs."""

    outbound: Outbound
    destination: Destination
    endpoint: str
    client: Client
    wanted: Scopes
    version: Version
    surroundings: Surroundings
    seconds: float | None = None
    """For all tries together; the destination's `timeouts.total` when None, and never longer."""

    def token(self) -> tuple[Token, tuple[Finding, ...]]:
        """A token and what is odd about it. Raises EhrError."""
        asked_at = self.surroundings.monotonic()
        total = self.destination.timeouts.total
        deadline = asked_at + (total if self.seconds is None else min(self.seconds, total))
        schedule = Schedule(tries=self.destination.tries, chance=self.surroundings.chance)
        tried = 0
        while True:
            tried += 1
            asked_at = self.surroundings.monotonic()
            try:
                return self._once(asked_at, deadline - asked_at)
            except (EhrUnavailable, EhrThrottled) as error:
                left = deadline - self.surroundings.monotonic()
                wait = schedule.wait(tried, error.retry_after, left) if _passes(error) else None
                if wait is None:
                    raise
            self.surroundings.sleep(wait)

    def _once(self, asked_at: float, seconds: float) -> tuple[Token, tuple[Finding, ...]]:
        proof = self.client.proof(self.endpoint, self.surroundings.now(), self.surroundings.new_id)
        answer = self.outbound.send(self.destination, self._call(proof, seconds))
        if answer.status in _REFUSALS:
            raise self._refusal(answer, proof)
        try:
            token = token_of(answer.json, asked_at)
        except UnusableToken as error:
            raise EhrGarbled(self._told(str(error)), status=answer.status) from None
        if self.wanted and token.granted is not None:
            self._check_any_granted(token.granted, answer.status)
        return token, tuple(token_findings(answer.json, answer.headers, self.wanted))

    def _call(self, proof: Proof, seconds: float) -> Call:
        form = {"grant_type": "client_credentials", **proof.fields}
        if self.wanted:
            form["scope"] = self.wanted.text(self.version)
        return Call(
            method="POST",
            url=self.endpoint,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
                **proof.headers,
            },
            body=urlencode(form).encode("ascii"),
            expected=_REFUSALS,
            repeatable=False,
            total_seconds=seconds,
            most_bytes=MOST_BYTES,
        )

    def _check_any_granted(self, granted: Scopes, status: int) -> None:
        if self.wanted.missing_from(granted) == self.wanted:
            raise EhrRefused(
                self._told(
                    f"it gave a token that grants nothing of what was asked for: {self.wanted.in_words()}. Have"
                    " these scopes registered for the client"
                ),
                status=status,
            )

    def _refusal(self, answer: Answer, proof: Proof) -> EhrError:
        body = answer.json if isinstance(answer.json, Mapping) else {}
        code = "".join(reasons_of(body)[:1])
        said = [
            _REMEDIES.get(code, ""),
            *spoken_of(body),
            clocks_in_words(answer, self.surroundings.now()),
        ]
        if code == "invalid_scope":
            said.insert(
                0,
                f"it does not know or not allow a scope of those asked for, written as in {self.version}:"
                f" {self.wanted.in_words()}; have them registered for the client",
            )
        if code == "invalid_client" or answer.status == 401:
            said.append(proof.remedy)
        why = (
            "; ".join(filter(None, said))
            or f"it does not say {'more' if code else 'why in the form of OAuth'}"
        )
        told = self._told(f"it gave no token ({answer.status}{' ' + code if code else ''}): {why}")
        if answer.status == 400 and code != "invalid_client":
            return EhrRefused(told, status=400, reasons=(code,) if code else ())
        return EhrDenied(told, status=answer.status, challenge=code)

    def _told(self, words: str) -> str:
        return f"server {self.destination.name!r}: token request: {words}"


def _passes(error: EhrUnavailable | EhrThrottled) -> bool:
    """Whether another try may help: not while calls are held back, nor beyond our own limits."""
    if isinstance(error, EhrUnavailable):
        return error.reopens_at is None
    return error.status is not None


def spoken_of(body: Mapping[str, Any]) -> list[str]:
    """The first cause that the server's own words speak of, in ours."""
    words = str(body.get("error_description") or "")
    return [told for told, pattern in _SPOKEN.items() if pattern.search(words)][:1]


def clocks_in_words(answer: Answer, now: datetime) -> str:
    """A word on the server's clock, when that is far from ours: the usual cause of assertions that are refused."""
    theirs = moment_of(answer.header("Date"))
    ahead = (theirs - now).total_seconds() if theirs else 0.0
    if abs(ahead) <= CLOCKS_DIFFER:
        return ""
    return f"its clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} ours; set the wrong one"
