"""The sandbox's authorization before the data of a real FHIR server: who may see what is decided here, what there is is
there.

Every call needs a living token; type and interaction are held against its scopes, and of every answer only what the
token gives is passed on. The other server is open to nobody else, and never hears a token.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from flask import Flask, Response, request

from fhirgate.cli.examples import Example
from fhirgate.exact_json import decode
from fhirgate.sandbox.ehr.access import Access
from fhirgate.sandbox.ehr.app import utc_now
from fhirgate.sandbox.ehr.auth_routes import add_auth_routes, token_refusal
from fhirgate.sandbox.ehr.clients import Client
from fhirgate.sandbox.ehr.discovery import smart_configuration
from fhirgate.sandbox.ehr.failures import Failures
from fhirgate.sandbox.ehr.front import add_front_routes
from fhirgate.sandbox.ehr.oauth_error import OAuthError
from fhirgate.sandbox.ehr.patients import PatientRecord, all_resources
from fhirgate.sandbox.ehr.refused import Refused, unknown
from fhirgate.sandbox.ehr.sandbox import Sandbox, joined
from fhirgate.sandbox.ehr.serve import Running, start
from fhirgate.sandbox.ehr.table import KINDS
from fhirgate.sandbox.ehr.wire import fhir, refusal

Json = dict[str, Any]
_SENT = ("Content-Type", "Accept", "If-Match", "If-None-Match", "If-None-Exist", "Prefer")
_BACK = ("Content-Type", "ETag", "Location", "Content-Location", "Last-Modified")
_LETTERS = {"GET": "r", "POST": "c", "PUT": "u"}


@dataclass
class Gate:
    """What stands between an app and the other server."""

    server: str
    """Base URL of the other server."""
    sandbox: Sandbox
    heard: list[tuple[str, str, int]] = field(default_factory=list)
    """Method, path and status of each call of the FHIR side."""
    passed: list[dict[str, str]] = field(default_factory=list)
    """Headers of each request that went on."""

    def answer(self, path: str = "") -> Response:
        """A call below the FHIR base."""
        try:
            found = self._answer(path)
        except Refused as error:
            found = refusal(error)
        self.heard.append((request.method, path, found.status_code))
        return found

    def _answer(self, path: str) -> Response:
        if path == ".well-known/smart-configuration":
            return fhir(smart_configuration(self.sandbox.urls))
        if path == "metadata":
            return self._passed_on(path)[0]
        access = self._access()
        kind, *rest = path.split("/") if path else [""]
        if kind:
            self._check_type(access, kind, "s" if request.method == "GET" and not rest else "")
        else:
            self._check_entries(access)
        answer, body = self._passed_on(path)
        if answer.status_code >= 400 or body is None:
            return answer
        self._narrow(access, body)
        answer.data = fhir(body).data
        return answer

    def _access(self) -> Access:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        bearer = self.sandbox.vault.bearers.look(token) if scheme == "Bearer" else None
        if bearer is None or bearer.grant.is_over:
            raise Refused(401, "login", "a token is needed", headers={"WWW-Authenticate": "Bearer"})
        bearer.grant.trouble.before_call()
        return bearer.access()

    def _check_type(self, access: Access, kind: str, letter: str) -> None:
        if kind not in KINDS:
            raise unknown("a type of this name")
        self.sandbox.reading.guard.check_type(access, kind, letter or _LETTERS[request.method])

    def _check_entries(self, access: Access) -> None:
        """Of a transaction; a further page of a search has none."""
        if request.method == "GET":
            return
        for entry in json.loads(request.get_data())["entry"]:
            kind, letter = entry["resource"]["resourceType"], _LETTERS[entry["request"]["method"]]
            self.sandbox.reading.guard.check_type(access, kind, letter)
            self._check_one(access, letter, entry["resource"])

    def _check_one(self, access: Access, letter: str, resource: Json) -> None:
        if not self._permits(access, letter, resource):
            raise Refused(403, "forbidden", "this is another patient's")

    def _permits(self, access: Access, letter: str, resource: Json) -> bool:
        # What a Provenance is about, only the other server knows.
        kind = resource["resourceType"]
        return kind == "Provenance" or self.sandbox.reading.guard.permits(access, kind, letter, resource)

    def _narrow(self, access: Access, body: Json) -> None:
        """Only what the token gives, whatever was found."""
        if body.get("resourceType") != "Bundle":
            if body.get("resourceType") in KINDS:
                self._check_one(access, "r", body)
            return
        if body["type"] == "searchset":
            body["entry"] = [
                each for each in body.get("entry", ()) if self._permits(access, "s", each["resource"])
            ]

    def _passed_on(self, path: str) -> tuple[Response, Any]:
        sent = {name: request.headers[name] for name in _SENT if name in request.headers}
        self.passed.append(sent)
        found = requests.request(
            request.method,
            f"{self.server}/{path}".rstrip("/"),
            params=list(request.args.items(multi=True)),
            data=request.get_data() or None,
            headers=sent,
            timeout=60,
        )
        # The other server names itself in links and places; apps know it by our address.
        ours = self.sandbox.urls.fhir
        text = found.text.replace(self.server, ours)
        answer = Response(text, status=found.status_code)
        for name in _BACK:
            if name in found.headers:
                answer.headers[name] = found.headers[name].replace(self.server, ours)
        return answer, decode(text.encode()) if text.startswith("{") else None


@dataclass
class Behind:
    """The two as one EHR."""

    running: Running
    gate: Gate

    def calls(self, start_: str) -> list[tuple[str, str, int]]:
        """Calls whose path begins so."""
        return [each for each in self.gate.heard if each[1].startswith(start_)]


@contextmanager
def behind_sandbox(
    server: str, patients: Iterable[PatientRecord], clients: Iterable[Client]
) -> Iterator[Behind]:
    """An EHR whose patients are known here by name and are there with their records."""
    gates: list[Gate] = []

    def make(url: str) -> Flask:
        sandbox = joined(
            patients, clients, base_url=url, clock=utc_now, failures=Failures(lambda _seconds: None)
        )
        gates.append(Gate(server.rstrip("/"), sandbox))
        return _app(gates[0])

    running = start(make)
    try:
        yield Behind(running, gates[0])
    finally:
        running.stop()


def _app(gate: Gate) -> Flask:
    app = Flask("fhirgate.sandbox.ehr")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for number, rule in enumerate(("/fhir", "/fhir/", "/fhir/<path:path>")):
        app.add_url_rule(
            rule, endpoint=f"fhir-{number}", view_func=gate.answer, methods=["GET", "POST", "PUT"]
        )
    add_auth_routes(app, gate.sandbox)
    add_front_routes(app, gate.sandbox)
    app.register_error_handler(OAuthError, token_refusal)
    return app


def everything_of(patients: Iterable[PatientRecord]) -> list[Json]:
    """What the other server is to hold: the records, and what an EHR has beside them."""
    found: list[Json] = json.loads(fhir(list(all_resources(patients))).data)
    return found


def renamed(example: Example, slug: str) -> Example:
    """The same story of another patient, so that nobody else's test meets what is written for this one."""
    record = example.record.replace(example.slug.encode(), slug.encode())
    return Example(
        slug=slug,
        title=example.title,
        story=example.story,
        as_of=example.as_of,
        presets=example.presets,
        record=record,
    )
