"""An EHR with a strict authorization server, on stubbed answers and in fake time, and our side of a launch from it.

The server holds to SMART App Launch 2.2.0 and to more than it asks: a code is good once, for one client, one redirect
URI and one verifier; an assertion is good once; refresh tokens rotate, and an old one ends the session.
"""

import json
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlsplit

from databases import fresh_url
from ehr_world import everything, page
from fake_time import FakeTime
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from joserfc.jws import JWSRegistry
from requests import PreparedRequest
from responses import RequestsMock

from fhirgate.ehr.launch.conversation import SmartLaunches, smart_launches
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.trace import Try
from fhirgate.services.ehr_server import EhrServer, LaunchEntry, LaunchKind
from fhirgate.services.launches import Begun, Launch
from fhirgate.store.engine import open_database
from fhirgate.store.launches import SqlLaunches
from fhirgate.store.sealing import SealingKeys

BASE = "https://ehr.example.org/fhir/R4"
ISSUER = "https://ehr.example.org/auth"
CALLBACK = "https://fhirgate.example.org/callback"
REDIRECT = f"{CALLBACK}/main"
CLIENT = "fhirgate-app"
SECRET = "s3cret:/+ü"  # noqa: S105 - of this server only
BROWSER = "cookie-of-the-first-browser-" + "x" * 20
OTHER_BROWSER = "cookie-of-another-browser-" + "y" * 20
CONTEXT = "launch-context-of-the-chart"
PATIENT = "p1"
SIGNER = RSAKey.generate_key(2048)
CURVE = ECKey.generate_key("P-256")
KEYS = SealingKeys(current="one", keys={"one": b"1" * 32})
Json = dict[str, Any]
Answer = tuple[int, dict[str, str], str | bytes]


def published(key: RSAKey | ECKey, kid: str | None, **more: Any) -> Json:
    named = {"kid": kid} if kid else {}
    return {**key.as_dict(private=False), "use": "sig", **more} | named


def smart(**more: Any) -> Json:
    said = {
        "issuer": ISSUER,
        "jwks_uri": f"{ISSUER}/jwks",
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": f"{ISSUER}/token",
        "revocation_endpoint": f"{ISSUER}/revoke",
        "capabilities": [
            "launch-ehr",
            "launch-standalone",
            "sso-openid-connect",
            "permission-v2",
            "permission-online",
        ],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
    } | more
    return {name: value for name, value in said.items() if value is not None}


def as_json(body: Any, status: int = 200, **headers: str) -> Answer:
    return status, {"Content-Type": "application/json", **headers}, json.dumps(body)


@dataclass
class Grant:
    """What a code stands for."""

    asked: Json
    used: bool = False


@dataclass
class LaunchEhr:
    """What it says, and what it heard."""

    time: FakeTime = field(default_factory=FakeTime)
    smart: Json | int = field(default_factory=smart)
    """Its smart-configuration, or the status it answers instead."""
    openid: Json = field(default_factory=dict)
    """Members of the openid-configuration that differ."""
    jwks: list[Json] = field(default_factory=lambda: [published(SIGNER, "k1")])
    context: Json = field(default_factory=lambda: {"patient": PATIENT, "need_patient_banner": True})
    token: Json = field(default_factory=dict)
    """Members of the token answer that differ; those that are None are left out."""
    refreshed: Json = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    signed: tuple[Any, Json] = field(default_factory=lambda: (SIGNER, {"alg": "RS256", "kid": "k1"}))
    id_token: str | None = None
    """Given as it is."""
    secret: str | None = None
    client_jwks: Json | None = None
    fails: dict[str, list[Answer]] = field(default_factory=dict)
    """Answers by the end of the path, before it is itself again."""
    meanwhile: Callable[[], Answer | None] = lambda: None
    """What happens while a request is under way, and the answer it gets when that is not the usual one."""
    calls: list[str] = field(default_factory=list)
    forms: list[Json] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    assertions: list[Any] = field(default_factory=list)
    """Each with header and claims, as verified."""
    revoked: list[str] = field(default_factory=list)
    grants: dict[str, Grant] = field(default_factory=dict)
    refresh: str = ""
    good: set[str] = field(default_factory=set)
    told: list[Try] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def authorize(self, url: str, **changed: str) -> list[tuple[str, str]]:
        """The person says yes: what comes back to the redirect URI."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["aud"] == BASE
        assert asked["redirect_uri"] == REDIRECT
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{next(self.numbers)}"
        self.grants[code] = Grant(asked)
        return list(({"code": code, "state": asked["state"]} | changed).items())

    def respond(self, request: PreparedRequest) -> Answer:
        url = str(request.url)
        self.calls.append(f"{request.method} {url}")
        self.headers.append(dict(request.headers))
        path = urlsplit(url).path
        for end, answers in self.fails.items():
            if path.endswith(end) and answers:
                return answers.pop(0)
        instead = self.meanwhile()
        if instead is not None:
            return instead
        if not url.startswith("https://ehr.example.org/"):
            raise AssertionError(f"asked elsewhere: {url}")
        return self._own(request, path)

    def _own(self, request: PreparedRequest, path: str) -> Answer:
        if path.endswith("smart-configuration"):
            return as_json({}, self.smart) if isinstance(self.smart, int) else as_json(self.smart)
        if path.endswith("openid-configuration"):
            usual = {"issuer": ISSUER, "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"]}
            return as_json(usual | self.openid)
        if path.endswith("/jwks"):
            return as_json({"keys": self.jwks})
        if path.endswith("/token"):
            return self._token(request)
        if path.endswith("/revoke"):
            self.revoked.append(self._form(request)["token"])
            return 200, {}, b""
        return self._fhir(request, path)

    def _form(self, request: PreparedRequest) -> Json:
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        pairs = parse_qsl(body, strict_parsing=True)
        assert len(dict(pairs)) == len(pairs)
        self.forms.append(dict(pairs))
        return dict(pairs)

    def _token(self, request: PreparedRequest) -> Answer:
        form = self._form(request)
        if not self._knows(form, request):
            return as_json({"error": "invalid_client"}, 401)
        if form["grant_type"] == "refresh_token":
            return self._refresh(form)
        grant = self.grants.get(form["code"])
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if (
            grant is None
            or grant.used
            or grant.asked["code_challenge"] != challenge
            or grant.asked["redirect_uri"] != form["redirect_uri"]
        ):
            return as_json({"error": "invalid_grant", "error_description": f"bad {form['code']}"}, 400)
        grant.used = True
        return self._given(grant.asked, self.context | self._id_token(grant.asked) | self.token)

    def _refresh(self, form: Json) -> Answer:
        if form["refresh_token"] != self.refresh:
            self.good.clear()
            return as_json({"error": "invalid_grant"}, 400)
        return self._given({"scope": None}, self.refreshed)

    def _given(self, asked: Json, more: Json) -> Answer:
        access, self.refresh = f"access-{next(self.numbers)}", f"refresh-{next(self.numbers)}"
        self.good.add(access)
        usual = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": asked["scope"],
            "refresh_token": self.refresh,
        }
        body = {name: value for name, value in (usual | more).items() if value is not None}
        return as_json(body, **{"Cache-Control": "no-store", "Pragma": "no-cache"})

    def _id_token(self, asked: Json) -> Json:
        if self.id_token is not None:
            return {"id_token": self.id_token}
        if "openid" not in asked["scope"].split():
            return {}
        now = int(self.time.now().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": "u7",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": asked.get("nonce"),
            "fhirUser": "Practitioner/7",
        } | self.claims
        key, header = self.signed
        said = {name: value for name, value in claims.items() if value is not None}
        lax = JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        return {"id_token": jwt.encode(header, said, key, algorithms=[header["alg"]], registry=lax)}

    def _knows(self, form: Json, request: PreparedRequest) -> bool:
        if self.client_jwks is not None:
            keys = KeySet.import_key_set(self.client_jwks)  # type: ignore[arg-type]
            token = jwt.decode(form["client_assertion"], keys, algorithms=["ES384", "RS384"])
            known = [each.claims["jti"] for each in self.assertions]
            self.assertions.append(token)
            return token.claims["iss"] == CLIENT and token.claims["jti"] not in known
        if self.secret is not None:
            scheme, _, both = str(request.headers.get("Authorization", "")).partition(" ")
            user, _, password = b64decode(both).decode().partition(":")
            return (scheme, unquote_plus(user), unquote_plus(password)) == ("Basic", CLIENT, self.secret)
        return form.get("client_id") == CLIENT and "Authorization" not in request.headers

    def _fhir(self, request: PreparedRequest, path: str) -> Answer:
        if path.endswith("/metadata"):
            return as_json(everything())
        bearer = str(request.headers.get("Authorization", "")).removeprefix("Bearer ")
        if bearer not in self.good:
            return as_json({"resourceType": "OperationOutcome", "issue": []}, 401)
        patient = re.fullmatch(r"/fhir/R4/Patient/([a-z0-9]+)", path)
        return as_json({"resourceType": "Patient", "id": patient[1]} if patient else page())

    def asked(self, end: str) -> list[str]:
        """The calls whose path ends so."""
        return [each for each in self.calls if urlsplit(each.partition(" ")[2]).path.endswith(end)]


def entry(name: str = "main", base_url: str = BASE, **launch: Any) -> EhrServer:
    usual: dict[str, Any] = {"kind": LaunchKind.PUBLIC, "client_id": CLIENT}
    return EhrServer(name=name, base_url=base_url, launch=LaunchEntry(**(usual | launch)))


@dataclass
class LaunchWorld:
    """The EHR and our side of it."""

    ehr: LaunchEhr
    launches: SmartLaunches
    store: SqlLaunches
    outbound: Outbound

    def begin(self) -> Begun:
        return self.launches.begin_from_ehr(BASE, CONTEXT, BROWSER)

    def launched(self, **changed: str) -> Launch:
        return self.launches.finish("main", self.ehr.authorize(self.begin().url, **changed), BROWSER)

    def again(self, *entries: EhrServer, **more: Any) -> SmartLaunches:
        """Another process over the same database."""
        return smart_launches(
            entries or (entry(),),
            self.outbound,
            more,
            self.store,
            CALLBACK,
            surroundings=self.ehr.time.surroundings(),
        )


@contextmanager
def launching(
    folder: Path,
    ehr: LaunchEhr | None = None,
    *entries: EhrServer,
    environment: Mapping[str, str] | None = None,
) -> Iterator[LaunchWorld]:
    ehr = ehr or LaunchEhr()
    database = open_database(fresh_url("sqlite", folder))
    store = SqlLaunches(database=database, keys=KEYS, clock=lambda: ehr.time.now().astimezone(UTC))
    around = ehr.time.surroundings()
    with RequestsMock(assert_all_requests_are_fired=False) as stub:
        for method in ("GET", "POST"):
            stub.add_callback(method, re.compile(r"https://.*"), callback=ehr.respond)
        with Outbound(trace=ehr.told.append, surroundings=around) as outbound:
            launches = smart_launches(
                entries or (entry(),), outbound, environment or {}, store, CALLBACK, surroundings=around
            )
            yield LaunchWorld(ehr, launches, store, outbound)
    database.close()


def query_of(url: str) -> dict[str, str]:
    """The parameters of an authorization URL, each once."""
    pairs = parse_qsl(urlsplit(url).query, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def codes(launch: Launch) -> list[str]:
    return [each.code for each in launch.findings]
