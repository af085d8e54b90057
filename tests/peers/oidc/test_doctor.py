"""The doctor at an authorization server that nobody here wrote, and that is strict."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from doctor_world import examined_at, of, results
from peers.oidc.peer import oidc

from fhirgate.ehr.doctor.examine import Examination
from fhirgate.ehr.keys import Algorithm, jwks, new_key, save_key
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.services.ehr_server import AuthEntry, AuthKind, EhrServer

pytestmark = pytest.mark.peer

KEY, STRANGE = (new_key(Algorithm.ES384, datetime(2026, 1, 1, tzinfo=UTC)) for _ in range(2))
SECRET = "a b:c+d/%41-" + "x" * 40
SCOPES = ("system/Observation.rs", "system/Condition.rs")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with oidc(jwks=jwks([KEY]), secret=SECRET) as found:
        yield found


@pytest.fixture
def by_key(tmp_path: Path) -> AuthEntry:
    save_key(KEY, tmp_path / "keys")
    return AuthEntry(
        kind=AuthKind.BACKEND, client_id="by-key", key_file=str(tmp_path / "keys"), scopes=SCOPES
    )


def found_at(port: int, auth: AuthEntry, **more: Any) -> Examination:
    entry = EhrServer(
        name="main", base_url=f"http://127.0.0.1:{port}/fhir", private_hosts=("127.0.0.1",), auth=auth
    )
    return examined_at(entry, **more)


def test_a_good_entry_gets_a_token_that_grants_what_was_asked_for(port: int, by_key: AuthEntry) -> None:
    found = found_at(port, by_key, patient="1")

    assert results(found, "credentials", "smart", "token", "scopes-granted", "unguarded") == ["ok"] * 5
    assert of(found, "scopes-granted").told.says == (
        "all that were asked for: Observation: read, search; Condition: read, search"
    )
    assert results(found, "smart-grants", "smart-methods", "smart-algorithms", "smart-pkce") == ["ok"] * 4


def test_its_patient_is_read_with_the_token(port: int, by_key: AuthEntry) -> None:
    assert of(found_at(port, by_key, patient="1"), "patient").result.value == "ok"


def test_a_wrong_key_is_told_with_what_to_compare(port: int, by_key: AuthEntry, tmp_path: Path) -> None:
    save_key(STRANGE, tmp_path / "strange")

    found = found_at(port, replace(by_key, key_file=str(tmp_path / "strange")), patient="1")

    line = of(found, "token")
    assert line.result.value == "failed"
    assert line.told.says.startswith(
        "it gave no token (401 invalid_client): it does not accept us as this client"
    )
    assert line.told.remedy.startswith(
        "compare with what is registered at the server: client_id, the key that"
    )
    assert line.told.call is not None
    assert (str(line.told.call.place), line.told.call.status) == ("/token", 401)
    assert of(found, "patient").told.says == "because access: token failed"


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "stranger"}, {"audience": "https://elsewhere.example.org/token"}],
    ids=["client", "audience"],
)
def test_what_else_is_wrong_with_an_assertion_is_told(
    changed: dict[str, str], port: int, by_key: AuthEntry
) -> None:
    line = of(found_at(port, replace(by_key, **changed)), "token")

    assert line.result.value == "failed"
    assert "401 invalid_client" in line.told.says


def test_scopes_narrowed_to_nothing_are_told(port: int, by_key: AuthEntry) -> None:
    found = found_at(port, replace(by_key, scopes=("system/CarePlan.rs",)))

    assert of(found, "token").result.value == "ok"
    line = of(found, "scopes-granted")
    assert line.result.value == "warning"
    assert line.told.says.startswith("the token answer does not say which scopes it grants")
    assert (
        line.told.remedy
        == "see the reads below; if they are refused, have the scopes registered for this client"
    )


def test_a_scope_that_is_left_out_is_told_with_what_is_lost(port: int, by_key: AuthEntry) -> None:
    found = found_at(port, replace(by_key, scopes=(*SCOPES, "system/Procedure.rs")))

    line = of(found, "scopes-granted")
    assert (line.told.about, line.result.value) == ("Procedure", "warning")
    assert line.told.remedy == "have these registered for this client at the server: system/Procedure.rs"


def test_scopes_that_are_not_allowed_are_told(port: int, by_key: AuthEntry) -> None:
    line = of(found_at(port, replace(by_key, scopes=())), "token")

    assert line.result.value == "failed"
    assert "400 invalid_scope" in line.told.says
    assert line.told.remedy.startswith(
        "set scopes in the registry entry to those the server's operator has registered"
    )


@pytest.mark.parametrize(("secret", "result"), [(SECRET, "ok"), ("not-it", "failed")])
def test_a_secret_is_tried(port: int, secret: str, result: str) -> None:
    auth = AuthEntry(kind=AuthKind.CLIENT_SECRET, client_id="by:secret", secret_variable="IT", scopes=SCOPES)  # noqa: S106

    assert of(found_at(port, auth, environment={"IT": secret}), "token").result.value == result


def test_an_hour_between_the_clocks_is_told(port: int, by_key: AuthEntry) -> None:
    late = Surroundings(now=lambda: datetime.now(UTC) - timedelta(hours=1))

    line = of(found_at(port, by_key, surroundings=late), "clock")

    assert line.result.value == "warning"
    assert "s ahead of ours; an assertion of ours is good for 240 s" in line.told.says
