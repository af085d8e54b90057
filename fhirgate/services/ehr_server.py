"""A server of the registry, as its file describes it: plain values, checked by `config.servers_file`.

It stands here because `config` makes it and `ehr` and the command line use it. It holds no secret: a password
and a client secret are named by the environment variable that holds them, a key by its file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class AuthKind(StrEnum):
    """How we prove who we are."""

    OPEN = "open"
    """Not at all."""
    BACKEND = "backend"
    """SMART Backend Services: a signed assertion."""
    CLIENT_SECRET = "client-secret"  # noqa: S105 - the name of a kind
    BASIC = "basic"
    """User name and password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthEntry:
    """The `auth` table of a server."""

    kind: AuthKind = AuthKind.OPEN
    client_id: str = ""
    """Also the user name of `basic`."""
    key_file: str = ""
    """Private key, for `backend`."""
    secret_variable: str = ""
    """Environment variable that holds the client secret or the password."""
    token_url: str = ""
    """Empty: as the server's SMART configuration says."""
    token_hosts: tuple[str, ...] = ()
    """Hosts beside the server's own that may be asked for tokens."""
    scopes: tuple[str, ...] = ()
    """Empty: those of the types we read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EhrServer:
    """One EHR: where it is, how to prove who we are, how gently to ask, and what is odd about it."""

    name: str
    base_url: str
    auth: AuthEntry = field(default_factory=AuthEntry)
    ca_file: str = ""
    private_hosts: tuple[str, ...] = ()
    """Hosts that may be on a private network, and be called by plain http there."""
    rate_per_second: float | None = None
    concurrency: int = 4
    record_seconds: float = 300.0
    """For one patient's record with everything [s]."""
    search_parameters: Mapping[str, str] = field(default_factory=dict)
    """Parameters of this site, added to each search whose type lists them, such as athenahealth's `ah-practice`."""
