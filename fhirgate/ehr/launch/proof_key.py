"""What a launch keeps secret, made of the system's own randomness, and the challenge of PKCE (RFC 7636)."""

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

STATE_BYTES = 32
"""256 bits; SMART asks for at least 122."""
VERIFIER_BYTES = 64
"""86 characters; RFC 7636 allows 43 to 128."""


def new_secret() -> str:
    """A state, a nonce or the id of a launch: 43 letters, digits, hyphens and underscores."""
    return secrets.token_urlsafe(STATE_BYTES)


def new_verifier() -> str:
    """A code verifier."""
    return secrets.token_urlsafe(VERIFIER_BYTES)


def challenge_of(verifier: str) -> str:
    """Its S256 challenge."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
