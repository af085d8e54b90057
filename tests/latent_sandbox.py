"""The simulated EHR in a process of its own, where every call takes a while and a clock is kept on each."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from latent_server import Served
from sandbox_world import ID_KEY, clients

from fhirgate.sandbox.ehr.app import sandbox_app
from fhirgate.sandbox.ehr.patients import PatientRecord
from fhirgate.sandbox.ehr.serve import start


@dataclass(frozen=True)
class LatentSandbox:
    """The EHR as others see it."""

    url: str
    pipe: Connection

    def served(self) -> list[Served]:
        """The calls since this was last asked."""
        self.pipe.send("served")
        return [Served(*each) for each in self.pipe.recv()]


@contextmanager
def latent_sandbox(record: PatientRecord, app: str, *, latency: float) -> Iterator[LatentSandbox]:
    """One patient, for our application at this address; no call is answered sooner than after so long [s]."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(record, app, latency, theirs), daemon=True)
    process.start()
    try:
        yield LatentSandbox(ours.recv(), ours)
    finally:
        ours.send("end")
        process.join()


def _serve(record: PatientRecord, app: str, latency: float, pipe: Connection) -> None:
    served: list[tuple[str, float, float]] = []
    lock = threading.Lock()

    def timed(inner: Callable[[Any, Any], Iterable[bytes]]) -> Callable[[Any, Any], Iterable[bytes]]:
        def call(environ: Any, respond: Any) -> Iterable[bytes]:
            began = time.monotonic()
            answer = list(inner(environ, respond))
            time.sleep(max(0.0, began + latency - time.monotonic()))
            with lock:
                served.append((environ["PATH_INFO"], began, time.monotonic()))
            return answer

        return call

    def made(url: str) -> Any:
        sandbox = sandbox_app(
            [record], clients(f"{app}/callback", f"{app}/launch"), base_url=url, id_key=ID_KEY
        )
        sandbox.wsgi_app = timed(sandbox.wsgi_app)
        return sandbox

    running = start(made)
    pipe.send(running.url)
    while pipe.recv() == "served":
        with lock:
            told, served[:] = list(served), []
        pipe.send(told)
    running.stop()
