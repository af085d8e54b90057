"""A code for tokens: as each kind of client, judged with doubt, and what was granted beside what was asked for."""

from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from bearer_world import KEYS
from launch_world import (
    BROWSER,
    CALLBACK,
    CLIENT,
    ISSUER,
    REDIRECT,
    SECRET,
    LaunchEhr,
    as_json,
    codes,
    entry,
    launching,
    query_of,
    smart,
)

from fhirgate.ehr.keys import Algorithm, jwks, save_key
from fhirgate.ehr.launch.conversation import smart_launches
from fhirgate.errors import (
    ConfigurationError,
    EhrDenied,
    EhrError,
    EhrGarbled,
    EhrRefused,
    EhrUnavailable,
)
from fhirgate.services.ehr_server import LaunchKind
from fhirgate.services.launches import LaunchRefused, Why

CONFIDENTIAL = entry(kind=LaunchKind.CLIENT_SECRET, secret_variable="IT")  # noqa: S106
EVERYTHING = "user/*.rs openid fhirUser online_access"


def failed(folder: Path, answer: Any, *more: Any) -> EhrError:
    ehr = LaunchEhr(fails={"/token": [answer, *more]})
    with launching(folder, ehr) as world, pytest.raises(EhrError) as error:
        world.launched()
    # A code is sent once, whatever comes.
    assert len(ehr.asked("/token")) == 1
    return error.value


def test_c2_6_a_public_client_names_itself_and_proves_the_launch_by_its_verifier(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        url = world.begin().url
        world.launches.finish("main", world.ehr.authorize(url), BROWSER)

    (form,) = world.ehr.forms
    digest = sha256(form["code_verifier"].encode()).digest()
    assert urlsafe_b64encode(digest).rstrip(b"=").decode() == query_of(url)["code_challenge"]
    assert form == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": REDIRECT,
        "code_verifier": form["code_verifier"],
        "client_id": CLIENT,
    }


def test_c2_6_a_symmetric_client_sends_its_secret_in_the_header_alone(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(secret=SECRET), CONFIDENTIAL, environment={"IT": SECRET}) as world:
        world.launched()

    (form,) = world.ehr.forms
    assert set(form) == {"grant_type", "code", "redirect_uri", "code_verifier"}
    (header,) = (each["Authorization"] for each in world.ehr.headers if "Authorization" in each)
    assert header == "Basic " + b64encode(b"fhirgate-app:s3cret%3A%2F%2B%C3%BC").decode()


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_c2_6_an_asymmetric_client_signs_with_either_algorithm(algorithm: Algorithm, tmp_path: Path) -> None:
    key = KEYS[algorithm]
    own = entry(kind=LaunchKind.PRIVATE_KEY, key_file=str(save_key(key, tmp_path / "keys")))
    with launching(tmp_path, LaunchEhr(client_jwks=jwks([key])), own) as world:
        world.launched()
        world.launched()

    form = world.ehr.forms[0]
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert "client_id" not in form
    assertion = world.ehr.assertions[0]
    assert assertion.header == {"alg": algorithm.value, "kid": key.kid, "typ": "JWT"}
    assert assertion.claims["aud"] == f"{ISSUER}/token"
    assert assertion.claims["iss"] == assertion.claims["sub"] == CLIENT
    assert len({each.claims["jti"] for each in world.ehr.assertions}) == 2


def test_secrets_and_keys_that_are_not_at_hand_are_told_together(tmp_path: Path) -> None:
    by_key = entry("by-key", kind=LaunchKind.PRIVATE_KEY, key_file=str(tmp_path / "none.pem"))
    with launching(tmp_path) as world, pytest.raises(ConfigurationError) as error:
        smart_launches([CONFIDENTIAL, by_key], world.outbound, {}, world.store, CALLBACK)

    assert error.value.problems == (
        "server 'main': the environment variable IT is to hold its secret, and is empty",
        f"server 'by-key': {tmp_path / 'none.pem'}: cannot be read: No such file or directory",
    )


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (as_json({"error": "invalid_grant"}, 400), EhrRefused, "(400 invalid_grant): it does not accept the"),
        (as_json({"error": "invalid_grant"}, 401), EhrRefused, "launch again from the chart"),
        (as_json({"error": "invalid_client"}, 401), EhrDenied, "registered as a public client"),
        (as_json({"error": "invalid_client"}, 400), EhrDenied, "it does not accept us as this client; check"),
        (
            as_json({"error": "odd", "error_description": "Zyzx"}, 400),
            EhrRefused,
            "(400 odd): it does not say",
        ),
        (as_json([], 403), EhrDenied, "it refused (403): it does not say why in the form of OAuth"),
        (
            (200, {"Content-Type": "application/json"}, "[]"),
            EhrGarbled,
            "its token answer is not a JSON object",
        ),
        (as_json({"token_type": "Bearer"}), EhrGarbled, "has no access_token"),
        (as_json({"access_token": "a", "token_type": "mac"}), EhrGarbled, "not of type bearer"),
        (as_json({}, 503), EhrUnavailable, "503"),
        ((302, {"Location": "https://evil.example.org/token"}, ""), EhrRefused, "redirect"),
    ],
)
def test_what_a_token_endpoint_refuses_is_told_with_a_remedy_and_the_code_is_not_sent_again(
    answer: Any, kind: type[EhrError], told: str, tmp_path: Path
) -> None:
    error = failed(tmp_path, answer)

    assert type(error) is kind
    assert told in str(error)
    assert "Zyzx" not in str(error)
    assert "code-1" not in str(error)


def test_c2_7_a_token_type_in_any_letters_is_a_bearer_token(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(token={"token_type": "BEARER"})) as world:
        assert codes(world.launched()) == []


def test_c2_7_an_answer_without_scope_goes_on_with_a_flag(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(token={"scope": None})) as world:
        launch = world.launched()

    assert launch.granted.granted is None
    assert codes(launch) == ["SCOPES_NOT_TOLD"]


def test_c2_7_what_is_odd_in_an_answer_is_told(tmp_path: Path) -> None:
    odd = as_json({"access_token": "a", "patient": "p1", "scope": EVERYTHING, "expires_in": "60"})
    with launching(tmp_path, LaunchEhr(fails={"/token": [odd]})) as world:
        launch = world.launched()

    assert codes(launch) == [
        "TOKEN_TYPE_MISSING",
        "TOKEN_LIFE_AS_TEXT",
        "TOKEN_MAY_BE_CACHED",
        "TOKEN_PRAGMA_MISSING",
        "PERSON_UNKNOWN",
    ]
    # Nothing to renew with: the launch ends with its token, a quarter of its short life early.
    assert (launch.ends_at - launch.began_at).total_seconds() == 45


@pytest.mark.parametrize("life", [None, "soon", 0])
def test_c2_7_a_session_whose_life_is_not_told_is_used_for_an_hour_and_says_so(
    life: Any, tmp_path: Path
) -> None:
    with launching(tmp_path, LaunchEhr(token={"expires_in": life, "refresh_token": None})) as world:
        launch = world.launched()

    # Less the half minute by which a token is never used to its end.
    assert (launch.ends_at - launch.began_at).total_seconds() == 3570
    assert codes(launch) == ["SESSION_LIFE_UNKNOWN"]


def test_c2_8_a_type_that_is_not_granted_is_lost_and_said_so(tmp_path: Path) -> None:
    given = "patient/Observation.s patient/Condition.rs openid launch"
    own = entry(scopes=("patient/Observation.rs", "patient/Condition.rs", "openid", "offline_access"))
    ehr = LaunchEhr(token={"scope": given, "refresh_token": None})
    with launching(tmp_path, ehr, own) as world:
        launch = world.launched()

    assert launch.granted.lost == ("Observation",)
    assert [each.text for each in launch.findings if each.code == "SCOPES_NOT_GRANTED"] == [
        "The EHR did not grant all data that was asked for; the assessment is without it. Missing: Observation"
        " (patient): read."
    ]
    assert codes(launch) == ["SCOPES_NOT_GRANTED", "RENEWAL_NOT_GRANTED"]


@pytest.mark.parametrize("given", ["user/*.rs", "patient/*.cruds", "patient/*.read user/Observation.rs"])
def test_c2_8_what_is_granted_in_wider_words_is_not_lost(given: str, tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(token={"scope": f"{given} openid fhirUser online_access"})) as world:
        launch = world.launched()

    assert (launch.granted.lost, codes(launch)) == ((), [])


def test_c2_8_what_is_granted_in_narrower_words_is_lost(tmp_path: Path) -> None:
    given = "patient/*.rs?category=x system/*.rs openid"
    own = entry(scopes=("patient/Observation.rs", "patient/Condition.rs?category=x"))
    with launching(tmp_path, LaunchEhr(token={"scope": given}), own) as world:
        assert world.launched().granted.lost == ("Observation",)


@pytest.mark.parametrize("given", ["", "openid fhirUser launch", "system/*.rs", "patient/CarePlan.rs"])
def test_c2_8_a_grant_of_nothing_ends_the_launch_and_hands_the_token_back(given: str, tmp_path: Path) -> None:
    ehr = LaunchEhr(token={"scope": given})
    with launching(tmp_path, ehr) as world, pytest.raises(LaunchRefused) as error:
        world.launched()

    assert error.value.why is Why.NOTHING_GRANTED
    assert "grants none of the data asked for: Patient (patient): read, search; Condition" in str(error.value)
    assert ehr.revoked == ["refresh-3", "access-2"]


def test_a_launch_that_asks_for_no_data_is_not_refused_for_it(tmp_path: Path) -> None:
    with launching(tmp_path, None, entry(scopes=("openid",))) as world:
        assert codes(world.launched()) == []


def test_identity_that_was_asked_for_and_not_granted_is_told(tmp_path: Path) -> None:
    ehr = LaunchEhr(token={"scope": "patient/*.rs", "id_token": None, "refresh_token": None})
    with launching(tmp_path, ehr) as world:
        launch = world.launched()

    assert launch.user is None
    assert codes(launch) == ["IDENTITY_NOT_GRANTED", "RENEWAL_NOT_GRANTED", "PERSON_UNKNOWN"]


def test_a_code_goes_to_the_endpoint_the_launch_began_with(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        url = world.begin().url
        world.ehr.smart = smart(token_endpoint=f"{ISSUER}/elsewhere")
        world.again().finish("main", world.ehr.authorize(url), BROWSER)

    assert world.ehr.asked("/elsewhere") == []
