"""Who the user is: id_tokens, and the key they are signed with (OpenID Connect Core 1.0 §2)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from fhirgate.sandbox.ehr.grants import Grant
from fhirgate.sandbox.ehr.scopes import FHIR_USER
from fhirgate.sandbox.ehr.urls import Urls

ALGORITHM = "RS256"
LIFE = timedelta(minutes=5)


@dataclass(slots=True)
class Identity:
    """Signs who the user is; a key that is not given is made when it is first needed."""

    urls: Urls
    clock: Callable[[], datetime]
    _key: RSAKey | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def jwks(self) -> dict[str, Any]:
        """Our public keys."""
        key = self._signer()
        public = key.as_dict(private=False)
        return {"keys": [{**public, "kid": key.thumbprint(), "alg": ALGORITHM, "use": "sig"}]}

    def id_token(self, grant: Grant, user: str) -> str:
        """Who the user is, for the client of a grant."""
        now = int(self.clock().timestamp())
        claims: dict[str, Any] = {
            "iss": self.urls.issuer,
            "sub": user.rpartition("/")[2],
            "aud": grant.client_id,
            "iat": now,
            "exp": now + int(LIFE.total_seconds()),
        }
        if grant.nonce:
            claims["nonce"] = grant.nonce
        if FHIR_USER in grant.words:
            claims["fhirUser"] = f"{self.urls.fhir}/{user}"
        key = self._signer()
        header = {"alg": ALGORITHM, "kid": key.thumbprint(), "typ": "JWT"}
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])

    def _signer(self) -> RSAKey:
        with self._lock:
            if self._key is None:
                self._key = RSAKey.generate_key(2048)
            return self._key
