"""Keys in a folder: made, judged, rotated, published."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc.jwk import ECKey, RSAKey

from fhirgate.ehr.keys import Algorithm, SigningKey, jwks, load_keys, new_key, save_key, signer_of
from fhirgate.errors import ConfigurationError

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")


def problem(place: Path) -> str:
    with pytest.raises(ConfigurationError) as error:
        load_keys(place)
    return error.value.safe_message


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, password: bytes | None = None) -> bytes:
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)


def put(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "own.pem"
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_saved_key_is_for_its_owner_only_and_is_read_back(algorithm: Algorithm, tmp_path: Path) -> None:
    key = new_key(algorithm, NOON)

    path = save_key(key, tmp_path / "keys")

    assert path.name == f"20260301T120000Z-{algorithm}-{key.kid}.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
    (read,) = load_keys(tmp_path / "keys")
    assert read == key
    assert read.private.as_dict(private=True) == key.private.as_dict(private=True)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    key = new_key(Algorithm.ES384, NOON)
    path = save_key(key, tmp_path)
    path.write_bytes(b"of somebody else")

    with pytest.raises(FileExistsError):
        save_key(key, tmp_path)

    assert path.read_bytes() == b"of somebody else"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_the_kid_is_the_thumbprint_of_what_is_published(algorithm: Algorithm) -> None:
    key = new_key(algorithm, NOON)
    public = key.public_jwk()

    kind: type[ECKey] | type[RSAKey] = ECKey if algorithm is Algorithm.ES384 else RSAKey
    assert kind.import_key(public).thumbprint() == public["kid"] == key.kid
    assert public["alg"] == algorithm


def test_nothing_private_is_published() -> None:
    keys = [new_key(each, NOON) for each in Algorithm]

    published = jwks(keys)

    assert {name for each in published["keys"] for name in each} == {
        "kty", "kid", "alg", "use", "key_ops", "crv", "x", "y", "n", "e"
    }  # fmt: skip
    text = json.dumps(published)
    for key in keys:
        whole = key.private.as_dict(private=True)
        secrets = [str(whole[name]) for name in PRIVATE_MEMBERS if name in whole]
        assert secrets
        assert not [each for each in secrets if each in text]


def test_printing_a_key_shows_which_it_is_and_no_more() -> None:
    key = new_key(Algorithm.ES384, NOON)

    assert repr(key) == f"SigningKey(algorithm={Algorithm.ES384!r}, kid={key.kid!r}, made={NOON!r})"


def test_all_keys_of_a_folder_are_published_the_newest_first(tmp_path: Path) -> None:
    older, newer = (new_key(Algorithm.ES384, NOON + timedelta(days=each)) for each in (0, 1))
    save_key(newer, tmp_path)
    save_key(older, tmp_path)

    keys = load_keys(tmp_path)

    assert keys == (older, newer)
    assert [each["kid"] for each in jwks(keys)["keys"]] == [newer.kid, older.kid]


@pytest.mark.parametrize(("minutes", "signs"), [(0, 0), (59, 0), (60, 1), (6000, 1)])
def test_the_newest_key_signs_once_it_has_been_published_for_an_hour(minutes: int, signs: int) -> None:
    keys = [new_key(Algorithm.ES384, NOON - timedelta(days=30)), new_key(Algorithm.ES384, NOON)]

    assert signer_of(keys, NOON + timedelta(minutes=minutes)) is keys[signs]


def test_the_only_key_signs_at_once() -> None:
    key = new_key(Algorithm.ES384, NOON)

    assert signer_of([key], NOON) is key


def test_a_key_made_elsewhere_is_older_than_those_made_here(tmp_path: Path) -> None:
    own = put(tmp_path, pem(rsa.generate_private_key(65537, 2048)))
    save_key(new_key(Algorithm.ES384, NOON), tmp_path)

    keys = load_keys(tmp_path)

    assert [(each.algorithm, each.made) for each in keys] == [
        (Algorithm.RS384, None),
        (Algorithm.ES384, NOON),
    ]
    assert load_keys(own)[0] == keys[0]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644])
def test_a_key_that_others_can_reach_is_refused(mode: int, tmp_path: Path) -> None:
    path = put(tmp_path, pem(ec.generate_private_key(ec.SECP384R1())), mode)

    assert problem(tmp_path) == (
        "The signing key cannot be used:\n"
        f"  - {path}: others than its owner can reach it (mode {mode:04o}); chmod 600 it"
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"nonsense s3cret", "not an unlocked private key in PEM form"),
        (b"", "not an unlocked private key in PEM form"),
        (pem(ec.generate_private_key(ec.SECP384R1()), b"pw"), "its key is locked with a password"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither an RSA key nor one on the curve P-384"),
        (pem(rsa.generate_private_key(65537, 1024)), "an RSA key of 1024 bits; at least 2048 are needed"),  # noqa: S505
    ],
    ids=["nonsense", "empty", "locked", "another curve", "weak"],
)
def test_a_file_that_is_no_key_for_us_is_told_without_its_content(
    content: bytes, words: str, tmp_path: Path
) -> None:
    put(tmp_path, content)

    told = problem(tmp_path)

    assert words in told
    assert "s3cret" not in told


def test_all_problems_of_a_folder_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_bytes(b"x")
    (tmp_path / "a.pem").chmod(0o644)
    (tmp_path / "b.pem").write_bytes(b"x")
    (tmp_path / "b.pem").chmod(0o600)

    assert problem(tmp_path).count("\n  - ") == 2


def test_a_place_without_a_key_is_a_problem(tmp_path: Path) -> None:
    assert "holds no key; make one with fhirgate keys generate" in problem(tmp_path)
    assert "cannot be read: No such file or directory" in problem(tmp_path / "none")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Path.mkdir, "cannot be read: Is a directory"),
        (os.mkfifo, "not a file"),
        (lambda path: path.symlink_to("/dev/null"), "not a file"),
    ],
)
def test_what_is_not_a_file_is_a_problem_and_keeps_nobody_waiting(
    make: Callable[[Path], None], words: str, tmp_path: Path
) -> None:
    make(tmp_path / "odd.pem")

    assert problem(tmp_path) == f"The signing key cannot be used:\n  - {tmp_path / 'odd.pem'}: {words}"


def test_a_key_without_a_time_is_saved_without_one(tmp_path: Path) -> None:
    fresh = new_key(Algorithm.ES384, NOON)
    key = SigningKey(algorithm=fresh.algorithm, kid=fresh.kid, private=fresh.private)

    assert save_key(key, tmp_path).name == f"ES384-{key.kid}.pem"
    assert load_keys(tmp_path) == (key,)
