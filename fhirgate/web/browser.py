"""What a browser remembers of launches: a random secret for each, in a cookie of its own.

In a frame of an EHR our cookies are a third party's: browsers take them only with `SameSite=None; Secure`, and keep
them apart for each site that frames us with `Partitioned`. `__Host-` lets no other host of a site set one. Nothing is
bound to "the" session of a browser, so that two launches in two windows never meet.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe

from flask import Response, request

PREFIX = "__Host-fhirgate-"
PROBE = f"{PREFIX}probe"
PROBE_SECONDS = 300
KEPT_AFTER = 24 * 3600
"""How long the cookie of a launch that is over is kept [s]: what is then shown in a frame must know which one."""
MOST_LAUNCHES = 24
"""Cookies that are looked at to see whether their launch is over: a browser keeps 10 KiB of them for a framed site."""
_PENDING, _LAUNCH = f"{PREFIX}p-", f"{PREFIX}l-"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_SERVER = re.compile(r"[A-Za-z0-9_-]{0,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a cookie of a launch holds."""

    secret: str = field(default="", repr=False)
    """Empty: there is no such cookie, and no launch belongs to it."""
    server: str = ""


def new_secret() -> str:
    """256 bits."""
    return token_urlsafe(32)


def has_probe() -> bool:
    """Whether the browser kept what it was given first."""
    return PROBE in request.cookies


def set_probe(answer: Response) -> None:
    """Give the browser something to keep."""
    _set(answer, PROBE, "1", PROBE_SECONDS)


def pending_of(state: str) -> str:
    """The secret under which a launch of this state was begun in this browser; empty when it was not."""
    secret = request.cookies.get(_pending_name(state), "")
    return secret if _SECRET.fullmatch(secret) else ""


def set_pending(answer: Response, state: str, secret: str, seconds: int) -> None:
    """Remember a launch that was begun."""
    _set(answer, _pending_name(state), secret, seconds)


def forget_pending(answer: Response, state: str) -> None:
    """A launch that was begun has ended, this way or another."""
    if _pending_name(state) in request.cookies:
        _delete(answer, _pending_name(state))


def held(launch_id: str) -> Held:
    """What this browser holds of a launch."""
    return _held(request.cookies.get(f"{_LAUNCH}{launch_id}", ""))


def launches_held() -> Iterator[tuple[str, Held]]:
    """The ids of the launches of this browser, as far as they are looked at."""
    names = [each for each in request.cookies if each.startswith(_LAUNCH)]
    for name in names[:MOST_LAUNCHES]:
        yield name.removeprefix(_LAUNCH), _held(request.cookies[name])


def set_launch(answer: Response, launch_id: str, holds: Held, seconds: int) -> None:
    """Remember a launch that was let in."""
    _set(answer, f"{_LAUNCH}{launch_id}", f"{holds.secret}.{holds.server}", seconds + KEPT_AFTER)


def forget_launch(answer: Response, launch_id: str) -> None:
    """A launch is over."""
    _delete(answer, f"{_LAUNCH}{launch_id}")


def _held(value: str) -> Held:
    secret, _, server = value.partition(".")
    if not _SECRET.fullmatch(secret) or not _SERVER.fullmatch(server):
        return Held()
    return Held(secret=secret, server=server)


def _pending_name(state: str) -> str:
    return f"{_PENDING}{sha256(state.encode()).hexdigest()[:16]}"


def _set(answer: Response, name: str, value: str, seconds: int) -> None:
    answer.set_cookie(
        name, value, max_age=seconds, secure=True, httponly=True, samesite="None", partitioned=True
    )


def _delete(answer: Response, name: str) -> None:
    answer.delete_cookie(name, secure=True, httponly=True, samesite="None", partitioned=True)
