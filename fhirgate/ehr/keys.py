"""The keys a client signs with: made, kept in a folder, rotated, and published without their private part.

A folder holds a PEM file for each key. The name of one made here begins with its time, so the newest is the last by
name. All are published; the newest signs once it has been published for `PUBLISHED_FIRST`, because servers keep the
set they fetched for a while, and would not know a newer key.
SMART App Launch 2.2.0 "Client Authentication: Asymmetric", RFC 7517, RFC 7518, RFC 7638.
"""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc.jwk import ECKey, RSAKey

from fhirgate.errors import ConfigurationError

PUBLISHED_FIRST = timedelta(hours=1)
"""How long a new key is published before it signs, when there is an older one."""
RSA_BITS = 3072
LEAST_RSA_BITS = 2048
LONGEST_FILE = 64 << 10
"""[bytes]; a key takes some three thousand."""
_PUBLIC = {"EC": ("crv", "x", "y"), "RSA": ("n", "e")}
"""What of a key anybody may know (RFC 7518 §6.2.1, §6.3.1): the only members that are ever published."""
_MADE = "%Y%m%dT%H%M%SZ"


class Algorithm(StrEnum):
    """How assertions are signed; SMART asks clients for both."""

    ES384 = "ES384"
    RS384 = "RS384"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key; printing it shows which one it is and no more."""

    algorithm: Algorithm
    kid: str
    """RFC 7638 thumbprint of the public part."""
    made: datetime | None = None
    """As its file's name says; None for one made elsewhere."""
    private: ECKey | RSAKey = field(repr=False, compare=False)

    def public_jwk(self) -> dict[str, str | list[str]]:
        """The public part, as servers are given it."""
        whole = self.private.as_dict(private=False)
        parts = {name: str(whole[name]) for name in _PUBLIC[str(whole["kty"])]}
        named: dict[str, str | list[str]] = {
            "kty": str(whole["kty"]),
            "kid": self.kid,
            "alg": self.algorithm.value,
            "use": "sig",
            "key_ops": ["verify"],
        }
        return named | parts


def jwks(keys: Sequence[SigningKey]) -> dict[str, list[dict[str, str | list[str]]]]:
    """The public parts as a JWK set (RFC 7517 §5), the newest first."""
    return {"keys": [each.public_jwk() for each in reversed(keys)]}


def new_key(algorithm: Algorithm, made: datetime) -> SigningKey:
    """A fresh key, in memory only."""
    elliptic = algorithm is Algorithm.ES384
    private = ECKey.generate_key("P-384") if elliptic else RSAKey.generate_key(RSA_BITS)
    return SigningKey(
        algorithm=algorithm, kid=private.thumbprint(), made=made.astimezone(UTC), private=private
    )


def save_key(key: SigningKey, folder: Path) -> Path:
    """Write the PEM file of a key made here, for its owner's eyes only. Raises OSError; nothing is overwritten."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    moment = f"{key.made:{_MADE}}-" if key.made else ""
    # With the whole thumbprint two keys of one second never share a name.
    path = folder / f"{moment}{key.algorithm}-{key.kid}.pem"
    draft = folder / f".{path.name}.part"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.private.as_pem(private=True))
            file.flush()
            os.fsync(file.fileno())
        # A link fails where a rename would overwrite.
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def load_keys(place: Path) -> tuple[SigningKey, ...]:
    """The keys of a folder, or of one PEM file, the newest last.

    Raises ConfigurationError naming every file that cannot be used.
    """
    problems: list[str] = []
    keys: dict[str, SigningKey] = {}
    paths = sorted(place.glob("[!.]*.pem")) if place.is_dir() else [place]
    for path in paths:
        try:
            key = _load(path)
        except ValueError as error:
            problems.append(f"{path}: {error}")
        else:
            keys[key.kid] = key
    if not keys and not problems:
        problems.append(f"{place}: holds no key; make one with fhirgate keys generate --out {place}")
    if problems:
        raise ConfigurationError("The signing key", problems)
    return tuple(sorted(keys.values(), key=lambda each: each.made or datetime.min.replace(tzinfo=UTC)))


def signer_of(keys: Sequence[SigningKey], now: datetime) -> SigningKey:
    """The key that signs: the newest that has been published long enough, or else the oldest."""
    known = [each for each in keys if each.made is None or now - each.made >= PUBLISHED_FIRST]
    return known[-1] if known else keys[0]


def _load(path: Path) -> SigningKey:
    private = _private(_content(path))
    if isinstance(private, rsa.RSAPrivateKey):
        if private.key_size < LEAST_RSA_BITS:
            raise ValueError(f"an RSA key of {private.key_size} bits; at least {LEAST_RSA_BITS} are needed")
        algorithm, key = Algorithm.RS384, RSAKey.import_key(private)
        return SigningKey(algorithm=algorithm, kid=key.thumbprint(), made=_made(path), private=key)
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP384R1):
        curve = ECKey.import_key(private)
        return SigningKey(algorithm=Algorithm.ES384, kid=curve.thumbprint(), made=_made(path), private=curve)
    raise ValueError("neither an RSA key nor one on the curve P-384, so it signs neither RS384 nor ES384")


def _content(path: Path) -> bytes:
    """The file's bytes, when nobody but its owner can read it: judged on the open file, so none can be swapped in."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise ValueError("not a file")
            if mode & 0o077:
                raise ValueError(
                    f"others than its owner can reach it (mode {stat.S_IMODE(mode):04o}); chmod 600 it"
                )
            return file.read(LONGEST_FILE)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None


def _without_waiting(path: str, flags: int) -> int:
    """A pipe in place of a file would keep us for ever."""
    return os.open(path, flags | os.O_NONBLOCK)


def _private(content: bytes) -> object:
    # What the libraries say is dropped: it may quote the file.
    try:
        return serialization.load_pem_private_key(content, password=None)
    except TypeError:
        raise ValueError(
            "its key is locked with a password; keep it unlocked, readable by its owner only"
        ) from None
    except ValueError:
        raise ValueError("not an unlocked private key in PEM form") from None


def _made(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.name.partition("-")[0], _MADE).replace(tzinfo=UTC)
    except ValueError:
        return None
