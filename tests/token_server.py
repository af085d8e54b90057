"""An authorization server and a FHIR server in one, strict as the guide asks, that remembers every assertion id."""

import json
import socket
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from wire import Heard, Wire, reply, wire

from fhirgate.ehr.clients import ASSERTION_TYPE

CLIENT = "fhirgate-test"
SECRET = "s3cret:/+ü"  # noqa: S105 - of this server only


@dataclass
class TokenServer:
    """What it accepts, and what it did."""

    jwks: Mapping[str, Any] = field(default_factory=lambda: {"keys": []})
    scopes: str | None = None
    """Granted whatever is asked for; the same as asked for when None."""
    life: Any = 300
    more: dict[str, Any] = field(default_factory=dict)
    """Members of the token answer to set; those that are None are left out."""
    smart: dict[str, Any] = field(default_factory=dict)
    slow: float = 0.0
    first: list[Callable[[socket.socket, Heard], None]] = field(default_factory=list)
    """What the first token requests meet instead of an answer."""
    audience: str | None = None
    date: float | None = None
    seen: set[str] = field(default_factory=set)
    claims: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, Any]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    good: set[str] = field(default_factory=set)
    made: int = 0
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/token"

    def __call__(self, connection: socket.socket, heard: Heard) -> None:
        path = heard.line.split()[1]
        if path.endswith("smart-configuration"):
            said = {"token_endpoint": self.endpoint, "capabilities": ["permission-v2"]} | self.smart
            connection.sendall(reply(json.dumps(said).encode(), kind="application/json"))
        elif path == "/token":
            self._token(connection, heard)
        elif heard.headers.get("authorization", "").removeprefix("Bearer ") in self.good:
            connection.sendall(reply(b'{"resourceType":"Patient"}'))
        else:
            connection.sendall(reply(b"", status="401 Unauthorized"))

    def _token(self, connection: socket.socket, heard: Heard) -> None:
        form = {name: values[0] for name, values in parse_qs(heard.body.decode()).items()}
        with self.lock:
            self.forms.append(form)
            fault = self.first.pop(0) if self.first else None
        time.sleep(self.slow)
        refusal = self._refusal(form, heard)
        if fault is not None:
            fault(connection, heard)
        elif refusal:
            self._send(
                connection, "401 Unauthorized", {"error": "invalid_client", "error_description": refusal}
            )
        else:
            self._send(connection, "200 OK", self._answer(form))

    def _answer(self, form: Mapping[str, str]) -> dict[str, Any]:
        with self.lock:
            self.made += 1
            token = f"t0ken-{self.made}"
            self.good.add(token)
        usual = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.life,
            "scope": self.scopes if self.scopes is not None else form.get("scope", ""),
        }
        return {name: value for name, value in (usual | self.more).items() if value is not None}

    def _send(self, connection: socket.socket, status: str, body: Mapping[str, Any]) -> None:
        more = "Cache-Control: no-store\r\nPragma: no-cache\r\n"
        if self.date is not None:
            more += f"Date: {formatdate(self.date, usegmt=True)}\r\n"
        connection.sendall(
            reply(json.dumps(body).encode(), status=status, kind="application/json", more=more)
        )

    def _refusal(self, form: Mapping[str, str], heard: Heard) -> str:
        if "client_assertion" in form:
            return self._assertion_refused(form)
        scheme, _, both = heard.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            user, _, password = b64decode(both).decode().partition(":")
            known = (unquote_plus(user), unquote_plus(password))
        else:
            known = (form.get("client_id", ""), form.get("client_secret", ""))
        return "" if known == (CLIENT, SECRET) else f"secret {known[1]} is wrong"

    def _assertion_refused(self, form: Mapping[str, str]) -> str:
        try:
            token = jwt.decode(
                form["client_assertion"], KeySet.import_key_set(self.jwks), algorithms=["ES384", "RS384"]
            )
        except (JoseError, ValueError):
            return "no such key or bad signature"
        claims, now = token.claims, time.time()
        with self.lock:
            self.claims.append(claims)
            self.headers.append(token.header)
            known = claims["jti"] in self.seen
            self.seen.add(claims["jti"])
        wrong = {
            "assertion type": form["client_assertion_type"] != ASSERTION_TYPE,
            "client": not claims["iss"] == claims["sub"] == CLIENT,
            "unexpected audience": claims["aud"] != (self.audience or self.endpoint),
            "expired": not now < claims["exp"] <= now + 300,
            "jti was already used": known,
            "typ": token.header["typ"] != "JWT",
        }
        return ", ".join(words for words, is_so in wrong.items() if is_so)


@contextmanager
def serving(server: TokenServer) -> Iterator[Wire]:
    """The server on a free port."""
    with wire(server) as found:
        server.port = found.port
        yield found
