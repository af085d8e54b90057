"""The token of a service that was started without a file of callers: made once, kept for its owner's eyes only."""

import secrets
from pathlib import Path

from fhirgate.config.own_file import own_text, unusable
from fhirgate.services.callers import Caller, digest_of

NAME = "local"
"""Of the caller who has it."""
_WHAT = "the token"
_LEAST = 32


def first_caller(path: Path) -> tuple[Caller, bool]:
    """The caller whose token a file holds, and whether the file was made just now. Raises ConfigurationError."""
    token, made = own_text(path, _WHAT, lambda: secrets.token_urlsafe(32))
    if len(token) < _LEAST or len(token.split()) != 1:
        raise unusable(path, _WHAT, f"is to hold one token of at least {_LEAST} letters and nothing else")
    return Caller(name=NAME, digests=(digest_of(token),), servers=None), made
