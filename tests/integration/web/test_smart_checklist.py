"""The checklist of Inferno's SMART client suite (STU 2.2) as our pages hold it: a test for each row, by its name.

Each kind of client is launched through our routes, out of the chart and at our own door; what is looked at is what the
EHR heard at its socket. Its token is refused at the first read, so that each conversation has a refresh in it.
"""

import json
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
import requests
from databases import fresh_url
from joserfc import jwt
from joserfc.jwk import KeySet
from launched_web import APP, PATIENT, Browser, current
from recorded import Recorder, Request
from sandbox_world import ASSERTION_TYPE, ID_KEY, KEY, RSA_KEY, SECRET, clients, query_of

from fhirgate.config.settings import Settings
from fhirgate.ehr.keys import SigningKey, jwks, save_key
from fhirgate.sandbox.ehr.app import sandbox_app
from fhirgate.sandbox.ehr.serve import Running, start
from fhirgate.services.launches import Launches
from fhirgate.web.app import create_app
from fhirgate.web.browser import PREFIX
from fhirgate.wiring import build

KINDS = {
    "public": ("app", 'kind = "public"'),
    "symmetric": ("with-secret", 'kind = "client-secret", secret_variable = "IT"'),
    "ES384": ("with-key", 'kind = "private-key", key_file = "{folder}/keys-ES384"'),
    "RS384": ("with-key", 'kind = "private-key", key_file = "{folder}/keys-RS384"'),
}
SIGNED: dict[str, SigningKey] = {"ES384": KEY, "RS384": RSA_KEY}


@dataclass
class Told:
    """One conversation, as the EHR heard it."""

    kind: str
    is_from_chart: bool
    opened: dict[str, str]
    """What the EHR called our launch URL with."""
    sandbox: Running
    heard: Recorder

    @property
    def client(self) -> str:
        return KINDS[self.kind][0]

    @property
    def asked(self) -> dict[str, str]:
        """The authorization request."""
        (request,) = self.heard.at("/auth/authorize")
        assert len(dict(request.query)) == len(request.query)
        return dict(request.query)

    @property
    def tokens(self) -> list[Request]:
        """The requests for tokens: with the code, and then with the refresh token."""
        return self.heard.at("/auth/token")

    @property
    def assertions(self) -> list[Any]:
        """Those of an asymmetric client, each verified with its published key."""
        if self.kind not in SIGNED:
            return []
        keys = KeySet.import_key_set(jwks([SIGNED[self.kind]]))  # type: ignore[arg-type]
        return [
            jwt.decode(each.form["client_assertion"], keys, algorithms=[self.kind]) for each in self.tokens
        ]


def _conversation(kind: str, is_from_chart: bool, folder: Path) -> Iterator[Told]:
    client, table = KINDS[kind]
    for name, key in SIGNED.items():
        save_key(key, folder / f"keys-{name}")
    known = [
        replace(each, launch_url=f"{APP}/launch" if each.id == client else "")
        for each in clients(f"{APP}/callback")
    ]
    recorders: list[Recorder] = []

    def make(url: str) -> Any:
        recorders.append(Recorder(sandbox_app([current(PATIENT)], known, base_url=url, id_key=ID_KEY)))
        return recorders[0]

    sandbox = start(make)
    (folder / "servers.toml").write_text(
        f'[servers.sandbox]\nbase_url = "{sandbox.fhir}"\nnetwork = "private"\nprivate_hosts = ["127.0.0.1"]\n'
        f'launch = {{ client_id = "{client}", {table.format(folder=folder)} }}\n'
    )
    environment = {
        "FHIRGATE_SERVERS": str(folder / "servers.toml"),
        "FHIRGATE_DATABASE_URL": fresh_url("sqlite", folder),
        "FHIRGATE_PUBLIC_URL": APP,
        "IT": SECRET,
    }
    service = build(Settings.from_env(environment), environment, lambda _event: None)
    browser = Browser(create_app(service.gate), sandbox)
    try:
        assert service.gate.launches is not None
        yield _told(kind, is_from_chart, browser, service.gate.launches, recorders[0])
    finally:
        service.stop(5)
        sandbox.stop()


def _told(kind: str, is_from_chart: bool, browser: Browser, launches: Launches, heard: Recorder) -> Told:
    client = KINDS[kind][0]
    if is_from_chart:
        opened = _opened(browser.sandbox, client)
        back = browser.clicks(browser.to_the_ehr(opened))
    else:
        opened = f"{APP}/launch/sandbox"
        back = browser.clicks(browser.to_the_ehr(opened), patient=PATIENT, failure="expired-token")
    launch_id = browser.get(back).headers["Location"].removeprefix("/review/")
    secret = browser.cookies()[f"{PREFIX}l-{launch_id}"].partition(".")[0]
    # As the page reads it.
    records = launches.records(launch_id, secret)
    assert records is not None
    assert records.fetch(PATIENT).findings == ()
    # What our own page for a person asked of the EHR's is not ours.
    (first, *_) = heard.at("/auth/authorize")
    heard.heard = [each for each in heard.heard if each.path != "/auth/authorize" or each is first]
    return Told(kind, is_from_chart, query_of(opened), browser.sandbox, heard)


def _opened(sandbox: Running, client: str) -> str:
    """The launch URL as the EHR calls it."""
    asked = {"client": client, "failure": "expired-token"}
    answer = requests.get(f"{sandbox.url}/launch/{PATIENT}", params=asked, allow_redirects=False, timeout=10)
    return answer.headers["Location"]


@pytest.fixture(
    scope="module",
    params=[*((kind, True) for kind in KINDS), ("public", False), ("ES384", False)],
    ids=lambda each: f"{each[0]}-{'chart' if each[1] else 'door'}",
)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    yield from _conversation(*request.param, tmp_path_factory.mktemp("checklist"))


def test_registration_launch_and_redirect_urls_parse_and_are_https(told: Told) -> None:
    assert told.asked["redirect_uri"] == f"{APP}/callback/sandbox"
    assert APP.startswith("https://")


def test_authorization_request_response_type_is_code(told: Told) -> None:
    assert told.asked["response_type"] == "code"


def test_authorization_request_has_the_right_client_id(told: Told) -> None:
    assert told.asked["client_id"] == told.client


def test_authorization_request_echoes_launch_unchanged_in_an_ehr_launch(told: Told) -> None:
    assert told.asked.get("launch") == told.opened.get("launch")
    assert ("launch" in told.asked) is told.is_from_chart


def test_authorization_request_has_a_state(told: Told) -> None:
    assert len(told.asked["state"]) == 43


def test_authorization_request_aud_is_the_fhir_base(told: Told) -> None:
    assert told.asked["aud"] == told.sandbox.fhir


def test_authorization_request_has_a_code_challenge_with_s256(told: Told) -> None:
    assert (len(told.asked["code_challenge"]), told.asked["code_challenge_method"]) == (43, "S256")


def test_authorization_request_has_a_scope(told: Told) -> None:
    context = "launch" if told.is_from_chart else "launch/patient"

    assert {context, "openid", "fhirUser", "patient/Observation.rs"} <= set(told.asked["scope"].split())


def test_token_request_grant_type_fits_the_flow(told: Told) -> None:
    assert [(each.form["grant_type"], each.status) for each in told.tokens] == [
        ("authorization_code", 200),
        ("refresh_token", 200),
    ]


def test_token_request_redirect_uri_is_the_authorized_one(told: Told) -> None:
    assert told.tokens[0].form["redirect_uri"] == told.asked["redirect_uri"]


def test_token_request_code_verifier_matches_the_challenge(told: Told) -> None:
    digest = sha256(told.tokens[0].form["code_verifier"].encode()).digest()

    assert urlsafe_b64encode(digest).rstrip(b"=").decode() == told.asked["code_challenge"]


def test_token_request_public_client_sends_client_id(told: Told) -> None:
    sent = {each.form.get("client_id") for each in told.tokens}

    assert sent == ({told.client} if told.kind == "public" else {None})


def test_token_request_symmetric_client_sends_basic(told: Told) -> None:
    sent = [each.headers.get("Authorization") for each in told.tokens]
    if told.kind != "symmetric":
        assert sent == [None, None]
        return
    both = [b64decode(str(each).removeprefix("Basic ")).decode().split(":") for each in sent]
    assert [[unquote_plus(part) for part in each] for each in both] == [[told.client, SECRET]] * 2


def test_token_request_asymmetric_client_sends_client_assertion_type_jwt_bearer(told: Told) -> None:
    sent = {each.form.get("client_assertion_type") for each in told.tokens}

    assert sent == ({ASSERTION_TYPE} if told.kind in SIGNED else {None})


def test_token_request_refresh_uses_a_token_issued_in_that_session(told: Told) -> None:
    # The sandbox ends everything it gave out for any other.
    assert told.tokens[1].status == 200
    assert "scope" not in told.tokens[1].form


def test_token_request_is_a_form_with_nothing_in_its_address(told: Told) -> None:
    assert [(each.method, each.query) for each in told.tokens] == [("POST", [])] * 2


def test_assertion_header_names_typ_alg_and_kid(told: Told) -> None:
    expected = {"typ": "JWT", "alg": told.kind, "kid": SIGNED[told.kind].kid} if told.kind in SIGNED else {}

    assert [each.header for each in told.assertions] == [expected] * (2 if expected else 0)


def test_assertion_iss_and_sub_are_the_client_id(told: Told) -> None:
    assert {each.claims[name] for each in told.assertions for name in ("iss", "sub")} <= {told.client}


def test_assertion_aud_is_the_token_endpoint_as_one_string(told: Told) -> None:
    assert {each.claims["aud"] for each in told.assertions} <= {f"{told.sandbox.url}/auth/token"}


def test_assertion_exp_is_at_most_five_minutes_ahead(told: Told) -> None:
    now = time.time()

    assert [each for each in told.assertions if not now < each.claims["exp"] <= now + 300] == []


def test_assertion_jti_is_never_used_twice(told: Told) -> None:
    ids = {each.claims["jti"] for each in told.assertions}

    assert len(ids) == (2 if told.kind in SIGNED else 0)


def test_data_access_uses_tokens_of_that_session_alone(told: Told) -> None:
    read = [each for each in told.heard.heard if each.path.startswith("/fhir/Patient")]
    sent = [each.headers.get("Authorization", "") for each in told.heard.heard if "/fhir/" in each.path]
    statuses = {each.status for each in read}

    assert 200 in statuses
    assert len({each for each in sent if each}) == 2  # before the refresh, and after it
    assert all(each == "" or each.startswith("Bearer ") for each in sent)


def test_discovery_is_asked_for_json_and_without_a_token(told: Told) -> None:
    (request,) = told.heard.at("/.well-known/smart-configuration")

    assert (request.headers["Accept"], "Authorization" in request.headers) == ("application/json", False)


WRONG = {
    "authorization_endpoint": None,
    "token_endpoint": None,
    "capabilities": None,
    "grant_types_supported": ["client_credentials"],
    "code_challenge_methods_supported": ["plain"],
    "issuer": None,
    "jwks_uri": None,
}
"""Members that a server must show, each left out or wrong in its turn."""


@pytest.mark.parametrize("member", WRONG)
def test_a_server_that_does_not_show_what_it_must_is_not_launched_from(member: str, tmp_path: Path) -> None:
    recorders: list[Recorder] = []

    def make(url: str) -> Any:
        app = sandbox_app([current(PATIENT)], clients(f"{APP}/callback"), base_url=url, id_key=ID_KEY)
        recorders.append(Recorder(app))
        return recorders[0]

    sandbox = start(make)
    told = _smart_of(sandbox) | {member: WRONG[member]}
    said = json.dumps({name: value for name, value in told.items() if value is not None}).encode()
    recorders[0].instead = lambda request: (
        (200, {"Content-Type": "application/json"}, said) if "smart-configuration" in request.path else None
    )
    (tmp_path / "servers.toml").write_text(
        f'[servers.sandbox]\nbase_url = "{sandbox.fhir}"\nnetwork = "private"\nprivate_hosts = ["127.0.0.1"]\n'
        'launch = { client_id = "app", kind = "public" }\n'
    )
    environment = {
        "FHIRGATE_SERVERS": str(tmp_path / "servers.toml"),
        "FHIRGATE_DATABASE_URL": fresh_url("sqlite", tmp_path),
        "FHIRGATE_PUBLIC_URL": APP,
    }
    service = build(Settings.from_env(environment), environment, lambda _event: None)
    browser = Browser(create_app(service.gate), sandbox)
    try:
        probed = browser.get("/launch/sandbox")
        answer = browser.get(probed.headers["Location"])
    finally:
        service.stop(5)
        sandbox.stop()

    assert (answer.status_code, answer.content_type) == (400, "text/html; charset=utf-8")
    assert "Location" not in answer.headers
    assert recorders[0].at("/auth/token") == []


def _smart_of(sandbox: Running) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{sandbox.fhir}/.well-known/smart-configuration", timeout=10).json()
    return found
