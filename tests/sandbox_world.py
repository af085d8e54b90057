"""The simulated EHR over the shipped examples: served on a socket, or asked in this process, with known clients."""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from html import unescape
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

from fhirgate.cli.examples import Example, examples
from fhirgate.ehr.keys import Algorithm, SigningKey, jwks, new_key
from fhirgate.sandbox.ehr.app import sandbox_app
from fhirgate.sandbox.ehr.clients import Client, Proof
from fhirgate.sandbox.ehr.failures import Failure, Failures
from fhirgate.sandbox.ehr.patients import PatientRecord, patient_record
from fhirgate.sandbox.ehr.serve import Running, start

Json = dict[str, Any]
BASE = "https://sandbox.example"
FHIR = f"{BASE}/fhir"
TOKEN_URL = f"{BASE}/auth/token"
REDIRECT = "https://app.example/callback"
LAUNCH_URL = "https://app.example/launch"
SECRET = "s:ecret+%"  # noqa: S105 - of this sandbox only
VERIFIER = "v" * 43
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY, OTHER_KEY = (new_key(Algorithm.ES384, NOON) for _ in range(2))
ID_KEY = RSAKey.generate_key(2048)
"""Signs id_tokens; made once, since it takes a while."""
RSA_KEY = new_key(Algorithm.RS384, NOON)
PATIENT, OTHER = "oligoprogression-osimertinib", "node-only-dicom-sr"
READ = "launch openid fhirUser patient/Patient.rs patient/Observation.rs"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_numbers = count(1)


@cache
def records(*slugs: str) -> tuple[PatientRecord, ...]:
    """The shipped examples, all or some, as records of the sandbox."""
    return tuple(of_example(each) for slug in (slugs or (None,)) for each in examples(slug))


def of_example(example: Example) -> PatientRecord:
    return patient_record(example.title, example.story, example.record)


def clients(redirect: str = REDIRECT, launch: str = LAUNCH_URL) -> list[Client]:
    """One of each way to prove who it is, and a backend that may only read Observations."""
    # Ours has a redirect URI for each server of its registry.
    app: Json = {"redirect_uris": (redirect, f"{redirect}/sandbox")}
    keys = jwks([KEY, RSA_KEY])
    return [
        Client(id="app", name="The app", launch_url=launch, **app),
        Client(id="other-app", name="Another app", redirect_uris=("https://other.example/callback",)),
        Client(id="with-secret", name="With a secret", proof=Proof.SECRET, secret=SECRET, **app),
        Client(id="with-key", name="With a key", proof=Proof.KEY, keys=lambda: keys, is_backend=True, **app),
        Client(
            id="small-backend",
            name="A small backend",
            proof=Proof.SECRET,
            secret=SECRET,
            is_backend=True,
            scopes=("system/Observation.rs",),
        ),
    ]


@dataclass
class Moments:
    """A clock and a sleep that a test decides."""

    now: datetime = NOON
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Ehr:
    """The sandbox as a test asks it, in this process."""

    app: Flask
    clock: Moments
    failures: Failures
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.browser = self.app.test_client()

    def get(self, path: str, token: str = "", **headers: str) -> TestResponse:
        return self.call("GET", path, token, **headers)

    def call(self, method: str, path: str, token: str = "", body: Any = None, **headers: str) -> TestResponse:
        """A FHIR call; `If_Match` and the like are headers."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            sent.setdefault("Content-Type", "application/fhir+json")
        data = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
        return self.browser.open(f"/fhir{path}", method=method, headers=sent, data=data)

    def launch(self, patient: str = PATIENT, **more: str) -> str:
        """The launch code that the sandbox's page gives the app."""
        answer = self.browser.get(f"/launch/{patient}?{urlencode({'client': 'app', **more})}")
        return query_of(answer.headers["Location"])["launch"]

    def authorize(self, **changed: str | None) -> TestResponse:
        """The authorization request of an app, with some parameters changed or left out (None)."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": "app",
            "redirect_uri": REDIRECT,
            "scope": READ,
            "state": "s" * 22,
            "aud": FHIR,
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
        }
        asked |= changed
        kept = {name: value for name, value in asked.items() if value is not None}
        return self.browser.get(f"/auth/authorize?{urlencode(kept)}")

    def decide(self, page: TestResponse, decision: str = "allow", **more: str) -> TestResponse:
        """A click on a page of consent."""
        return self.browser.post(
            "/auth/decision", data={"request": ticket_of(page), "decision": decision, **more}
        )

    def code(self, patient: str = PATIENT, failure: str = "", **changed: str | None) -> str:
        """A code from an EHR launch in which the person says yes."""
        more = {"failure": failure} if failure else {}
        page = self.authorize(launch=self.launch(patient, **more), **changed)
        return query_of(self.decide(page).headers["Location"])["code"]

    def token(self, form: Mapping[str, str | None], **headers: str) -> TestResponse:
        return self.browser.post(
            "/auth/token",
            data={name: value for name, value in form.items() if value is not None},
            headers=headers,
        )

    def redeem(self, given: str, /, **changed: str | None) -> TestResponse:
        """A code exchanged by the public app, with some parameters changed."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": given,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
            "client_id": "app",
        }
        return self.token(form | changed)

    def launched(self, patient: str = PATIENT, scope: str = READ, failure: str = "") -> Json:
        """The token answer of a whole EHR launch."""
        return json.loads(self.redeem(self.code(patient, failure, scope=scope)).data)

    def backend(self, scope: str = "system/*.cruds", **changed: Any) -> TestResponse:
        """A token request of the backend with a key."""
        return self.token(
            {
                "grant_type": "client_credentials",
                "scope": scope,
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self.assertion(**changed),
            }
        )

    def system(self, scope: str = "system/*.cruds") -> str:
        """A token of a backend."""
        return str(json.loads(self.backend(scope).data)["access_token"])

    def assertion(self, **changed: Any) -> str:
        """A good client assertion for here and now, with some claims changed or left out (None)."""
        return assertion(TOKEN_URL, self.clock(), **changed)


def assertion(
    audience: str,
    now: datetime,
    key: SigningKey = KEY,
    header: Mapping[str, Any] | None = None,
    **changed: Any,
) -> str:
    """A good client assertion, with some claims changed or left out (None)."""
    claims: Json = {
        "iss": "with-key",
        "sub": "with-key",
        "aud": audience,
        "exp": int(now.timestamp()) + 240,
        "jti": f"jti-{next(_numbers)}",
    }
    claims |= changed
    kept = {name: value for name, value in claims.items() if value is not None}
    named = {"alg": key.algorithm.value, "kid": key.kid, "typ": "JWT", **(header or {})}
    return jwt.encode(named, kept, key.private, algorithms=[named["alg"]])


def system_token(sandbox: Running, scope: str = "system/*.cruds") -> str:
    """A token of the backend with a key, over HTTP."""
    url = f"{sandbox.url}/auth/token"
    form = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(url, datetime.now(UTC)),
    }
    return str(requests.post(url, data=form, timeout=10).json()["access_token"])


def ehr(
    patients: Iterable[PatientRecord] | None = None,
    failure: Failure | None = None,
    registered: Iterable[Client] | None = None,
) -> Ehr:
    """The sandbox with two patients, in this process, in time that stands still."""
    clock = Moments()
    failures = Failures(clock.slept.append, failure)
    app = sandbox_app(
        records(PATIENT, OTHER) if patients is None else patients,
        clients() if registered is None else registered,
        base_url=BASE,
        clock=clock,
        failures=failures,
        id_key=ID_KEY,
    )
    return Ehr(app, clock, failures)


@contextmanager
def served(
    make: Callable[[str], Flask] | None = None, failures: Failures | None = None, **more: Any
) -> Iterator[Running]:
    """The sandbox over every example, on a free port."""
    found = start(
        make or (lambda url: sandbox_app(records(), clients(), base_url=url, failures=failures, **more))
    )
    try:
        yield found
    finally:
        found.stop()


def challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def ticket_of(page: TestResponse) -> str:
    """The hidden field of a page of consent."""
    return ticket_in(page.text)


def ticket_in(text: str) -> str:
    """The same in the page's text."""
    found = re.search(r'name="request" value="([^"]+)"', text)
    assert found, text
    return unescape(found[1])


def diagnostics(answer: TestResponse) -> tuple[str, str]:
    """Code and words of an OperationOutcome, which an error of the FHIR side is to be."""
    assert answer.content_type.startswith("application/fhir+json"), answer.content_type
    (issue,) = json.loads(answer.data)["issue"]
    return issue["code"], issue["diagnostics"]
