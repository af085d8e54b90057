"""How the parts are joined by which clinicians launch us and decide; `wiring` joins them with the rest."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from secrets import token_hex

from fhirgate.config.own_file import own_text, read_own
from fhirgate.config.settings import PUBLIC_URL, SEALING_KEYS_FILE, Settings
from fhirgate.ehr.launch.conversation import SmartLaunches, smart_launches
from fhirgate.ehr.launch.issuers import entry_of_issuer
from fhirgate.errors import ConfigurationError
from fhirgate.outbound.client import Outbound
from fhirgate.services.deliver import Tell
from fhirgate.services.ehr_server import EhrServer
from fhirgate.services.launches import LaunchRefused
from fhirgate.services.reviews import Reviews
from fhirgate.services.run_jobs import JobRunner
from fhirgate.store.engine import Database
from fhirgate.store.launches import SqlLaunches
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.sealing import SealingKeys, new_sealing_key, sealing_keys
from fhirgate.web.gate import Launching
from fhirgate.web.pace import Pace
from fhirgate.web.themes import Themes

LAUNCHES_A_MINUTE = 600
"""That may be begun with one server, in one process: anybody can begin one, and each is a row for ten minutes."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def launches_of(
    settings: Settings,
    database: Database,
    servers: Mapping[str, EhrServer],
    outbound: Outbound,
    environment: Mapping[str, str],
) -> SmartLaunches:
    """Launches out of the servers that have a launch table. Raises ConfigurationError."""
    keys = _sealing_keys(settings, database)
    if not settings.public_url:
        raise ConfigurationError(
            "the launches", [f"{PUBLIC_URL.name} is to say where browsers reach this service"]
        )
    store = SqlLaunches(database=database, keys=keys, clock=_utc_now)
    callback = f"{settings.public_url}/callback"
    return smart_launches(servers.values(), outbound, environment, store, callback)


def _sealing_keys(settings: Settings, database: Database) -> SealingKeys:
    what = "the sealing keys"
    if settings.sealing_keys is not None:
        return sealing_keys(read_own(settings.sealing_keys, what))
    if database.file is None:
        raise ConfigurationError(what, [f"{SEALING_KEYS_FILE.name} is to name their file"])
    # A file that was lost is made anew under another name: what the lost key sealed is over, and no riddle.
    made = partial(new_sealing_key, f"first-{token_hex(4)}")
    text, _ = own_text(database.file.with_suffix(".keys"), what, made)
    return sealing_keys(text)


def launching_of(
    launches: SmartLaunches,
    public_url: str,
    runner: JobRunner,
    outbox: SqlOutbox,
    tell: Tell,
) -> Launching:
    """What pages need, over the same store as the jobs."""
    servers = {each.name: each for each in launches.entries}
    frames = {name: each.launch.frame_ancestors for name, each in servers.items() if each.launch is not None}

    def server_of(iss: str) -> str:
        try:
            return entry_of_issuer(iss, launches.entries).name
        except LaunchRefused:
            return ""

    return Launching(
        public_url=public_url,
        launches=launches,
        reviews=Reviews(
            launches=launches,
            store=runner.store,
            outbox=outbox,
            servers=servers,
            choices=runner.choices,
            clock=_utc_now,
            tell=tell,
        ),
        frames=frames,
        server_of=server_of,
        pace=Pace(dict.fromkeys(frames, LAUNCHES_A_MINUTE), time.monotonic),
        themes=Themes(time.monotonic),
    )
