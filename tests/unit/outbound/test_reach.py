"""How a destination is reached: addresses, connection, certificate."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificates import Authority, authority
from wire import answering, wire
from wire_calls import FINE, here, local

from fhirgate.errors import EhrError, EhrForbiddenAddress, EhrUnavailable, EhrUntrusted
from fhirgate.outbound.destination import Timeouts
from fhirgate.outbound.reach import Resolved, connected, resolved
from fhirgate.outbound.surroundings import Surroundings

LOCAL = Surroundings(resolve=local)


def to(*addresses: str) -> Surroundings:
    return Surroundings(resolve=lambda _host, _port: addresses)


def unknown(_host: str, _port: int) -> list[str]:
    raise socket.gaierror("no such name")


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("ca"))


def test_the_addresses_of_a_name_are_told_with_where_they_are() -> None:
    there = here(443, base="https://ehr.test")

    assert resolved(there, to("8.8.8.8", "10.0.0.1")) == Resolved(
        addresses=("8.8.8.8", "10.0.0.1"), on_site=True
    )
    assert resolved(there, to("8.8.8.8")) == Resolved(addresses=("8.8.8.8",), on_site=False)


@pytest.mark.parametrize(
    ("surroundings", "kind", "words"),
    [
        (to("169.254.169.254"), EhrForbiddenAddress, "has an address that is never called"),
        (to(), EhrUnavailable, "server 'main': its host name cannot be resolved"),
        (Surroundings(resolve=unknown), EhrUnavailable, "server 'main': its host name cannot be resolved"),
    ],
)
def test_a_name_that_leads_nowhere_or_inside_is_told(
    surroundings: Surroundings, kind: type[EhrError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        resolved(here(443, base="https://ehr.test"), surroundings)


def test_the_certificate_of_a_connection_is_told(signer: Authority) -> None:
    with wire(answering(FINE), signer.context("ehr.test")) as server:
        found = connected(here(server.port, base="https://ehr.test", ca_file=signer.ca_file), LOCAL)

        assert server.heard == []
    assert found is not None
    assert (found.version, found.issuer, found.names) == ("TLSv1.3", "fhirgate tests", ("ehr.test",))
    assert timedelta(hours=23) < found.valid_until - datetime.now(UTC) < timedelta(hours=25)


def test_plain_http_is_connected_to_and_has_no_certificate() -> None:
    with wire(answering(FINE)) as server:
        assert connected(here(server.port), Surroundings()) is None
        assert server.heard == []


@pytest.mark.parametrize(
    ("host", "days", "words"),
    [
        ("other.test", 1, "its certificate is not trusted: Hostname mismatch"),
        ("ehr.test", -1, "its certificate is not trusted: certificate has expired"),
    ],
)
def test_a_certificate_that_does_not_hold_is_told(
    signer: Authority, host: str, days: int, words: str
) -> None:
    with wire(answering(FINE), signer.context(host, days=days)) as server:
        there = here(server.port, base="https://ehr.test", ca_file=signer.ca_file)
        with pytest.raises(EhrUntrusted, match=words):
            connected(there, LOCAL)


def test_an_authority_that_is_not_known_is_told(signer: Authority, tmp_path: Path) -> None:
    with wire(answering(FINE), signer.context("ehr.test")) as server:
        there = here(server.port, base="https://ehr.test", ca_file=authority(tmp_path).ca_file)
        with pytest.raises(EhrUntrusted, match="its certificate is not trusted"):
            connected(there, LOCAL)


def test_a_server_that_speaks_no_tls_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        there = here(
            listener.getsockname()[1],
            base="https://ehr.test",
            timeouts=Timeouts(connect=0.2, read=0.2, total=1),
        )
        with pytest.raises(EhrUnavailable, match="no connection could be made in time"):
            connected(there, LOCAL)


def test_nobody_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(EhrUnavailable, match="no connection could be made; is it running"):
        connected(here(port), Surroundings())
