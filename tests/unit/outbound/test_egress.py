import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhirgate.errors import EhrForbiddenAddress
from fhirgate.outbound.address import origin_of
from fhirgate.outbound.egress import Guard, really

BARRED = "has an address that is never called (link-local, multicast, reserved, or unreadable)"
INSIDE = "has a private address; if it is on site, its entry must name it as a private host"
OUTSIDE = "has a public address, and plain http is for private ones only; use https"


def guard(*addresses: str, private: bool = False, base: str = "https://ehr.example.org") -> Guard:
    return Guard(
        server="main", origin=origin_of(base), private=private, resolve=lambda _host, _port: addresses
    )


def refusal(found: Guard) -> str:
    with pytest.raises(EhrForbiddenAddress) as error:
        found.addresses("ehr.example.org", found.origin.port)
    return str(error.value)


PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
PRIVATE = [
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "127.0.0.1",
    "127.255.0.1",
    "100.64.0.1",
    "::1",
    "fd12:3456::1",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
]
FORBIDDEN = [
    "0.0.0.0",  # noqa: S104
    "0.1.2.3",
    "169.254.169.254",
    "100.100.100.200",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::1",
    "100::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
    "",
    "localhost",
    "127.1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called_by_https(address: str) -> None:
    assert guard(address).addresses("ehr.example.org", 443) == (address,)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_needs_an_entry_that_names_the_host(address: str) -> None:
    assert refusal(guard(address)) == f"server 'main': ehr.example.org {INSIDE}; nothing was sent"
    assert guard(address, private=True).addresses("ehr.example.org", 443) == (address,)


@pytest.mark.parametrize("address", FORBIDDEN)
@pytest.mark.parametrize("private", [False, True])
def test_some_addresses_are_never_called(address: str, private: bool) -> None:
    assert (
        refusal(guard(address, private=private))
        == f"server 'main': ehr.example.org {BARRED}; nothing was sent"
    )


def test_one_private_address_among_public_ones_spoils_the_answer() -> None:
    assert INSIDE in refusal(guard("8.8.8.8", "10.0.0.1"))


def test_plain_http_never_goes_to_a_public_address() -> None:
    assert OUTSIDE in refusal(guard("8.8.8.8", private=True, base="http://ehr.example.org"))
    assert guard("10.0.0.1", private=True, base="http://ehr.example.org").addresses("ehr.example.org", 80)


@pytest.mark.parametrize(("host", "port"), [("evil.example", 443), ("ehr.example.org", 22), ("8.8.8.8", 443)])
def test_no_other_host_or_port_is_dialled(host: str, port: int) -> None:
    with pytest.raises(EhrForbiddenAddress) as error:
        guard("8.8.8.8").addresses(host, port)

    assert str(error.value) == "server 'main': a connection would leave https://ehr.example.org:443"


def test_an_ipv6_host_is_known_in_each_of_its_forms() -> None:
    found = guard("2606:4700::1111", base="https://[2606:4700::1111]")

    assert found.addresses("[2606:4700:0:0:0::1111]", 443) == ("2606:4700::1111",)


def test_the_resolver_is_asked_once() -> None:
    asked: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["8.8.8.8"]

    Guard(
        server="main", origin=origin_of("https://ehr.example.org"), private=False, resolve=resolve
    ).addresses("EHR.example.org", 443)

    assert asked == [("EHR.example.org", 443)]


@given(st.ip_addresses())
def test_what_may_be_called_without_leave_is_global_to_python_too(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    try:
        guard(str(address)).addresses("ehr.example.org", 443)
    except EhrForbiddenAddress:
        return
    reached = really(str(address))
    assert reached is not None
    assert reached.is_global
    assert not reached.is_multicast
    assert not reached.is_private
