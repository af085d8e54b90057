"""Launches against an authorization server that nobody here wrote, and that is strict in PKCE, codes and assertions."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
import requests
from databases import fresh_url
from peers.oidc.peer import oidc

from fhirgate.ehr.keys import Algorithm, jwks, new_key, save_key
from fhirgate.ehr.launch.conversation import SmartLaunches, smart_launches
from fhirgate.ehr.launch.registered import Registered
from fhirgate.ehr.launch.session_bearer import SessionBearer
from fhirgate.ehr.launch.token_exchange import exchange_code
from fhirgate.errors import EhrDenied, EhrRefused
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.services.ehr_server import EhrServer, LaunchEntry, LaunchKind
from fhirgate.services.launches import Launch, LaunchRefused, PendingLaunch, Why
from fhirgate.store.engine import open_database
from fhirgate.store.launches import SqlLaunches
from fhirgate.store.sealing import SealingKeys

pytestmark = pytest.mark.peer

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = {each: new_key(each, LONG_AGO) for each in Algorithm}
SECRET = "a b:c+d/%41-" + "x" * 40
CALLBACK = "https://fhirgate.example.org/callback"
REDIRECT = f"{CALLBACK}/main"
BROWSER = "b" * 43
DATA = ("patient/Patient.rs", "patient/Observation.rs", "patient/Condition.rs")
WANTED = (*DATA, "openid", "fhirUser", "online_access")
EMPTY = "patient/Procedure.rs"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with oidc(jwks=jwks(list(KEYS.values())), secret=SECRET) as found:
        yield found


@dataclass
class Here:
    """Our side, and a browser that a person sits at."""

    launches: SmartLaunches
    store: SqlLaunches
    base: str

    def begin(self) -> str:
        return self.launches.begin_from_ehr(self.base, "chart-1", BROWSER).url

    def launched(self) -> Launch:
        return self.launches.finish("main", visited(self.begin()), BROWSER)

    @property
    def registered(self) -> Registered:
        return self.launches.servers["main"]


def visited(url: str) -> list[tuple[str, str]]:
    """What comes back to the redirect URI when the browser follows every redirect up to it."""
    with requests.Session() as browser:
        for _ in range(10):
            answer = browser.get(url, allow_redirects=False, timeout=10)
            assert "Location" in answer.headers, answer.text
            url = urljoin(url, answer.headers["Location"])
            if url.startswith(REDIRECT):
                return parse_qsl(urlsplit(url).query)
    raise AssertionError("it never came back")


def changed(url: str, **parameters: str | None) -> str:
    """An authorization URL with other parameters, as a clumsy client would have made it."""
    parts = urlsplit(url)
    said = dict(parse_qsl(parts.query)) | parameters
    query = urlencode({name: value for name, value in said.items() if value is not None})
    return parts._replace(query=query).geturl()


@contextmanager
def here(port: int, folder: Path, around: Surroundings | None = None, **launch: Any) -> Iterator[Here]:
    usual: dict[str, Any] = {"kind": LaunchKind.PUBLIC, "client_id": "app-public", "scopes": WANTED}
    base = f"http://127.0.0.1:{port}/app/fhir"
    entry = EhrServer(
        name="main", base_url=base, private_hosts=("127.0.0.1",), launch=LaunchEntry(**(usual | launch))
    )
    database = open_database(fresh_url("sqlite", folder))
    keys = SealingKeys(current="k", keys={"k": b"k" * 32})
    store = SqlLaunches(database=database, keys=keys, clock=lambda: datetime.now(UTC))
    with Outbound() as outbound:
        launches = smart_launches([entry], outbound, {"IT": SECRET}, store, CALLBACK, around)
        yield Here(launches, store, base)
    database.close()


def by_key(folder: Path, algorithm: Algorithm = Algorithm.ES384, **more: Any) -> dict[str, Any]:
    key_file = str(save_key(KEYS[algorithm], folder / "keys"))
    return {"kind": LaunchKind.PRIVATE_KEY, "client_id": "app-key", "key_file": key_file} | more


def as_client(name: str, folder: Path) -> dict[str, Any]:
    if name in list(Algorithm):
        return by_key(folder, Algorithm(name))
    if name == "public":
        return {}
    return {"kind": LaunchKind.CLIENT_SECRET, "client_id": "app-secret", "secret_variable": "IT"}


@pytest.mark.parametrize("client", ["public", "secret", "ES384", "RS384"])
def test_every_kind_of_client_is_launched_reads_renews_and_logs_out(
    client: str, port: int, tmp_path: Path
) -> None:
    with here(port, tmp_path, **as_client(client, tmp_path)) as found:
        launch = found.launched()
        records = found.launches.records(launch.id, BROWSER)
        assert records is not None
        first = records.server.authorizer.headers()
        read = [each["id"] for each, _ in records.fetch("1").resources]
        records.server.authorizer.renew()
        second = records.server.authorizer.headers()
        ended = found.launches.end(launch.id, BROWSER)
        with pytest.raises(EhrDenied):
            # What was handed back is good no more.
            records.fetch("1")

    assert read == ["1"]
    assert (launch.context.patient, first != second, ended) == ("1", True, ())
    assert launch.user is not None
    assert (launch.user.reference, launch.user.is_on_server, launch.user.subject) == (
        "Practitioner/7",
        True,
        "u7",
    )
    assert launch.granted.lost == ()


def test_a_standalone_launch_is_let_in(port: int, tmp_path: Path) -> None:
    with here(port, tmp_path) as found:
        begun = found.launches.begin_standalone("main", BROWSER)

        assert found.launches.finish("main", visited(begun.url), BROWSER).context.patient == "1"


def test_without_a_challenge_it_refuses_and_we_never_leave_it_out(port: int, tmp_path: Path) -> None:
    with here(port, tmp_path) as found:
        url = found.begin()
        back = visited(changed(url, code_challenge=None, code_challenge_method=None))
        with pytest.raises(LaunchRefused) as error:
            found.launches.finish("main", back, BROWSER)

    assert "code_challenge_method=S256" in url
    assert (error.value.why, error.value.code) == (Why.AUTHORIZATION_FAILED, "invalid_request")


def test_another_audience_is_refused_and_told(port: int, tmp_path: Path) -> None:
    with here(port, tmp_path) as found:
        back = visited(changed(found.begin(), aud="https://other.example.org/fhir"))
        with pytest.raises(LaunchRefused) as error:
            found.launches.finish("main", back, BROWSER)

    assert error.value.code == "invalid_target"
    assert "compare base_url" in str(error.value)


def test_a_replayed_code_is_refused_and_ends_what_it_gave(port: int, tmp_path: Path) -> None:
    with here(port, tmp_path) as found:
        url = found.begin()
        back = visited(url)
        pending = found.store.take_pending(dict(back)["state"])
        assert pending is not None
        found.store.put_pending(dict(back)["state"], pending)
        launch = found.launches.finish("main", back, BROWSER)
        with pytest.raises(LaunchRefused) as ours:
            found.launches.finish("main", back, BROWSER)
        with pytest.raises(EhrRefused) as theirs:
            exchange_code(found.registered, pending, dict(back)["code"])
        records = found.launches.records(launch.id, BROWSER)
        assert records is not None
        with pytest.raises(EhrDenied, match="this launch is over"):
            records.fetch("1")

    assert ours.value.why is Why.UNKNOWN_STATE
    assert "(400 invalid_grant)" in str(theirs.value)


def _pending(found: Here, url: str) -> tuple[PendingLaunch, str]:
    back = dict(visited(url))
    pending = found.store.take_pending(back["state"])
    assert pending is not None
    return pending, back["code"]


def test_a_code_of_another_launch_does_not_fit_our_verifier(port: int, tmp_path: Path) -> None:
    with here(port, tmp_path) as found:
        first, code = _pending(found, found.begin())
        second, _ = _pending(found, found.begin())

        with pytest.raises(EhrRefused, match="invalid_grant"):
            exchange_code(found.registered, second, code)
    assert first.verifier != second.verifier


def test_a_code_put_into_another_launch_is_refused(port: int, tmp_path: Path) -> None:
    with here(port, tmp_path) as found:
        stolen = dict(visited(found.begin()))["code"]
        back = dict(visited(found.begin())) | {"code": stolen}

        with pytest.raises(EhrRefused, match="invalid_grant"):
            found.launches.finish("main", list(back.items()), BROWSER)


@pytest.mark.parametrize(
    ("more", "around"),
    [
        ({"client_id": "stranger-key"}, Surroundings()),
        ({}, Surroundings(new_id=lambda: "always the same")),
    ],
    ids=["unknown client", "jti replay"],
)
def test_a_wrong_assertion_is_refused_and_told(
    more: dict[str, Any], around: Surroundings, port: int, tmp_path: Path
) -> None:
    with here(port, tmp_path, around, **by_key(tmp_path)) as found:
        pending, code = _pending(found, found.begin())
        if not more:
            # The first with this jti is good, the second a replay.
            assert exchange_code(found.registered, pending, code).body["access_token"]
            pending, code = _pending(found, found.begin())
        else:
            object.__setattr__(found.registered.client, "client_id", more["client_id"])
        with pytest.raises(EhrDenied) as error:
            exchange_code(found.registered, pending, code)

    assert (error.value.status, error.value.challenge) == (401, "invalid_client")
    assert "check client_id, that the server has our public key" in str(error.value)


def test_an_assertion_for_another_audience_is_refused(port: int, tmp_path: Path) -> None:
    with here(port, tmp_path, **by_key(tmp_path)) as found:
        pending, code = _pending(found, found.begin())
        object.__setattr__(found.registered.client, "audience", "https://elsewhere.example.org/token")

        with pytest.raises(EhrDenied, match="401 invalid_client"):
            exchange_code(found.registered, pending, code)


def test_an_assertion_that_is_over_is_refused_and_the_clocks_are_told(port: int, tmp_path: Path) -> None:
    with here(port, tmp_path, **by_key(tmp_path)) as found:
        pending, code = _pending(found, found.begin())
        late = Surroundings(now=lambda: datetime.now(UTC) - timedelta(hours=1))
        found.registered.surroundings = late

        with pytest.raises(EhrDenied, match="s ahead of ours; set the wrong one"):
            exchange_code(found.registered, pending, code)


def test_a_wrong_secret_is_refused(port: int, tmp_path: Path) -> None:
    with here(port, tmp_path, **as_client("secret", tmp_path)) as found:
        pending, code = _pending(found, found.begin())
        object.__setattr__(found.registered.client, "secret", "not-it")

        with pytest.raises(EhrDenied, match="check client_id and secret"):
            exchange_code(found.registered, pending, code)


def test_scopes_narrowed_to_nothing_end_the_launch(port: int, tmp_path: Path) -> None:
    with (
        here(port, tmp_path, scopes=(EMPTY, "openid", "fhirUser")) as found,
        pytest.raises(LaunchRefused) as error,
    ):
        found.launched()

    assert error.value.why is Why.NOTHING_GRANTED
    assert "grants none of the data asked for: Procedure (patient): read, search" in str(error.value)


def test_a_scope_that_is_left_out_is_lost_and_told(port: int, tmp_path: Path) -> None:
    with here(port, tmp_path, scopes=(*WANTED, EMPTY)) as found:
        launch = found.launched()

    assert launch.granted.lost == ("Procedure",)
    # Its scope holds data alone; who the person is, and a refresh token, came all the same.
    assert [each.code for each in launch.findings] == ["TOKEN_PRAGMA_MISSING", "SCOPES_NOT_GRANTED"]


def test_a_refresh_token_that_was_used_before_ends_the_launch(port: int, tmp_path: Path) -> None:
    with here(port, tmp_path) as found:
        launch = found.launched()
        old = found.store.read_session(launch.id)
        assert old is not None
        SessionBearer(old, found.store, found.registered).renew()
        first = SessionBearer(old, found.store, found.registered)
        first.headers()
        first.renew()
        first.headers()
        # As if our database had been put back: the session has the refresh token that was rotated away.
        found.store.delete_session(launch.id)
        found.store.put_session(old)
        again = SessionBearer(old, found.store, found.registered)
        again.renew()

        with pytest.raises(EhrDenied, match="the EHR says that its session is over"):
            again.headers()
        assert found.launches.find(launch.id, BROWSER) is None


def test_a_token_that_ended_is_renewed_by_time(tmp_path: Path) -> None:
    with (
        oidc(jwks=jwks(list(KEYS.values())), secret=SECRET, life=2) as port,
        here(port, tmp_path) as found,
    ):
        launch = found.launched()
        records = found.launches.records(launch.id, BROWSER)
        assert records is not None
        first = records.server.authorizer.headers()
        time.sleep(2.1)

        assert records.server.authorizer.headers() != first
        assert [each["id"] for each, _ in records.fetch("1").resources] == ["1"]
