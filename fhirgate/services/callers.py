"""Who may ask this service, proven by a bearer token of which we know only the SHA-256.

A plain digest is enough because tokens are random: there is nothing to guess that a slow hash would protect.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A program or a person that was given a token."""

    name: str
    digests: tuple[str, ...] = field(repr=False)
    """SHA-256 of each of its tokens, in hexadecimal digits: several while one replaces another."""
    servers: frozenset[str] | None
    """Names of the servers it may have us ask; None: all of the registry."""
    requests_per_minute: int = 600

    def may_use(self, server: str) -> bool:
        """Whether it may have us ask a server."""
        return self.servers is None or server in self.servers


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def recognise(callers: Iterable[Caller], token: str) -> Caller | None:
    """Whose token it is. Every digest is compared, in constant time, whichever fits."""
    presented = digest_of(token)
    found = None
    for caller in callers:
        for digest in caller.digests:
            if compare_digest(presented, digest):
                found = caller
    return found
