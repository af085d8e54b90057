"""The public keys of an authorization server, kept for an hour and fetched again for a token by an unknown one.

RFC 7517, OpenID Connect Core 1.0 §10.1.1.
"""

import math
import re
import threading
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from fhirgate.ehr.launch.registered import LONGEST_CALL, Registered
from fhirgate.errors import EhrGarbled

KEPT_FOR = 3600.0
"""A key that a server takes back is believed no longer [s]."""
MOST_BYTES = 256 << 10
MOST_KEYS = 50
LEAST_RSA_BITS = 2048
AGAIN_AFTER = 60.0
"""Keys are fetched again because of an unknown one at most so often [s]: anybody can name an unknown key."""
_PUBLIC = {"RSA": ("n", "e"), "EC": ("crv", "x", "y")}
"""All that is read of a key; a shared secret (`oct`) is none that a signature could be believed by."""
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_DIGITS = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """One that tokens may be signed by."""

    kid: str
    """Empty: it has no name."""
    algorithm: str
    """Empty: any that fits its kind."""
    kind: str
    curve: str
    key: RSAKey | ECKey = field(repr=False, compare=False)

    def fits(self, algorithm: str) -> bool:
        """Whether a signature of this algorithm can be its."""
        if self.algorithm and self.algorithm != algorithm:
            return False
        if algorithm.startswith(("RS", "PS")):
            return self.kind == "RSA"
        return self.curve == _CURVES[algorithm]


@dataclass(slots=True, kw_only=True)
class KeySet:
    """The keys at one address; shared by threads."""

    registered: Registered
    jwks_uri: str
    _keys: tuple[PublicKey, ...] = field(default=(), init=False)
    _fetched: float | None = field(default=None, init=False)
    _asking: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def keys_for(self, algorithm: str, kid: str | None) -> tuple[PublicKey, ...]:
        """Those a signature may be by; all that fit when it does not say. Raises EhrError."""
        with self._asking:
            now = self.registered.surroundings.monotonic()
            age = math.inf if self._fetched is None else now - self._fetched
            # A key we do not have may be new.
            if age > (KEPT_FOR if self._fitting(algorithm, kid) else AGAIN_AFTER):
                self._fetch(now)
            return self._fitting(algorithm, kid)

    def _fitting(self, algorithm: str, kid: str | None) -> tuple[PublicKey, ...]:
        return tuple(each for each in self._keys if each.fits(algorithm) and (kid is None or each.kid == kid))

    def _fetch(self, now: float) -> None:
        place = self.registered.place(self.jwks_uri, "key set")
        answer = self.registered.common.outbound.get(
            place,
            self.jwks_uri,
            headers={"Accept": "application/json"},
            most_bytes=MOST_BYTES,
            total_seconds=LONGEST_CALL,
        )
        listed = answer.json.get("keys") if isinstance(answer.json, Mapping) else None
        if not isinstance(listed, list):
            raise EhrGarbled(
                f"server {self.registered.name!r}: its key set is no list of keys", status=answer.status
            )
        self._keys = tuple(_keys(listed[:MOST_KEYS]))
        self._fetched = now


def _keys(listed: list[Any]) -> Iterator[PublicKey]:
    for each in listed:
        found = _key(each) if isinstance(each, Mapping) else None
        if found is not None:
            yield found


def _key(said: Mapping[str, Any]) -> PublicKey | None:
    """None for a key that is for something else, or that cannot be used."""
    kind = said.get("kty")
    parts = _parts(said, kind) if isinstance(kind, str) else None
    if parts is None or said.get("use") not in (None, "sig"):
        return None
    try:
        key = _imported(str(kind), parts)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return PublicKey(
        kid=str(said.get("kid") or ""),
        algorithm=str(said.get("alg") or ""),
        kind=str(kind),
        curve=parts.get("crv", ""),
        key=key,
    )


def _parts(said: Mapping[str, Any], kind: str) -> dict[str, str] | None:
    """The public members, when all are there and no RSA key is too short to be believed."""
    parts = {name: said.get(name) for name in _PUBLIC.get(kind, ())}
    texts = {
        name: value for name, value in parts.items() if isinstance(value, str) and _DIGITS.fullmatch(value)
    }
    if not texts or len(texts) != len(parts):
        return None
    return None if kind == "RSA" and _bits(texts["n"]) < LEAST_RSA_BITS else texts


def _bits(modulus: str) -> int:
    padded = modulus + "=" * (-len(modulus) % 4)
    try:
        return int.from_bytes(urlsafe_b64decode(padded), "big").bit_length()
    except ValueError:
        return 0


def _imported(kind: str, parts: Mapping[str, str]) -> RSAKey | ECKey:
    whole: dict[str, Any] = {"kty": kind, **parts}
    return RSAKey.import_key(whole) if kind == "RSA" else ECKey.import_key(whole)
