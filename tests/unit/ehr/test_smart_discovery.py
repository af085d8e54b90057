"""Where a server's authorization is found, what is odd about it, and which token endpoints may be called."""

from collections.abc import Iterator
from typing import Any

import pytest
from outbound_world import BASE, World, main, world

from fhirgate.ehr.keys import Algorithm
from fhirgate.ehr.scopes import Version
from fhirgate.ehr.smart_checks import backend_findings, smart_findings
from fhirgate.ehr.smart_discovery import OAUTH_URIS, SmartConfiguration, Told, discover, token_destination
from fhirgate.errors import EhrForbiddenAddress, EhrGarbled, EhrRefused, EhrUnavailable
from fhirgate.outbound.destination import Destination

SMART = "/.well-known/smart-configuration"
GOOD: dict[str, Any] = {
    "authorization_endpoint": "https://ehr.example.org/authorize",
    "token_endpoint": "https://ehr.example.org/token",
    "capabilities": ["permission-v2", "client-confidential-asymmetric"],
    "grant_types_supported": ["authorization_code", "client_credentials"],
    "code_challenge_methods_supported": ["S256"],
    "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
    "scopes_supported": ["system/*.rs"],
}


@pytest.fixture
def at() -> Iterator[World]:
    with world() as found:
        yield found


def found(at: World, **changed: Any) -> SmartConfiguration:
    said = {name: value for name, value in (GOOD | changed).items() if value is not None}
    at.answers(200, path=SMART, json=said)
    return discover(at.outbound, main())


def codes(configuration: SmartConfiguration) -> list[str]:
    return [each.code for each in smart_findings(configuration)]


def statement(*extensions: Any) -> dict[str, Any]:
    security = {"extension": [{"url": OAUTH_URIS, "extension": list(extensions)}]}
    return {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "security": security}]}


def test_the_smart_configuration_is_asked_for_as_json_and_without_credentials(at: World) -> None:
    configuration = found(at)

    sent = at.stub.calls[0].request
    assert sent.headers["Accept"] == "application/json"
    assert "Authorization" not in sent.headers
    assert configuration.token_endpoint == GOOD["token_endpoint"]
    assert configuration.signing_algorithms == ("RS384", "ES384")
    assert configuration.scopes_version is Version.V2
    assert (codes(configuration), list(backend_findings(configuration, Algorithm.ES384))) == ([], [])


@pytest.mark.parametrize(
    ("said", "url"),
    [("oauth2/token", f"{BASE}/oauth2/token"), ("/token", "https://ehr.example.org/token")],
)
def test_a_relative_endpoint_is_taken_from_the_base(said: str, url: str, at: World) -> None:
    assert found(at, token_endpoint=said).token_endpoint == url


@pytest.mark.parametrize("said", ["https://[ehr", "//[", "https://ehr\u2100.example.org/token"])
def test_an_endpoint_that_is_no_url_is_refused_where_it_would_be_called(said: str, at: World) -> None:
    configuration = found(at, token_endpoint=said, issuer=said)

    assert "ISSUER_MISSING" not in codes(configuration)
    with pytest.raises(EhrForbiddenAddress, match="the token endpoint of server 'main' is refused"):
        token_destination(main(), configuration.token_endpoint or "", set(), set())


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"token_endpoint": None}, ["TOKEN_ENDPOINT_MISSING"]),
        ({"token_endpoint": 7}, ["TOKEN_ENDPOINT_MISSING"]),
        ({"authorization_endpoint": None}, ["AUTHORIZATION_ENDPOINT_MISSING"]),
        ({"capabilities": None}, ["CAPABILITIES_MISSING"]),
        ({"grant_types_supported": ["client_credentials"]}, ["GRANT_TYPE_MISSING"]),
        ({"code_challenge_methods_supported": None}, ["PKCE_MISSING"]),
        ({"code_challenge_methods_supported": ["S256", "plain"]}, ["PKCE_PLAIN"]),
        ({"issuer": "https://ehr.example.org"}, ["ISSUER_UNEXPECTED"]),
        ({"capabilities": ["sso-openid-connect"]}, ["ISSUER_MISSING", "JWKS_URI_MISSING"]),
        (
            {
                "capabilities": ["sso-openid-connect"],
                "issuer": "https://ehr.example.org",
                "jwks_uri": "https://ehr.example.org/jwks",
            },
            [],
        ),
    ],
)
def test_what_departs_from_the_guide_is_a_finding(
    changed: dict[str, Any], expected: list[str], at: World
) -> None:
    assert codes(found(at, **changed)) == expected


@pytest.mark.parametrize(
    ("changed", "algorithm", "expected"),
    [
        ({"grant_types_supported": ["authorization_code"]}, None, ["CLIENT_CREDENTIALS_UNLISTED"]),
        ({"grant_types_supported": None}, None, []),
        (
            {"token_endpoint_auth_methods_supported": ["client_secret_basic"]},
            Algorithm.RS384,
            ["PRIVATE_KEY_JWT_UNLISTED"],
        ),
        (
            {"token_endpoint_auth_methods_supported": ["client_secret_basic"]},
            None,
            [],
        ),
        (
            {"token_endpoint_auth_signing_alg_values_supported": ["RS384"]},
            Algorithm.ES384,
            ["SIGNING_ALGORITHM_UNLISTED"],
        ),
        (
            {"token_endpoint_auth_signing_alg_values_supported": ["RS256"]},
            Algorithm.ES384,
            ["SIGNING_ALGORITHM_UNLISTED"],
        ),
    ],
)
def test_what_speaks_against_a_backend_client_is_a_finding(
    changed: dict[str, Any], algorithm: Algorithm | None, expected: list[str], at: World
) -> None:
    assert [each.code for each in backend_findings(found(at, **changed), algorithm)] == expected


def test_a_key_the_server_does_not_take_is_told_with_the_one_it_takes(at: World) -> None:
    configuration = found(at, token_endpoint_auth_signing_alg_values_supported=["RS256", "RS384"])

    (finding,) = backend_findings(configuration, Algorithm.ES384)

    assert finding.text == (
        "Our key signs ES384, which the server does not list; it lists RS384."
        " Make one with fhirgate keys generate --alg RS384."
    )


def test_without_a_smart_configuration_the_capability_statement_is_asked(at: World) -> None:
    at.answers(404, path=SMART, json={"resourceType": "OperationOutcome"})
    uris = statement(
        {"url": "token", "valueUri": "https://ehr.example.org/token"},
        {"url": "authorize", "valueUri": "https://ehr.example.org/authorize"},
    )
    at.answers(200, path="/metadata", json=uris)

    configuration = discover(at.outbound, main())

    assert configuration.told is Told.CAPABILITY_STATEMENT
    assert configuration.token_endpoint == GOOD["token_endpoint"]
    assert configuration.authorization_endpoint == "https://ehr.example.org/authorize"
    assert configuration.scopes_version is Version.V1
    assert codes(configuration) == ["SMART_CONFIGURATION_MISSING"]


@pytest.mark.parametrize(
    "said",
    [
        statement(),
        statement({"url": "authorize", "valueUri": "https://ehr.example.org/authorize"}, 7),
        {"resourceType": "CapabilityStatement"},
        {"rest": [{"security": {"extension": [{"url": "https://example.org/other"}]}}]},
        [],
    ],
)
def test_a_server_that_names_no_token_endpoint_anywhere_is_told(said: Any, at: World) -> None:
    at.answers(404, path=SMART, json=None, body=b"<html>", content_type="text/html")
    at.answers(200, path="/metadata", json=said)

    with pytest.raises(EhrRefused, match=r"names no token endpoint\. If it needs a token, name the endpoint"):
        discover(at.outbound, main())


def test_after_another_failure_nothing_else_is_asked(at: World) -> None:
    at.answers(501, path=SMART)
    with pytest.raises(EhrRefused):
        discover(at.outbound, main())

    at.answers(503, path=SMART)
    with pytest.raises(EhrUnavailable):
        discover(at.outbound, main(tries=1))


def test_a_smart_configuration_that_is_no_object_is_garbled(at: World) -> None:
    at.answers(200, path=SMART, json=["token_endpoint"])

    with pytest.raises(EhrGarbled, match="its smart-configuration is not a JSON object"):
        discover(at.outbound, main())


def test_a_token_endpoint_on_the_servers_origin_is_the_same_place() -> None:
    server = main()

    assert token_destination(server, "https://ehr.example.org:443/token", set(), set()) is server


@pytest.mark.parametrize("listed", ["login.example.org", "LOGIN.example.org:8443"])
def test_a_token_endpoint_elsewhere_is_a_place_of_its_own_when_it_is_listed(listed: str) -> None:
    server = main(rate_per_second=2.0)

    place = token_destination(server, "https://login.example.org:8443/realm/token", {listed}, set())

    assert place == Destination(
        name="main (token)", base_url="https://login.example.org:8443/", rate_per_second=2.0
    )


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("https://login.example.com/token", "which its registry entry does not list"),
        ("https://login.example.org:9443/token", "which its registry entry does not list"),
        ("https://ehr.example.org.evil.example/token", "which its registry entry does not list"),
        ("https://ehr.example.org:9/token", "which its registry entry does not list"),
        ("http://login.example.org:8443/token", "by plain http, while the server itself has TLS"),
        ("https://ehr.example.org@evil.example/token", "it holds a user name before the host"),
        ("ftp://login.example.org/token", "it does not start with https://"),
    ],
)
def test_other_token_endpoints_are_refused_in_words(endpoint: str, words: str) -> None:
    with pytest.raises(EhrForbiddenAddress) as error:
        token_destination(main(), endpoint, {"login.example.org:8443"}, {"login.example.org"})

    assert words in error.value.safe_message
    assert "/token" not in error.value.safe_message


def test_plain_http_on_site_needs_the_host_to_be_listed_as_private() -> None:
    server = Destination(
        name="main", base_url="http://10.0.0.5:8080/fhir", private_hosts=frozenset({"10.0.0.5"})
    )
    endpoint = "http://10.0.0.6:8081/token"

    place = token_destination(server, endpoint, {"10.0.0.6"}, {"10.0.0.5", "10.0.0.6"})

    assert (place.base_url, place.private_hosts) == ("http://10.0.0.6:8081/", {"10.0.0.6"})
    with pytest.raises(EhrForbiddenAddress, match=r"name 10\.0\.0\.6 as a private host"):
        token_destination(server, endpoint, {"10.0.0.6"}, {"10.0.0.5"})
