"""Who the person is: an id_token that proves it, and every one that does not (C5)."""

import hmac
import json
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from launch_sessions import identity_refused
from launch_world import (
    CLIENT,
    CURVE,
    ISSUER,
    SIGNER,
    LaunchEhr,
    as_json,
    codes,
    entry,
    launching,
    published,
    smart,
)

from fhirgate.errors import EhrRefused, EhrUnavailable
from fhirgate.services.launches import LaunchRefused, LaunchUser

OTHER = RSAKey.generate_key(2048)
ODD = ["RS256", "ES256", "EdDSA", "PS256", 7]


def _coded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(**claims: Any) -> str:
    return ".".join(_coded(json.dumps(each).encode()) for each in ({"alg": "none"}, claims)) + "."


def signed_by_hand(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    said = ".".join(_coded(json.dumps(each).encode()) for each in (header, claims))
    return f"{said}.{_coded(hmac.digest(secret, said.encode(), 'sha256'))}"


def test_c5_1_a_person_is_known_by_issuer_subject_and_resource(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        launch = world.launched()

    assert launch.user == LaunchUser(
        issuer=ISSUER, subject="u7", reference="Practitioner/7", is_on_server=True
    )
    assert launch.user.type == "Practitioner"
    assert codes(launch) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"iss": "https://evil.example.org"}, "it is from another issuer"),
        ({"iss": None}, "it is from another issuer"),
        ({"aud": "another"}, "it is made out for another client"),
        ({"aud": None}, "it is made out for another client"),
        ({"aud": [CLIENT, "another"]}, "it was given to another client"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "it was given to another client"),
        ({"azp": "another"}, "it was given to another client"),
        ({"exp": 1_600_000_000}, "it is over, or does not say until when it holds"),
        ({"exp": None}, "it is over, or does not say until when it holds"),
        ({"exp": True}, "it is over, or does not say until when it holds"),
        ({"iat": None}, "it was made in our future, or does not say when; compare the clocks of both sides"),
        (
            {"iat": 4_000_000_000},
            "it was made in our future, or does not say when; compare the clocks of both sides",
        ),
        ({"nbf": 4_000_000_000}, "it does not hold yet"),
        ({"nbf": "x"}, "it does not hold yet"),
        ({"nonce": "of another launch"}, "it is not of this launch (nonce)"),
        ({"nonce": None}, "it is not of this launch (nonce)"),
        ({"sub": None}, "it does not say whom it is about"),
        ({"sub": "s" * 256}, "it does not say whom it is about"),
        ({"aud": "x", "sub": ""}, "it is made out for another client; it does not say whom it is about"),
    ],
)
def test_c5_1_a_signed_token_that_is_wrong_in_any_way_ends_the_launch(
    changed: dict[str, Any], told: str, tmp_path: Path
) -> None:
    ehr = LaunchEhr(claims=changed)

    assert identity_refused(tmp_path, ehr) == told
    assert len(ehr.revoked) == 2


@pytest.mark.parametrize("off", [{"exp": -59}, {"iat": 60}, {"nbf": 60}, {"exp": 100.5}])
def test_c5_1_clocks_may_differ_by_a_minute(off: dict[str, float], tmp_path: Path) -> None:
    ehr = LaunchEhr()
    ehr.claims = {name: int(ehr.time.now().timestamp()) + by for name, by in off.items()}
    with launching(tmp_path, ehr) as world:
        assert world.launched().user is not None


def test_c5_1_a_token_for_several_clients_names_the_one_it_was_given_to(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(claims={"aud": [CLIENT, "another"], "azp": CLIENT})) as world:
        assert world.launched().user is not None


def test_c5_2_a_token_without_a_signature_is_refused(tmp_path: Path) -> None:
    ehr = LaunchEhr(id_token=unsigned(iss=ISSUER, aud=CLIENT, sub="u7", exp=4_000_000_000, iat=1))

    assert (
        identity_refused(tmp_path, ehr) == "it is not signed in a way that is trusted here; trusted are RS256"
    )


def test_c5_2_a_token_signed_with_the_public_key_as_a_secret_is_refused(tmp_path: Path) -> None:
    header, claims = (
        {"alg": "HS256", "kid": "k1"},
        {"iss": ISSUER, "aud": CLIENT, "sub": "u7", "exp": 4_000_000_000},
    )
    ehr = LaunchEhr(id_token=signed_by_hand(header, claims, SIGNER.as_pem(private=False)))
    ehr.openid = {"id_token_signing_alg_values_supported": ["HS256", "none"]}

    assert identity_refused(tmp_path, ehr).startswith("it is not signed in a way that is trusted here")


def test_c5_2_a_published_secret_is_no_key(tmp_path: Path) -> None:
    secret = OctKey.generate_key(256)
    ehr = LaunchEhr(jwks=[{**secret.as_dict(), "kid": "k1", "use": "sig"}])

    assert identity_refused(tmp_path, ehr) == "the server publishes no key that it could be signed with"


def test_c5_1_a_signature_by_another_key_is_refused(tmp_path: Path) -> None:
    ehr = LaunchEhr(signed=(OTHER, {"alg": "RS256", "kid": "k1"}))

    assert identity_refused(tmp_path, ehr) == "its signature is not by a key the server publishes"


def test_c5_1_a_key_that_stands_in_the_token_itself_proves_nothing(tmp_path: Path) -> None:
    header = {"alg": "RS256", "kid": "k1", "jwk": OTHER.as_dict(private=False)}

    assert identity_refused(tmp_path, LaunchEhr(signed=(OTHER, header))) == (
        "its signature is not by a key the server publishes"
    )


@pytest.mark.parametrize("text", ["not a token", "a.b", "x" * 70_000, "é.é.é", "e30.e30.e30"])
def test_c5_1_what_is_no_token_is_refused(text: str, tmp_path: Path) -> None:
    told = identity_refused(tmp_path, LaunchEhr(id_token=text))

    assert told in (
        "it cannot be read",
        "it is far too long",
        "it is not signed in a way that is trusted here; trusted are RS256",
    )


@pytest.mark.parametrize(
    ("key", "header"),
    [
        (CURVE, {"alg": "ES256", "kid": "e1"}),
        (SIGNER, {"alg": "PS256", "kid": "e1"}),
        (SIGNER, {"alg": "RS256", "x5c": ["A" * 2000], "own": "header"}),
    ],
    ids=["ES256", "PS256", "RS256 with a certificate"],
)
def test_c5_1_every_signature_that_discovery_lists_is_taken(
    key: Any, header: dict[str, Any], tmp_path: Path
) -> None:
    ehr = LaunchEhr(signed=(key, header), jwks=[published(key, header.get("kid"))])
    ehr.openid = {"id_token_signing_alg_values_supported": ODD}
    with launching(tmp_path, ehr) as world:
        assert world.launched().user is not None


def test_c5_1_a_signature_that_discovery_does_not_list_is_refused(tmp_path: Path) -> None:
    ehr = LaunchEhr(signed=(CURVE, {"alg": "ES256", "kid": "e1"}), jwks=[published(CURVE, "e1")])

    assert (
        identity_refused(tmp_path, ehr) == "it is not signed in a way that is trusted here; trusted are RS256"
    )


@pytest.mark.parametrize(
    "listed",
    [{"id_token_signing_alg_values_supported": None}, {"id_token_signing_alg_values_supported": "x"}],
)
def test_c5_1_rs256_is_taken_where_nothing_is_listed(listed: dict[str, Any], tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(openid=listed)) as world:
        assert world.launched().user is not None


def test_c5_1_a_server_without_an_openid_configuration_signs_rs256(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(fails={"openid-configuration": [as_json({}, 404)]})) as world:
        assert world.launched().user is not None


def test_c5_1_the_openid_configuration_of_another_issuer_is_refused(tmp_path: Path) -> None:
    ehr = LaunchEhr(openid={"issuer": "https://evil.example.org"})

    assert identity_refused(tmp_path, ehr) == "the server's openid-configuration is that of another issuer"


def test_c5_1_an_id_token_of_a_server_that_names_no_issuer_is_refused(tmp_path: Path) -> None:
    ehr = LaunchEhr(smart=smart(issuer=None, jwks_uri=None, capabilities=["permission-v2"]), id_token="x.y.z")  # noqa: S106

    assert (
        identity_refused(tmp_path, ehr)
        == "the server names no issuer and no keys that it could be checked with"
    )


def test_c5_1_without_a_kid_every_key_that_fits_is_tried(tmp_path: Path) -> None:
    ehr = LaunchEhr(
        signed=(SIGNER, {"alg": "RS256"}),
        jwks=[published(OTHER, "a"), published(CURVE, "b"), published(SIGNER, "c")],
    )
    with launching(tmp_path, ehr) as world:
        assert world.launched().user is not None


@pytest.mark.parametrize(("status", "kind"), [(500, EhrUnavailable), (410, EhrRefused)])
def test_an_openid_configuration_that_fails_ends_the_launch(
    status: int, kind: type[Exception], tmp_path: Path
) -> None:
    answers = [as_json({}, status)] * 9
    with (
        launching(tmp_path, LaunchEhr(fails={"openid-configuration": answers})) as world,
        pytest.raises(kind),
    ):
        world.launched()


def test_what_is_listed_is_read_again_after_a_day(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        world.launched()
        world.ehr.signed, world.ehr.jwks = (CURVE, {"alg": "ES256", "kid": "e1"}), [published(CURVE, "e1")]
        world.ehr.openid = {"id_token_signing_alg_values_supported": ODD}
        with pytest.raises(LaunchRefused):
            world.launched()
        world.ehr.time.seconds += 86_401

        assert world.launched().user is not None


def test_an_id_token_for_a_client_of_another_server_is_of_no_use_here(tmp_path: Path) -> None:
    claims = {"iss": ISSUER, "sub": "u", "aud": "another-app", "exp": 4_000_000_000, "iat": 1}
    stolen = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, SIGNER, algorithms=["RS256"])
    ehr = LaunchEhr(id_token=stolen)
    with launching(tmp_path, ehr, entry()) as world, pytest.raises(LaunchRefused) as error:
        world.launched()

    assert "another client" in str(error.value)
    assert "not of this launch" in str(error.value)
