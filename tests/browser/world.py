"""The simulated EHR and the service, each over TLS on a site of its own, as a browser sees them.

The EHR is on https://localhost and we are on https://127.0.0.1: to a browser these are two sites, so that whatever
stands in a frame of the EHR is a third party, and its cookies are a third party's.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from browser.tls_front import tls_front
from certificates import Authority, authority
from databases import fresh_url
from flask import Flask, Response, request
from sandbox_world import ASSERTION_TYPE, ID_KEY, KEY, assertion, clients, of_example

from fhirgate.cli.examples import examples
from fhirgate.config.settings import Settings
from fhirgate.ehr.keys import save_key
from fhirgate.sandbox.ehr.app import sandbox_app
from fhirgate.sandbox.ehr.failures import Failures
from fhirgate.sandbox.ehr.moved import moved_record
from fhirgate.sandbox.ehr.patients import PatientRecord
from fhirgate.sandbox.ehr.serve import start
from fhirgate.services.events import Event
from fhirgate.web.app import create_app
from fhirgate.wiring import Service, build

EHR_HOST, APP_HOST, THIRD_HOST = "localhost", "127.0.0.1", "127.0.0.2"
Json = dict[str, Any]


@cache
def current(slug: str) -> PatientRecord:
    """A shipped example, moved in time so that its story ends today; the patient is called as the example is."""
    (example,) = examples(slug)
    record = moved_record(of_example(example), (datetime.now(UTC).date() - example.as_of).days)
    return replace(record, resources=tuple(map(_named, record.resources)))


def _named(resource: Json) -> Json:
    is_patient = resource["resourceType"] == "Patient"
    return {**resource, "name": [{"text": resource["id"]}]} if is_patient else resource


def record_of(title: str, resources: Iterable[Json]) -> PatientRecord:
    """A record of a test's own."""
    return PatientRecord(title=title, tells="Made by a test.", resources=tuple(resources))


@dataclass
class Later:
    """The clock on the wall, and as much later as a test says."""

    by: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


@dataclass(kw_only=True)
class World:
    """Where the two sites are, and what stands behind them."""

    ehr: str
    app: str
    clock: Later
    """Of the EHR."""
    failures: Failures
    signer: Authority
    service: Service
    events: list[Event]
    secrets: list[str]
    """Every token that the EHR gave."""

    def launch_link(self, patient: str, *, frame: bool = False, **more: str) -> str:
        """The link on the EHR's page that opens us."""
        told = {"client": "app", "in": "frame" if frame else "window", **more}
        return f"{self.ehr}/launch/{patient}?{urlencode(told)}"

    def search(self, kind: str, patient: str) -> list[Json]:
        """What the EHR holds of a kind for a patient."""
        found = self._call("GET", f"{kind}?subject=Patient/{patient}&_count=200")
        return [each["resource"] for each in found.get("entry", [])]

    def read(self, name: str) -> Json:
        """One resource of the EHR, such as `Observation/17`."""
        return self._call("GET", name)

    def replace(self, resource: Json) -> None:
        """Another version in the EHR, by another of its programs."""
        self._call("PUT", f"{resource['resourceType']}/{resource['id']}", resource)

    def awaited(self, kind: str, patient: str, number: int, within: float = 15.0) -> list[Json]:
        """What the EHR holds of a kind when it holds so many."""
        until = time.monotonic() + within
        while len(found := self.search(kind, patient)) < number and time.monotonic() < until:
            time.sleep(0.1)
        return found

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        headers = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/fhir+json"}
        content = None if body is None else json.dumps(body)
        url = f"{self.ehr}/fhir/{path}"
        answer = requests.request(
            method, url, headers=headers, data=content, verify=self.signer.ca_file, timeout=10
        )
        assert answer.ok, answer.text
        return dict(answer.json())

    def _token(self) -> str:
        url = f"{self.ehr}/auth/token"
        form = {
            "grant_type": "client_credentials",
            "scope": "system/*.cruds",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion(url, self.clock()),
        }
        return str(
            requests.post(url, data=form, verify=self.signer.ca_file, timeout=10).json()["access_token"]
        )


@contextmanager
def world(folder: Path, *records: PatientRecord, styled: bool = True) -> Iterator[World]:
    """Both sites, with these patients, as long as the block lasts; the EHR has a style for apps or none."""
    signer = authority(folder)
    clock, failures, events, secrets = Later(), Failures(time.sleep), list[Event](), list[str]()
    with ExitStack() as stack:
        ehr, app = (
            stack.enter_context(tls_front(host, signer.context(host))) for host in (EHR_HOST, APP_HOST)
        )
        registered = clients(f"{app.origin}/callback", f"{app.origin}/launch")
        sandbox = sandbox_app(
            records, registered, base_url=ehr.origin, clock=clock, failures=failures, id_key=ID_KEY
        )
        sandbox.after_request(_at_token(secrets, styled=styled))
        ehr.behind = stack.enter_context(listening(sandbox))
        service = _service(folder, signer, ehr.origin, app.origin, events)
        stack.callback(service.stop, 5)
        service.start()
        app.behind = stack.enter_context(listening(create_app(service.gate)))
        yield World(
            ehr=ehr.origin,
            app=app.origin,
            clock=clock,
            failures=failures,
            signer=signer,
            service=service,
            events=events,
            secrets=secrets,
        )


def _at_token(secrets: list[str], *, styled: bool) -> Callable[[Response], Response]:
    """Hears of tokens on their way out, and leaves out what an EHR without a style does not say."""

    def pass_on(answer: Response) -> Response:
        if request.path == "/auth/token" and answer.status_code == 200:
            told = answer.get_json()
            secrets.extend(
                told[each] for each in ("access_token", "refresh_token", "id_token") if each in told
            )
            answer.set_data(
                json.dumps({name: each for name, each in told.items() if styled or name != "smart_style_url"})
            )
        return answer

    return pass_on


@contextmanager
def listening(app: Flask) -> Iterator[int]:
    """The port of an application behind its front."""
    running = start(lambda _: app)
    try:
        yield urlsplit(running.url).port or 0
    finally:
        running.stop()


def _service(folder: Path, signer: Authority, ehr: str, app: str, events: list[Event]) -> Service:
    save_key(KEY, folder / "keys")
    registry = folder / "servers.toml"
    registry.write_text(
        f'[servers.sandbox]\nbase_url = "{ehr}/fhir"\nnetwork = "private"\nprivate_hosts = ["{EHR_HOST}"]\n'
        f'ca_file = "{signer.ca_file}"\n'
        f'auth = {{ kind = "backend", client_id = "with-key", key_file = "{folder / "keys"}" }}\n'
        f'launch = {{ kind = "public", client_id = "app", frame_ancestors = ["{ehr}"] }}\n'
    )
    environment = {
        "FHIRGATE_SERVERS": str(registry),
        "FHIRGATE_DATABASE_URL": fresh_url("sqlite", folder),
        "FHIRGATE_PUBLIC_URL": app,
    }
    return build(Settings.from_env(environment), environment, events.append)
