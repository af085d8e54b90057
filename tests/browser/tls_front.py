"""A proxy with TLS on a host of this machine, as one stands before a service: it passes bytes on and changes none."""

import asyncio
import ssl
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

T = TypeVar("T")


class TlsFront:
    """Listens at once; where it leads to is said later, since what stands behind must know the address."""

    def __init__(self, host: str, tls: ssl.SSLContext) -> None:
        self.behind = 0
        """Port of the server behind it."""
        self._host = host
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.StreamWriter] = set()
        # A loop and a thread of its own: Playwright's loop runs in the thread of the tests.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tls-front", daemon=True)
        self._thread.start()
        self._server = self._do(
            asyncio.start_server(self._serve, _address(host), 0, ssl=tls, ssl_shutdown_timeout=0.1)
        )
        self.port: int = self._server.sockets[0].getsockname()[1]

    @property
    def origin(self) -> str:
        """As a browser names it."""
        return f"https://{self._host}:{self.port}"

    def stop(self) -> None:
        """Cut every connection."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _end(self) -> None:
        self._server.close()
        for each in tuple(self._open):
            each.transport.abort()
        await asyncio.wait_for(asyncio.gather(*self._tasks, return_exceptions=True), 5)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            back_reader, back_writer = await asyncio.open_connection("127.0.0.1", self.behind)
            both = (_pass_on(reader, back_writer), _pass_on(back_reader, writer))
            self._open |= {writer, back_writer}
            await asyncio.gather(*both)
            self._open -= {writer, back_writer}
        except OSError:
            writer.transport.abort()
        finally:
            self._tasks.discard(task)


def _address(host: str) -> str:
    """One address, though localhost may have two."""
    return host if host[0].isdigit() else "127.0.0.1"


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side has no more to say; then the other is let go."""
    with suppress(OSError):
        while chunk := await reader.read(1 << 16):
            writer.write(chunk)
            await writer.drain()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@contextmanager
def tls_front(host: str, tls: ssl.SSLContext) -> Iterator[TlsFront]:
    """A front that is gone at the end."""
    front = TlsFront(host, tls)
    try:
        yield front
    finally:
        front.stop()
