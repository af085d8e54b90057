"""One request by `requests`, over connections that the guard has let through; nothing is tried twice here.

urllib3's own log lines hold whole URLs, and with them patients' identifiers, so they are switched off.
"""

import logging
import ssl
from collections.abc import Callable, Mapping
from functools import cache, partial
from socket import gaierror
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.poolmanager import PoolManager
from urllib3.response import BaseHTTPResponse
from urllib3.util.ssl_ import create_urllib3_context

from fhirgate.errors import ConfigurationError, EhrForbiddenAddress, InvalidRequest
from fhirgate.outbound.address import origin_of
from fhirgate.outbound.deadline import limits
from fhirgate.outbound.destination import Destination
from fhirgate.outbound.dial import TimedTls, dial
from fhirgate.outbound.egress import Guard

for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").disabled = True


class _Dialled(HTTPConnection):
    guard: Guard

    def _new_conn(self) -> Any:
        try:
            return dial(self.guard, self.host, self.port, self.socket_options or ())
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no connection in time") from error
        except OSError as error:
            if isinstance(error, gaierror):
                raise NameResolutionError(self.host, self, error) from error
            raise NewConnectionError(self, "no connection") from error


class _DialledTls(_Dialled, HTTPSConnection):
    pass


class _Pools(PoolManager):
    """Makes pools whose connections ask the guard."""

    def __init__(self, guard: Guard, **settings: Any) -> None:
        super().__init__(**settings)
        self._guard = guard

    def _new_pool(
        self, scheme: str, host: str, port: int, request_context: dict[str, Any] | None = None
    ) -> HTTPConnectionPool:
        pool = super()._new_pool(scheme, host, port, request_context)
        kind = _DialledTls if scheme == "https" else _Dialled
        pool.ConnectionCls = partial(_connection, kind, self._guard)  # type: ignore[assignment]
        return pool


def _connection(kind: type[_Dialled], guard: Guard, **settings: Any) -> _Dialled:
    connection = kind(**settings)
    connection.guard = guard
    return connection


class _Adapter(HTTPAdapter):
    """`requests`' way to urllib3, with verification that no argument can turn off."""

    def __init__(self, guard: Guard, context: ssl.SSLContext | None, connections: int) -> None:
        self._guard = guard
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=connections)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        self.poolmanager = _Pools(self._guard, num_pools=connections, maxsize=maxsize, block=block, **more)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        where, _ = super().build_connection_pool_key_attributes(request, verify=True)
        return where, {"cert_reqs": "CERT_REQUIRED", "ssl_context": self._context}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


class Transport:
    """The connections to one destination."""

    def __init__(self, destination: Destination, resolve: Callable[[str, int], Any]) -> None:
        self._server = destination.name
        self._origin = origin_of(destination.base_url)
        guard = Guard(
            server=destination.name,
            origin=self._origin,
            private=self._origin.host in destination.private_hosts,
            resolve=resolve,
        )
        context = tls_context(destination) if self._origin.scheme == "https" else None
        self._adapter = _Adapter(guard, context, destination.concurrency)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> BaseHTTPResponse:
        """The head of the answer, its body still to be read. Raises what requests and urllib3 raise."""
        try:
            prepared = requests.Request(method, url, headers=dict(headers), data=body).prepare()
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL):
            prepared = None
        if prepared is None:  # outside of the handler: its error would show the header, and with it a token
            raise InvalidRequest(f"server {self._server!r}: a header or the URL of a call is malformed")
        if not self._is_ours(prepared.url or ""):
            raise EhrForbiddenAddress(
                f"a URL for server {self._server!r} is refused: it leaves {self._origin}"
            )
        waits = (limits().to_connect(), limits().to_read())
        response = self._adapter.send(prepared, stream=True, timeout=waits)
        raw: BaseHTTPResponse = response.raw
        return raw

    def _is_ours(self, url: str) -> bool:
        """Whether a URL has stayed on the origin, as `requests` will read it."""
        try:
            return origin_of(url) == self._origin
        except ValueError:
            return False

    def close(self) -> None:
        """Close every idle connection."""
        self._adapter.close()


def tls_context(destination: Destination) -> ssl.SSLContext:
    """How TLS is spoken with a destination: certificate and host name verified. Raises ConfigurationError."""
    if destination.ca_file is None:
        return _public()
    try:
        return _trusting(destination.ca_file)
    except OSError:
        problem = f"ca_file {destination.ca_file} is not a readable file of PEM certificates"
        raise ConfigurationError(f"Server {destination.name!r}", [problem]) from None


@cache
def _public() -> ssl.SSLContext:
    """Trusts the public authorities; reading them takes a moment, so all servers share it."""
    return _trusting(DEFAULT_CA_BUNDLE_PATH)


def _trusting(ca_file: str) -> ssl.SSLContext:
    """TLS 1.2 or later, certificate and host name verified."""
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.sslsocket_class = TimedTls
    context.load_verify_locations(cafile=ca_file)
    return context
