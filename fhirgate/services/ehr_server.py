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
    private_token_hosts: tuple[str, ...] = ()
    """Those of `token_hosts` that may be on a private network, and be called by plain http there."""
    secret_in_body: bool = False
    """Whether the client secret goes into the form of a token request (client_secret_post) and not into a header."""
    audience: str = ""
    """What an assertion is made out for; empty: the token endpoint, as SMART says."""
    scopes: tuple[str, ...] = ()
    """Empty: those of the types we read, and of those we write when results are to be written."""


class LaunchKind(StrEnum):
    """How we prove who we are when a clinician launches us; the server's operator registers us as one of these."""

    PUBLIC = "public"
    """Not at all: PKCE alone ties the token to the launch."""
    CLIENT_SECRET = "client-secret"  # noqa: S105 - the name of a kind
    PRIVATE_KEY = "private-key"
    """A signed assertion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchEntry:
    """The `launch` table of a server: how its clinicians launch us. The redirect URI is this service's own."""

    kind: LaunchKind
    client_id: str
    key_file: str = ""
    """Private key, for `private-key`."""
    secret_variable: str = ""
    """Environment variable that holds the client secret."""
    scopes: tuple[str, ...] = ()
    """Empty: who it is, the context, and to read the types we read of this patient."""
    authorization_hosts: tuple[str, ...] = ()
    """Hosts beside the server's own that authorize, give tokens and publish keys: `host` or `host:port`."""
    private_authorization_hosts: tuple[str, ...] = ()
    """Those of `authorization_hosts` that may be on a private network, and be called by plain http there."""
    frame_ancestors: tuple[str, ...] = ()
    """Origins whose pages may show ours in a frame, such as `https://ehr.example.org`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EhrServer:
    """One EHR: where it is, how to prove who we are, how gently to ask, and what is odd about it."""

    name: str
    base_url: str
    auth: AuthEntry = field(default_factory=AuthEntry)
    launch: LaunchEntry | None = None
    """None: clinicians do not launch us from it."""
    ca_file: str = ""
    private_hosts: tuple[str, ...] = ()
    """Hosts that may be on a private network, and be called by plain http there."""
    rate_per_second: float | None = None
    concurrency: int = 4
    record_seconds: float = 300.0
    """For one patient's record with everything [s]."""
    search_parameters: Mapping[str, str] = field(default_factory=dict)
    """Parameters of this site, added to each search whose type lists them, such as athenahealth's `ah-practice`."""
