"""`fhirgate demo --serve`: the service and a simulated EHR over the examples, on this machine, until told to stop.

The service is that of `fhirgate serve`, set up by a registry and variables of its own in a folder that goes with it.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fhirgate.cli.examples import Example
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.config.settings import DATABASE_URL, PUBLIC_URL, SERVERS, Settings
from fhirgate.errors import InvalidRequest

if TYPE_CHECKING:
    from fhirgate.sandbox.ehr.serve import Running
    from fhirgate.services.events import Event

HOST = "127.0.0.1"
APP, BACKEND = "fhirgate-app", "fhirgate-backend"
MAIN = "mixed-response-alectinib"
"""The example of the direct link: something is proposed, and there is something to decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where everything of one demonstration is."""

    folder: Path
    port: int
    """Of the service."""

    @property
    def url(self) -> str:
        """Of the service."""
        return f"http://{HOST}:{self.port}"

    @property
    def keys(self) -> Path:
        """What the service signs with when it writes results."""
        return self.folder / "keys"


def serve_demo(chosen: list[Example], port: int, ehr_port: int, *, log: bool) -> int:
    """Serve the examples until told to stop. Raises InvalidRequest when a port is taken."""
    # Who is told to stop while it all starts is to leave no folder behind; later the service takes this.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="fhirgate-demo-") as folder:
        place = Place(folder=Path(folder), port=port or _free_port())
        with _sandbox(chosen, place, ehr_port) as sandbox:
            is_over = _serve(place, sandbox, chosen, log=log)
    if not is_over:
        os._exit(ExitStatus.FINE)
    return ExitStatus.FINE


def _serve(place: Place, sandbox: "Running", chosen: list[Example], *, log: bool) -> bool:
    from fhirgate.cli.serve import serve_until_told  # noqa: PLC0415
    from fhirgate.wiring import build  # noqa: PLC0415

    registry = place.folder / "servers.toml"
    registry.write_text(_registry(place, sandbox), "utf-8")
    environment = {
        SERVERS.name: str(registry),
        DATABASE_URL.name: f"sqlite:///{place.folder / 'fhirgate.db'}",
        PUBLIC_URL.name: place.url,
    }
    service = build(Settings.from_env(environment), environment, _events(log=log))
    return serve_until_told(service, HOST, place.port, lambda: _explain(place, sandbox, chosen))


def _events(*, log: bool) -> "Callable[[Event], None]":
    """Where the service's events go."""
    if not log:
        return lambda _event: None
    from fhirgate.services.event_log import EventLog  # noqa: PLC0415

    return EventLog(sys.stderr.buffer).write


def _registry(place: Place, sandbox: "Running") -> str:
    return (
        f'[servers.sandbox]\nbase_url = "{sandbox.fhir}"\nnetwork = "private"\nprivate_hosts = ["{HOST}"]\n'
        f'auth = {{ kind = "backend", client_id = "{BACKEND}", key_file = "{place.keys.as_posix()}" }}\n'
        f'launch = {{ kind = "public", client_id = "{APP}", frame_ancestors = ["{sandbox.url}"] }}\n'
    )


@contextmanager
def _sandbox(chosen: list[Example], place: Place, port: int) -> "Iterator[Running]":
    """The simulated EHR; each story ends today."""
    from fhirgate.ehr.keys import Algorithm, jwks, new_key, save_key  # noqa: PLC0415
    from fhirgate.sandbox.ehr.app import sandbox_app  # noqa: PLC0415
    from fhirgate.sandbox.ehr.clients import Client, Proof  # noqa: PLC0415
    from fhirgate.sandbox.ehr.moved import moved_record  # noqa: PLC0415
    from fhirgate.sandbox.ehr.patients import patient_record  # noqa: PLC0415
    from fhirgate.sandbox.ehr.serve import start  # noqa: PLC0415

    now = datetime.now(UTC)
    key = new_key(Algorithm.ES384, now)
    save_key(key, place.keys)
    published = jwks([key])
    clients = (
        Client(
            id=APP,
            name="fhirgate",
            redirect_uris=(f"{place.url}/callback/sandbox",),
            launch_url=f"{place.url}/launch",
        ),
        Client(id=BACKEND, name="fhirgate", proof=Proof.KEY, keys=lambda: published, is_backend=True),
    )
    records = [
        moved_record(patient_record(each.title, each.story, each.record), (now.date() - each.as_of).days)
        for each in chosen
    ]
    try:
        running = start(lambda url: sandbox_app(records, clients, base_url=url), host=HOST, port=port)
    except OSError as error:
        raise InvalidRequest(f"cannot listen on {HOST}:{port}: {error.strerror}") from None
    try:
        yield running
    finally:
        running.stop()


def _free_port() -> int:
    """One that is free now: the address of the service has to be known before it is built."""
    from waitress.server import create_server  # type: ignore[import-untyped]  # noqa: PLC0415

    taken = create_server(_nothing, host=HOST, port=0, map={}, threads=1, ident=None)
    try:
        return int(taken.effective_port)
    finally:
        taken.close()
        taken.task_dispatcher.shutdown(timeout=1)


def _nothing(_environ: object, _respond: object) -> tuple[()]:
    return ()


def _explain(place: Place, sandbox: "Running", chosen: list[Example]) -> None:
    from fhirgate.sandbox.ehr.front import launch_link  # noqa: PLC0415
    from fhirgate.sandbox.ehr.patients import patient_record  # noqa: PLC0415

    main = next((each for each in chosen if each.slug == MAIN), chosen[0])
    patient = patient_record(main.title, main.story, main.record).patient
    click.echo(
        f"Simulated EHR, with its patients:  {sandbox.url}/\n"
        f"Straight to one patient:           {launch_link(sandbox.url, patient, client=APP)}\n"
        f"The service:                       {place.url}/\n\n"
        "Open the first link, and click at a patient 'in a frame' or 'outside'.\n"
        "The EHR asks whether fhirgate may read the chart: press Allow. Then decide on what it proposes.\n"
        "To see what becomes of a failure, choose one above the list of patients before the click.\n"
        "All patients are synthetic; their stories are moved so that each ends today. Nothing of it is kept.\n"
        "Press Ctrl-C here to stop both."
    )
