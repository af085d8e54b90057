"""The registry of servers: read as it is meant, refused with all its problems."""

from pathlib import Path

import pytest

from fhirgate.config.servers_file import load_servers
from fhirgate.errors import ConfigurationError
from fhirgate.services.ehr_server import AuthEntry, AuthKind, EhrServer

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

[servers.onsite]
base_url = "http://10.1.2.3:8080/fhir"
network = "private"
private_hosts = ["10.1.2.3"]
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

    assert list(found) == ["main", "onsite"]
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
    )
    assert found["onsite"].private_hosts == ("10.1.2.3",)


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


@pytest.mark.parametrize(
    ("text", "problem"),
    [
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
