"""Nothing leaves for an address that was not meant, whatever a server, a name service or the environment says."""

import logging
import socket
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from certificates import authority
from wire import Wire, answering, reply, wire

from fhirgate.errors import EhrError, EhrForbiddenAddress, EhrRefused, EhrUnavailable, EhrUntrusted
from fhirgate.outbound.call import ANY_STATUS, Call
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.destination import Destination, Timeouts
from fhirgate.outbound.surroundings import Surroundings

FINE = reply(b'{"fine":1}')
SECRETS = ("t0ken", "Smith", "MRN7731")


def here(server: Wire, **more: Any) -> Destination:
    more = {"timeouts": Timeouts(connect=2.0, read=2.0, total=5.0), "tries": 1} | more
    return Destination(
        name="main",
        base_url=f"http://127.0.0.1:{server.port}/fhir",
        private_hosts=frozenset({"127.0.0.1"}),
        **more,
    )


def named(host: str, port: int, *, private: bool = False, scheme: str = "https", **more: Any) -> Destination:
    return Destination(
        name="main",
        base_url=f"{scheme}://{host}:{port}/fhir",
        private_hosts=frozenset({host}) if private else frozenset(),
        tries=1,
        **more,
    )


class NameService:
    """Answers each question with the next of its answers, and the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, _host: str, _port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every address that a socket was to connect to; none of them answers."""
    addresses: list[object] = []

    def connect(_self: socket.socket, address: object) -> None:
        addresses.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return addresses


def failed(client: Outbound, destination: Destination, url: str = "Patient/77") -> EhrError:
    with pytest.raises(EhrError) as error:
        client.get(destination, url, headers={"Authorization": "Bearer t0ken"})
    return error.value


def test_a_name_that_turns_private_is_refused_and_the_judged_address_is_the_one_dialled(
    dialled: list[object],
) -> None:
    names = NameService(["8.8.8.8"], ["127.0.0.1"])
    with Outbound(surroundings=Surroundings(resolve=names)) as client:
        first = failed(client, named("ehr.example.org", 443))
        second = failed(client, named("ehr.example.org", 443))

    assert (type(first), type(second)) == (EhrUnavailable, EhrForbiddenAddress)
    assert (dialled, names.asked) == ([("8.8.8.8", 443)], 2)


def test_a_name_is_asked_once_for_a_connection_and_not_again_while_it_lives() -> None:
    names = NameService(["127.0.0.1"], ["169.254.169.254"])
    with wire(answering(FINE)) as server, Outbound(surroundings=Surroundings(resolve=names)) as client:
        there = named("ehr.test", server.port, private=True, scheme="http")
        for _ in range(3):
            client.get(there, "Patient/77")

    assert (names.asked, server.connections) == (1, 1)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104
        "100.64.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "fd00::1",
        "fe80::1",
        "224.0.0.1",
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_a_public_name_with_an_address_inside_is_never_dialled(
    dialled: list[object], address: str, place: int
) -> None:
    answer = ["8.8.8.8"]
    answer.insert(place, address)
    with Outbound(surroundings=Surroundings(resolve=NameService(answer))) as client:
        error = failed(client, named("ehr.example.org", 443))

    assert (type(error), error.reached, dialled) == (EhrForbiddenAddress, False, [])


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "localhost", "10.0.0.1", "[::ffff:7f00:1]", "[fe80::1]"]
)
def test_an_address_inside_written_as_the_host_is_refused(dialled: list[object], host: str) -> None:
    with Outbound() as client:
        error = failed(client, named(host, 443))

    assert (type(error), dialled) == (EhrForbiddenAddress, [])


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1@evil.example/",
        "https://ehr.example.org@127.0.0.1/",
        "https://ehr.example.org:443@127.0.0.1/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://[::1]/",
        "https://ehr.example.org:22/",
        "https://ehr.example.org\\@127.0.0.1/",
        "https://127.0.0.1#@ehr.example.org/",
        "https://127.0.0.1\t@ehr.example.org/",
        "https://ehr.example.org%00.evil.example/",
        "https://ⓔhr.example.org/",
        "//127.0.0.1/",
        "http://ehr.example.org/",
        "file:///etc/passwd",
        "gopher://ehr.example.org/",
    ],
)
def test_a_url_given_by_a_server_leads_nowhere_else(dialled: list[object], url: str) -> None:
    names = NameService(["8.8.8.8"])
    with Outbound(surroundings=Surroundings(resolve=names)) as client:
        error = failed(client, named("ehr.example.org", 443), url)

    assert (type(error), dialled, names.asked) == (EhrForbiddenAddress, [], 0)


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
@pytest.mark.parametrize("expected", [frozenset[int](), ANY_STATUS])
def test_a_redirect_is_not_followed_and_takes_no_token_along(status: str, expected: frozenset[int]) -> None:
    with wire(answering(FINE)) as inside:
        where = f"Location: http://127.0.0.1:{inside.port}/latest/meta-data\r\n"
        moved = reply(b"", status=status, more=where)
        with wire(answering(moved)) as server, Outbound() as client:
            call = Call(url="Patient/77", headers={"Authorization": "Bearer t0ken"}, expected=expected)
            told = outcome(client, here(server), call)

    refusal = (
        f"server 'main': GET Patient/{{id}}: it answered with a redirect ({status[:3]}) "
        f"to http://127.0.0.1:{inside.port}, which is not followed; correct base_url"
    )
    assert told == (status[:3] if expected else refusal)
    assert (inside.connections, len(server.heard)) == (0, 1)


def outcome(client: Outbound, destination: Destination, call: Call) -> str:
    try:
        return str(client.send(destination, call).status)
    except EhrRefused as error:
        return str(error)


def test_a_redirect_with_an_endless_body_is_not_read() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 99999999999\r\n\r\n" + b" " * 100
    with wire(answering(head)) as server, Outbound() as client:
        error = failed(client, here(server, timeouts=Timeouts(connect=1.0, read=0.2, total=0.4)))

    assert type(error) is EhrRefused


def test_proxies_and_passwords_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login root password t0ken\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with wire(answering(FINE)) as proxy, wire(answering(FINE)) as server, Outbound() as client:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        client.get(here(server), "Patient/77")

    assert (proxy.connections, server.lines()) == (0, ["GET /fhir/Patient/77 HTTP/1.1"])
    assert "authorization" not in server.heard[0].headers


def test_the_environment_cannot_change_whom_we_trust(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    signer = authority(tmp_path)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, signer.ca_file)
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    names = NameService(["127.0.0.1"])
    client = Outbound(surroundings=Surroundings(resolve=names))
    with wire(answering(FINE), signer.context("ehr.test")) as server, client:
        error = failed(client, named("ehr.test", server.port, private=True))

    assert (type(error), server.heard) == (EhrUntrusted, [])


def test_cookies_are_not_kept() -> None:
    sets = reply(b'{"fine":1}', more="Set-Cookie: session=abc; Path=/\r\n")
    with wire(answering(sets)) as server, Outbound() as client:
        for _ in range(2):
            client.get(here(server), "Patient/77")

    assert [each.headers.get("cookie") for each in server.heard] == [None, None]


def test_two_servers_never_share_a_connection_or_a_token() -> None:
    with wire(answering(FINE)) as one, wire(answering(FINE)) as other, Outbound() as client:
        client.get(here(one), "Patient/77", headers={"Authorization": "Bearer t0ken"})
        client.get(here(other), "Patient/77")

    assert "authorization" not in other.heard[0].headers


FAULTS = [
    reply(b'{"name":"Smith"', more="X-Name: Smith\r\n"),
    reply(b"<p>Smith", kind="text/html"),
    reply(b'{"resourceType":"OperationOutcome","issue":[{"diagnostics":"Smith MRN7731"}]}', status="422 No"),
    reply(b"Smith", status="500 Smith"),
    reply(b"", status="302 Found", more="Location: http://127.0.0.1/?name=Smith\r\n"),
    reply(b"", status="401 No", more='WWW-Authenticate: Bearer error="Smith"\r\n'),
    reply(b"Smith", more="Content-Encoding: gzip\r\n"),
    b"HTTP/1.1 Smith MRN7731\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nSmith MRN7731\r\n: Smith\r\nContent-Length: 5\r\n\r\nSmith",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nSmith MRN7731\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"Smith MRN7731" * 10000 + b"\r\n\r\n",
]


@pytest.mark.parametrize("fault", FAULTS)
def test_no_error_and_no_log_line_holds_an_identifier_a_name_or_a_token(
    fault: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    client = Outbound(trace=lambda each: told.append(f"{each} {each!r}"))
    call = Call(
        method="PUT",
        url="Patient/MRN7731?identifier=MRN7731&name=Smith",
        body=b"Smith",
        headers={"Authorization": "Bearer t0ken"},
    )
    with caplog.at_level(logging.DEBUG), wire(answering(fault)) as server, client:
        quick = here(server, timeouts=Timeouts(connect=1.0, read=0.2, total=0.5))
        with pytest.raises(EhrError) as error:
            client.send(quick, call)

    everything = (
        "".join(traceback.format_exception(error.value))
        + repr(vars(error.value))
        + caplog.text
        + "".join(told)
    )
    seen = [each for each in SECRETS if each in _without_source(everything)]
    assert seen == []
    assert error.value.__context__ is None


def _without_source(text: str) -> str:
    """A traceback quotes the lines of this file, and names lines by number."""
    kept = [
        line for line in text.splitlines() if not line.startswith("    ") and not line.startswith("  File")
    ]
    return "\n".join(kept)
