"""What a server says of its authorization, before anybody is sent there (C1-1 to C1-6)."""

from pathlib import Path
from typing import Any

import pytest
from launch_world import BASE, BROWSER, ISSUER, LaunchEhr, as_json, codes, entry, launching, query_of, smart

from fhirgate.errors import EhrForbiddenAddress, EhrRefused, EhrUnavailable
from fhirgate.services.launches import LaunchRefused, Why

OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


def refusal(folder: Path, said: dict[str, Any]) -> LaunchRefused:
    with launching(folder, LaunchEhr(smart=said)) as world, pytest.raises(LaunchRefused) as error:
        world.begin()
    assert world.ehr.asked("/token") == []
    return error.value


def test_c1_1_the_well_known_address_below_the_base_is_asked_as_json_without_credentials(
    tmp_path: Path,
) -> None:
    with launching(tmp_path) as world:
        world.begin()

    assert world.ehr.calls == [f"GET {BASE}/.well-known/smart-configuration"]
    assert world.ehr.headers[0]["Accept"] == "application/json"
    assert "Authorization" not in world.ehr.headers[0]


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("token_endpoint", "has no token_endpoint"),
        ("authorization_endpoint", "names no authorization_endpoint"),
        ("grant_types_supported", "has no grant_types_supported"),
        ("capabilities", "has no capabilities"),
        ("code_challenge_methods_supported", "has no code_challenge_methods_supported"),
        ("issuer", "lists sso-openid-connect, but names no issuer"),
        ("jwks_uri", "lists sso-openid-connect, but names no jwks_uri"),
    ],
)
def test_c1_2_each_required_member_that_is_missing_is_a_clear_refusal(
    missing: str, told: str, tmp_path: Path
) -> None:
    error = refusal(tmp_path, smart(**{missing: None}))

    assert error.why is Why.UNSUPPORTED
    assert str(error) == f"server 'main' cannot be launched from: its smart-configuration {told}"


def test_c1_2_everything_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    said = smart(
        token_endpoint=7, grant_types_supported=["implicit"], code_challenge_methods_supported=["plain"]
    )

    assert str(refusal(tmp_path, said)) == (
        "server 'main' cannot be launched from: its smart-configuration has a token_endpoint that is no address, and"
        " does not list the grant type authorization_code, and does not list the challenge method S256 of PKCE"
    )


def test_c1_2_a_server_that_lists_plain_beside_s256_is_told_of(tmp_path: Path) -> None:
    with launching(
        tmp_path, LaunchEhr(smart=smart(code_challenge_methods_supported=["S256", "plain"]))
    ) as world:
        assert codes(world.launched()) == ["PKCE_PLAIN"]


def test_c1_3_relative_addresses_are_taken_from_the_base(tmp_path: Path) -> None:
    said = smart(authorization_endpoint="auth/authorize", token_endpoint="auth/token")  # noqa: S106
    with launching(tmp_path, LaunchEhr(smart=said)) as world:
        assert world.begin().url.startswith(f"{BASE}/auth/authorize?")
        world.launched()

    assert world.ehr.asked("/token") == [f"POST {BASE}/auth/token"]


def test_c1_4_without_a_smart_configuration_the_capability_statement_is_read(tmp_path: Path) -> None:
    uris = [
        {"url": "authorize", "valueUri": f"{ISSUER}/authorize"},
        {"url": "token", "valueUri": f"{ISSUER}/token"},
    ]
    said = {"rest": [{"security": {"extension": [{"url": OAUTH, "extension": uris}]}}]}
    ehr = LaunchEhr(smart=404, fails={"/metadata": [as_json(said)]}, token={"id_token": None})
    with launching(tmp_path, ehr) as world:
        url = world.begin().url
        launch = world.launches.finish("main", ehr.authorize(url), BROWSER)

    # It says nothing of versions, so scopes are written as in version 1; PKCE is sent all the same.
    assert "patient/Observation.read" in query_of(url)["scope"]
    assert query_of(url)["code_challenge_method"] == "S256"
    assert codes(launch) == ["SMART_CONFIGURATION_MISSING", "PERSON_UNKNOWN"]


def test_c1_4_a_failure_does_not_lead_to_the_older_way(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(smart=500)) as world, pytest.raises(EhrUnavailable):
        world.begin()

    assert world.ehr.asked("/metadata") == []


def test_c1_5_a_redirect_is_not_followed(tmp_path: Path) -> None:
    away = (302, {"Location": "https://evil.example.org/smart"}, "")
    ehr = LaunchEhr(fails={"smart-configuration": [away]})
    with launching(tmp_path, ehr) as world, pytest.raises(EhrRefused, match="redirect"):
        world.begin()

    assert len(ehr.calls) == 1


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint"])
@pytest.mark.parametrize("place", ["https://login.example.org/x", "http://ehr.example.org/auth"])
def test_c1_5_an_endpoint_on_a_host_that_is_not_listed_is_refused(
    name: str, place: str, tmp_path: Path
) -> None:
    ehr = LaunchEhr(smart=smart(**{name: place}))
    with launching(tmp_path, ehr) as world, pytest.raises(EhrForbiddenAddress) as error:
        world.begin()

    assert "authorization_hosts" in str(error.value)
    assert name.replace("_", " ") in str(error.value)


def test_an_authorization_server_on_a_listed_host_is_used(tmp_path: Path) -> None:
    said = smart(authorization_endpoint="https://login.example.org/authorize?tenant=1")
    listed = entry(authorization_hosts=("login.example.org",))
    with launching(tmp_path, LaunchEhr(smart=said), listed) as world:
        url = world.begin().url

    assert url.startswith("https://login.example.org/authorize?tenant=1&response_type=code&")


def test_c1_6_a_smart_configuration_is_asked_once_a_day_and_again_after_a_failure(tmp_path: Path) -> None:
    ehr = LaunchEhr()
    with launching(tmp_path, ehr) as world:
        world.launched()
        world.launched()
        assert len(ehr.asked("smart-configuration")) == 1
        ehr.time.seconds += 86_401
        world.launched()
        assert len(ehr.asked("smart-configuration")) == 2
        ehr.fails["/token"] = [as_json({"error": "server_error"}, 500)]
        with pytest.raises(EhrUnavailable):
            world.launched()
        world.launched()

    assert len(ehr.asked("smart-configuration")) == 3
