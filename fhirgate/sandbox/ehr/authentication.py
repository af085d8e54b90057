"""Who asks at the token endpoint: nobody in particular, a client with a secret, or one with a key.

RFC 6749 §2.3, RFC 7523 §3, SMART App Launch 2.2.0 "Client Authentication: Asymmetric".
"""

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hmac import compare_digest
from typing import Any
from urllib.parse import unquote_plus

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from fhirgate.exact_json import NotJson, decode
from fhirgate.sandbox.ehr.clients import Client, Proof
from fhirgate.sandbox.ehr.grants import Vault
from fhirgate.sandbox.ehr.oauth_error import OAuthError, invalid_client

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("RS384", "ES384")
LONGEST_LIFE = timedelta(minutes=5)
"""Of an assertion."""
LEEWAY = timedelta(seconds=5)
"""For clocks that differ."""
_KEY_TYPES = {"RS384": "RSA", "ES384": "EC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """The door of the token endpoint."""

    clients: Mapping[str, Client]
    vault: Vault
    audience: str
    clock: Callable[[], datetime]

    def client(self, form: Mapping[str, str], authorization: str | None) -> Client:
        """The client that sent a form, by the one way it is registered for. Raises OAuthError."""
        if authorization is not None and ("client_assertion" in form or "client_secret" in form):
            raise OAuthError("invalid_request", "one way to prove who you are, not two")
        if authorization is not None:
            return self._by_secret(form, authorization)
        if "client_assertion" in form or "client_assertion_type" in form:
            return self._by_key(form)
        client = self._known(form.get("client_id", ""))
        if client.proof is not Proof.NONE or "client_secret" in form:
            raise invalid_client(f"this client proves who it is by {client.proof}")
        return client

    def _known(self, client_id: str) -> Client:
        client = self.clients.get(client_id)
        if client is None:
            raise invalid_client("there is no such client here")
        return client

    def _by_secret(self, form: Mapping[str, str], authorization: str) -> Client:
        user, password = _basic(authorization)
        client = self.clients.get(user)
        right = client.secret if client is not None and client.proof is Proof.SECRET else ""
        if client is None or not right or not compare_digest(right.encode(), password.encode()):
            raise invalid_client("client and secret are not those of a client here", basic=True)
        if form.get("client_id", user) != user:
            raise OAuthError("invalid_request", "client_id is another one than in the header")
        return client

    def _by_key(self, form: Mapping[str, str]) -> Client:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise OAuthError("invalid_request", f"client_assertion_type is not {ASSERTION_TYPE}")
        assertion = form.get("client_assertion", "")
        header, claims = _unverified(assertion)
        client = self._known(str(claims.get("sub")))
        if client.proof is not Proof.KEY or client.keys is None:
            raise invalid_client(f"this client proves who it is by {client.proof}")
        if form.get("client_id", client.id) != client.id:
            raise OAuthError("invalid_request", "client_id is another one than in the assertion")
        self._verify(assertion, header, client.keys())
        self._check(claims, client)
        return client

    def _verify(self, assertion: str, header: Mapping[str, Any], keys: Mapping[str, Any]) -> None:
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise invalid_client(f"the assertion is not signed by one of {', '.join(ALGORITHMS)}")
        if str(header.get("typ", "")).upper() != "JWT":
            raise invalid_client("the assertion's typ is not JWT")
        if "jku" in header or "jwk" in header or "x5u" in header or "x5c" in header:
            raise invalid_client("keys are those of the registration, and not named by the assertion")
        fitting = [
            each
            for each in KeySet.import_key_set(dict(keys)).keys  # type: ignore[arg-type] # a JWK set is a plain dict
            if isinstance(each, RSAKey | ECKey)
            and each.kid == header.get("kid")
            and each.key_type == _KEY_TYPES[algorithm]
        ]
        if len(fitting) != 1:
            raise invalid_client("its kid names no single key of this client of the kind it is signed with")
        try:
            jwt.decode(assertion, fitting[0], algorithms=[algorithm])
        except (JoseError, ValueError):
            raise invalid_client("the signature of the assertion does not fit the client's key") from None

    def _check(self, claims: Mapping[str, Any], client: Client) -> None:
        now = self.clock()
        if claims.get("iss") != client.id:
            raise invalid_client("iss and sub of the assertion are to be the client_id")
        if claims.get("aud") != self.audience:
            raise invalid_client("aud of the assertion is to be the token endpoint, as one string")
        end, jti = _moment(claims.get("exp")), claims.get("jti")
        if end is None or end + LEEWAY <= now:
            raise invalid_client("the assertion has expired")
        if end > now + LONGEST_LIFE + LEEWAY:
            raise invalid_client("exp of the assertion is more than five minutes ahead")
        for name in ("iat", "nbf"):
            start = _moment(claims.get(name, 0))
            if start is None or start > now + LEEWAY:
                raise invalid_client(f"{name} of the assertion is in the future")
        if not isinstance(jti, str) or not jti:
            raise invalid_client("the assertion has no jti")
        if not self.vault.is_new(client.id, jti, end + LEEWAY):
            raise invalid_client("the jti of the assertion was used before")


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, both = authorization.partition(" ")
    try:
        text = b64decode(both, validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    user, colon, password = text.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise invalid_client("the header Authorization is not Basic with a client and its secret", basic=True)
    return unquote_plus(user), unquote_plus(password)


def _unverified(assertion: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What an assertion says, to find the key it is to be held against; believed after that alone."""
    parts = assertion.split(".")
    try:
        header, claims = (decode(_url_decoded(each)) for each in parts[:2])
    except (NotJson, ValueError):
        header = claims = None
    if len(parts) != 3 or not isinstance(header, dict) or not isinstance(claims, dict):
        raise invalid_client("the assertion is no signed JWT")
    return header, claims


def _url_decoded(text: str) -> bytes:
    return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (OverflowError, ValueError, OSError):
        return None
