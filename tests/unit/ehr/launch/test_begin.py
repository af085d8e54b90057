"""Where a browser is sent, to the letter (C2-1, C2-2, C2-3, C2-4, C3)."""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from launch_world import (
    BASE,
    BROWSER,
    CLIENT,
    CONTEXT,
    ISSUER,
    REDIRECT,
    LaunchEhr,
    entry,
    launching,
    query_of,
    smart,
)

from fhirgate.services.launches import Flow, LaunchRefused, Why

EHR_SCOPES = (
    "patient/Patient.rs patient/Condition.rs patient/Observation.rs patient/DiagnosticReport.rs patient/Procedure.rs"
    " patient/MedicationRequest.rs patient/MedicationAdministration.rs patient/MedicationStatement.rs"
    " patient/MedicationDispense.rs patient/BodyStructure.rs patient/ImagingStudy.rs patient/Specimen.rs"
    " patient/Medication.rs patient/Practitioner.rs launch openid fhirUser online_access"
)


def test_c2_2_an_ehr_launch_asks_with_every_parameter_once(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        begun = world.begin()
        pending = world.store.take_pending(begun.state)

    query = query_of(begun.url)
    assert begun.url.startswith(f"{ISSUER}/authorize?")
    assert pending is not None
    assert query == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": REDIRECT,
        "scope": EHR_SCOPES,
        "state": begun.state,
        "aud": BASE,
        "code_challenge": urlsafe_b64encode(sha256(pending.verifier.encode()).digest()).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "launch": CONTEXT,
        "nonce": pending.nonce,
    }
    # As percent-encoding alone: some servers take a plus sign for one.
    assert "+" not in begun.url
    assert (begun.flow, begun.server) == (Flow.EHR, "main")


def test_c2_1_a_standalone_launch_needs_neither_iss_nor_launch_and_asks_for_a_patient(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        begun = world.launches.begin_standalone("main", BROWSER)

    query = query_of(begun.url)
    assert "launch" not in query
    assert query["scope"].split()[-4:] == ["launch/patient", "openid", "fhirUser", "online_access"]
    assert (query["aud"], begun.flow) == (BASE, Flow.STANDALONE)


def test_c2_2_the_audience_is_spelled_as_the_ehr_spells_itself(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        begun = world.launches.begin_from_ehr(f"{BASE}/", CONTEXT, BROWSER)

    assert query_of(begun.url)["aud"] == f"{BASE}/"


def test_c2_2_the_launch_parameter_is_echoed_unchanged(tmp_path: Path) -> None:
    odd = "a b&c=d/é%20+~"
    with launching(tmp_path) as world:
        assert query_of(world.launches.begin_from_ehr(BASE, odd, BROWSER).url)["launch"] == odd


@pytest.mark.parametrize("launch", ["", "x" * 4097, "two\nlines"])
def test_a_launch_without_a_context_that_can_be_sent_is_refused(launch: str, tmp_path: Path) -> None:
    with launching(tmp_path) as world, pytest.raises(LaunchRefused) as error:
        world.launches.begin_from_ehr(BASE, launch, BROWSER)

    assert error.value.why is Why.MALFORMED


def test_c2_3_a_state_has_256_bits_and_is_never_the_same(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        states = {world.begin().state for _ in range(50)}

    assert len(states) == 50
    assert {bool(re.fullmatch(r"[A-Za-z0-9_-]{43}", each)) for each in states} == {True}


def test_c2_4_a_verifier_is_long_of_the_right_letters_and_never_the_same(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        pending = [world.store.take_pending(world.begin().state) for _ in range(20)]

    verifiers = {each.verifier for each in pending if each}
    assert len(verifiers) == 20
    assert {bool(re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", each)) for each in verifiers} == {True}


def test_c2_4_no_secret_of_a_launch_is_printed_or_traced(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        begun = world.begin()
        launch = world.launches.finish("main", world.ehr.authorize(begun.url), BROWSER)
        session = world.store.read_session(launch.id)
        printed = repr((begun, launch, session, world.launches, [str(each) for each in world.ehr.told]))

    assert session is not None
    secrets = [begun.state, BROWSER, session.tokens.access, session.tokens.refresh, session.browser]
    secrets += [form["code_verifier"] for form in world.ehr.forms]
    assert len(secrets) == 6
    assert [each for each in secrets if each in printed] == []


def test_a_browser_secret_that_could_be_guessed_is_a_bug_of_the_caller(tmp_path: Path) -> None:
    with launching(tmp_path) as world, pytest.raises(ValueError, match="too short"):
        world.launches.begin_from_ehr(BASE, CONTEXT, "short")


def test_c3_version_1_is_asked_where_it_is_all_the_server_reads(tmp_path: Path) -> None:
    said = smart(capabilities=["launch-ehr", "permission-v1"])
    with launching(tmp_path, LaunchEhr(smart=said)) as world:
        words = query_of(world.begin().url)["scope"].split()

    assert "patient/Observation.read" in words
    # It has no single sign-on and renews nothing, so neither is asked for.
    assert words[-1] == "launch"
    assert not [each for each in words if each.endswith((".rs", "*"))]


def test_c3_no_nonce_is_sent_where_no_id_token_is_asked_for(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(smart=smart(capabilities=["permission-v2"]))) as world:
        assert "nonce" not in query_of(world.begin().url)


@pytest.mark.parametrize("flow", list(Flow))
def test_c3_a_site_names_its_own_scopes_and_the_flow_brings_its_context(flow: Flow, tmp_path: Path) -> None:
    own = entry(scopes=("user/Observation.rs", "launch", "launch/patient", "openid", "offline_access"))
    with launching(tmp_path, None, own) as world:
        begun = world.begin() if flow is Flow.EHR else world.launches.begin_standalone("main", BROWSER)

    assert (
        query_of(begun.url)["scope"]
        == {
            Flow.EHR: "user/Observation.rs launch launch/patient openid offline_access",
            Flow.STANDALONE: "user/Observation.rs launch/patient openid offline_access",
        }[flow]
    )


def test_c5_2_max_age_is_never_sent(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        assert "max_age" not in world.begin().url
