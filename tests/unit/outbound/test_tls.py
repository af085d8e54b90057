"""Calls by https: to a name, by a certificate that holds, within the deadline."""

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from certificates import Authority, authority
from wire import answering, wire
from wire_calls import FINE, dripping, failed, here, local, outbound

from fhirgate.errors import ConfigurationError, EhrUnavailable, EhrUntrusted
from fhirgate.outbound.call import Call


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("ca"))


@pytest.mark.parametrize("https", [False, True])
def test_a_server_that_does_not_take_the_body_ends_at_the_deadline(signer: Authority, https: bool) -> None:
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def deaf() -> None:
            connection, _ = listener.accept()
            if https:
                connection = signer.context("ehr.test").wrap_socket(connection, server_side=True)
            done.wait(5)
            connection.close()

        thread = threading.Thread(target=deaf)
        thread.start()
        more = {"base": "https://ehr.test", "ca_file": signer.ca_file} if https else {}
        there = here(listener.getsockname()[1], total=0.4, tries=1, **more)
        error = failed(outbound(local), there, Call(method="PUT", url="Patient/77", body=b" " * (32 << 20)))
        done.set()
        thread.join()

    assert 0.3 < time.monotonic() - began < 1.5
    assert str(error) == "server 'main': PUT Patient/{id}: it did not answer in time"
    assert error.reached


def test_tls_is_spoken_to_the_name_and_not_to_the_address(signer: Authority) -> None:
    tls = signer.context("ehr.test")
    named: list[str | None] = []
    tls.sni_callback = lambda _socket, name, _context: named.append(name)
    with wire(answering(FINE), tls) as server, outbound(local) as client:
        there = here(server.port, base="https://ehr.test", ca_file=signer.ca_file)
        for _ in range(2):
            assert client.get(there, "Patient/77").json == {"fine": 1}

    assert named == ["ehr.test"]
    assert server.heard[0].headers["host"] == f"ehr.test:{server.port}"


def test_a_dripping_body_under_tls_ends_at_the_deadline(signer: Authority) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    began = time.monotonic()
    with wire(dripping(head, b" "), signer.context("ehr.test")) as server:
        there = here(server.port, base="https://ehr.test", ca_file=signer.ca_file, total=0.5)
        error = failed(outbound(local), there)

        assert time.monotonic() - began < 1.5
    assert str(error) == "server 'main': GET Patient/{id}: its answer did not come to an end in time"


@pytest.mark.parametrize(
    ("host", "days", "why"),
    [
        ("other.test", 1, "Hostname mismatch, certificate is not valid for 'ehr.test'"),
        ("ehr.test", -1, "certificate has expired"),
    ],
)
def test_a_certificate_that_does_not_hold_is_not_trusted(
    signer: Authority, host: str, days: int, why: str
) -> None:
    with wire(answering(FINE), signer.context(host, days=days)) as server:
        error = failed(outbound(local), here(server.port, base="https://ehr.test", ca_file=signer.ca_file))

    assert type(error) is EhrUntrusted
    assert str(error) == (
        f"server 'main': GET Patient/{{id}}: its certificate is not trusted: {why}; "
        "give its authority's certificate as ca_file, or correct the host name"
    )
    assert server.heard == []


def test_an_authority_that_is_not_public_must_be_named(signer: Authority) -> None:
    with wire(answering(FINE), signer.context("ehr.test")) as server:
        error = failed(outbound(local), here(server.port, base="https://ehr.test"))

    assert type(error) is EhrUntrusted
    assert server.heard == []


def test_a_named_authority_replaces_the_public_ones(signer: Authority, tmp_path: Path) -> None:
    other = authority(tmp_path)
    with wire(answering(FINE), other.context("ehr.test")) as server:
        error = failed(outbound(local), here(server.port, base="https://ehr.test", ca_file=signer.ca_file))

    assert type(error) is EhrUntrusted


def test_https_towards_a_plain_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def plain() -> None:
            connection, _ = listener.accept()
            with connection, suppress(ConnectionError):
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(65536)

        thread = threading.Thread(target=plain)
        thread.start()
        error = failed(outbound(local), here(listener.getsockname()[1], base="https://ehr.test"))
        thread.join()

    assert type(error) is EhrUnavailable
    assert str(error) == (
        "server 'main': GET Patient/{id}: TLS could not be agreed: wrong version number; does it speak https here?"
    )


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_authority_file_that_cannot_be_read_is_told(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    there = here(443, base="https://ehr.test", ca_file=str(path))

    with outbound(local) as client, pytest.raises(ConfigurationError) as error:
        client.get(there, "Patient/77")

    assert error.value.problems == (f"ca_file {path} is not a readable file of PEM certificates",)
