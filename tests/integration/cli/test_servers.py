"""The commands that speak to a server, in a process of their own, against a server on this machine."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from ehr_world import Ehr, everything
from fhir_records import AS_OF, bundle, record, resources
from wire import Heard, Script, reply, wire

from fhirgate.config.servers_file import load_servers
from fhirgate.services.ehr_server import AuthEntry, AuthKind

Json = dict[str, Any]


def served(ehr: Ehr) -> Script:
    """A script that answers as this server does."""

    def script(connection: Any, heard: Heard) -> None:
        call = unquote(heard.line.split(" ")[1].removeprefix("/fhir/"))
        ehr.calls.append(call)
        status, _, body = next(
            (each for name, each in ehr._always.items() if call.startswith(name)), ehr._usual(call)
        )
        content = body.encode() if isinstance(body, str) else body
        connection.sendall(reply(content, status=f"{status} Told"))

    return script


def holding(*held: Json) -> Ehr:
    ehr = Ehr(statement=everything("code"))
    ehr.holds = list(held)
    return ehr


@pytest.fixture
def registry(tmp_path: Path) -> Any:
    """Writes a registry with the server of a port as `main`."""

    def registry(port: int) -> str:
        path = tmp_path / "servers.toml"
        path.write_text(
            f'[servers.main]\nbase_url = "http://127.0.0.1:{port}/fhir"\nnetwork = "private"\n'
            'private_hosts = ["127.0.0.1"]\n'
        )
        return str(path)

    return registry


def test_a_record_of_a_server_is_judged_as_from_a_file(run: Any, saved: Any, registry: Any) -> None:
    from_file = json.loads(run("assess", saved(record()), "--as-of", AS_OF, "-o", "json").stdout)

    with wire(served(holding(*resources("p1")))) as here:
        done = run(
            *("assess", "--server", "main", "--patient", "p1", "--as-of", AS_OF, "-o", "json"),
            FHIRGATE_SERVERS=registry(here.port),
        )

    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    asked = [each for each in found["findings"] if each["code"] == "SOURCE_ASKED"]
    assert "Patient by id: 1; Condition?patient: " in asked[0]["text"]
    found["findings"] = [each for each in found["findings"] if each not in asked]
    assert found == from_file


def test_a_type_that_is_refused_is_told_and_gives_status_1(run: Any, registry: Any) -> None:
    ehr = holding(*resources("p1"))
    ehr.always("Procedure?", (403, {}, "{}"))

    with wire(served(ehr)) as here:
        done = run(
            *("assess", "--servers", registry(here.port), "--server", "main", "--patient", "p1"),
            *("--as-of", AS_OF, "-o", "json", "--trace"),
        )

    assert done.returncode == 1
    told = [each for each in json.loads(done.stdout)["findings"] if each["code"] == "SOURCE_NOT_AVAILABLE"]
    assert told[0]["severity"] == "error"
    assert "GET Procedure?patient: it does not permit this call (403)" in told[0]["text"]
    stderr = done.stderr.decode()
    assert "main: GET Patient/{id} -> 200" in stderr
    assert "fhirgate: 1 part of the source could not be read" in stderr
    assert "p1" not in stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("assess",), "give either a SOURCE or --server NAME"),
        (("assess", "servers.toml", "--server", "main"), "give either a SOURCE or --server NAME"),
        (("assess", "--server", "main"), "--server needs --patient ID"),
        (("assess", "--server", "other", "--patient", "p1"), "has no server 'other'; it has main"),
        (("get", "main", "Patient"), "expected a type and an id such as Patient/4711, or metadata"),
        (("search", "main", "Observation"), "expected a search such as"),
        (("servers", "add", "main", "https://a.example"), "has a server 'main' already"),
    ],
)
def test_wrong_use_is_told_with_status_2(run: Any, registry: Any, arguments: Any, words: str) -> None:
    done = run(*arguments, FHIRGATE_SERVERS=registry(9))

    assert (done.returncode, done.stdout) == (2, b"")
    assert words in done.stderr.decode()


def test_a_server_that_is_not_there_gives_status_3(run: Any, registry: Any) -> None:
    with wire(served(holding())) as here:
        port = here.port
    done = run("servers", "test", "main", FHIRGATE_SERVERS=registry(port))

    assert (done.returncode, done.stdout) == (3, b"")
    assert b"GET metadata: no connection could be made" in done.stderr


def test_get_and_search_print_what_is_there_with_exact_numbers(run: Any, registry: Any) -> None:
    ehr = holding(*resources("p1"))
    exact = '{"resourceType": "Observation", "id": "o9", "valueQuantity": {"value": 1.10}}'
    ehr.always("Observation/o9", (200, {}, exact))
    page = f'{{"resourceType": "Bundle", "entry": [{{"resource": {exact}}}]}}'
    ehr.always("Observation?code=x", (200, {}, page))

    with wire(served(ehr)) as here:
        where = {"FHIRGATE_SERVERS": registry(here.port)}
        got = run("get", "main", "Observation/o9", **where)
        found = run("search", "main", "Observation?code=x", **where)
        unlisted = run("search", "main", "Observation?date=2024&code=x", **where)
        not_read = run("get", "main", "Claim/1", **where)
        statement = run("get", "main", "metadata", **where)

    assert (got.returncode, found.returncode) == (0, 0)
    assert b'"value": 1.10' in got.stdout
    assert b'"value": 1.10' in found.stdout
    assert json.loads(found.stdout)["type"] == "collection"
    assert unlisted.returncode == not_read.returncode == 2
    assert b"server 'main' does not list date for Observation; it lists code, patient" in unlisted.stderr
    assert b"does not list reading Claim" in not_read.stderr
    assert json.loads(statement.stdout)["resourceType"] == "CapabilityStatement"
    assert not any("date=" in each or "Claim" in each for each in ehr.calls)


def test_servers_are_added_listed_and_tried(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "new" / "servers.toml"
    where = {"FHIRGATE_SERVERS": str(path)}
    with wire(served(holding())) as here:
        base = f"http://127.0.0.1:{here.port}/fhir"
        added = run("servers", "add", "main", base, "--private", "--rate", "50", **where)
        more = run(
            *("servers", "add", "epic", "https://epic.example/R4", "--auth", "backend"),
            *("--client-id", 'a"b', "--key", "key.pem"),
            **where,
        )
        listed = run("servers", "list", **where)
        tried = run("servers", "test", "main", **where)

    assert [each.returncode for each in (added, more, listed, tried)] == [0, 0, 0, 0]
    assert path.stat().st_mode & 0o777 == 0o600
    assert f'client_id = "a\\"b", key_file = "{tmp_path / "key.pem"}"' in path.read_text()
    assert listed.stdout.decode() == f"main  {base}  open\nepic  https://epic.example/R4  backend\n"
    assert tried.stdout.decode().startswith("main: FHIR 4.0.1, Stub 1, open\n  asked by patient: Condition\n")


def test_everything_that_can_be_said_of_tokens_is_added(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "servers.toml"
    where = {"FHIRGATE_SERVERS": str(path)}

    secret = run(
        *("servers", "add", "site", "http://10.1.2.3/fhir", "--private", "--auth", "client-secret"),
        *("--client-id", "c", "--secret-variable", "S", "--secret-in-body"),
        *("--token-url", "http://10.1.2.4:8443/token", "--token-host", "10.1.2.4:8443"),
        *("--token-host", "login.example", "--private-token-host", "10.1.2.4"),
        **where,
    )
    aimed = run(
        *("servers", "add", "aimed", "https://a.example/fhir", "--auth", "backend"),
        *("--client-id", "c", "--key", "/k.pem", "--audience", "https://a.example"),
        **where,
    )

    assert (secret.returncode, aimed.returncode) == (0, 0)
    found = load_servers(path)
    assert found["site"].auth == AuthEntry(
        kind=AuthKind.CLIENT_SECRET,
        client_id="c",
        secret_variable="S",  # noqa: S106 - the name of a variable
        secret_in_body=True,
        token_url="http://10.1.2.4:8443/token",  # noqa: S106 - no password
        token_hosts=("10.1.2.4:8443", "login.example"),
        private_token_hosts=("10.1.2.4",),
    )
    assert found["aimed"].auth.audience == "https://a.example"


def test_a_server_with_problems_is_not_added_and_all_are_told(
    run: Any, registry: Any, tmp_path: Path
) -> None:
    where = registry(9)
    before = Path(where).read_bytes()

    done = run("servers", "add", "bad", "http://a.example/fhir", "--auth", "basic", FHIRGATE_SERVERS=where)

    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        "fhirgate: server 'bad' cannot be used:",
        "  - servers.bad: base_url is plain http; use https, or name a.example as a private host if it is on site",
        "  - servers.bad.auth.client_id: is missing; basic needs it",
        "  - servers.bad.auth.secret_variable: is missing; basic needs it",
        "  - --private says that it is on site",
    ]
    assert Path(where).read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["servers.toml"]


def test_a_source_of_files_needs_no_registry(run: Any, saved: Any) -> None:
    done = run("assess", saved(bundle(*resources("p1"))), "--as-of", AS_OF, FHIRGATE_SERVERS="/nowhere")

    assert done.returncode == 0
