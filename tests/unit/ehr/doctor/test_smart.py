"""What is told of a smart-configuration."""

from dataclasses import replace
from typing import Any

import pytest
from doctor_world import BY_PASSWORD, BY_SECRET, GOOD_SMART, Clinic, examined, guarded, of, results, shape
from ehr_world import Ehr, everything
from fake_time import NOON

from fhirgate.ehr.keys import Algorithm, new_key, save_key
from fhirgate.services.ehr_server import AuthEntry, AuthKind

ASPECTS = (
    "smart-issuer", "smart-grants", "smart-methods", "smart-algorithms", "smart-scopes", "smart-capabilities",
    "smart-pkce",
)  # fmt: skip
ELSEWHERE = "http://127.0.0.1:9/token"
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


def saying(**changed: Any) -> Clinic:
    clinic = guarded()
    clinic.smart = GOOD_SMART | changed
    return clinic


@pytest.fixture(scope="module")
def by_key(tmp_path_factory: pytest.TempPathFactory) -> AuthEntry:
    folder = tmp_path_factory.mktemp("keys")
    save_key(new_key(Algorithm.ES384, NOON), folder)
    return AuthEntry(kind=AuthKind.BACKEND, client_id="us", key_file=str(folder))


def test_a_good_configuration_is_all_ok(by_key: AuthEntry) -> None:
    found = examined(guarded(), by_key)

    assert results(found, "smart", *ASPECTS) == ["ok"] * 8
    assert of(found, "smart").told.says == "found, names 10 members"
    assert shape(of(found, "smart")) == "GET .well-known/smart-configuration -> 200 in 0 ms"
    assert of(found, "smart-issuer").told.says == "it names one, and its keys (jwks_uri)"
    assert of(found, "smart-scopes").told.says == "1 listed; they are written as in SMART v2"


@pytest.mark.parametrize(
    ("changed", "check", "words"),
    [
        ({"issuer": None}, "smart-issuer", "it names none, and its keys (jwks_uri); It has the capability"),
        ({"jwks_uri": None}, "smart-issuer", "it names one; It has the capability"),
        (
            {"grant_types_supported": ["authorization_code"]},
            "smart-grants",
            "does not name client_credentials",
        ),
        (
            {"grant_types_supported": ["client_credentials"]},
            "smart-grants",
            "does not name authorization_code",
        ),
        ({"authorization_endpoint": None}, "smart-grants", "It names no authorization_endpoint"),
        (
            {"token_endpoint_auth_methods_supported": ["client_secret_basic"]},
            "smart-methods",
            "client_secret_basic; token_endpoint_auth_methods_supported does not name private_key_jwt",
        ),
        (
            {"token_endpoint_auth_signing_alg_values_supported": ["RS384"]},
            "smart-algorithms",
            "RS384; Our key signs ES384, which the server does not list",
        ),
        ({"scopes_supported": ["system/Patient.rs"]}, "smart-scopes", "not listed: Condition: read, search;"),
        ({"capabilities": None}, "smart-capabilities", "0 listed: nothing; It lists no capabilities"),
        (
            {"code_challenge_methods_supported": None},
            "smart-pkce",
            "nothing; code_challenge_methods_supported does",
        ),
        (
            {"code_challenge_methods_supported": ["S256", "plain"]},
            "smart-pkce",
            "S256, plain; code_challenge_methods_supported names plain",
        ),
    ],
)
def test_each_fault_is_a_warning_of_its_part(
    changed: dict[str, Any], check: str, words: str, by_key: AuthEntry
) -> None:
    found = examined(saying(**changed), by_key)

    line = of(found, check)
    assert line.result.value == "warning"
    assert words in line.told.says
    assert line.told.remedy
    assert {each.check for each in found.lines if each.check in ASPECTS and each.result.value == "warning"} <= {
        check, "smart-issuer"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("in_body", "listed", "result"),
    [
        (False, "client_secret_basic", "ok"),
        (False, "client_secret_post", "warning"),
        (True, "client_secret_post", "ok"),
        (True, "client_secret_basic", "warning"),
    ],
)
def test_how_the_secret_is_sent_is_held_against_what_is_listed(
    in_body: bool, listed: str, result: str
) -> None:
    auth = replace(BY_SECRET, secret_in_body=in_body)

    line = of(examined(saying(token_endpoint_auth_methods_supported=[listed]), auth), "smart-methods")

    assert line.result.value == result
    assert (f"set secret_in_body = {str(not in_body).lower()}" in line.told.remedy) == (result == "warning")


def test_scopes_that_are_not_listed_may_be_left_out() -> None:
    assert of(examined(saying(scopes_supported=None), BY_SECRET), "smart-scopes").told.says == (
        "it lists no scopes_supported, which it may leave out"
    )


def test_no_configuration_is_fine_where_no_token_is_needed() -> None:
    found = examined(Clinic(), BY_PASSWORD)

    assert of(found, "smart").told.says == "none, and none is needed: the entry's authentication is basic"
    assert results(found, "smart", *ASPECTS) == ["ok", *["not tried"] * 7]


def test_no_configuration_stops_the_token() -> None:
    found = examined(Clinic(), BY_SECRET)

    line = of(found, "smart")
    assert line.result.value == "failed"
    assert line.told.remedy.startswith("name token_url in the registry entry")
    assert of(found, "token").told.says == "because SMART configuration: discovery failed"
    assert of(found, "smart-pkce").told.says == "because SMART configuration: discovery failed"


def test_no_configuration_is_fine_where_the_entry_names_the_endpoint() -> None:
    clinic = guarded()
    clinic.smart = None

    found = examined(
        clinic,
        replace(BY_SECRET, token_url=ELSEWHERE),
    )

    assert of(found, "smart").result.value == "warning"
    assert of(found, "smart").told.remedy == (
        "nothing to do for assessments: the token endpoint is in the registry entry"
    )
    assert of(found, "smart-pkce").told.says == "there is no SMART configuration"
    assert of(found, "smart-scopes").told.says == "there is no SMART configuration"


def test_a_configuration_that_cannot_be_read_matters_not_to_who_needs_no_token() -> None:
    clinic = guarded()
    clinic.smart = None
    clinic._answer = lambda *_: ("500 Broken", {})  # type: ignore[method-assign]

    line = of(examined(clinic), "smart")

    assert line.result.value == "warning"
    assert line.told.remedy == "nothing to do for assessments: the entry needs no token"


def test_a_configuration_without_token_endpoint_is_told() -> None:
    found = examined(saying(token_endpoint=None), BY_SECRET)

    assert of(found, "smart").told.says == "it names no token_endpoint"
    assert of(found, "token").result.value == "failed"


def test_the_older_way_by_the_statement_is_told() -> None:
    made = everything("_count")
    made["rest"][0]["security"] = {
        "extension": [{"url": OAUTH_URIS, "extension": [{"url": "token", "valueUri": "/token"}]}]
    }
    clinic = Clinic(ehr=Ehr(statement=made))

    found = examined(clinic, BY_SECRET)

    assert of(found, "smart").result.value == "warning"
    assert of(found, "smart").told.says.startswith("no .well-known/smart-configuration")
    assert "does not speak of it" in of(found, "smart-grants").told.says
    assert results(found, "token")[0] == "ok"
