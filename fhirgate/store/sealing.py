"""Secrets and patient data at rest: AES-256-GCM under keys that are handed in and never stored.

A sealed value is a random nonce of 96 bits and the ciphertext with its tag of 128 bits (NIST SP 800-38D). Bound to it
as associated data are the table, the key's name and every plain column of the row, each with its length before it. So
a value cannot be moved to another row or table, and no plain column beside it can be changed, without being seen.
What is not seen: a whole row put back as it was earlier.

Keys have names, and each row tells which one sealed it. To change keys, hand in the new one as the first and the old
ones after it; when everything the old one sealed is over (`answered.LONGEST_SESSION`), leave it out.
"""

import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fhirgate.errors import ConfigurationError

KEY_BYTES = 32
NONCE_BYTES = 12
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
_KEY = re.compile(r"[A-Za-z0-9_-]{43}=?")


class SealBroken(Exception):
    """A row was changed by somebody else, or sealed under another key of the same name: it is not believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingKeys:
    """Keys by their names; the one called `current` seals, all of them open."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys or any(len(each) != KEY_BYTES for each in self.keys.values()):
            raise ValueError("keys of 32 bytes, and the current one among them")

    def seal(self, value: bytes, bound: Sequence[str]) -> tuple[str, bytes]:
        """The name of the key, and the sealed value."""
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(self.keys[self.current])
        return self.current, nonce + cipher.encrypt(nonce, value, _associated(self.current, bound))

    def open(self, key: str, sealed: bytes, bound: Sequence[str]) -> bytes | None:
        """The value; None when the key has been taken out of use. Raises SealBroken."""
        known = self.keys.get(key)
        if known is None:
            return None
        nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(known).decrypt(nonce, ciphertext, _associated(key, bound))
        except (InvalidTag, ValueError):
            # Without the cause: nothing of the row belongs into an error.
            raise SealBroken("a sealed row of the database cannot be opened") from None


def sealing_keys(text: str) -> SealingKeys:
    """From lines of `name key`, the key as 32 bytes in base 64 (URL-safe); the first one seals.

    Empty lines and those that begin with # are passed over. Raises ConfigurationError, without any key in it.
    """
    lines = [each for each in text.splitlines() if each.strip() and not each.lstrip().startswith("#")]
    problems: list[str] = []
    keys: dict[str, bytes] = {}
    for number, line in enumerate(lines, 1):
        name, _, key = line.strip().partition(" ")
        problems += (f"key {number}: {each}" for each in _problems(name, key.strip(), keys))
        keys.setdefault(name, _bytes(key.strip()))
    if not lines:
        problems.append("there is none; a line is a name and 32 random bytes in URL-safe base 64")
    if problems:
        raise ConfigurationError("the sealing keys", problems)
    return SealingKeys(current=next(iter(keys)), keys=keys)


def new_sealing_key(name: str) -> str:
    """A line for `sealing_keys`."""
    return f"{name} {urlsafe_b64encode(os.urandom(KEY_BYTES)).decode('ascii')}"


def _problems(name: str, key: str, before: Mapping[str, bytes]) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield "its name is not 1 to 32 letters, digits, hyphens and underscores"
    elif name in before:
        yield "its name is that of another key"
    if not _KEY.fullmatch(key):
        yield "it is not 32 bytes in URL-safe base 64"


def _bytes(key: str) -> bytes:
    """Of a key; too few for one that is complained of."""
    return urlsafe_b64decode(f"{key.rstrip('=')}=") if _KEY.fullmatch(key) else b""


def _associated(key: str, bound: Sequence[str]) -> bytes:
    """Every part with its length, so that no two lists of parts read the same."""
    parts = [each.encode() for each in ("fhirgate-sealed-1", key, *bound)]
    return b"".join(len(each).to_bytes(4, "big") + each for each in parts)
