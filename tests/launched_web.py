"""The service with its pages in this process, launched out of the simulated EHR on a socket by a person who clicks."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from databases import fresh_url
from flask import Flask
from flask.testing import FlaskClient
from sandbox_world import ID_KEY, clients, of_example, ticket_in
from werkzeug.test import TestResponse

from fhirgate.cli.examples import examples
from fhirgate.config.settings import Settings
from fhirgate.sandbox.ehr.app import sandbox_app
from fhirgate.sandbox.ehr.moved import moved_record
from fhirgate.sandbox.ehr.patients import PatientRecord
from fhirgate.sandbox.ehr.serve import Running, start
from fhirgate.services.events import Event
from fhirgate.web.app import create_app
from fhirgate.wiring import Service, build

APP = "https://fhirgate.example"
PATIENT, OTHER = "mixed-response-alectinib", "node-only-dicom-sr"
"""Both have something to decide on."""
FRAMING = "https://ehr.example.org"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_SHOWN = re.compile(r'name="shown" value="([^"]+)"')


@dataclass
class Browser:
    """One browser: our pages in this process, the EHR's over HTTP."""

    app: Flask
    sandbox: Running
    seen: list[TestResponse] = field(default_factory=list)
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, url: str, **headers: str) -> TestResponse:
        return self._open("GET", url, headers=_named(headers))

    def post(self, url: str, form: Any, **headers: str) -> TestResponse:
        return self._open("POST", url, data=form, headers=_named(headers))

    def _open(self, method: str, url: str, **more: Any) -> TestResponse:
        answer = self.client.open(url.removeprefix(APP), base_url=APP, method=method, **more)
        self.seen.append(answer)
        return answer

    def opened(self, patient: str = PATIENT, failure: str = "") -> str:
        """The launch URL that the EHR's page sends this browser to."""
        asked = {"client": "app"} | ({"failure": failure} if failure else {})
        where = f"{self.sandbox.url}/launch/{patient}"
        answer = requests.get(where, params=asked, allow_redirects=False, timeout=10)
        return answer.headers["Location"]

    def to_the_ehr(self, url: str) -> str:
        """The EHR's address that a launch URL leads to, by way of the probe."""
        answer = self.get(url)
        if answer.headers["Location"].startswith("/"):
            answer = self.get(answer.headers["Location"])
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def clicks(self, authorize: str, decision: str = "allow", **more: str) -> str:
        """Where the EHR sends the browser back to."""
        shown = requests.get(authorize, timeout=10)
        assert shown.status_code == 200, shown.text
        answer = requests.post(
            f"{self.sandbox.url}/auth/decision",
            data={"request": ticket_in(shown.text), "decision": decision, **more},
            allow_redirects=False,
            timeout=10,
        )
        return answer.headers["Location"]

    def back(self, patient: str = PATIENT, failure: str = "") -> str:
        """The redirect URI as it is called at the end of a launch out of the chart."""
        return self.clicks(self.to_the_ehr(self.opened(patient, failure)))

    def launched(self, patient: str = PATIENT, failure: str = "") -> str:
        """The address of the page of a launch out of the chart."""
        answer = self.get(self.back(patient, failure))
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def cookies(self) -> dict[str, str]:
        """Those it holds, by name."""
        return {each.key: each.value for each in self.client._cookies.values()}


@dataclass
class Web:
    """The service and the EHR."""

    app: Flask
    service: Service
    sandbox: Running
    events: list[Event]

    def browser(self) -> Browser:
        """A new one, in front of a service that nobody has launched just now."""
        assert self.service.gate.launching is not None
        self.service.gate.launching.pace._full_at.clear()
        return Browser(self.app, self.sandbox)


def form_of(page: TestResponse, **more: Any) -> dict[str, Any]:
    """What a form of a page sends."""
    csrf, shown = _CSRF.search(page.text), _SHOWN.search(page.text)
    assert csrf, page.text
    assert shown, page.text
    return {"csrf": csrf[1], "shown": unescape(shown[1]), "preset": "DEFAULT", **more}


def csrf_of(page: TestResponse) -> str:
    found = _CSRF.search(page.text)
    assert found, page.text
    return found[1]


@cache
def current(slug: str) -> PatientRecord:
    """A shipped example, moved in time so that its story ends today."""
    (example,) = examples(slug)
    return moved_record(of_example(example), (datetime.now(UTC).date() - example.as_of).days)


@contextmanager
def launched_web(folder: Path, *slugs: str) -> Iterator[Web]:
    """Both, as long as the block lasts."""
    registered = clients(f"{APP}/callback", f"{APP}/launch")
    charts = [current(each) for each in slugs]
    sandbox = start(lambda url: sandbox_app(charts, registered, base_url=url, id_key=ID_KEY))
    service, events = _service(folder, sandbox)
    try:
        yield Web(create_app(service.gate), service, sandbox, events)
    finally:
        service.stop(5)
        # A test may have ended it.
        if sandbox._thread.is_alive():
            sandbox.stop()


def _service(folder: Path, sandbox: Running) -> tuple[Service, list[Event]]:
    registry = folder / "servers.toml"
    registry.write_text(
        f'[servers.sandbox]\nbase_url = "{sandbox.fhir}"\nnetwork = "private"\nprivate_hosts = ["127.0.0.1"]\n'
        f'launch = {{ kind = "public", client_id = "app", frame_ancestors = ["{FRAMING}"] }}\n'
        '[servers.programs]\nbase_url = "https://programs.example.org/fhir"\n'
    )
    environment = {
        "FHIRGATE_SERVERS": str(registry),
        "FHIRGATE_DATABASE_URL": fresh_url("sqlite", folder),
        "FHIRGATE_PUBLIC_URL": APP,
    }
    events: list[Event] = []
    return build(Settings.from_env(environment), environment, events.append), events


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def path_of(url: str) -> str:
    return urlsplit(url).path
