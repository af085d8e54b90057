"""A FHIR server in a process of its own that takes a fixed time for each call and keeps a clock on itself.

Its answers are encoded before the first call, so the time of a call is the latency and the sending. It stands in a
process of its own, or its work and the client's would wait for one interpreter lock and be taken for each other's.
"""

import json
import multiprocessing
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ehr_world import everything
from wire import Heard, reply, wire

Json = dict[str, Any]


@dataclass(frozen=True)
class Served:
    """One call as the server saw it, on the monotonic clock of the machine [s]."""

    call: str
    began: float
    ended: float


@dataclass(frozen=True)
class Latent:
    """The server as its client sees it."""

    port: int
    pipe: Connection

    def served(self) -> list[Served]:
        """The calls since this was last asked."""
        self.pipe.send("served")
        return [Served(*each) for each in self.pipe.recv()]


def busy(calls: Sequence[Served]) -> float:
    """How long at least one call was under way at the server [s]."""
    total, until = 0.0, 0.0
    for each in sorted(calls, key=lambda call: call.began):
        total += max(0.0, each.ended - max(each.began, until))
        until = max(until, each.ended)
    return total


def answers(resources: Sequence[Json], page: int) -> dict[str, bytes]:
    """Every answer by the call that gets it, from the base on."""
    kinds: dict[str, list[Json]] = {}
    found = {"metadata": _bytes(everything("_count", "_id"))}
    for each in resources:
        kinds.setdefault(each["resourceType"], []).append(each)
        found[f"{each['resourceType']}/{each['id']}"] = _bytes(each)
    for kind, held in kinds.items():
        pages = [held[start : start + page] for start in range(0, len(held), page)]
        for number, shown in enumerate(pages, 1):
            following = f"{kind}?_page={number + 1}" if number < len(pages) else None
            found[f"{kind}?" if number == 1 else f"{kind}?_page={number}"] = _bytes(_page(shown, following))
    return found


def _page(shown: Sequence[Json], following: str | None) -> Json:
    links = [{"relation": "next", "url": following}] if following else []
    entries = [
        {"fullUrl": f"https://inner.example/{each['resourceType']}/{each['id']}", "resource": each}
        for each in shown
    ]
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}


def _bytes(content: Json) -> bytes:
    return reply(json.dumps(content, default=float).encode())


def _serve(resources: Sequence[Json], page: int, latency: float, pipe: Connection) -> None:
    ready, nothing = answers(resources, page), _bytes(_page([], None))
    absent = reply(b"{}", status="404 Not Found")
    served: list[tuple[str, float, float]] = []
    lock = threading.Lock()

    def script(connection: socket.socket, heard: Heard) -> None:
        began = time.monotonic()
        call = unquote(heard.line.split(" ")[1].removeprefix("/fhir").removeprefix("/"))
        time.sleep(latency)
        parts = urlsplit(call)
        usual = f"{parts.path}?" if "patient" in parse_qs(parts.query) else call
        connection.sendall(ready.get(usual, nothing if parts.query else absent))
        with lock:
            served.append((call, began, time.monotonic()))

    with wire(script) as found:
        pipe.send(found.port)
        while pipe.recv() == "served":
            with lock:
                told, served[:] = list(served), []
            pipe.send(told)


@contextmanager
def latent(resources: Sequence[Json], *, page: int = 100, latency: float = 0.02) -> Iterator[Latent]:
    """The server in its process."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(list(resources), page, latency, theirs), daemon=True)
    process.start()
    try:
        yield Latent(ours.recv(), ours)
    finally:
        ours.send("end")
        process.join()
