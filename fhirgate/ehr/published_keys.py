"""The public keys we are known by, of all servers of the registry, as anybody may ask for them."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fhirgate.ehr.keys import SigningKey, jwks, load_keys
from fhirgate.services.ehr_server import AuthKind, EhrServer

KEPT = 60.0
"""Files are read again after so long [s]: checking a key takes time, and whoever asks needs no token."""


def key_places(servers: Iterable[EhrServer]) -> tuple[Path, ...]:
    """Where the keys of these servers lie, each place once."""
    files = (each.auth.key_file for each in servers if each.auth.kind is AuthKind.BACKEND)
    return tuple(map(Path, dict.fromkeys(files)))


@dataclass(slots=True, kw_only=True)
class PublishedKeys:
    """A JWK set that follows its files: a new key shows up within a minute."""

    places: tuple[Path, ...]
    monotonic: Callable[[], float] = field(repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _read_at: float = field(default=0.0, init=False, repr=False)
    _set: Mapping[str, Any] | None = field(default=None, init=False, repr=False)

    def __call__(self) -> Mapping[str, Any]:
        """The set. Raises ConfigurationError."""
        with self._lock:
            now = self.monotonic()
            if self._set is None or now - self._read_at >= KEPT:
                self._set = jwks(self._keys())
                self._read_at = now
            return self._set

    def _keys(self) -> tuple[SigningKey, ...]:
        """Each once, though several servers may know us by it."""
        return tuple({key.kid: key for place in self.places for key in load_keys(place)}.values())
