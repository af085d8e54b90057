"""Whose signature an id_token may bear: keys that are published, fit, and are strong; fetched no more than needed."""

from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey
from launch_sessions import identity_refused
from launch_world import (
    CURVE,
    SIGNER,
    LaunchEhr,
    LaunchWorld,
    as_json,
    launching,
    published,
    smart,
)

from fhirgate.ehr.launch.key_sets import _bits
from fhirgate.errors import EhrForbiddenAddress, EhrGarbled
from fhirgate.services.launches import LaunchRefused

OTHER = RSAKey.generate_key(2048)
ODD = ["RS256", "ES256"]


@pytest.mark.parametrize(
    "unfit",
    [
        {"use": "enc"},
        {"alg": "RS512"},
        {"n": "AQAB"},
        {"n": 7},
        {"n": "not base 64!"},
        {"n": "A"},
        {"kty": "RSB"},
        {"kty": 7},
        {"e": None},
    ],
)
def test_c5_1_a_published_key_that_is_for_something_else_or_too_weak_is_passed_over(
    unfit: dict[str, Any], tmp_path: Path
) -> None:
    ehr = LaunchEhr(jwks=[published(SIGNER, "k1") | unfit, "no key"])  # type: ignore[list-item]

    assert identity_refused(tmp_path, ehr) == "the server publishes no key that it could be signed with"


def test_a_modulus_that_cannot_be_read_has_no_bits() -> None:
    assert (_bits("A"), _bits("gA")) == (0, 8)


def test_c5_1_a_broken_curve_point_is_passed_over(tmp_path: Path) -> None:
    broken = published(CURVE, "e1") | {"x": CURVE.as_dict()["y"]}
    ehr = LaunchEhr(signed=(CURVE, {"alg": "ES256", "kid": "e1"}), jwks=[broken])
    ehr.openid = {"id_token_signing_alg_values_supported": ODD}

    assert identity_refused(tmp_path, ehr) == "the server publishes no key that it could be signed with"


def rotate(world: LaunchWorld, key: RSAKey | ECKey, kid: str) -> None:
    world.ehr.signed = (key, {"alg": "RS256", "kid": kid})
    world.ehr.jwks = [published(key, kid)]


def test_c1_6_keys_are_fetched_once_and_again_when_a_token_names_an_unknown_one(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        for _ in range(3):
            world.launched()
        assert len(world.ehr.asked("/jwks")) == 1
        rotate(world, OTHER, "k2")
        world.ehr.time.seconds += 61
        assert world.launched().user is not None
        assert len(world.ehr.asked("/jwks")) == 2
        world.ehr.time.seconds += 3_601
        world.launched()

    assert len(world.ehr.asked("/jwks")) == 3


def test_c1_6_unknown_keys_do_not_make_us_ask_again_and_again(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        world.launched()
        world.ehr.signed = (OTHER, {"alg": "RS256", "kid": "forged"})
        for _ in range(5):
            with pytest.raises(LaunchRefused):
                world.launched()
        assert len(world.ehr.asked("/jwks")) == 1
        world.ehr.time.seconds += 61
        for _ in range(5):
            with pytest.raises(LaunchRefused):
                world.launched()

    assert len(world.ehr.asked("/jwks")) == 2


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (as_json([]), EhrGarbled),
        (as_json({"keys": {}}), EhrGarbled),
        (as_json({"keys": [], "x": "x" * (256 << 10)}), EhrGarbled),
    ],
)
def test_a_key_set_that_is_none_or_far_too_long_is_refused(
    answer: Any, kind: type[Exception], tmp_path: Path
) -> None:
    with launching(tmp_path, LaunchEhr(fails={"/jwks": [answer]})) as world, pytest.raises(kind):
        world.launched()

    assert len(world.ehr.revoked) == 2


def test_keys_are_not_fetched_from_a_host_that_is_not_listed(tmp_path: Path) -> None:
    ehr = LaunchEhr(smart=smart(jwks_uri="https://evil.example.org/jwks"))
    with launching(tmp_path, ehr) as world, pytest.raises(EhrForbiddenAddress, match="key set"):
        world.launched()


def test_an_issuer_on_a_host_that_is_not_listed_is_not_asked(tmp_path: Path) -> None:
    ehr = LaunchEhr(smart=smart(issuer="https://evil.example.org"))
    with launching(tmp_path, ehr) as world, pytest.raises(EhrForbiddenAddress, match="issuer"):
        world.launched()
