"""From an entry to what lets us in."""

from dataclasses import replace
from pathlib import Path

import pytest
from bearer_world import KEYS
from ehr_world import BASE
from token_server import CLIENT, SECRET, TokenServer
from wire import wire
from wire_calls import local

from fhirgate.ehr.backend_auth import Basic, Bearer, Open
from fhirgate.ehr.keys import Algorithm, save_key
from fhirgate.ehr.registry import authorizer_of, connect, scopes_of
from fhirgate.ehr.scopes import Version
from fhirgate.errors import ConfigurationError, EhrForbiddenAddress
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.services.ehr_server import AuthEntry, AuthKind, EhrServer

VARIABLE = "SECRET"


def entry(**auth: object) -> EhrServer:
    return EhrServer(name="main", base_url=BASE, auth=AuthEntry(**auth))  # type: ignore[arg-type]


def test_an_entry_becomes_a_server_that_was_asked_nothing() -> None:
    with Outbound() as outbound:
        found = connect(
            EhrServer(
                name="main", base_url="http://ehr.local/fhir", private_hosts=("ehr.local",), concurrency=2
            ),
            outbound,
            {},
        )

    assert isinstance(found.authorizer, Open)
    assert found.destination.private_hosts == {"ehr.local"}
    assert (found.destination.concurrency, found.destination.ca_file) == (2, None)


def test_each_kind_has_its_authorizer(tmp_path: Path) -> None:
    key = save_key(KEYS[Algorithm.ES384], tmp_path)
    environment = {VARIABLE: "s3"}
    with Outbound() as outbound:
        password = authorizer_of(
            entry(kind=AuthKind.BASIC, client_id="u", secret_variable=VARIABLE), outbound, environment
        )
        backend = authorizer_of(
            entry(kind=AuthKind.BACKEND, client_id="c", key_file=str(key)), outbound, environment
        )
        secret = authorizer_of(
            entry(
                kind=AuthKind.CLIENT_SECRET, client_id="c", secret_variable=VARIABLE, scopes=("system/*.rs",)
            ),
            outbound,
            environment,
        )

    assert isinstance(password, Basic)
    assert password.headers() == {"Authorization": "Basic dTpzMw=="}
    assert isinstance(backend, Bearer)
    assert isinstance(secret, Bearer)
    assert "s3" not in repr((password, backend, secret))


@pytest.mark.parametrize("kind", [AuthKind.BASIC, AuthKind.CLIENT_SECRET])
def test_a_secret_that_is_not_at_hand_is_named_by_its_variable(kind: AuthKind) -> None:
    with Outbound() as outbound, pytest.raises(ConfigurationError) as error:
        authorizer_of(entry(kind=kind, client_id="u", secret_variable=VARIABLE), outbound, {VARIABLE: ""})

    assert error.value.problems == ("the environment variable SECRET is to hold its secret, and is empty",)


def test_a_key_that_cannot_be_used_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    missing, open_to_all = tmp_path / "none.pem", tmp_path / "open.pem"
    open_to_all.write_bytes(KEYS[Algorithm.ES384].private.as_pem(private=True))
    open_to_all.chmod(0o644)
    told = []
    for place in (missing, open_to_all, tmp_path / "folder"):
        with Outbound() as outbound, pytest.raises(ConfigurationError) as error:
            connect(entry(kind=AuthKind.BACKEND, client_id="c", key_file=str(place)), outbound, {})
        told.append(str(error.value))

    assert told[0] == (
        f"the signing key of server 'main' cannot be used:\n  - {missing}: cannot be read: No such file or directory"
    )
    assert told[1].endswith(f"{open_to_all}: others than its owner can reach it (mode 0644); chmod 600 it")
    assert told[2].endswith(f"{tmp_path / 'folder'}: cannot be read: No such file or directory")


def on_site(ehr: int, token: TokenServer, **auth: object) -> EhrServer:
    """An entry whose authorization server has a host of its own, both on the private network."""
    usual: dict[str, object] = {
        "kind": AuthKind.CLIENT_SECRET,
        "client_id": CLIENT,
        "secret_variable": VARIABLE,
        "token_url": f"http://login.local:{token.port}/token",
        "token_hosts": ("login.local",),
    }
    return replace(
        entry(**(usual | auth)), base_url=f"http://ehr.local:{ehr}/fhir", private_hosts=("ehr.local",)
    )


@pytest.mark.parametrize("in_body", [False, True])
def test_an_authorization_server_on_site_is_asked_when_its_host_is_listed_as_private(in_body: bool) -> None:
    token = TokenServer()
    with wire(token) as there, Outbound(surroundings=Surroundings(resolve=local)) as outbound:
        token.port = there.port
        given = on_site(9, token, private_token_hosts=("login.local",), secret_in_body=in_body)
        headers = connect(given, outbound, {VARIABLE: SECRET}).authorizer.headers()

    assert headers == {"Authorization": "Bearer t0ken-1"}
    assert ("client_secret" in token.forms[0]) is in_body


def test_no_other_private_host_is_asked_for_a_token() -> None:
    token = TokenServer()
    with wire(token) as there, Outbound(surroundings=Surroundings(resolve=local)) as outbound:
        token.port = there.port
        for listed in ((), ("other.local",)):
            server = connect(on_site(9, token, private_token_hosts=listed), outbound, {VARIABLE: SECRET})
            with pytest.raises(EhrForbiddenAddress, match=r"login\.local"):
                server.authorizer.headers()

    assert token.forms == []


def test_an_assertion_is_made_out_for_the_audience_of_the_entry(tmp_path: Path) -> None:
    key = KEYS[Algorithm.ES384]
    token = TokenServer(jwks={"keys": [key.public_jwk()]}, audience="https://audience.example")
    place = str(save_key(key, tmp_path))
    with wire(token) as there, Outbound(surroundings=Surroundings(resolve=local)) as outbound:
        token.port = there.port
        given = on_site(
            9,
            token,
            kind=AuthKind.BACKEND,
            key_file=place,
            private_token_hosts=("login.local",),
            audience="https://audience.example",
        )
        headers = connect(given, outbound, {}).authorizer.headers()

    assert headers == {"Authorization": "Bearer t0ken-1"}
    assert token.claims[0]["aud"] == "https://audience.example"


def test_a_token_is_asked_for_writing_only_where_results_are_to_be_written() -> None:
    token = TokenServer()
    with wire(token) as there, Outbound(surroundings=Surroundings(resolve=local)) as outbound:
        token.port = there.port
        given = on_site(9, token, private_token_hosts=("login.local",))
        connect(given, outbound, {VARIABLE: SECRET}).authorizer.headers()
        connect(given, outbound, {VARIABLE: SECRET}, writes=True).authorizer.headers()
    reading, writing = (form["scope"].split() for form in token.forms)

    assert {each.partition(".")[2] for each in reading} == {"rs"}
    assert {each for each in writing if each not in reading} == {
        "system/RiskAssessment.crus",
        "system/CarePlan.crus",
        "system/Observation.crus",
        "system/Provenance.crus",
    }
    assert [each for each in reading if each not in writing] == ["system/Observation.rs"]


def test_version_1_has_words_for_writing() -> None:
    words = scopes_of(entry(), writes=True).text(Version.V1).split()

    assert {each for each in words if each.endswith(".write")} == {
        "system/RiskAssessment.write",
        "system/CarePlan.write",
        "system/Observation.write",
        "system/Provenance.write",
    }
    assert ".write" not in scopes_of(entry()).text(Version.V1)


@pytest.mark.parametrize("writes", [False, True])
def test_scopes_of_the_entry_are_asked_for_as_they_are(writes: bool) -> None:
    given = entry(scopes=("system/*.rs", "system/RiskAssessment.write"))

    assert scopes_of(given, writes=writes).text(Version.V2) == "system/*.rs system/RiskAssessment.cud"
