"""An `iss` chooses an entry of the registry by its exact base URL, and nothing else is ever asked (C1-5)."""

from pathlib import Path

import pytest
from launch_world import BASE, BROWSER, CONTEXT, LaunchEhr, launching

from fhirgate.ehr.launch.issuers import check_redirect, entry_of_issuer, entry_of_name
from fhirgate.errors import ConfigurationError
from fhirgate.services.ehr_server import EhrServer, LaunchEntry, LaunchKind
from fhirgate.services.launches import LaunchRefused, Why

PUBLIC = LaunchEntry(kind=LaunchKind.PUBLIC, client_id="c")
ENTRIES = (
    EhrServer(name="bare", base_url=BASE),
    EhrServer(name="main", base_url=BASE, launch=PUBLIC),
    EhrServer(name="tenant", base_url="https://ehr.example.org/fhir/R4/tenant/", launch=PUBLIC),
    EhrServer(name="silent", base_url="https://silent.example.org/fhir"),
    EhrServer(
        name="onsite", base_url="http://10.1.2.3:8080/fhir", private_hosts=("10.1.2.3",), launch=PUBLIC
    ),
)


def refused(iss: str) -> LaunchRefused:
    with pytest.raises(LaunchRefused) as error:
        entry_of_issuer(iss, ENTRIES)
    return error.value


@pytest.mark.parametrize(
    ("iss", "name"),
    [
        (BASE, "main"),
        (f"{BASE}/", "main"),
        ("HTTPS://EHR.example.ORG:443/fhir/R4", "main"),
        ("https://ehr.example.org/fhir/R4/tenant", "tenant"),
        ("http://10.1.2.3:8080/fhir", "onsite"),
    ],
)
def test_the_same_address_in_another_spelling_is_the_same_server(iss: str, name: str) -> None:
    assert entry_of_issuer(iss, ENTRIES).name == name


@pytest.mark.parametrize(
    "iss",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://ehr.example.org.evil.com/fhir/R4",
        "https://evil.com/https://ehr.example.org/fhir/R4",
        "https://ehr.example.org/fhir/R4/../R4",
        "https://ehr.example.org/fhir/R4//",
        "https://ehr.example.org/fhir/r4",
        "https://ehr.example.org/%66hir/R4",
        "https://ehr.example.org/fhir/R4?x=1",
        "https://ehr.example.org/fhir/R4#x",
        "https://ehr.example.org/fhir/R4;x",
        "https://user@ehr.example.org/fhir/R4",
        "https://ehr.example.org:8443/fhir/R4",
        "https://ehr.example.org",
        "http://ehr.example.org/fhir/R4",
        "https://ehr.example.org\\@evil.com/fhir/R4",
        "javascript:alert(1)",
        "",
        "https://ehr.example.org/fhir/R4" + "/" * 3000,
    ],
)
def test_any_other_address_is_no_server_of_ours(iss: str) -> None:
    error = refused(iss)

    assert error.why is Why.UNKNOWN_ISSUER
    assert "evil" not in error.safe_message


def test_an_entry_that_nobody_launches_from_says_what_it_lacks() -> None:
    assert "'silent' is in the registry, but its entry has no launch table" in str(
        refused("https://silent.example.org/fhir")
    )


def test_an_unknown_issuer_is_not_asked_anything(tmp_path: Path) -> None:
    ehr = LaunchEhr()
    with launching(tmp_path, ehr) as world, pytest.raises(LaunchRefused):
        world.launches.begin_from_ehr("https://ehr.example.org.evil.com/fhir/R4", CONTEXT, BROWSER)

    assert ehr.calls == []


def test_a_server_is_chosen_by_its_name() -> None:
    assert entry_of_name("tenant", ENTRIES).name == "tenant"
    for name in ("none", "bare"):
        with pytest.raises(LaunchRefused) as error:
            entry_of_name(name, ENTRIES)
        assert error.value.why is Why.UNKNOWN_ISSUER


def test_our_redirect_uri_is_https_or_on_this_machine() -> None:
    for uri in ("https://fhirgate.example.org/callback", "http://127.0.0.1:8080/callback"):
        assert check_redirect(uri) == uri
    for uri, problem in (
        ("http://fhirgate.example.org/callback", "it is plain http"),
        ("/callback", "it does not start with https://"),
    ):
        with pytest.raises(ConfigurationError, match=problem):
            check_redirect(uri)
