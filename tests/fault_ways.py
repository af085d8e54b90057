"""The ways in which a call to `faulty_server.FaultyServer` fails: those that pass, and those that last."""

import json
import socket
import struct
import time
from collections.abc import Callable

from faulty_server import Turn, Way, bundle, closing
from wire import reply

OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "processing", "diagnostics": "Jane Doe cannot be shown"}],
}
_SAID = json.dumps(OUTCOME).encode()
_HTML = b"<!DOCTYPE html><html><title>Sign in</title></html>"
DROP_SECONDS = 5.0
"""What a drop of a slow answer takes on the client's clock."""


def answers(
    status: str, body: bytes = _SAID, *, more: str = "", kind: str = "application/fhir+json"
) -> Callable[[Turn], None]:
    return lambda turn: turn.connection.sendall(closing(body, status=status, kind=kind, more=more))


def truncated(turn: Turn) -> None:
    """The head promises more than comes."""
    body = b'{"resourceType": "Bundle", "entry": ['
    whole = reply(body, more="Connection: close\r\n").replace(b"Content-Length: ", b"Content-Length: 9", 1)
    turn.connection.sendall(whole)


def loop(turn: Turn) -> None:
    """A page whose next link is itself."""
    here = f"http://{turn.heard.headers['host']}{turn.heard.line.split(' ')[1]}"
    turn.connection.sendall(closing(json.dumps(_page(turn, here)).encode()))


def elsewhere(turn: Turn) -> None:
    """A page whose next link leads to another host."""
    there = "https://elsewhere.example/fhir?_page=2"
    turn.connection.sendall(closing(json.dumps(_page(turn, there)).encode()))


def twice(turn: Turn) -> None:
    """A page with every entry twice."""
    page = json.loads(turn.usual.partition(b"\r\n\r\n")[2])
    if page.get("resourceType") == "Bundle":
        page["entry"] += page["entry"]
    turn.connection.sendall(closing(json.dumps(page).encode()))


def _page(turn: Turn, following: str) -> dict:
    usual = json.loads(turn.usual.partition(b"\r\n\r\n")[2] or b"{}")
    if usual.get("resourceType") == "Bundle":
        return usual | {"link": [{"relation": "next", "url": following}]}
    return bundle(turn.server.base, [], following)


def drip(turn: Turn) -> None:
    """An answer that never ends, a space at a time."""
    clock = turn.server.clock
    turn.connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 9999\r\n\r\n{"
    )
    for _ in range(500):
        clock.skip(DROP_SECONDS)
        turn.connection.sendall(b" ")
        time.sleep(0.002)


def reset(turn: Turn) -> None:
    """The connection is gone, as after a crash."""
    turn.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


PASSING = {
    "429 that asks to wait": Way(answers("429 Slow", more="Retry-After: 7\r\n"), times=1, unread=True),
    "429 without a word": Way(answers("429 Slow"), times=1, unread=True),
    "500 twice": Way(answers("500 Broken"), times=2, unread=True),
    "503 that asks to wait": Way(answers("503 Busy", more="Retry-After: 3\r\n"), times=1, unread=True),
    "cut off once": Way(truncated, times=1),
    "reset before it was read": Way(reset, times=1, unread=True),
    "reset after it was done": Way(reset, times=2),
    "name not resolved once": Way(times=1),
    "nobody listens twice": Way(resolves=["::1"], times=2),
}
"""Met with patience: the result is the same as on a good day."""
DOUBLED = Way(twice)
EXPIRED = Way(
    answers("401 Unauthorized", more='WWW-Authenticate: Bearer error="invalid_token"\r\n'),
    times=1,
    unread=True,
)
LASTING = {
    "429 for ever": Way(answers("429 Slow", more="Retry-After: 20\r\n"), unread=True),
    "429 beyond any patience": Way(answers("429 Slow", more="Retry-After: 3600\r\n"), unread=True),
    "500 for ever": Way(answers("500 Broken"), unread=True),
    "cut off for ever": Way(truncated),
    "HTML": Way(answers("200 OK", _HTML, kind="text/html")),
    "next link in a loop": Way(loop),
    "next link to another host": Way(elsewhere),
    "drip": Way(drip),
    "reset for ever": Way(reset, unread=True),
    "reset after it was done, for ever": Way(reset),
    "401 for ever": Way(answers("401 Unauthorized"), unread=True),
    "403": Way(answers("403 Forbidden"), unread=True),
    "outcome in a 200": Way(answers("200 OK")),
    "name not resolved": Way(times=4),
    "nobody listens": Way(resolves=["::1"], times=4),
}
"""No patience helps: the result says what is missing, or there is none."""
NOT_DONE = {
    "HTML, and nothing done": Way(answers("200 OK", _HTML, kind="text/html"), unread=True),
    "outcome in a 200, and nothing done": Way(answers("200 OK"), unread=True),
}
"""A write that sounds done and was not."""
