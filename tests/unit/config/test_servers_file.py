"""The registry of servers: read as it is meant, refused with all its problems."""

from pathlib import Path

import pytest

from fhirgate.config.servers_file import load_servers
from fhirgate.errors import ConfigurationError
from fhirgate.services.ehr_server import AuthEntry, AuthKind, EhrServer, LaunchEntry, LaunchKind

WHOLE = """
[servers.main]
base_url = "https://ehr.example.org/fhir/R4"
auth = { kind = "backend", client_id = "fhirgate", key_file = "key.pem", token_hosts = ["login.example.org"], \
scopes = ["system/*.rs"] }
ca_file = "ca.pem"
rate_per_second = 2.5
concurrency = 2
record_seconds = 60
search_parameters = { ah-practice = "a-1" }
launch = { kind = "private-key", client_id = "app", key_file = "app.pem", scopes = ["patient/*.rs", "openid"], \
authorization_hosts = ["login.example.org:8443", "10.0.0.1"], private_authorization_hosts = ["10.0.0.1"], \
frame_ancestors = ["https://portal.example.org"] }

[servers.onsite]
base_url = "http://10.1.2.3:8080/fhir"
network = "private"
private_hosts = ["10.1.2.3"]
launch = { kind = "client-secret", client_id = "app", secret_variable = "APP", \
frame_ancestors = ["http://10.1.2.3:8080"] }
auth = { kind = "client-secret", client_id = "c", secret_variable = "S", secret_in_body = true, \
token_url = "http://10.1.2.4:8443/token", token_hosts = ["10.1.2.4:8443"], private_token_hosts = ["10.1.2.4"] }

[servers.six]
base_url = "https://six.example/fhir"
auth = { kind = "backend", client_id = "c", key_file = "k", token_url = "https://[::1]:8443/token", \
token_hosts = ["[::1]:8443"], private_token_hosts = ["::1"] }

[servers.aimed]
base_url = "https://a.example.org/fhir"
auth = { kind = "backend", client_id = "c", key_file = "keys", audience = "https://a.example.org" }
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "servers.toml"
    path.write_text(text)
    return path


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as error:
        load_servers(written(folder, text))
    return list(error.value.problems)


def test_everything_an_entry_can_say(tmp_path: Path) -> None:
    found = load_servers(written(tmp_path, WHOLE))

    assert list(found) == ["main", "onsite", "six", "aimed"]
    assert found["main"] == EhrServer(
        name="main",
        base_url="https://ehr.example.org/fhir/R4",
        auth=AuthEntry(
            kind=AuthKind.BACKEND,
            client_id="fhirgate",
            key_file=str(tmp_path / "key.pem"),
            token_hosts=("login.example.org",),
            scopes=("system/*.rs",),
        ),
        ca_file=str(tmp_path / "ca.pem"),
        rate_per_second=2.5,
        concurrency=2,
        record_seconds=60.0,
        search_parameters={"ah-practice": "a-1"},
        launch=LaunchEntry(
            kind=LaunchKind.PRIVATE_KEY,
            client_id="app",
            key_file=str(tmp_path / "app.pem"),
            scopes=("patient/*.rs", "openid"),
            authorization_hosts=("login.example.org:8443", "10.0.0.1"),
            private_authorization_hosts=("10.0.0.1",),
            frame_ancestors=("https://portal.example.org",),
        ),
    )
    assert found["onsite"].launch == LaunchEntry(
        kind=LaunchKind.CLIENT_SECRET,
        client_id="app",
        secret_variable="APP",  # noqa: S106 - the name of a variable
        frame_ancestors=("http://10.1.2.3:8080",),
    )
    assert found["six"].launch is None
    assert found["onsite"].private_hosts == ("10.1.2.3",)
    assert found["onsite"].auth == AuthEntry(
        kind=AuthKind.CLIENT_SECRET,
        client_id="c",
        secret_variable="S",  # noqa: S106 - the name of a variable
        secret_in_body=True,
        token_url="http://10.1.2.4:8443/token",  # noqa: S106 - no password
        token_hosts=("10.1.2.4:8443",),
        private_token_hosts=("10.1.2.4",),
    )
    assert found["aimed"].auth.audience == "https://a.example.org"


def test_a_registry_may_be_empty(tmp_path: Path) -> None:
    assert dict(load_servers(written(tmp_path, ""))) == {}


def test_all_problems_of_all_servers_are_reported_together(tmp_path: Path) -> None:
    text = """
[servers.a]
base_uri = "https://a.example"
concurrency = 0
[servers.b]
base_url = "https://b.example"
auth = { kind = "magic" }
rate_per_second = true
"""

    assert problems(tmp_path, text) == [
        "servers.a.base_url: is missing",
        "servers.a.concurrency: must lie between 1 and 32",
        "servers.a.base_uri: is not a known key; did you mean base_url?",
        "servers.b.auth.kind: must be one of open, backend, client-secret, basic",
        "servers.b.rate_per_second: must be a number",
    ]


def test_what_only_two_keys_together_can_get_wrong_is_reported_together(tmp_path: Path) -> None:
    text = """
[servers."no name"]
base_url = "http://a.example/fhir"
[servers.b]
base_url = "https://b.example/fhir"
private_hosts = ["b.example"]
[servers.c]
base_url = "http://c.example/fhir"
network = "private"
auth = { kind = "backend" }
[servers.d]
base_url = "https://d.example/fhir"
auth = { client_id = "x" }
[servers.e]
base_url = "http://e.example/fhir"
network = "private"
private_hosts = ["other.example"]
"""

    assert problems(tmp_path, text) == [
        "servers.no name: a name has 1 to 40 letters, digits, hyphens and underscores",
        "servers.no name: base_url is plain http; use https, or name a.example as a private host if it is on site",
        'servers.b.private_hosts: needs network = "private" beside it',
        "servers.c: base_url is plain http; use https, or name c.example as a private host if it is on site",
        "servers.c.private_hosts: is missing; name the host of base_url",
        "servers.c.auth.client_id: is missing; backend needs it",
        "servers.c.auth.key_file: is missing; backend needs it",
        "servers.d.auth.kind: is missing; client_id mean nothing without it",
        "servers.e: base_url is plain http; use https, or name e.example as a private host if it is on site",
        "servers.e: the private host other.example is not the host of base_url",
    ]


def test_what_is_wrong_with_how_we_are_let_in_is_reported_together(tmp_path: Path) -> None:
    text = """
[servers.a]
base_url = "https://a.example/fhir"
auth = { kind = "basic", client_id = "us:er", secret_variable = "S", audience = "x", secret_in_body = true }
[servers.b]
base_url = "https://b.example/fhir"
auth = { kind = "client-secret", client_id = "c", secret_variable = "S", token_url = "https://login.example/token", \
token_hosts = ["other.example", "login.example:444"], private_token_hosts = ["Other.example", "login.exam"] }
[servers.c]
base_url = "https://c.example/fhir"
auth = { kind = "backend", client_id = "c", key_file = "k", token_url = "login.example/token", secret_in_body = 1 }
[servers.d]
base_url = "https://d.example/fhir"
auth = { kind = "backend", client_id = "c", key_file = "k", token_url = "https://D.example:443/token" }
[servers.e]
base_url = "d.example/fhir"
auth = { kind = "backend", client_id = "c", key_file = "k", token_url = "https://login.example/token" }
"""
    wrong = text.replace(", secret_in_body = 1", "")

    assert problems(tmp_path, text) == ["servers.c.auth.secret_in_body: must be true or false"]
    assert problems(tmp_path, wrong) == [
        "servers.a.auth.client_id: the user name of basic holds no colon, which would end it (RFC 7617)",
        "servers.a.auth.audience: means nothing with basic; it belongs to backend",
        "servers.a.auth.secret_in_body: means nothing with basic; it belongs to client-secret",
        "servers.b.auth.private_token_hosts: login.exam is not among token_hosts",
        "servers.b.auth.token_url: is on https://login.example:443, which is not the server's own origin; add"
        " login.example to token_hosts",
        "servers.c.auth.token_url: cannot be used: it does not start with https://",
        "servers.e: base_url cannot be used: it does not start with https://",
    ]


def test_what_is_wrong_with_how_we_are_launched_is_reported_together(tmp_path: Path) -> None:
    text = """
[servers.a]
base_url = "https://a.example/fhir"
launch = { kind = "public", client_id = "c", key_file = "k", secret_variable = "S", \
scopes = ["system/*.rs", "two words", ""], authorization_hosts = ["login.example"], \
private_authorization_hosts = ["other.example"], \
frame_ancestors = ["https://a.example/path", "http://a.example", "*", "https://good.example"] }
[servers.b]
base_url = "http://b.example/fhir"
launch = { kind = "client-secret", client_id = "c" }
[servers.c]
base_url = "https://c.example/fhir"
launch = { kind = "private-key", client_id = "c", secret_variable = "S" }
"""

    assert problems(tmp_path, text) == [
        "servers.a.launch.secret_variable: means nothing with public; it belongs to client-secret",
        "servers.a.launch.key_file: means nothing with public; it belongs to private-key",
        "servers.a.launch.private_authorization_hosts: other.example is not among authorization_hosts",
        "servers.a.launch.scopes: system/*.rs is for programs; a clinician's launch asks for patient/ or user/ scopes",
        "servers.a.launch.scopes: each is one word",
        "servers.a.launch.scopes: each is one word",
        "servers.a.launch.frame_ancestors: each is an origin such as https://ehr.example.org, without a path",
        "servers.a.launch.frame_ancestors: a.example is plain http; what it shows could be changed on the way",
        "servers.a.launch.frame_ancestors: each is an origin such as https://ehr.example.org, without a path",
        "servers.b: base_url is plain http; use https, or name b.example as a private host if it is on site",
        "servers.b.launch.secret_variable: is missing; client-secret needs it",
        "servers.c.launch.secret_variable: means nothing with private-key; it belongs to client-secret",
        "servers.c.launch.key_file: is missing; private-key needs it",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[servers.a]\nbase_url = "https://a.example"\nlaunch = { client_id = "c" }',
            "servers.a.launch.kind: is missing",
        ),
        (
            '[servers.a]\nbase_url = "https://a.example"\nlaunch = { kind = "public" }',
            "servers.a.launch.client_id: is missing",
        ),
        (
            '[servers.a]\nbase_url = "https://a.example"\nlaunch = { kind = "none", client_id = "c" }',
            "servers.a.launch.kind: must be one of public, client-secret, private-key",
        ),
        (
            '[servers.a]\nbase_url = "https://a.example"\nlaunch = { kind = "public", client_id = "c", hosts = [] }',
            "servers.a.launch.hosts: is not a known key",
        ),
        ("servers = 3", "servers: must be tables such as [servers.main]"),
        ("[servers]\nmain = 3", "servers.main: must be a table"),
        (
            '[servers.a]\nbase_url = "https://a.example"\nsearch_parameters = { x = 3 }',
            "servers.a.search_parameters: must be a table of texts",
        ),
        ("server = {}", "server: is not a known key; did you mean servers?"),
    ],
)
def test_wrong_shapes_are_told_with_their_place(tmp_path: Path, text: str, problem: str) -> None:
    assert problems(tmp_path, text) == [problem]


def test_a_registry_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere.toml cannot be used:\n  - cannot be opened"):
        load_servers(tmp_path / "nowhere.toml")
