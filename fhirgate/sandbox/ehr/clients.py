"""The apps and backends that are registered here, and how each proves who it is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from fhirgate.sandbox.ehr.scopes import CONTEXTS, WORDS, clinical

EVERYTHING = (*WORDS, *(f"{each}/*.cruds" for each in CONTEXTS))
"""The widest registration."""


class Proof(StrEnum):
    """How a client proves who it is, in the words of RFC 7591 (token_endpoint_auth_method)."""

    NONE = "none"
    SECRET = "client_secret_basic"  # noqa: S105 - the name of a method
    KEY = "private_key_jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A registration."""

    id: str
    name: str
    """As a person sees it on the page of consent."""
    proof: Proof = Proof.NONE
    redirect_uris: tuple[str, ...] = ()
    """Each as a whole, compared letter by letter; none for a backend."""
    launch_url: str = ""
    """Where the EHR opens the app."""
    secret: str = field(default="", repr=False)
    keys: Callable[[], Mapping[str, Any]] | None = field(default=None, repr=False)
    """Its public keys as a JWK set, asked for on each assertion."""
    is_backend: bool = False
    """Whether it may ask for a token without a user."""
    scopes: tuple[str, ...] = EVERYTHING
    """No token of it goes beyond these."""

    def __post_init__(self) -> None:
        problems = [says for says, is_wrong in self._wrong() if is_wrong]
        if problems:
            raise ValueError(f"client {self.id!r}: {'; '.join(problems)}")

    def _wrong(self) -> Iterable[tuple[str, bool]]:
        urls = [*self.redirect_uris, *filter(None, (self.launch_url,))]
        yield "it has no id", not self.id
        yield "its secret is missing", self.proof is Proof.SECRET and not self.secret
        yield "its keys are missing", self.proof is Proof.KEY and self.keys is None
        yield "a backend proves who it is", self.is_backend and self.proof is Proof.NONE
        yield "it can ask for no token", not self.is_backend and not self.redirect_uris
        yield "a URL is not absolute, or has a fragment", not all(_is_absolute(each) for each in urls)
        yield "a scope is unknown", not all(each in WORDS or clinical(each) for each in self.scopes)


def _is_absolute(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and "#" not in url


def origin(url: str) -> str:
    """Scheme, host and port, as a Content-Security-Policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
