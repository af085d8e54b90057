"""Host name, egress guard and TLS, as they are told."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority, authority
from doctor_world import HOST, Clinic, addresses, entry_of, examined, of, results, still
from wire import wire

from fhirgate.ehr.doctor import network
from fhirgate.ehr.doctor.case import Case, WatchedOutbound
from fhirgate.ehr.doctor.examine import Examination, Examiner


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("ca"))


def over_tls(signer: Authority, host: str = "ehr.test", days: int = 1, **more: Any) -> Examination:
    """The examination of a clinic whose certificate is for a host and so many days; it is called ehr.test."""
    usual = {"base_url": "", "private_hosts": ("ehr.test",), "ca_file": signer.ca_file}
    with wire(Clinic(), signer.context(host, days=days)) as here:
        usual["base_url"] = f"https://ehr.test:{here.port}/fhir"
        surroundings = still(resolve=addresses(HOST), now=lambda: datetime.now(UTC))
        return Examiner(environment={}, surroundings=surroundings).examine(entry_of(0, **(usual | more)))


def test_a_private_host_and_plain_http_are_told() -> None:
    found = examined(Clinic())

    assert of(found, "name").told.says == f"{HOST} has 1 address, on site (private); calls may go there"
    assert of(found, "connection").result.value == "warning"
    assert of(found, "connection").told.says.endswith("whoever is on that network can read records")
    assert results(found, "certificate", "expiry") == ["not tried"] * 2


def test_a_certificate_that_ends_soon_is_told_in_days(signer: Authority) -> None:
    found = over_tls(signer)

    day = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    assert results(found, "name", "connection", "certificate", "statement") == ["ok"] * 4
    assert of(found, "connection").told.says == "TLS 1.3; 1.2 or later is needed"
    assert of(found, "certificate").told.says == (
        "it is for ehr.test, and its chain leads to a trusted authority (issued by fhirgate tests)"
    )
    assert (of(found, "expiry").result.value, of(found, "expiry").told.says) == (
        "warning",
        f"the certificate ends in 0 days, on {day}",
    )


def test_a_certificate_that_lasts_is_fine(signer: Authority) -> None:
    line = of(over_tls(signer, days=31), "expiry")

    assert line.result.value == "ok"
    assert line.told.says.startswith("the certificate ends in 30 days, on ")


@pytest.mark.parametrize(
    ("host", "days", "remedy"),
    [
        (
            "other.test",
            1,
            "set base_url to a name the certificate is for, or have ehr.test added to the certificate",
        ),
        ("ehr.test", -1, "have the server's operator renew its certificate"),
    ],
)
def test_a_certificate_that_does_not_hold_stops_everything_behind_it(
    signer: Authority, host: str, days: int, remedy: str
) -> None:
    found = over_tls(signer, host, days)

    line = of(found, "connection")
    assert (line.result.value, line.told.remedy) == ("failed", remedy)
    assert line.told.says.startswith("its certificate is not trusted: ")
    assert of(found, "statement").told.says == "because network and TLS: connection failed"
    assert not found.can_assess


def test_an_unknown_authority_is_told_with_ca_file(signer: Authority, tmp_path: Path) -> None:
    line = of(over_tls(signer, ca_file=authority(tmp_path).ca_file), "connection")

    assert line.result.value == "failed"
    assert "ca_file" in line.told.remedy


def test_a_ca_file_that_cannot_be_read_is_told(signer: Authority) -> None:
    line = of(over_tls(signer, ca_file="/nowhere.pem"), "connection")

    assert line.result.value == "failed"
    assert line.told.says == "ca_file /nowhere.pem is not a readable file of PEM certificates"


def test_a_name_that_is_not_known_is_told() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror("no such name")

    line = of(examined(Clinic(), surroundings=still(resolve=unknown)), "name")

    assert (line.result.value, line.told.says) == ("failed", "its host name cannot be resolved")
    assert line.told.remedy == "check the host of base_url, and the name service of this machine"


@pytest.mark.parametrize(
    ("address", "private", "words"),
    [
        ("169.254.169.254", ("ehr.test",), "has an address that is never called"),
        ("10.0.0.7", (), "has a private address; if it is on site, its entry must name it as a private host"),
    ],
)
def test_an_address_that_may_not_be_called_is_told_and_nothing_is_sent(
    address: str, private: tuple[str, ...], words: str
) -> None:
    clinic = Clinic()

    found = examined(
        clinic,
        surroundings=still(resolve=addresses(address)),
        base_url="https://ehr.test/fhir",
        private_hosts=private,
    )

    line = of(found, "name")
    assert line.result.value == "failed"
    assert words in line.told.says
    assert line.told.remedy.startswith('for a server on site, set network = "private"')
    assert of(found, "connection").told.says == "because network and TLS: host name failed"
    assert clinic.asked == []


def test_a_public_host_is_told_as_public() -> None:
    surroundings = still(resolve=addresses("8.8.8.8", "8.8.4.4"))
    with WatchedOutbound(seconds=1, surroundings=surroundings) as outbound:
        entry = entry_of(0, base_url="https://ehr.test/fhir", private_hosts=())
        (told,) = network.name(Case(entry=entry, outbound=outbound, environment={}))

    assert told.says == "ehr.test has 2 addresses, public; calls may go there"


def test_nobody_there_is_told_once() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]

    found = examined(Clinic(), base_url=f"http://{HOST}:{port}/fhir")

    failed = [each for each in found.lines if each.result.value == "failed"]
    assert [each.check for each in failed] == ["connection"]
    assert failed[0].told.says == "no connection could be made; is it running, and is the port right?"
    assert failed[0].told.remedy.startswith("check that the server runs")
    assert of(found, "pace").told.says == "nothing was answered"
    assert of(found, "clock").told.says == "no answer had a Date"


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("self-signed certificate in certificate chain", "a public one does not sign itself"),
        ("unable to get local issuer certificate", "have the server send its intermediate certificates too"),
        ("IP address mismatch", "set base_url to a name the certificate is for"),
    ],
)
def test_what_openssl_says_of_a_chain_has_a_remedy(said: str, remedy: str) -> None:
    assert remedy in network.remedy_of_trust(f"its certificate is not trusted: {said}", "ehr.test")
