"""Examinations of servers on this machine whose every answer a test decides."""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from ehr_world import Ehr, everything
from fake_time import NOON
from wire import Heard, reply, wire

from fhirgate.ehr.doctor.examine import Examination, Examiner
from fhirgate.ehr.doctor.line import Line
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.services.ehr_server import AuthEntry, AuthKind, EhrServer

Json = dict[str, Any]
SECRET = "open-sesame"  # noqa: S105 - of this server only
TOKEN = "t0ken"  # noqa: S105
HOST = "127.0.0.1"
VARIABLE = "EHR_SECRET"
BY_SECRET = AuthEntry(kind=AuthKind.CLIENT_SECRET, client_id="us", secret_variable=VARIABLE)
BY_PASSWORD = AuthEntry(kind=AuthKind.BASIC, client_id="us", secret_variable=VARIABLE)
GOOD_SMART: Json = {
    "issuer": "https://ehr.example.org",
    "jwks_uri": "https://ehr.example.org/jwks.json",
    "authorization_endpoint": "/fhir/authorize",
    "token_endpoint": "/token",
    "capabilities": ["permission-v2", "sso-openid-connect", "client-confidential-symmetric"],
    "grant_types_supported": ["authorization_code", "client_credentials"],
    "code_challenge_methods_supported": ["S256"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
    "token_endpoint_auth_signing_alg_values_supported": ["ES384", "RS384"],
    "scopes_supported": ["system/*.cruds"],
}


@dataclass
class Clinic:
    """A FHIR server with its authorization, over plain http."""

    ehr: Ehr = field(default_factory=lambda: Ehr(statement=everything("_count", "category", "code")))
    smart: Json | None = None
    """None: there is none, and everybody is let in."""
    scope: str | None = "as asked"
    """Granted; left out of the answer when None."""
    token: tuple[str, Json] | None = None
    """Status and body instead of a token."""
    guarded: bool = True
    """Whether a token is looked at, where there are any."""
    headers: str = ""
    asked: list[str] = field(default_factory=list)
    """Each request line as it came."""

    def __call__(self, connection: socket.socket, heard: Heard) -> None:
        method, target, _ = heard.line.split(" ")
        self.asked.append(f"{method} {target}")
        status, body = self._answer(method, target, heard)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "application/json" if target == "/token" else "application/fhir+json"
        connection.sendall(reply(content, status=status, kind=kind, more=self.headers))

    def _answer(self, method: str, target: str, heard: Heard) -> tuple[str, Any]:
        if target.endswith("/.well-known/smart-configuration"):
            return ("404 Not Found", {}) if self.smart is None else ("200 OK", self._relative())
        if target == "/token":
            return self.token or ("200 OK", self._token(heard))
        call = unquote(target.removeprefix("/fhir/"))
        is_let_in = self.smart is None or not self.guarded or call == "metadata" or self._knows(heard)
        if not is_let_in:
            return "401 Unauthorized", {"resourceType": "OperationOutcome", "issue": []}
        self.ehr.calls.append(call)
        status, _, body = self._of_ehr(call)
        return f"{status} Told", body if isinstance(body, bytes) else str(body).encode()

    def _of_ehr(self, call: str) -> Any:
        for name, waiting in self.ehr._next.items():
            if call.startswith(name) and waiting:
                return waiting.popleft()
        return next(
            (each for name, each in self.ehr._always.items() if call.startswith(name)),
            None,
        ) or self.ehr._usual(call)

    def _relative(self) -> Json:
        """URLs of this server are given without it, and made whole here."""
        return {name: each for name, each in (self.smart or {}).items() if each is not None}

    def _token(self, heard: Heard) -> Json:
        wanted = dict(each.split("=") for each in heard.body.decode().split("&")).get("scope", "")
        told = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300}
        if self.scope is None:
            return told
        granted = unquote(wanted.replace("+", " ")) if self.scope == "as asked" else self.scope
        return told | {"scope": granted}

    def _knows(self, heard: Heard) -> bool:
        return heard.headers.get("authorization", "") in (f"Bearer {TOKEN}", "Basic dXM6b3Blbi1zZXNhbWU=")


def guarded(**more: Any) -> Clinic:
    """One that lets in who has its token."""
    return Clinic(smart=dict(GOOD_SMART), headers="Cache-Control: no-store\r\nPragma: no-cache\r\n", **more)


def still(**more: Any) -> Surroundings:
    """Time that stands still, so that nothing takes any."""
    usual: dict[str, Any] = {
        "monotonic": lambda: 1000.0,
        "now": lambda: NOON,
        "sleep": lambda _seconds: None,
        "chance": lambda: 0.0,
        "new_id": lambda: "request-1",
    }
    return Surroundings(**(usual | more))


def entry_of(port: int, auth: AuthEntry = AuthEntry(), **more: Any) -> EhrServer:  # noqa: B008 - frozen
    usual: Json = {"base_url": f"http://{HOST}:{port}/fhir", "private_hosts": (HOST,)}
    return EhrServer(name="main", auth=auth, **(usual | more))


def examined(
    clinic: Any,
    auth: AuthEntry = AuthEntry(),  # noqa: B008 - frozen
    patient: str = "",
    surroundings: Surroundings | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = 30.0,
    **entry: Any,
) -> Examination:
    """The examination of a clinic, or of any other script of the wire."""
    with wire(clinic) as here:
        return Examiner(
            environment={VARIABLE: SECRET} if environment is None else environment,
            surroundings=surroundings or still(),
            seconds=seconds,
        ).examine(entry_of(here.port, auth, **entry), patient)


def examined_at(
    entry: EhrServer,
    patient: str = "",
    surroundings: Surroundings | None = None,
    environment: Mapping[str, str] | None = None,
) -> Examination:
    """The examination of a server that runs, in real time."""
    return Examiner(environment=environment or {}, surroundings=surroundings or Surroundings()).examine(
        entry, patient
    )


def of(found: Examination, check: str, about: str = "") -> Line:
    """The only line of a check, or the only one about a type."""
    (line,) = (
        each for each in found.lines if each.check == check and (not about or each.told.about == about)
    )
    return line


def results(found: Examination, *checks: str) -> list[str]:
    """How the lines of these checks went."""
    return [each.result.value for each in found.lines if each.check in checks]


def shown(found: Examination, width: int = 80) -> str:
    """The text as a user sees it, with the port of this run left out."""
    from fhirgate.cli import doctor_text  # noqa: PLC0415
    from fhirgate.report.columns import Paint  # noqa: PLC0415

    lines: list[str] = []
    printer = doctor_text.Printer(lines.extend, width, Paint())
    lines += doctor_text.heading(found.entry, width)
    for each in found.lines:
        printer.take(each)
    printer.end()
    return "\n".join([*lines, *doctor_text.summary(found, width, Paint())]) + "\n"


def shape(line: Line) -> str:
    """The request of a line."""
    from fhirgate.cli.doctor_text import request_words  # noqa: PLC0415

    return request_words(line.told.call) if line.told.call else ""


def addresses(*found: str) -> Any:
    """A resolver that always gives these."""

    def resolve(_host: str, _port: int) -> Sequence[str]:
        return found

    return resolve
