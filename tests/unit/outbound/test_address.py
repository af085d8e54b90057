import pytest

from fhirgate.errors import EhrForbiddenAddress
from fhirgate.outbound.address import Origin, address_of, address_problems, origin_of

BASE = "https://ehr.example.org/fhir/R4"


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port"),
    [
        ("https://ehr.example.org", "https", "ehr.example.org", 443),
        ("HTTPS://EHR.Example.ORG:443/fhir", "https", "ehr.example.org", 443),
        ("http://ehr:8080?x=1", "http", "ehr", 8080),
        ("http://127.0.0.1", "http", "127.0.0.1", 80),
        ("https://[2606:4700:0:0::1111]:8443/fhir", "https", "2606:4700::1111", 8443),
        ("https://my_host.example.org/a?b=c|d&e=@f", "https", "my_host.example.org", 443),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, scheme: str, host: str, port: int) -> None:
    assert origin_of(url) == Origin(scheme=scheme, host=host, port=port)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://ehr.example.org", "it does not start with https://"),
        ("ehr.example.org", "it does not start with https://"),
        ("https:/ehr.example.org", "it does not start with https://"),
        ("", "it does not start with https://"),
        ("https://", "its host is not a plain name or address"),
        ("https:///fhir", "its host is not a plain name or address"),
        ("https://ehr.example.org.", "its host is not a plain name or address"),
        ("https://-ehr.example.org", "its host is not a plain name or address"),
        ("https://ehr..org", "its host is not a plain name or address"),
        ("https://ehr.example.org:", "its host is not a plain name or address"),
        ("https://ehr%2eexample.org", "its host is not a plain name or address"),
        ("https://ëhr.example.org", "its host is not a plain name or address"),
        ("https://[fe80::1%25eth0]/", "its host is not a plain name or address"),
        ("https://[::1", "its host is not a plain name or address"),
        ("https://[1:2:3]/", "its IPv6 address cannot be read"),
        ("https://ehr.example.org:0", "its port is not between 1 and 65535"),
        ("https://ehr.example.org:65536", "its port is not between 1 and 65535"),
        (
            "http://127.0.0.1@evil.example",
            "it holds a user name before the host; credentials have their own place",
        ),
        (
            "https://user:pass@ehr.example.org/",
            "it holds a user name before the host; credentials have their own place",
        ),
        ("http://2130706433/", "its host is a number but not an address like 192.0.2.1"),
        ("http://0x7f000001/", "its host is a number but not an address like 192.0.2.1"),
        ("http://0177.0.0.1/", "its host is a number but not an address like 192.0.2.1"),
        ("http://127.1/", "its host is a number but not an address like 192.0.2.1"),
        ("http://1.2.3.0x4/", "its host is a number but not an address like 192.0.2.1"),
        ("http://ehr.example.org.1/", "its host is a number but not an address like 192.0.2.1"),
        (
            "https://ehr.example.org\\@evil.example/",
            "it holds a space, a control character, a backslash or a fragment",
        ),
        ("https://ehr.example.org/ x", "it holds a space, a control character, a backslash or a fragment"),
        ("https://ehr.example.org/\r\nx", "it holds a space, a control character, a backslash or a fragment"),
        (
            "https://ehr.example.org#@evil.example",
            "it holds a space, a control character, a backslash or a fragment",
        ),
        ("https://ehr.example.org/fhir/../admin", "its path has a step `.` or `..`"),
        ("https://ehr.example.org/fhir/%2E%2e/admin", "its path has a step `.` or `..`"),
        ("https://ehr.example.org/fhir/.?x=1", "its path has a step `.` or `..`"),
    ],
)
def test_a_url_that_two_readers_could_take_differently_is_refused(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        origin_of(url)

    assert str(error.value) == why


def test_dots_in_a_query_are_no_steps() -> None:
    assert origin_of("https://ehr.example.org/a?b=/../c").host == "ehr.example.org"


def test_an_origin_is_told_with_its_port_and_brackets() -> None:
    told = [str(origin_of(each)) for each in ("https://ehr.example.org/x", "http://[::1]:81/")]

    assert told == ["https://ehr.example.org:443", "http://[::1]:81"]


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("Patient/1", f"{BASE}/Patient/1"),
        ("/Patient/1", f"{BASE}/Patient/1"),
        ("", BASE),
        ("?_getpages=1", f"{BASE}?_getpages=1"),
        ("Observation?code=http://loinc.org|1", f"{BASE}/Observation?code=http://loinc.org|1"),
        ("https://ehr.example.org:443/oauth2/token", "https://ehr.example.org:443/oauth2/token"),
    ],
)
def test_a_url_is_taken_under_the_base_or_on_its_origin(url: str, whole: str) -> None:
    assert address_of("main", f"{BASE}/", url) == whole


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/fhir/R4/Patient/1",
        "https://ehr.example.org:8443/fhir/R4",
        "http://ehr.example.org/fhir/R4",
        "https://ehr.example.org.evil.example/fhir/R4",
    ],
)
def test_a_url_on_another_origin_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(EhrForbiddenAddress) as error:
        address_of("main", BASE, url)

    assert str(error.value) == "a URL for server 'main' is refused: it leaves https://ehr.example.org:443"


@pytest.mark.parametrize("url", ["//evil.example/x", "file:/etc/passwd", "javascript:alert(1)", "../admin"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(EhrForbiddenAddress, match=r"^a URL for server 'main' is refused: it"):
        address_of("main", BASE, url)


@pytest.mark.parametrize(
    ("base", "private", "problems"),
    [
        (BASE, set(), []),
        ("http://hapi:8080/fhir", {"hapi"}, []),
        ("http://[::1]:8080/fhir", {"::1"}, []),
        (
            "http://hapi:8080/fhir",
            set(),
            ["base_url is plain http; use https, or name hapi as a private host if it is on site"],
        ),
        (
            "https://a b/",
            set(),
            ["base_url cannot be used: it holds a space, a control character, a backslash or a fragment"],
        ),
        (f"{BASE}?x=1", set(), ["base_url cannot be used: it has a query"]),
        (BASE, {"other"}, ["the private host other is not the host of base_url"]),
    ],
)
def test_an_entry_hears_all_that_is_wrong_with_its_address(
    base: str, private: set[str], problems: list[str]
) -> None:
    assert list(address_problems(base, private)) == problems
