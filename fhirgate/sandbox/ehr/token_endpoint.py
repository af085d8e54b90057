"""The token endpoint: a code, a refresh token or a backend's own name is exchanged for an access token.

RFC 6749 §4.1.3, §4.4, §6, RFC 7009, RFC 7636 §4.6, SMART App Launch 2.2.0 "Obtain access token".

Decisions
- A code is used up by the first try, right or wrong. One that comes again ends everything that was given for it.
- A refresh token gives the next one and is used up; one that comes again ends the grant, as somebody else has it.
- On refresh nothing of the launch is told again, as SMART allows: a client is to keep what it was told.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from fhirgate.sandbox.ehr.clients import Client
from fhirgate.sandbox.ehr.failures import Failure, Failures
from fhirgate.sandbox.ehr.grants import TOKEN_LIFE, Bearer, Context, Grant, Refresh, Vault
from fhirgate.sandbox.ehr.identity import Identity
from fhirgate.sandbox.ehr.oauth_error import OAuthError
from fhirgate.sandbox.ehr.scopes import LAUNCH, LAUNCH_ENCOUNTER, OFFLINE, ONLINE, OPENID, of, within
from fhirgate.sandbox.ehr.tickets import UsedTwice
from fhirgate.sandbox.ehr.urls import Urls

Json = dict[str, Any]
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEndpoint:
    """Gives tokens, and takes them back. Each method raises OAuthError."""

    vault: Vault
    failures: Failures
    identity: Identity
    urls: Urls

    def answer(self, client: Client, form: Mapping[str, str]) -> Json:
        """The answer to a client that has proved who it is."""
        grants = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh,
            "client_credentials": self._by_itself,
        }
        wanted = grants.get(form.get("grant_type", ""))
        if wanted is None:
            known = "grant_type" in form
            raise OAuthError(
                "unsupported_grant_type" if known else "invalid_request",
                f"grant_type is none of {', '.join(grants)}",
            )
        return wanted(client, form)

    def revoke(self, client: Client, token: str) -> None:
        """End what a token belongs to: a refresh token's grant, or an access token alone."""
        for held in (self.vault.refreshes.look(token), self.vault.bearers.look(token)):
            if held is not None and held.grant.client_id != client.id:
                raise OAuthError("invalid_request", "the token is another client's")
        refresh = self.vault.refreshes.look(token)
        if refresh is not None:
            refresh.grant.is_over = True
        try:
            self.vault.bearers.take(token)
        except UsedTwice:
            return

    def _by_code(self, client: Client, form: Mapping[str, str]) -> Json:
        grant = self._redeemed(client, form.get("code", ""))
        if form.get("redirect_uri") != grant.redirect_uri:
            raise OAuthError("invalid_grant", "redirect_uri is not the one the code was asked for with")
        verifier = form.get("code_verifier", "")
        if not VERIFIER.fullmatch(verifier) or not compare_digest(_challenge(verifier), grant.challenge):
            raise OAuthError("invalid_grant", "code_verifier does not fit the code_challenge")
        answer = self._given(grant, grant.words)
        if OPENID in grant.words:
            answer["id_token"] = self.identity.id_token(grant, grant.user)
        return answer | _told_of(grant, self.urls)

    def _redeemed(self, client: Client, code: str) -> Grant:
        held = self.vault.codes.look(code)
        if held is not None and held.client_id != client.id:
            # Whoever has a code of another client got it in a wrong way: it is of no more use to anybody.
            held.is_over = True
            raise OAuthError("invalid_grant", "the code is another client's")
        try:
            grant = self.vault.codes.take(code)
        except UsedTwice as again:
            again.value.is_over = True
            raise OAuthError("invalid_grant", "the code was used before") from None
        if grant is None or grant.is_over:
            raise OAuthError("invalid_grant", "the code is unknown or over")
        return grant

    def _by_refresh(self, client: Client, form: Mapping[str, str]) -> Json:
        try:
            held = self.vault.refreshes.take(
                form.get("refresh_token", ""), lambda each: _may_refresh(client, form, each)
            )
        except UsedTwice as again:
            again.value.grant.is_over = True
            raise OAuthError("invalid_grant", "the refresh token was used before") from None
        if held is None:
            raise OAuthError("invalid_grant", "the refresh token is unknown, over, or another client's")
        return self._given(held.grant, _words(form, held), of_refresh=held.words)

    def _by_itself(self, client: Client, form: Mapping[str, str]) -> Json:
        if not client.is_backend:
            raise OAuthError("unauthorized_client", "this client gets no token without a user")
        trouble = self.failures.of_backend(client.id)
        if trouble.failure is Failure.DENIED:
            raise OAuthError("unauthorized_client", "access was denied")
        words = tuple(dict.fromkeys(form.get("scope", "").split()))
        asked = of(words)
        if not words or len(asked) < len(words) or any(each.context != "system" for each in asked):
            raise OAuthError("invalid_scope", "a backend asks for scopes that begin with system/")
        if within(words, client.scopes) != words:
            raise OAuthError("invalid_scope", "a scope is not registered for this client")
        words = trouble.granted(words)
        grant = Grant(client_id=client.id, words=words, context=Context(), user="", trouble=trouble)
        return self._given(grant, words)

    def _given(self, grant: Grant, words: tuple[str, ...], of_refresh: tuple[str, ...] = ()) -> Json:
        """The part that every token answer has; the next refresh token gives all that the one before gave."""
        is_over = grant.trouble.next_token_is_over()
        token = self.vault.bearers.give(Bearer(grant, words), timedelta() if is_over else None)
        answer: Json = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "scope": " ".join(words),
        }
        lasting = of_refresh or words
        if OFFLINE in lasting or ONLINE in lasting:
            answer["refresh_token"] = self.vault.refreshes.give(Refresh(grant, lasting))
        return answer


def _words(form: Mapping[str, str], held: Refresh) -> tuple[str, ...]:
    """The scopes that a refresh asks for: those it has, when it names none."""
    return tuple(dict.fromkeys(form["scope"].split())) if "scope" in form else held.words


def _may_refresh(client: Client, form: Mapping[str, str], held: Refresh) -> bool:
    """Whether a refresh token is this client's and good. Raises OAuthError when more is asked for than it gives."""
    if held.grant.is_over or held.grant.client_id != client.id:
        return False
    words = _words(form, held)
    if within(words, held.words) != words:
        raise OAuthError("invalid_scope", "a refresh gives no scope that was not given before")
    return True


def _told_of(grant: Grant, urls: Urls) -> Json:
    """What an app is told of the launch."""
    context = grant.context
    told: Json = {}
    if context.patient:
        told["patient"] = context.patient
    if context.encounter and {LAUNCH, LAUNCH_ENCOUNTER} & set(grant.words):
        told["encounter"] = context.encounter
    if context.intent:
        told["intent"] = context.intent
    return told | {"need_patient_banner": context.needs_banner, "smart_style_url": urls.style}


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
