"""How a client proves to a token endpoint who it is: a secret, or an assertion signed with its private key.

RFC 6749 §2.3.1, RFC 7523 §2.2, SMART App Launch 2.2.0 "Client Authentication: Asymmetric".
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import quote_plus

from joserfc import jwt

from fhirgate.ehr.keys import Algorithm, SigningKey, load_keys, signer_of

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE = 240
"""How long an assertion is good [s]; SMART allows five minutes, and a minute of that is for clocks that differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a single token request carries to prove it."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of the form."""
    remedy: str = ""
    """What to look at when it is not accepted; no secret."""


class Client(Protocol):
    """A client of an authorization server."""

    def proof(self, endpoint: str, now: datetime, new_id: Callable[[], str]) -> Proof:
        """For one request to this token endpoint, and no other request."""
        ...

    def algorithm(self, now: datetime) -> Algorithm | None:
        """What it signs with; None when it does not sign."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicClient:
    """A client that can keep no secret: it names itself, and PKCE ties its token to its launch."""

    client_id: str

    def proof(self, endpoint: str, now: datetime, new_id: Callable[[], str]) -> Proof:
        """Its name."""
        return Proof(
            fields={"client_id": self.client_id},
            remedy="check client_id, and whether the server has us registered as a public client",
        )

    def algorithm(self, now: datetime) -> None:
        """It does not sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """A client that shares a secret with the server."""

    client_id: str
    secret: str = field(repr=False)
    in_body: bool = False
    """client_secret_post instead of client_secret_basic."""

    def proof(self, endpoint: str, now: datetime, new_id: Callable[[], str]) -> Proof:
        """The secret, in a header or in the form."""
        remedy = "check client_id and secret" + (
            "" if self.in_body else ", and whether the server wants the secret in the body"
        )
        if self.in_body:
            return Proof(fields={"client_id": self.client_id, "client_secret": self.secret}, remedy=remedy)
        # Form-encoded first (RFC 6749 §2.3.1): else a colon in the id would end it.
        header = basic(quote_plus(self.client_id), quote_plus(self.secret))
        return Proof(headers={"Authorization": header}, remedy=remedy)

    def algorithm(self, now: datetime) -> None:
        """It does not sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateKeyJwt:
    """A client known by its public key: SMART Backend Services, or a launch of a confidential app."""

    client_id: str
    key_at: Callable[[datetime], SigningKey]
    """The key that signs at a moment."""
    audience: str | None = None
    """For servers that want another than their token endpoint."""

    @classmethod
    def with_keys_in(cls, place: Path, *, client_id: str, audience: str | None = None) -> "PrivateKeyJwt":
        """With the keys of a folder, or one file; read anew each time, so that keys change without a restart."""
        return cls(
            client_id=client_id, key_at=lambda now: signer_of(load_keys(place), now), audience=audience
        )

    def proof(self, endpoint: str, now: datetime, new_id: Callable[[], str]) -> Proof:
        """A new assertion, with an id that no other has."""
        key = self.key_at(now)
        header = {"alg": key.algorithm.value, "kid": key.kid, "typ": "JWT"}
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.audience or endpoint,
            # No iat: SMART does not ask for it, and a server whose clock is behind would refuse one in its future.
            "exp": int(now.timestamp()) + ASSERTION_LIFE,
            "jti": new_id(),
        }
        assertion = jwt.encode(header, claims, key.private, algorithms=[key.algorithm.value])
        return Proof(
            fields={"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion},
            remedy=f"check client_id, that the server has our public key {key.kid} (fhirgate keys publish) for"
            " it, that the server takes its own token endpoint as audience, and the clocks of both sides",
        )

    def algorithm(self, now: datetime) -> Algorithm:
        """That of the key that signs."""
        return self.key_at(now).algorithm


def basic(user: str, password: str) -> str:
    """An Authorization header of RFC 7617."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")
